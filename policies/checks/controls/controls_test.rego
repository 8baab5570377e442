package checks.controls_test

import data.checks.controls
import data.checks.syntax_test as sample

_finding(name, message, remedy) := {
	"key": sprintf("DAT-001:%s", [name]),
	"message": message,
	"remedy": remedy,
	"file": sample.file,
	"row": 3,
}

_law := {"status": "in_force", "since": 0, "until": null, "superseded_by": null}

_found(law, policy) := found if {
	found := controls.findings with input as object.union(sample.document("", policy), {"register": {"gdpr:6": object.union(_law, law)}})
}

_gone(problem, remedy) := {_finding("gdpr:6", sprintf("DAT-001 cites gdpr:6, which %s", [problem]), remedy)}

_none := {_finding(
	"none", "no control that DAT-001 cites applies when it takes effect",
	"cite one that does, a house rule if need be, or set effective_from to the day of the law",
)}

test_deny_unregistered if {
	found := controls.findings with input as sample.document("", {"controls": ["gdpr:6", "gdpr:99"]})
	found == {_finding("gdpr:99", "DAT-001 cites gdpr:99, which is not in the register", "register it in frameworks/ with its dates and source, or cite another")}
}

test_deny_lapsed if {
	_found({"status": "superseded", "superseded_by": "gdpr:7"}, {}) == _gone("was superseded", "cite gdpr:7, which replaced it")
	_found({"until": 10}, {}) == _gone("has lapsed by then", "cite what replaced it, or take it out")
	_found({"until": 20}, {"effective_from": 20}) == _gone("has lapsed by then", "cite what replaced it, or take it out")
	_found({"status": "pending", "since": null}, {}) == _gone("is pending without a date", "cite it when its date is adopted")
}

test_deny_standing_on_nothing_yet if {
	_found({"status": "pending", "since": 11}, {}) == _none
	_found({"since": 11}, {}) == _none
	_found({"status": "draft"}, {}) == _none
	_found({"status": "pending", "since": 20}, {"effective_from": 19}) == _none
}

test_allow_what_applies if {
	_found({}, {}) == set()
	_found({"since": null}, {}) == set()
	_found({"since": 10, "until": 11}, {}) == set()
	_found({"status": "pending", "since": 20}, {"effective_from": 20}) == set()
}

test_allow_coming_law_beside_what_applies if {
	both := {"controls": ["gdpr:6", "act:10"]}
	register := {"gdpr:6": _law, "act:10": object.union(_law, {"status": "pending", "since": 99})}
	controls.findings == set() with input as object.union(sample.document("", both), {"register": register})
}
