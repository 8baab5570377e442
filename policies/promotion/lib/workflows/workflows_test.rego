package promotion.lib.workflows_test

import data.promotion.lib.workflows

_document(kind, content) := {"at": "w#0", "kind": kind, "content": content}

_parts(kind, content) := {one.path | some one in workflows.parts([_document(kind, content)])}

_anything := {"jobs": {"a": {"steps": [{"run": "x", "with": {}}], "other": [{}]}}, "runs": {"steps": [{"with": {}}], "pre": [{}]}, "others": {"steps": [{}]}, "a": {"b": {}}}

test_parts_that_carry_settings if {
	_parts("github_workflow", _anything) == {["jobs", "a"], ["jobs", "a", "steps", 0]}
	_parts("github_action", _anything) == {["runs", "steps", 0]}
	_parts("gitlab_ci", _anything) == {["jobs"], ["runs"], ["others"], ["a"]}
	_parts("dockerfile", _anything) == set()
	_parts("github_workflow", {"jobs": {"a": "x"}, "other": {"a": {"steps": [{}]}}}) == set()
	document := _document("gitlab_ci", {"a": {"b": 1}})
	workflows.parts([document]) == [{"document": document, "path": ["a"], "spec": {"b": 1}}]
}

_scripts(kind, content) := {[one.path, one.text] | some one in workflows.scripts([_document(kind, content)])}

test_scripts_of_workflows_and_actions if {
	every kind in ["github_workflow", "github_action"] {
		_scripts(kind, {"steps": [{"run": "x", "name": "y", "with": {"script": "z", "other": "o"}}]}) == {
			[["steps", 0, "run"], "x"],
			[["steps", 0, "with", "script"], "z"],
		}
		_scripts(kind, {"others": [{"run": "x"}], "run": "x", "script": "y", "env": {"script": "z"}}) == set()
		_scripts(kind, {"steps": [{"run": 5}]}) == set()
	}
	_scripts("other", {"steps": [{"run": "x", "with": {"script": "y"}}]}) == set()
}

test_scripts_of_other_files if {
	_scripts("dockerfile", {"instructions": [{"Cmd": "run", "Value": ["x", ["deep"]], "Flags": ["y"]}]}) == {[["instructions", 0, "Value", 0], "x"]}
	every word in ["script", "before_script", "after_script"] {
		_scripts("gitlab_ci", {"a": {word: ["x"]}}) == {[["a", word, 0], "x"]}
		_scripts("other", {"a": {word: ["x"]}}) == set()
	}
	_scripts("gitlab_ci", {"a": {"variables": {"x": "y"}}}) == set()
}

_taken(kind, content) := {[one.path, one.kind, one.name] | some one in workflows.taken([_document(kind, content)])}

_of(step) := {[array.slice(path, 1, count(path)), kind, name] | some [path, kind, name] in _taken("gitlab_ci", {"a": step})}

test_what_a_step_takes if {
	_of({"uses": "x@1"}) == {[["uses"], "action", "x@1"]}
	_of({"container": "c"}) == {[["container"], "image", "c"]}
	_of({"image": "i"}) == {[["image"], "image", "i"]}
	_of({"container": {"image": "c"}}) == {[["container", "image"], "image", "c"]}
	_of({"image": {"name": "i"}}) == {[["image", "name"], "image", "i"]}
	_of({"image": {"image": "i"}, "container": {"name": "c"}}) == set()
	_of({"services": ["s", {"name": "n"}]}) == {[["services", 0], "image", "s"], [["services", 1], "image", "n"]}
	_of({"services": {"db": {"image": "d", "name": "n"}}}) == {[["services", "db"], "image", "d"]}
	every odd in [{}, 5, {"image": 5}, {"name": 5}] {
		_of({"services": [odd]}) == {[["services", 0], "image", "?"]}
	}
	_of({"container": 5, "image": null}) == set()
}

test_what_is_found_is_told_with_its_document if {
	job := _document("gitlab_ci", {"a": {"script": ["x"], "image": "i"}})
	workflows.scripts([job]) == [{"document": job, "path": ["a", "script", 0], "text": "x"}]
	workflows.taken([job]) == [{"document": job, "path": ["a", "image"], "kind": "image", "name": "i"}]
	document := _document("dockerfile", {"instructions": [{"Cmd": "from", "Value": ["debian"]}]})
	workflows.taken([document]) == [{"document": document, "path": ["instructions", 0], "kind": "image", "name": "debian"}]
}

_from(values) := {"instructions": [{"Cmd": "from", "Value": value} | some value in values]}

