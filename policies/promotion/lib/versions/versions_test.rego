package promotion.lib.versions_test

import data.promotion.lib.versions

test_release_is_three_numbers if {
	versions.release("1.2.0") == [1, 2, 0]
	versions.release("0.0.0") == [0, 0, 0]
	versions.release("10.20.30") == [10, 20, 30]
	versions.release("999999999.999999999.999999999") == [999999999, 999999999, 999999999]
}

# semver.is_valid takes some of these, and semver.compare makes the engine fail on the others.
_odd := [
	"01.2.0", "1.02.0", "1.2.00", "1.2.0-rc.1", "1.2.0+build.5", "v1.2.0", "1.2", "1", "", "1.2.0.0",
	"1.2.x", "1.2.*", "*", "^1.2.0", ">=1.2.0", "1.2.0 ", " 1.2.0", "1.2.0\n", "1.2.0\n1.2.1", "-1.2.0",
	"+1.2.0", "1.2.0e1", "1e1.2.0", "0x1.2.0", "1..0", "1.2.1000000000", "1.1000000000.0", "1000000000.0.0",
	"99999999999999999999.0.0", "1.2.99999999999999999999", "١.٢.٠", "1,2,0", "latest",
	1.2, 1, null, true, [], [1, 2, 0], {}, {"from": "1.2.0"},
]

test_other_forms_are_no_release if {
	every text in _odd {
		count([1 | versions.release(text)]) == 0
	}
}

_named(from, to) := [n | n := versions.named({"from": from, "to": to})]

test_named_counts_both_bounds if {
	_named("1.2.0", "1.2.0") == [1]
	_named("1.2.0", "1.2.9") == [10]
	_named("1.2.9", "1.2.10") == [2]
	_named("1.2.0", "1.2.999999999") == [1000000000]
}

test_what_is_not_of_one_minor_in_order_names_nothing if {
	_named("1.2.9", "1.2.0") == []
	_named("1.2.10", "1.2.9") == []
	_named("1.2.0", "1.3.0") == []
	_named("1.3.0", "1.2.9") == []
	_named("1.2.0", "2.2.0") == []
	_named("2.0.0", "1.0.9") == []
	count([1 | some odd in [{}, {"from": "1.2.0"}, {"to": "1.2.0"}, null, "1.2.0..1.2.9", []]; versions.named(odd)]) == 0
}

test_odd_bounds_name_nothing if {
	every text in _odd {
		_named(text, "1.2.9") == []
		_named("1.2.0", text) == []
		_named(text, text) == []
	}
}

_holds(from, to, text) := count([1 | versions.holds({"from": from, "to": to}, text)])

test_holds_its_bounds_and_what_lies_between if {
	_holds("1.9.0", "1.9.10", "1.9.0") == 1
	_holds("1.9.0", "1.9.10", "1.9.2") == 1
	_holds("1.9.0", "1.9.10", "1.9.9") == 1
	_holds("1.9.0", "1.9.10", "1.9.10") == 1
	_holds("1.9.1", "1.9.10", "1.9.0") == 0
	_holds("1.9.0", "1.9.10", "1.9.11") == 0
}

test_compared_as_numbers_and_never_as_text if {
	_holds("1.9.0", "1.9.9", "1.10.0") == 0
	_holds("1.10.0", "1.10.9", "1.9.0") == 0
	_holds("1.10.0", "1.10.9", "1.10.5") == 1
	_holds("1.2.1", "1.2.2", "1.2.10") == 0
	_holds("1.2.9", "1.2.11", "1.2.10") == 1
	_holds("1.2.9", "1.2.11", "1.2.1") == 0
}

test_other_major_or_minor_is_not_held if {
	every text in ["0.2.5", "2.2.5", "1.1.5", "1.3.5", "12.2.5", "1.22.5"] {
		_holds("1.2.0", "1.2.9", text) == 0
	}
}

test_odd_versions_are_not_held if {
	every text in _odd {
		_holds("1.2.0", "1.2.9", text) == 0
		_holds("0.0.0", "0.0.999999999", text) == 0
	}
}

test_range_that_names_nothing_holds_nothing if {
	_holds("1.2.0", "1.3.0", "1.2.5") == 0
	_holds("1.2.0", "2.0.0", "1.2.5") == 0
	_holds("1.2.9", "1.2.0", "1.2.5") == 0
	_holds("*", "*", "1.2.5") == 0
	_holds("1.2.0", "1.2.x", "1.2.5") == 0
}

_overlap(one, other) := count([1 | versions.overlap({"from": one[0], "to": one[1]}, {"from": other[0], "to": other[1]})])

