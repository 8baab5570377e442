package promotion.lib.plans_test

import data.promotion.lib.plans

_document(changes) := {"at": "p.json#0", "kind": "terraform_plan", "content": {"resource_changes": changes}}

_change := {
	"address": "a.b", "type": "a", "mode": "managed",
	"change": {"actions": ["create"], "after": {"x": 1}, "after_unknown": {"y": true}},
}

_with(change) := _document([object.union(_change, change)])

test_resources_as_they_will_be if {
	plans.resources([_document([_change])]) == [{
		"document": _document([_change]), "path": ["resource_changes", 0],
		"address": "a.b", "type": "a", "after": {"x": 1}, "unknown": {"y": true},
	}]
	count(plans.resources([_document([_change, _change])])) == 2
}

test_what_will_not_be_is_left_out if {
	every change in [{"mode": "data"}, {"mode": null}, {"change": {"actions": ["delete"]}}, {"change": {"actions": ["forget"]}}] {
		plans.resources([_with(change)]) == []
	}
	every actions in [["update"], ["no-op"], ["delete", "create"], [], null] {
		count(plans.resources([_with({"change": {"actions": actions}})])) == 1
	}
}

test_what_a_plan_leaves_out if {
	[one] := plans.resources([_document([{"type": "a", "mode": "managed", "change": null}])])
	[one.address, one.after, one.unknown] == ["?", {}, {}]
	every odd in [null, 5, "x", []] {
		[other] := plans.resources([_with({"address": odd, "change": {"after": odd, "after_unknown": odd}})])
		[other.after, other.unknown] == [{}, {}]
	}
	[text] := plans.resources([_with({"address": 5})])
	text.address == "?"
}

_silent(document) := {[document, ["resource_changes"], "names no resource"]}

test_plans_that_name_nothing if {
	every changes in [[], null, {}, "x", {"a": _change}] {
		document := _document(changes)
		_silent(document) & plans.opaque([document]) == _silent(document)
	}
	plans.opaque([_document([_change])]) == set()
	plans.opaque([_with({"mode": "data"})]) == set()
}

test_entries_that_do_not_say_what_they_are if {
	every change in [{"type": null}, {"mode": "other"}, {"change": null}, {"change": {"actions": null}}] {
		document := _with(change)
		plans.opaque([document]) == {[document, ["resource_changes", 0], "does not say what it is"]}
	}
}

test_what_is_known_later if {
	plans.later({"unknown": {"x": true}}, "x")
	plans.later({"unknown": {"x": [{"y": true}]}}, "x")
	plans.later({"unknown": {"x": null}}, "x")
	not plans.later({"unknown": {"x": false}}, "x")
	not plans.later({"unknown": {"x": true}}, "y")
}
