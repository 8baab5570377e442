package promotion.rules.pipeline.promotion_behind_every_gate_test

import data.promotion.rules.pipeline.promotion_behind_every_gate as policy

_task(id, step, starts) := {"id": id, "step": step, "skippable": false, "tolerated": false, "starts": starts}

_sequence := [
	_task("train", "other", [[]]), _task("scan", "scan", [["train"]]), _task("evaluate", "evaluate", [["scan"]]),
	_task("sign", "sign", [["evaluate"]]), _task("approve", "approve", [["sign"]]),
]

_input(tasks) := {"evidence": {"pipeline_graph": [{"result": {
	"documents": [{"path": "p.yaml", "place": "0", "format": "airflow", "content": "{\"dag\":{}}"}],
	"graphs": [{"at": "p.yaml#0", "name": "main", "tasks": tasks}],
}}]}}

_denied(tasks) := found if found := policy.deny with input as _input(tasks)

_insufficient(tasks) := found if found := policy.insufficient with input as _input(tasks)

_words := {"scan": "a scan", "evaluate": "an evaluation", "sign": "a signature", "approve": "an approval"}

_around(id, gates) := {finding |
	some gate in gates
	finding := {
		"key": sprintf("p.yaml#0/main/%s=%s", [id, gate]),
		"message": sprintf("p.yaml#0 main/%s can be reached around %s", [id, _words[gate]]),
		"observed": id,
		"limit": null,
	}
}

_every := {"scan", "evaluate", "sign", "approve"}

_promote(starts) := array.concat(_sequence, [_task("promote", "promote", starts)])

_changed(id, change) := [one |
	some task in _promote([["approve"]])
	one := object.union(task, {name: value | task.id == id; some name, value in change})
]

test_allow_one_after_the_other if {
	_denied(_promote([["approve"]])) == set()
	_insufficient(_promote([["approve"]])) == set()
}

test_allow_gates_side_by_side if {
	gates := [_task(step, step, [["train"]]) | some step in _every]
	tasks := array.concat(array.concat([_sequence[0]], gates), [_task("promote", "promote", [["scan", "evaluate", "sign", "approve"]])])
	_denied(tasks) == set()
}

test_allow_alternatives_that_are_both_gated if {
	tasks := array.concat(_sequence, [_task("blue", "other", [["approve"]]), _task("green", "other", [["approve"]]), _task("promote", "promote", [["blue"], ["green"]])])
	_denied(tasks) == set()
}

test_deny_promotion_that_starts_anyway if {
	_denied(_promote([[]])) == _around("promote", _every)
	_denied(_promote([["approve"], []])) == _around("promote", _every)
	_denied(_promote([["train"]])) == _around("promote", _every)
}

test_deny_one_gate_left_out if {
	_denied(_promote([["sign"]])) == _around("promote", {"approve"})
	_denied(_promote([["approve"], ["evaluate"]])) == _around("promote", {"sign", "approve"})
}

test_deny_gate_that_may_be_skipped_or_fail if {
	every gate in _every {
		_denied(_changed(gate, {"skippable": true})) == _around("promote", {gate})
		_denied(_changed(gate, {"tolerated": true})) == _around("promote", {gate})
	}
}

test_deny_second_promotion_in_an_exit_handler if {
	tasks := array.concat(_promote([["approve"]]), [_task("@onExit", "promote", [[]])])
	_denied(tasks) == _around("@onExit", _every)
}

test_deny_alternatives_behind_alternatives if {
	tasks := array.concat(_sequence, [
		_task("a", "other", [["approve"], ["sign"]]), _task("b", "other", [["a"]]),
		_task("promote", "promote", [["b"]]),
	])
	_denied(tasks) == _around("promote", {"approve"})
}

test_deny_pipelines_that_promote_nothing if {
	_insufficient(_sequence) == {{"key": "none", "message": "no pipeline here promotes anything", "observed": null, "limit": null}}
	_insufficient([]) == {
		{"key": "none", "message": "no pipeline here promotes anything", "observed": null, "limit": null},
		{"key": "p.yaml#0/main/=empty", "message": "p.yaml#0 main/ has no task", "observed": null, "limit": null},
	}
}

test_deny_text_that_is_no_document if {
	broken := {"evidence": {"pipeline_graph": [{"result": {
		"documents": [{"path": "p", "place": "0", "format": "x", "content": ""}],
		"graphs": [{"at": "p#0", "name": "main", "tasks": _promote([["approve"]])}],
	}}]}}
	found := policy.insufficient with input as broken
	found == {{"key": "p#0", "message": "p holds no document", "observed": null, "limit": null}}
}
