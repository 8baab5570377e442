package promotion.rules.explainability.model_card_filled_in_test

import data.promotion.rules.explainability.model_card_filled_in as policy

_fields := ["evaluation", "exclusions", "limitations", "purpose", "training_data", "users"]

_card := object.union({field: "Ranks applications of one bank." | some field in _fields}, {"model_digest": "sha256:aa"})

_denied(change) := found if {
	found := policy.deny with input as {
		"request": {"model": {"digest": "sha256:aa"}},
		"evidence": {"model_card": [{"result": object.union(_card, change)}]},
	}
}

_finding(key, words, observed) := {"key": key, "message": words, "observed": observed, "limit": null}

test_allow_every_field_filled if _denied({}) == set()

test_deny_each_field_empty if {
	every field in _fields {
		_denied({field: ""}) == {_finding(field, sprintf("%s is empty", [field]), "")}
	}
}

test_deny_words_that_say_nothing if {
	every text in [
		" \n", "...", "-", "?", "Coming soon", "fill in", "N/A", "na", "nil", "No known limitations.", "no limitations",
		"none", "None known.", "not applicable", "not available", "[optional]", "<placeholder>", "(see above)", "see below",
		"tba", "tbc", "TBD", "_test_", "to be added", "to be announced", "to be completed", "to be confirmed",
		"to be decided", "to be defined", "to be determined", "to be done", "**todo**", "unknown", "wip", "xxx",
	] {
		_denied({"limitations": text}) == {_finding("limitations", "limitations is empty", text)}
	}
}

test_deny_template_text_wherever_it_stands if {
	every text in [
		"more information needed", "<!--", "lorem ipsum", "replace_me", "{{", "}}", "fill in this",
		"insert text here", "provide a quick summary", "your text here",
	] {
		words := sprintf("users holds the text of a template: %s", [text])
		_denied({"users": sprintf("Credit officers. %s of the bank", [upper(text)])}) == {_finding("users", words, text)}
	}
}

test_allow_such_words_within_a_sentence if {
	_denied({"limitations": "Performance for self-employed applicants is unknown; none were in the data."}) == set()
}

test_deny_card_of_another_model if {
	_denied({"model_digest": "sha256:bb"}) == {_finding("model", "the card describes another model", "sha256:bb")}
}

test_deny_template_text_of_the_hub_is_named_both_ways if {
	words := "users holds the text of a template: %s"
	_denied({"users": "[More Information Needed] "}) == {
		_finding("users", sprintf(words, ["[more information needed]"]), "[more information needed]"),
		_finding("users", sprintf(words, ["more information needed"]), "more information needed"),
	}
}

# Only space and marks are cut off, no letter.
test_allow_a_single_letter if _denied({"users": "M"}) == set()