test_what_a_dockerfile_takes if {
	_taken("dockerfile", _from([["python:3", "AS", "build"], ["build"], ["scratch"], ["debian"]])) == {
		[["instructions", 0], "image", "python:3"],
		[["instructions", 3], "image", "debian"],
	}
	_taken("dockerfile", {"instructions": [{"Cmd": "copy", "Value": ["x", "as", "debian"]}, {"Cmd": "from", "Value": ["debian"]}]}) == {[["instructions", 1], "image", "debian"]}
}

test_what_has_no_job if {
	empty := _document("github_workflow", {"on": "push"})
	workflows.opaque([empty]) == {[empty, [], "has no job that can be seen"]}
	workflows.opaque([_document("github_workflow", {"jobs": {"a": {}}})]) == set()
	workflows.opaque([_document("dockerfile", {"instructions": [{}]})]) == set()
	every odd in [[], null, "x", {"a": 1}] {
		count(workflows.opaque([_document("dockerfile", {"instructions": odd})])) == 1
	}
}

test_masks if {
	every text in ["|| true", "|| /bin/true", "||true", "|| exit 0", "|| echo", "|| :", "; true", "set +e", "set +xe", "set +eu", "set +o errexit"] {
		workflows.masks(sprintf("scan %s", [text])) == {text}
	}
	workflows.masks("scan ||  exit   0") == {"||  exit   0"}
	workflows.masks("a || true\nb; true\nc") == {"|| true", "; true"}
	every text in ["|| exit 1", "|| truely", "|| echoes", "; trueish", "; true && x", "set -e", "set +x", "|| false", "true"] {
		workflows.masks(sprintf("scan %s", [text])) == set()
	}
}

test_injections if {
	every context in [
		"github.event.issue.title", "github.event", "github . event.x", "github['event'].x", "github.head_ref", "github['head_ref']",
		"github.event.pull_request.head.ref", "github.event.numbers", "github.event.x.idx",
	] {
		expression := sprintf("${{ %s }}", [context])
		workflows.injections(sprintf("echo %s", [expression])) == {expression}
	}
	workflows.injections("${{ github.event.a\n}} ${{ github.event.b }}") == {"${{ github.event.a\n}}", "${{ github.event.b }}"}
	workflows.injections("${{ github.event.number || github.event.a }}") == {"${{ github.event.number || github.event.a }}"}
}

test_what_is_harmless_in_a_script if {
	every context in [
		"github.event.pull_request.base.ref", "github.event.number", "github.event.pull_request.number", "github.event.id",
		"github.event.node_id", "github.event.head.sha", "github.event.before", "github.event.after", "github.event.action",
		"github.event.pull_request.merged", "github.event.pull_request.draft", "github.event.x.created_at", "github.event.x.updated_at",
		"github.event.workflow_run.run_number", "github.event.workflow_run.run_id", "github.event.workflow_run.conclusion",
		"github.event.x.commits_url", "github.event.x.size", "github.sha", "secrets.X", "env.github_event",
	] {
		workflows.injections(sprintf("echo ${{ %s }}", [context])) == set()
	}
	workflows.injections("echo github.event.issue.title") == set()
}

test_events if {
	workflows.events({"content": {"on": "push"}}) == {"push"}
	workflows.events({"content": {"on": ["push", "issues"]}}) == {"push", "issues"}
	workflows.events({"content": {"on": {"push": null, "issues": {}}}}) == {"push", "issues"}
	workflows.events({"content": {}}) == set()
}

test_members_and_permissions if {
	workflows.says({"a": null}, "a")
	not workflows.says({"b": 1}, "a")
	workflows.reads_only("read-all")
	workflows.reads_only({})
	workflows.reads_only({"contents": "read", "id-token": "none"})
	every permissions in ["write-all", null, ["read"], {"contents": "write"}, {"contents": "read", "id-token": true}] {
		not workflows.reads_only(permissions)
	}
}

test_events_with_rights if {
	workflows.privileged == {"pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment", "fork"}
}

test_code_of_strangers if {
	every text in [
		"github.event.pull_request.head.sha", "github.head_ref", "github.event.workflow_run.head_branch", "refs/pull/5/merge",
		"gh pr checkout 5", "gh  pr  checkout",
	] {
		regex.match(workflows.foreign, text)
	}
	every text in ["github.event.pull_request.base.sha", "main", "refs/heads/x", "gh pr view 5", "githubXhead_ref"] {
		not regex.match(workflows.foreign, text)
	}
}
