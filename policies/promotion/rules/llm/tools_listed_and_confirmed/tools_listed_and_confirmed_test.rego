package promotion.rules.llm.tools_listed_and_confirmed_test

import data.promotion.rules.llm.tools_listed_and_confirmed as policy

_tool(change) := object.union({"name": "orders", "effect": "reads", "confirmation": "nobody", "scope": "own orders"}, change)

_says(tools, called, denied, thin) if {
	document := {"evidence": {
		"llm_configuration": [{"result": {"tools": tools}}],
		"llm_evaluation": [{"result": {"tools_called": called}}],
	}}
	policy.deny == denied with input as document
	policy.insufficient == thin with input as document
}

_finding(key, words, observed) := {{"key": concat("=", [key, "orders"]), "message": sprintf("tool orders %s", [words]), "observed": observed, "limit": null}}

test_allow_no_tool if _says([], [], set(), set())

test_allow_reading_and_nothing_unconfirmed if {
	every effect in ["none", "reads"] {
		_says([_tool({"effect": effect})], ["orders"], set(), set())
	}
}

test_allow_side_effects_confirmed if {
	every effect in ["writes", "pays", "executes"] {
		every who in ["user", "officer"] {
			_says([_tool({"effect": effect, "confirmation": who})], ["orders"], set(), set())
		}
	}
}

test_deny_side_effects_unconfirmed if {
	every effect in ["writes", "pays", "executes"] {
		_says([_tool({"effect": effect})], [], _finding("unconfirmed", sprintf("%s, and nobody confirms it", [effect]), "nobody"), set())
	}
}

test_deny_free_shell if {
	shell := _tool({"effect": "executes", "confirmation": "user", "scope": null})
	_says([shell], [], _finding("unrestricted", "executes, and nothing restricts it", null), set())
}

test_allow_other_tools_without_scope if _says([_tool({"scope": null})], [], set(), set())

test_deny_called_and_not_listed if {
	unlisted := _finding("unlisted", "was called in the tests and is not listed", "orders")
	_says([], ["orders"], unlisted, set())
	_says([_tool({"name": "Orders"})], ["orders"], unlisted, set())
}

test_deny_one_name_for_two_tools if {
	every change in [{"effect": "none"}, {"confirmation": "user"}, {"scope": null}] {
		_says([_tool({}), _tool(change)], [], set(), _finding("twice", "is listed twice, with two meanings", null))
	}
}

test_allow_the_same_tool_twice if _says([_tool({}), _tool({})], [], set(), set())

_reasons(kind) := found if {
	found := policy.not_applicable with input as {"request": {"use": {"model_kind": kind}}}
}

test_allow_not_applicable_to_predictions if _reasons("predictive") == {"the model writes nothing: it is predictive"}

test_deny_applicable_to_generation if _reasons("generative") == set()
