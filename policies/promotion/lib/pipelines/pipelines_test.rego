package promotion.lib.pipelines_test

import data.promotion.lib.pipelines

_task(id, starts) := {"id": id, "step": id, "skippable": false, "tolerated": false, "starts": starts}

_pipeline(tasks) := {"tasks": tasks}

test_what_comes_before if {
	chain := _pipeline([_task("a", [[]]), _task("b", [["a"]]), _task("c", [["b"]])])
	pipelines.before(chain, "c") == {"a", "b"}
	pipelines.before(chain, "a") == set()
}

test_joins_need_both_and_alternatives_what_they_share if {
	tasks := [_task("a", [[]]), _task("b", [["a"]]), _task("c", [["a"]]), _task("both", [["b", "c"]]), _task("either", [["b"], ["c"]])]
	pipelines.before(_pipeline(tasks), "both") == {"a", "b", "c"}
	pipelines.before(_pipeline(tasks), "either") == {"a"}
}

test_a_free_alternative_needs_nothing if {
	pipelines.before(_pipeline([_task("a", [[]]), _task("b", [["a"], []])]), "b") == set()
}

test_a_cycle_ends if {
	pipelines.before(_pipeline([_task("a", [["b"]]), _task("b", [["a"]])]), "a") == {"a", "b"}
}
