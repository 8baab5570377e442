package promotion.rules.llm.output_and_spending_bounded_test

import data.promotion.rules.llm.output_and_spending_bounded as policy

_caps := {"output_tokens": 1000, "tool_calls": 5, "daily_tokens": 50000}

_denied(output, caps, tools) := found if {
	found := policy.deny with input as {"evidence": {"llm_configuration": [{"result": {
		"output": object.union({"schema_digest": "sha256:ss", "escaped": true}, output),
		"caps": object.union(_caps, caps),
		"tools": tools,
	}}]}}
}

_finding(key, words, observed) := {{"key": key, "message": words, "observed": observed, "limit": null}}

test_allow_schema_or_escaping if {
	_denied({}, {}, []) == set()
	_denied({"schema_digest": null}, {}, []) == set()
	_denied({"escaped": false}, {}, []) == set()
	_denied({}, {}, [{"name": "orders"}]) == set()
}

test_deny_raw_output if {
	words := "output is neither validated against a schema nor escaped"
	_denied({"schema_digest": null, "escaped": false}, {}, []) == _finding("output", words, false)
}

test_deny_each_missing_cap if {
	_denied({}, {"output_tokens": null}, []) == _finding("output_tokens", "tokens of an answer are not capped", null)
	_denied({}, {"daily_tokens": null}, []) == _finding("daily_tokens", "tokens of a user in a day are not capped", null)
	_denied({}, {"tool_calls": null}, [{"name": "orders"}]) == _finding("tool_calls", "calls of tools are not capped", null)
}

test_allow_no_cap_on_tools_that_are_none if _denied({}, {"tool_calls": null}, []) == set()

_reasons(kind) := found if {
	found := policy.not_applicable with input as {"request": {"use": {"model_kind": kind}}}
}

test_allow_not_applicable_to_predictions if _reasons("predictive") == {"the model writes nothing: it is predictive"}

test_deny_applicable_to_generation if _reasons("generative") == set()
