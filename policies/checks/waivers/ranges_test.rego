package checks.waivers_test

# A waiver for a range of versions; the waiver, its standing and helpers are those of waivers_test.rego.

_range(id, from, to) := object.union(
	object.remove(_another(id, {}), ["subject"]),
	{"subject": {"name": "m", "versions": {"from": from, "to": to}, "to_stage": "production"}},
)

_found(list, standing, more) := _keys(object.union(
	object.union(_input, {
		"waivers": list,
		"standings": {waiver.id: object.union(_standing, standing) | some waiver in list},
	}),
	more,
))

_counted := {"versions": {"named": 10, "most": 10}}

_of_range(change, standing) := _found([object.union(_range("EXC-2026-0005", "1.2.0", "1.2.9"), change)], object.union(_counted, standing), {})

test_range_in_order if _of_range({}, {}) == set()

test_range_too_wide if {
	_of_range({}, {"versions": {"named": 11}}) == {"EXC-2026-0005:versions"}
	_of_range({}, {"versions": {"named": 11, "most": 20}}) == set()
}

test_range_that_cannot_be_counted if _of_range({}, {"versions": {"named": null}}) == {"EXC-2026-0005:versions"}

test_range_names_its_findings if _of_range({"findings": null}, {}) == {"EXC-2026-0005:unnamed"}

test_range_asks_for_controls_whatever_its_risk if {
	every band in ["low", "moderate"] {
		_of_range({"compensating_controls": []}, {"band": band}) == {"EXC-2026-0005:controls"}
		unseen := [{"control": "A person looks.", "evidence": "docs/none.md"}]
		_of_range({"compensating_controls": unseen}, {"band": band}) == {"EXC-2026-0005:evidence=docs/none.md"}
	}
}

test_range_carries_no_grave_risk if {
	_of_range({}, {"band": "low"}) == set()
	_of_range({}, {"band": "high"}) == {"EXC-2026-0005:ranged"}
	_of_range({}, {"band": "extreme"}) == {"EXC-2026-0005:ranged"}
}

test_range_that_is_over_is_left_alone if _of_range({"findings": null}, {"status": "revoked", "versions": {"named": null}, "band": "extreme"}) == set()

_messages(waiver, standing) := {finding.message | some finding in found} if {
	found := data.checks.waivers.findings with input as object.union(_input, {
		"waivers": [waiver],
		"standings": {waiver.id: object.union(_standing, standing)},
	})
}

test_findings_say_what_is_wrong if {
	waiver := object.union(_range("EXC-2026-0005", "1.2.0", "1.2.12"), {"compensating_controls": []})
	_messages(waiver, {"versions": {"named": 13, "most": 10}}) == {
		"EXC-2026-0005: it names 13 versions, where the severity of FAIR-001 allows 10",
		"EXC-2026-0005: it names a range of versions, and nothing is done instead",
	}
}

_together(one, other, more) := _found([one, other], _counted, more)

test_ranges_that_overlap_are_two_for_the_same if {
	one := _range("EXC-2026-0005", "1.9.0", "1.9.5")
	_together(one, _range("EXC-2026-0006", "1.9.5", "1.9.9"), {}) == {"EXC-2026-0006:twice=EXC-2026-0005"}
	_together(one, _range("EXC-2026-0006", "1.9.6", "1.9.10"), {}) == set()
	_together(one, _range("EXC-2026-0006", "1.10.0", "1.10.5"), {}) == set()
}

_seen_as(version, keys) := {"decisions": [{
	"policy": "FAIR-001", "keys": keys,
	"subject": {"name": "m", "digest": "sha256:aa", "version": version, "to_stage": "production"},
}]}

test_range_and_digest_are_for_the_same_where_a_decision_shows_it if {
	one := _range("EXC-2026-0006", "1.2.0", "1.2.9")
	exact := object.union(_waiver, {"id": "EXC-2026-0005"})
	list := [exact, one]
	standings := {"standings": {"EXC-2026-0005": _standing, "EXC-2026-0006": object.union(_standing, _counted)}}
	_found(list, {}, standings) == set()
	_found(list, {}, object.union(standings, _seen_as("1.2.3", ["age=young"]))) == {"EXC-2026-0006:twice=EXC-2026-0005"}
	_found(list, {}, object.union(standings, _seen_as("1.3.0", ["age=young"]))) == set()
}

_decided_as(version, keys) := _found([_range("EXC-2026-0005", "1.2.0", "1.2.9")], _counted, _seen_as(version, keys))

test_dead_range if {
	_decided_as("1.2.3", []) == {"EXC-2026-0005:dead"}
	_decided_as("1.2.3", ["age=young"]) == set()
	every version in ["1.2.10", "1.1.9", "1.2.3-rc.1", "01.2.3", "1.2", ""] {
		_decided_as(version, []) == set()
	}
}

test_broad_range if {
	wide := object.union(_range("EXC-2026-0005", "1.2.0", "1.2.9"), {"findings": ["age=young", "sex=f"]})
	_found([wide], _counted, _seen_as("1.2.3", ["age=young"])) == {"EXC-2026-0005:broad"}
	_found([wide], _counted, _seen_as("1.3.3", ["age=young"])) == set()
}
