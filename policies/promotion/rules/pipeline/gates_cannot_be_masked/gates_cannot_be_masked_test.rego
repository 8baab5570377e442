package promotion.rules.pipeline.gates_cannot_be_masked_test

import data.promotion.rules.pipeline.gates_cannot_be_masked as policy

_task(step, tolerated) := {"id": "t", "step": step, "skippable": false, "tolerated": tolerated, "starts": [[]]}

_document(path, format, content) := [{"path": path, "place": "0", "format": format, "content": json.marshal(content)}]

_input(format, workflow, pipeline, task) := {"evidence": {
	"ci_workflows": [{"result": {"documents": _document("w.yaml", format, workflow)}}],
	"pipeline_graph": [{"result": {
		"documents": _document("p.yaml", "airflow", pipeline),
		"graphs": [{"at": "p.yaml#0", "name": "main", "tasks": [task]}],
	}}],
}}

_sound := {"on": "push", "jobs": {"build": {"steps": [{"run": "make"}]}}}

_job(job) := found if {
	workflow := {"on": "push", "jobs": {"build": job}}
	found := policy.deny with input as _input("github_workflow", workflow, {"dag": {}}, _task("scan", false))
}

_finding(place, what, words, observed) := {
	"key": sprintf("%s=%s", [place, what]),
	"message": sprintf("%s %s", [place, words]),
	"observed": observed,
	"limit": null,
}

_goes_on(place, member, value) := {_finding(place, member, "goes on when it failed", value)}

_hides(place, mask) := {_finding(place, "masked", sprintf("hides a failure: %s", [mask]), mask)}

test_allow_failing if {
	_job({"continue-on-error": false, "steps": [{"run": "make || exit 1"}]}) == set()
	found := policy.insufficient with input as _input("github_workflow", _sound, {"dag": {}}, _task("scan", false))
	found == set()
}

test_deny_going_on if {
	_job({"continue-on-error": true, "steps": []}) == _goes_on("w.yaml#0/jobs/build", "continue-on-error", true)
	_job({"steps": [{"run": "make", "continue-on-error": "${{ matrix.x }}"}]}) == _goes_on("w.yaml#0/jobs/build/steps/0", "continue-on-error", "${{ matrix.x }}")
}

test_deny_masked_commands if {
	at := "w.yaml#0/jobs/build/steps/0/run"
	_job({"steps": [{"run": "scan || true"}]}) == _hides(at, "|| true")
	_job({"steps": [{"run": "scan || :"}]}) == _hides(at, "|| :")
	_job({"steps": [{"run": "scan ||exit 0\nnext"}]}) == _hides(at, "||exit 0")
	_job({"steps": [{"run": "set +e\nscan"}]}) == _hides(at, "set +e")
	_job({"steps": [{"run": "scan; true"}]}) == _hides(at, "; true")
	_job({"steps": [{"run": "scan || echo bad"}]}) == _hides(at, "|| echo")
}

test_deny_gitlab if {
	workflow := {"test": {"script": ["scan || true"], "allow_failure": {"exit_codes": 1}}}
	found := policy.deny with input as _input("gitlab_ci", workflow, {"dag": {}}, _task("scan", false))
	found == _goes_on("w.yaml#0/test", "allow_failure", {"exit_codes": 1}) | _hides("w.yaml#0/test/script/0", "|| true")
}

_pipeline(content, task) := found if found := policy.deny with input as _input("github_workflow", _sound, content, task)

test_deny_tolerated_gates if {
	every step in ["scan", "evaluate", "sign", "approve", "promote"] {
		_pipeline({"dag": {}}, _task(step, true)) == {{
			"key": "p.yaml#0/main/t=tolerated",
			"message": "p.yaml#0 main/t may fail without effect",
			"observed": step,
			"limit": null,
		}}
	}
}

test_allow_other_tasks_that_may_fail if _pipeline({"dag": {}}, _task("other", true)) == set()

test_deny_masked_commands_in_a_pipeline if {
	_pipeline({"spec": {"args": ["scan || true"]}}, _task("scan", false)) == _hides("p.yaml#0/spec/args/0", "|| true")
}

test_deny_workflow_without_jobs_and_texts_that_are_no_documents if {
	found := policy.insufficient with input as _input("github_workflow", {"on": "push"}, {"dag": {}}, _task("scan", false))
	found == {_finding("w.yaml#0", "opaque", "has no job that can be seen", null)}
	broken := [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "["}], "graphs": []}}]
	sound := _input("github_workflow", _sound, {"dag": {}}, _task("scan", false)).evidence
	every kind in ["ci_workflows", "pipeline_graph"] {
		unread := policy.insufficient with input as {"evidence": object.union(sound, {kind: broken})}
		unread == {{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null}}
	}
}
