# Waivers against what was found, where decisions are given.
package checks.waivers

import data.promotion.lib.versions

# Newest findings of each policy about each subject, where decisions are given.
_decision_sorted := sort([[_place(one), n] | some n, one in input.decisions])

_decision_starts := [n |
	some n, [place, _] in _decision_sorted
	count([1 | some [before, _] in array.slice(_decision_sorted, n - 1, n); before == place]) == 0
]

_decision_ends := array.concat(array.slice(_decision_starts, 1, count(_decision_starts)), [count(_decision_sorted)])

_decisions := {place: about |
	some k, start in _decision_starts
	place := _decision_sorted[start][0]
	about := {input.decisions[n] | some [_, n] in array.slice(_decision_sorted, start, _decision_ends[k])}
}

_decided(waiver) := [one | some one in _decisions[_place(waiver)]; _reaches(waiver, one.subject)]

_reaches(waiver, subject) if subject.digest in waiver.subject.digests

_reaches(waiver, subject) if versions.holds(waiver.subject.versions, subject.version)

_of_decisions contains finding if {
	some waiver in _open
	decided := _decided(waiver)
	count(decided) > 0
	count([key | some one in decided; some key in one.keys]) == 0
	finding := _finding(
		waiver, "dead", sprintf("%s finds nothing in what it waives", [waiver.policy]),
		"revoke it; it would cover a finding nobody has seen",
	)
}

_of_decisions contains finding if {
	some waiver in _open
	seen := {key | some one in _decided(waiver); some key in one.keys}
	count(seen) > 0
	idle := {key | some key in _named(waiver)} - seen
	count(idle) > 0
	finding := _finding(
		waiver, "broad", sprintf("it waives more than was found: %s", [concat(", ", sort(idle))]),
		"leave out keys that no decision shows",
	)
}

_of_decisions contains finding if {
	some waiver in _open
	is_null(waiver.findings)
	seen := {key | some one in _decided(waiver); some key in one.keys}
	count(seen) > 0
	finding := _finding(
		waiver, "broad", "it names no findings, and so waives those nobody has seen yet",
		sprintf("name them: %s", [concat(", ", sort(seen))]),
	)
}
