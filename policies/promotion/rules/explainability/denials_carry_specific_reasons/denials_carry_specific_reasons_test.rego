package promotion.rules.explainability.denials_carry_specific_reasons_test

import data.promotion.rules.explainability.denials_carry_specific_reasons as policy

_audit := {
	"model_digest": "sha256:aa", "decisions": 5000, "denials": 1000, "lacking": 0,
	"reasons": [{"text": "Length of employment is short", "count": 1000}],
}

_document(change) := {
	"request": {"model": {"digest": "sha256:aa"}, "use": {"domain": "credit"}},
	"evidence": {"reason_audit": [{"population": {"count": 5000}, "result": object.union(_audit, change)}]},
}

# Credit is always of the high tier, so the other limits are reached here alone.
_says(tier, change, denied, thin) if {
	document := _document(change)
	policy.deny == denied with input as document with data.promotion.lib.tiers.effective as tier
	policy.insufficient == thin with input as document with data.promotion.lib.tiers.effective as tier
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}

_lacking(count, limit) := {_finding("lacking", sprintf("%d of 1000 denials carry no specific reason, limit %d basis points", [count, limit]), count, limit)}

test_allow_below_and_on_each_limit if {
	_says("low", {"lacking": 49}, set(), set())
	_says("low", {"lacking": 50}, set(), set())
	_says("medium", {"lacking": 0}, set(), set())
	_says("high", {"lacking": 0}, set(), set())
}

test_deny_above_each_limit if {
	_says("low", {"lacking": 51}, _lacking(51, 500), set())
	_says("medium", {"lacking": 1}, _lacking(1, 0), set())
	_says("high", {"lacking": 1}, _lacking(1, 0), set())
}

_with_reason(text, count) := {"reasons": [{"text": text, "count": count}, {"text": "Too many recent inquiries", "count": 1000}]}

test_deny_generic_reasons if {
	every text in [
		"Score too low", "Your credit score is below our cut-off", "Failed to reach the qualifying score",
		"Internal standards", "Does not meet our policy", "Underwriting criteria", "Other", "AI decision", " Declined. ",
	] {
		found := {_finding(concat("=", ["reason", text]), sprintf("1 denials say no more than: %s", [text]), 1, 0)}
		_says("high", _with_reason(text, 1), found, set())
	}
}

test_allow_specific_reasons if {
	every text in [
		"Balance of revolving accounts is high against their limits", "Income is low for the amount asked for",
		"Insufficient number of credit references", "Other obligations are high against income",
	] {
		_says("high", _with_reason(text, 1000), set(), set())
	}
}

test_allow_few_generic_reasons_at_the_low_tier if {
	_says("low", _with_reason("Score too low", 50), set(), set())
}

test_deny_many_generic_reasons_at_the_low_tier if {
	found := {_finding("reason=Score too low", "51 denials say no more than: Score too low", 51, 500)}
	_says("low", _with_reason("Score too low", 51), found, set())
}

test_deny_audit_of_another_model if {
	_says("high", {"model_digest": "sha256:bb"}, {_finding("model", "the audit is of another model", "sha256:bb", null)}, set())
}

test_deny_no_denial_audited if {
	_says("high", {"denials": 0, "reasons": []}, set(), {_finding("denials", "no denial was audited", 0, null)})
}

test_deny_reasons_do_not_reach_all if {
	found := {_finding("reasons", "999 reasons are listed for 1000 denials", 999, 1000)}
	_says("high", {"reasons": [{"text": "Length of employment is short", "count": 999}]}, set(), found)
}

test_deny_fewer_decisions_than_denials if {
	found := {_finding("decisions", "1000 denials among 999 decisions cannot be", 999, null)}
	document := object.union(_document({"decisions": 999}), {"evidence": {"reason_audit": [{"population": {"count": 999}, "result": object.union(_audit, {"decisions": 999})}]}})
	policy.insufficient == found with input as document
	_says("high", {"decisions": 1000, "denials": 1000}, set(), {_partly(5000, 1000, 1000)})
}

_partly(size, decisions, denials) := _finding("population", sprintf("the audit of %d says %d decisions and %d denials, and is all of neither", [size, decisions, denials]), size, null)

test_deny_no_decision if {
	found := {
		_finding("decisions", "0 denials among 0 decisions cannot be", 0, null),
		_finding("denials", "no denial was audited", 0, null),
		_partly(5000, 0, 0),
	}
	_says("high", {"decisions": 0, "denials": 0, "reasons": []}, set(), found)
}

_sized(size, change) := found if {
	found := policy.insufficient with input as {
		"request": {"model": {"digest": "sha256:aa"}, "use": {"domain": "credit"}},
		"evidence": {"reason_audit": [{"population": {"count": size}, "result": object.union(_audit, change)}]},
	}
}

test_allow_population_of_all_decisions_or_all_denials if {
	_sized(5000, {}) == set()
	_sized(1000, {}) == set()
}

test_deny_one_audited_denial_of_thousands if {
	change := {"denials": 1, "reasons": [{"text": "Length of employment is short", "count": 1}]}
	_sized(1000, change) == {_partly(1000, 5000, 1)}
}

test_deny_more_lacking_than_denied if {
	_says("high", {"lacking": 1001}, _lacking(1001, 0), {_finding("lacking", "1001 of 1000 denials cannot lack a reason", 1001, 1000)})
}

test_deny_reason_given_more_often_than_denied if {
	found := {_finding("count=Income is low", "1000 denials cannot give one reason 1001 times: Income is low", 1001, 1000)}
	_says("high", {"reasons": [{"text": "Income is low", "count": 1001}]}, set(), found)
}

test_allow_reasons_reach_those_not_lacking if {
	_says("low", {"lacking": 1, "reasons": [{"text": "Length of employment is short", "count": 999}]}, set(), set())
}

test_allow_not_applicable_outside_credit if {
	policy.not_applicable == {"no credit is granted or refused"} with input as {"request": {"use": {"domain": "clinical"}}}
}

test_deny_applicable_to_credit if policy.not_applicable == set() with input as _document({})
