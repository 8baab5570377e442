# Two waivers at once, and one after the other.
package checks.waivers

import data.promotion.lib.versions

# A waiver is renewed twice at most; then the finding is the rule, and the policy is to be changed.
most_renewals := 2

# Days after which the same exception is a new one and no renewal.
_apart := 90 * 86400

# What two waivers must share to be about the same. Sorted, those that do lie together, from one
# start to the next, so that thousands stay linear: a partial rule with a set for each place, or
# a function that is handed the whole list, is quadratic.
_open_sorted := sort([[_place(waiver), waiver.id] | some waiver in _open])

_open_starts := [n |
	some n, [place, _] in _open_sorted
	count([1 | some [before, _] in array.slice(_open_sorted, n - 1, n); before == place]) == 0
]

_open_ends := array.concat(array.slice(_open_starts, 1, count(_open_starts)), [count(_open_sorted)])

_open_at := {place: ids |
	some k, start in _open_starts
	place := _open_sorted[start][0]
	ids := {id | some [_, id] in array.slice(_open_sorted, start, _open_ends[k])}
}

_known_sorted := sort([[_place(waiver), id] | some id, waiver in _known])

_known_starts := [n |
	some n, [place, _] in _known_sorted
	count([1 | some [before, _] in array.slice(_known_sorted, n - 1, n); before == place]) == 0
]

_known_ends := array.concat(array.slice(_known_starts, 1, count(_known_starts)), [count(_known_sorted)])

_known_at := {place: ids |
	some k, start in _known_starts
	place := _known_sorted[start][0]
	ids := {id | some [_, id] in array.slice(_known_sorted, start, _known_ends[k])}
}

_of_succession contains finding if {
	some second in _open
	some id in _open_at[_place(second)]
	id < second.id
	first := _known[id]
	_share_an_artifact(first, second)
	_overlap(first, second)
	not first.id in _line(second)
	finding := _finding(
		second, sprintf("twice=%s", [first.id]), sprintf("it waives what %s waives", [first.id]),
		"keep one of them; who revokes one would believe it gone",
	)
}

_share_an_artifact(first, second) if {
	shared := {digest | some digest in first.subject.digests; digest in second.subject.digests}
	count(shared) > 0
}

_share_an_artifact(first, second) if versions.overlap(first.subject.versions, second.subject.versions)

# Which version a digest has, only decisions tell.
_share_an_artifact(first, second) if {
	some one in _decided(first)
	_reaches(second, one.subject)
}

_overlap(first, _) if is_null(first.findings)

_overlap(_, second) if is_null(second.findings)

_overlap(first, second) if {
	some key in first.findings
	key in second.findings
}

# Waivers that one renews, the nearest first; a ring would never end, so it is cut.
_line(waiver) := graph.reachable(_renewals, {waiver.renews}) if is_string(waiver.renews)

else := set()

_renewals := {id: [next | next := waiver.renews; is_string(next)] | some id, waiver in _known}

_of_succession contains finding if {
	some waiver in _open
	is_string(waiver.renews)
	not waiver.renews in _ids
	finding := _finding(waiver, "renews", sprintf("there is no %s to renew", [waiver.renews]), "name the waiver it follows, or null")
}

_of_succession contains finding if {
	some waiver in _open
	before := _known[waiver.renews]
	[before.policy, before.subject.name] != [waiver.policy, waiver.subject.name]
	finding := _finding(
		waiver, "renews", sprintf("%s is about another policy or model", [waiver.renews]),
		"a renewal is about the same policy and model; else renews is null",
	)
}

_of_succession contains finding if {
	some waiver in _open
	renewals := count(_line(waiver) & _ids)
	renewals > most_renewals
	finding := _finding(
		waiver, "renewals", sprintf("it is renewed %d times, where %d are allowed", [renewals, most_renewals]),
		"mend the finding, or have the policy changed in the open",
	)
}

_of_succession contains finding if {
	some waiver in _open
	waiver.id in _line(waiver)
	finding := _finding(waiver, "ring", "it renews itself in the end", "mend renews")
}

_of_succession contains finding if {
	some waiver in _open
	before := _known[waiver.renews]
	before.reason == waiver.reason
	finding := _finding(
		waiver, "reason", sprintf("its reason is word for word that of %s", [waiver.renews]),
		"say what changed since, and why the remediation was not done",
	)
}

_of_succession contains finding if {
	some waiver in _open
	some id in _known_at[_place(waiver)]
	id != waiver.id
	before := _known[id]
	before.expires <= waiver.opened
	before.expires + _apart > waiver.opened
	_overlap(before, waiver)
	not id in _line(waiver)
	finding := _finding(
		waiver, sprintf("follows=%s", [id]), sprintf("it follows %s without saying so", [id]),
		sprintf("write `renews: %s`; a renewal is a review of its own", [id]),
	)
}
