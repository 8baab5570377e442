# A range of versions reaches builds that nobody has seen yet, so more care is asked for than for a digest:
# few versions, findings by name, something done instead, and no grave risk.
package checks.waivers

_ranged := {waiver.id: range | some waiver in _open; range := input.standings[waiver.id].versions; is_object(range)}

_of_ranges contains finding if {
	some waiver in _open
	is_null(_ranged[waiver.id].named)
	finding := _finding(
		waiver, "versions", "its bounds are not PATCH releases of one MAJOR.MINOR, the lower first",
		"write `versions: {from: 1.2.0, to: 1.2.4}`; both are included, and as it is it never holds",
	)
}

_of_ranges contains finding if {
	some waiver in _open
	range := _ranged[waiver.id]
	range.named > range.most
	finding := _finding(
		waiver, "versions", sprintf("it names %d versions, where the severity of %s allows %d", [range.named, waiver.policy, range.most]),
		"name fewer, or exact digests; as it is it never holds",
	)
}

_of_ranges contains finding if {
	some waiver in _open
	is_object(_ranged[waiver.id])
	is_null(waiver.findings)
	finding := _finding(
		waiver, "unnamed", "it names a range of versions and no findings, and so waives what nobody has seen of builds nobody has made",
		"name each finding by its whole key, or exact digests",
	)
}

_of_ranges contains finding if {
	some waiver in _open
	is_object(_ranged[waiver.id])
	band := input.standings[waiver.id].band
	band in _grave
	finding := _finding(
		waiver, "ranged", sprintf("its residual risk is %s, too much for builds nobody has seen", [band]),
		"name exact digests, or lower the risk by controls",
	)
}
