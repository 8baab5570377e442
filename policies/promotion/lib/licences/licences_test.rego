package promotion.lib.licences_test

import data.promotion.lib.licences

_problems(expression) := found if {
	found := licences.problems(expression, "model") with input as {"to_stage": "production", "request": {"use": {"domain": "credit", "effect": "legal", "autonomy": "human_review"}}}
}

test_free if _problems("MIT") == set()

test_unlisted if _problems("no licence of mine") == {"is not on the list of licences"}

test_empty if _problems("") == {"is not on the list of licences"}

test_each_part_of_and if _problems("MIT AND nothing AND CC-BY-NC-4.0") == {"is not on the list of licences", "permits no commerce"}

test_one_of_or if _problems("nothing OR MIT") == set()

_asked(change) := {"to_stage": "production", "use": object.union({"domain": "credit", "effect": "legal", "autonomy": "automated"}, change)}

_found(name, kind, request) := found if found := licences.problems(name, kind) with input as {"request": request}

test_each_that_permits_any_use if {
	every name in [
		"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-3.0", "CC-BY-4.0", "CC0-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0",
		"DbCL-1.0", "ISC", "MIT", "ODC-By-1.0", "PDDL-1.0", "Unlicense", "US-PD", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CDLA-Sharing-1.0",
		"ODbL-1.0", "LicenseRef-own", "LicenseRef-contract", "proprietary",
	] {
		every kind in ["model", "dataset"] {
			_found(name, kind, _asked({})) == set()
			_found(name, kind, _asked({"domain": "clinical"})) == set()
		}
	}
}

test_each_that_permits_no_commerce if {
	every name in ["CC-BY-NC-3.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0", "fair-noncommercial-research"] {
		_found(name, "model", _asked({})) == {"permits no commerce"}
	}
}

test_each_that_permits_nothing_derived if {
	every name in ["CC-BY-ND-3.0", "CC-BY-ND-4.0", "CC-BY-NC-ND-4.0"] {
		"permits nothing derived" in _found(name, "dataset", _asked({}))
		not "permits nothing derived" in _found(name, "model", _asked({}))
	}
}

test_each_that_keeps_fields_out if {
	alone := "permits no decision about people without a person"
	every name in ["bigscience-bloom-rail-1.0", "bigscience-openrail-m", "bigcode-openrail-m", "CreativeML-OpenRAIL-M", "OpenRAIL++"] {
		every domain in ["clinical", "law_enforcement"] {
			_found(name, "model", _asked({"domain": domain, "autonomy": "human_review"})) == {sprintf("keeps out the field %s", [domain])}
		}
		every effect in ["legal", "significant"] {
			_found(name, "model", _asked({"effect": effect})) == {alone}
		}
		_found(name, "model", _asked({"effect": "limited"})) == set()
		_found(name, "model", _asked({"autonomy": "human_review"})) == set()
	}
}