test_overlap if {
	every both in [
		[["1.2.0", "1.2.5"], ["1.2.5", "1.2.9"]], [["1.2.0", "1.2.9"], ["1.2.3", "1.2.4"]],
		[["1.2.3", "1.2.3"], ["1.2.3", "1.2.3"]], [["1.2.8", "1.2.10"], ["1.2.9", "1.2.11"]],
	] {
		_overlap(both[0], both[1]) == 1
		_overlap(both[1], both[0]) == 1
	}
	every both in [
		[["1.2.0", "1.2.4"], ["1.2.5", "1.2.9"]], [["1.2.0", "1.2.9"], ["1.3.0", "1.3.9"]],
		[["1.2.0", "1.2.1"], ["1.2.10", "1.2.11"]], [["1.2.0", "1.2.9"], ["2.2.0", "2.2.9"]],
	] {
		_overlap(both[0], both[1]) == 0
		_overlap(both[1], both[0]) == 0
	}
}

# --- the signed version --------------------------------------------------------

_now := 1800000000

_digest := "sha256:aa"

_other := "sha256:bb"

_model := {"name": "m", "version": "1.2.3", "sha256": _digest}

_statement := {
	"status": "measured", "file": "bom.json", "collected_at": _now - 10, "valid_until": _now + 10,
	"subject": {"name": "m", "digest": _digest}, "population": {"count": 1}, "completeness": {"expected": 1, "observed": 1},
	"signer": {"identity": "pipeline", "kind": "machine", "roles": ["builder"], "evidence_types": ["ml_bom"]},
	"result": {"models": [_model]},
}

_input := {
	"request": {"model": {"name": "m", "version": "1.2.3", "digest": _digest}},
	"evidence": {"ml_bom": [_statement]}, "rejected": [],
}

_signed(document) := found if {
	found := [version | version := versions.signed] with input as document
		with data.promotion.generated.schemas as {
			"evidence": {"ml_bom": {"statements": `"ml_bom": {}`, "max_age_days": 180}},
			"frame": {"opening": `{"additionalProperties": false, "properties": {`, "closing": "}}"},
		}
		with time.now_ns as _now * 1000000000
}

_bills(statements) := _signed(object.union(_input, {"evidence": {"ml_bom": statements}}))

_bill(change) := _bills([object.union(_statement, change)])

_listing(models) := _bill({"result": {"models": models}})

test_signed_version if {
	_signed(_input) == ["1.2.3"]
	_bills([_statement, _statement]) == ["1.2.3"]
}

test_no_bill_no_version if {
	_signed(object.union(object.remove(_input, ["evidence"]), {"evidence": {}})) == []
	_bills([]) == []
	_signed(object.remove(_input, ["evidence"])) == []
	_signed(object.remove(_input, ["rejected"])) == []
}

test_faulty_bill_signs_nothing if {
	_bill({"signer": null}) == []
	_bill({"signer": {"evidence_types": ["pii_scan"]}}) == []
	_bill({"valid_until": _now}) == []
	_bill({"collected_at": _now + 1}) == []
	_bill({"status": "error"}) == []
	_bill({"subject": {"digest": _other}}) == []
	_bill({"subject": {"name": "n"}}) == []
	_bills([_statement, object.union(_statement, {"signer": null})]) == []
	_signed(object.union(_input, {"rejected": [{"file": "x", "type": null, "fault": "unreadable", "message": "x"}]})) == []
}

test_about_this_name_and_digest_alone if {
	_listing([object.union(_model, {"sha256": _other})]) == []
	_listing([object.union(_model, {"sha256": null})]) == []
	_listing([object.union(_model, {"name": "n"})]) == []
	_listing([]) == []
	_listing([_model, object.union(_model, {"name": "base", "version": "9.9.9"})]) == ["1.2.3"]
	_listing([_model, object.union(_model, {"sha256": _other, "version": "9.9.9"})]) == ["1.2.3"]
}

test_one_version_and_that_of_the_request if {
	_listing([object.union(_model, {"version": "1.2.4"})]) == []
	_listing([object.union(_model, {"version": null})]) == []
	_listing([_model, object.union(_model, {"version": "1.2.4"})]) == []
	_listing([_model, object.union(_model, {"version": null})]) == []
	_bills([_statement, object.union(_statement, {"result": {"models": [object.union(_model, {"version": "1.2.4"})]}})]) == []
	_signed(object.union(_input, {"request": {"model": {"version": "1.2.4"}}})) == []
	_signed(object.union(_input, {"request": {"model": {"version": null}}})) == []
}
