package promotion.rules.pipeline.workflows_contained_test

import data.promotion.rules.pipeline.workflows_contained as policy

_as(format, content) := {"evidence": {"ci_workflows": [{"result": {"documents": [{
	"path": "w.yaml", "place": "0", "format": format, "content": json.marshal(content),
}]}}]}}

_input(content) := _as("github_workflow", content)

_workflow(change) := object.union({"on": {"push": {}}, "permissions": {}, "jobs": {"build": {"steps": [{"run": "make"}]}}}, change)

_denied(change) := found if found := policy.deny with input as _input(_workflow(change))

_job(job) := _denied({"jobs": {"build": job}})

_finding(pointer, what, words, observed) := {
	"key": sprintf("w.yaml#0%s=%s", [pointer, what]),
	"message": sprintf("w.yaml#0%s %s", [pointer, words]),
	"observed": observed,
	"limit": null,
}

test_allow_contained if {
	_denied({}) == set()
	found := policy.insufficient with input as _input(_workflow({}))
	found == set()
	_denied({"permissions": "read-all"}) == set()
	_denied({"permissions": {"contents": "read", "id-token": "none"}}) == set()
	_job({"permissions": {"contents": "write"}, "steps": []}) == set()
	_job({"permissions": "read-all"}) == set()
}

test_deny_permissions_not_said if {
	found := policy.deny with input as _input({"on": "push", "jobs": {"a": {"steps": []}, "b": {"permissions": {}}}})
	found == {_finding("/jobs/a", "permissions", "does not say which permissions it needs, nor does the workflow", null)}
}

test_deny_permissions_for_every_job if {
	every value in ["write-all", "", null, {"contents": "write"}, {"contents": true}, ["read"]] {
		found := policy.deny with input as _input(object.union(object.remove(_workflow({}), ["permissions"]), {"permissions": value}))
		found == {_finding("/permissions", "permissions", "gives every job more than reading", value)}
	}
}

test_deny_every_permission_for_a_job if {
	_job({"permissions": "write-all"}) == {_finding("/jobs/build/permissions", "permissions", "gives the job every permission", "write-all")}
	_job({"permissions": null}) == {_finding("/jobs/build/permissions", "permissions", "gives the job every permission", null)}
}

test_deny_all_secrets_handed_on if {
	_job({"uses": "./x", "secrets": "inherit"}) == {_finding("/jobs/build/secrets", "secrets", "hands all secrets on", null)}
}

_checkout(events, ref) := _denied({"on": events, "jobs": {"build": {"steps": [{"uses": "x@y", "with": {"ref": ref}}]}}})

_taken(event, ref) := {_finding("/jobs/build/steps/0/with/ref", "checkout", sprintf("takes code of strangers on %s, with the rights of the repository", [event]), ref)}

test_deny_checkout_of_strangers if {
	ref := "${{ github.event.pull_request.head.sha }}"
	_checkout({"pull_request_target": {}}, ref) == _taken("pull_request_target", ref)
	_checkout("pull_request_target", ref) == _taken("pull_request_target", ref)
	_checkout(["push", "issue_comment"], "refs/pull/${{ github.event.issue.number }}/head") == _taken("issue_comment", "refs/pull/${{ github.event.issue.number }}/head")
	_checkout({"workflow_run": {}}, "${{ github.event.workflow_run.head_sha }}") == _taken("workflow_run", "${{ github.event.workflow_run.head_sha }}")
}

test_allow_checkout_of_strangers_without_rights if {
	_checkout({"pull_request": {}}, "${{ github.event.pull_request.head.sha }}") == set()
	_checkout({"pull_request_target": {}}, "main") == set()
}

test_allow_foreign_digest_that_is_only_told if {
	_denied({"on": "pull_request_target", "jobs": {"build": {"env": {"SHA": "${{ github.event.pull_request.head.sha }}"}}}}) == set()
}

test_allow_steps_that_are_no_text if {
	every run in [5, null, {}] {
		_denied({"on": "pull_request_target", "permissions": {}, "jobs": {"build": {"steps": [{"run": run}]}}}) == set()
	}
}

test_deny_repository_of_strangers if {
	fork := "${{ github.event.pull_request.head.repo.full_name }}"
	found := _denied({"on": "pull_request_target", "jobs": {"build": {"steps": [{"uses": "x@y", "with": {"repository": fork}}]}}})
	found == {_finding("/jobs/build/steps/0/with/repository", "checkout", "takes code of strangers on pull_request_target, with the rights of the repository", fork)}
}

test_allow_members_of_another_forge_s_pipelines if {
	found := policy.deny with input as _as("gitlab_ci", {"permissions": "write-all", "jobs": {"secrets": "inherit", "script": ["make"]}})
	found == set()
}

test_deny_scripts_that_fetch_strangers if {
	found := _denied({"on": "issue_comment", "jobs": {"build": {"steps": [{"run": "gh pr checkout 5"}]}}})
	found == {_finding("/jobs/build/steps/0/run", "checkout", "takes code of strangers on issue_comment, with the rights of the repository", "gh pr checkout 5")}
}

_injected(pointer, expression) := {_finding(pointer, "injection", sprintf("makes text of strangers part of a script: %s", [expression]), expression)}

test_deny_injection if {
	every expression in [
		"${{ github.event.issue.title }}", "${{github.event.pull_request.body}}", "${{ github.head_ref }}",
		"${{ toJSON(github.event) }}", "${{ github.event.commits[0].message }}", "${{ github['event'].comment.body }}",
		"${{ github.event.pull_request.head.ref }}", "${{ format('{0}', github.event.review.body) }}",
	] {
		_job({"steps": [{"run": concat("", ["echo ", expression])}]}) == _injected("/jobs/build/steps/0/run", expression)
	}
	script := {"uses": "actions/github-script@x", "with": {"script": "log('${{ github.event.issue.title }}')"}}
	_job({"steps": [script]}) == _injected("/jobs/build/steps/0/with/script", "${{ github.event.issue.title }}")
}

test_allow_text_in_the_environment_and_numbers if {
	_job({"steps": [{"run": "echo \"$TITLE\"", "env": {"TITLE": "${{ github.event.issue.title }}"}}]}) == set()
	_job({"steps": [{"run": "echo ${{ github.event.pull_request.number }} ${{ github.event.pull_request.head.sha }} ${{ github.sha }} ${{ github.event.pull_request.base.ref }}"}]}) == set()
}

test_deny_without_jobs if {
	found := policy.insufficient with input as _input({"on": "push", "permissions": {}})
	found == {_finding("", "opaque", "has no job that can be seen", null)}
}

test_deny_text_that_is_no_document if {
	found := policy.insufficient with input as {"evidence": {"ci_workflows": [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "["}]}}]}}
	found == {{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null}}
}
