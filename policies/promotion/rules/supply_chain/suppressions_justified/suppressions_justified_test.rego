package promotion.rules.supply_chain.suppressions_justified_test

import data.promotion.rules.supply_chain.suppressions_justified as policy

_vex := {
	"id": "CVE-2026-1", "component": "zlib@1.3", "status": "not_affected", "author": "security team",
	"product": "pkg:oci/serving", "justification": "vulnerable_code_not_in_execute_path",
}

_found(suppressed, listed) := {"deny": deny, "insufficient": insufficient} if {
	document := {"evidence": {"vulnerability_report": [{"result": {"suppressed": suppressed, "suppressions": listed}}]}}
	deny := policy.deny with input as document
	insufficient := policy.insufficient with input as document
}

_denied(change) := _found(1, [object.union(_vex, change)]).deny

_finding(field, words, observed) := {
	"key": concat("", [field, ":CVE-2026-1=zlib@1.3"]),
	"message": concat(" ", ["CVE-2026-1 in zlib@1.3", words]),
	"observed": observed,
	"limit": null,
}

test_allow_nothing_suppressed if _found(0, []) == {"deny": set(), "insufficient": set()}

test_allow_justified if {
	every word in [
		"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
		"vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist",
		"code_not_present", "code_not_reachable", "requires_configuration", "requires_dependency",
		"requires_environment", "protected_by_compiler", "protected_at_runtime", "protected_at_perimeter",
		"protected_by_mitigating_control",
	] {
		_denied({"justification": word}) == set()
	}
	_found(1, [_vex]).insufficient == set()
}

test_allow_fixed_needs_no_justification if _denied({"status": "fixed", "justification": null}) == set()

test_deny_no_author if _denied({"author": null}) == {_finding("author", "names no author", null)}

test_deny_no_product if _denied({"product": null}) == {_finding("product", "names no product", null)}

test_deny_justification_absent_or_of_no_format if {
	_denied({"justification": null}) == {_finding("justification", "is said to be not affected for no reason that VEX knows: null", null)}
	_denied({"justification": "trust me"}) == {_finding("justification", "is said to be not affected for no reason that VEX knows: trust me", "trust me")}
}

test_deny_status_that_clears_nothing if {
	every status in ["affected", "under_investigation", "ignored"] {
		_denied({"status": status}) == {_finding("status", concat(" ", ["is suppressed and", status]), status)}
	}
}

test_deny_rule_of_the_scanner_alone if {
	found := _denied({"status": "ignored", "author": null, "product": null, "justification": null})
	count(found) == 3
}

_unlisted(number) := {{
	"key": "suppressions",
	"message": sprintf("%d findings are suppressed and not listed", [number]),
	"observed": number,
	"limit": 0,
}}

test_deny_suppressed_and_not_listed if {
	_found(1, []).insufficient == _unlisted(1)
	_found(3, [_vex]).insufficient == _unlisted(2)
}
