# METADATA
# scope: package
# title: What is wrong with the waivers
# description: >-
#   Governance of exceptions, before the merge and on every check. Its input is
#   composed by decide/waiver_checks: waivers as in their bundle, with file; how each
#   stands by lib/waivers; ended ones of the archive; the catalog; evidence that
#   exists; and, where decisions are given, what they found. Nothing of what a gate
#   decides is decided here again; how versions compare is lib/versions' to say.
# entrypoint: true
package checks.waivers

import data.promotion.lib.versions

# Open waivers, and the sum of their residual scores, that one owner, model or policy may have.
caps := {
	"model": {"open": 5, "score": 30},
	"owner": {"open": 10, "score": 60},
	"policy": {"open": 10, "score": 60},
}

# A waiver is renewed twice at most; then the finding is the rule, and the policy is to be changed.
most_renewals := 2

# Days after which the same exception is a new one and no renewal.
_apart := 90 * 86400

_parts := {"catalog", "decisions", "ended", "evidence", "now", "standings", "waivers"}

_over := {"expired", "rejected", "renewed", "revoked", "withdrawn"}

_open := [waiver |
	some waiver in input.waivers
	not input.standings[waiver.id].status in _over
]

# Ended ones first: where an id is used again, the open waiver is meant.
_known := object.union({waiver.id: waiver | some waiver in input.ended}, {waiver.id: waiver | some waiver in input.waivers})

_ids := object.keys(_known)

_ended := {waiver.id: waiver.file | some waiver in input.ended}

_judged := {id | some id, standing in input.standings; is_string(standing.status); is_number(standing.needed)}

# What two waivers must share to be about the same. Sorted, those that do lie together, from one
# start to the next, so that thousands stay linear: a partial rule with a set for each place, or
# a function that is handed the whole list, is quadratic.
_place(waiver) := [waiver.policy, waiver.subject.name, waiver.subject.to_stage]

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

_finding(waiver, key, message, remedy) := {
	"key": sprintf("%s:%s", [waiver.id, key]),
	"message": sprintf("%s: %s", [waiver.id, message]),
	"remedy": remedy,
	"file": waiver.file,
	"row": 0,
}

# Without a part its rules would find nothing, and that would read as clean.
findings contains finding if {
	some part in (_parts - object.keys(input))
	finding := _finding({"id": "input", "file": "policies/checks/waivers/waivers.rego"}, part, sprintf("%s is missing", [part]), "hand over the whole document")
}

findings contains finding if {
	some waiver in input.waivers
	not waiver.id in _judged
	finding := _finding(waiver, "standing", "nobody can say how it stands", "mend policy, risk or dates; it is not in force")
}

# --- time ---------------------------------------------------------------------

findings contains finding if {
	some waiver in _open
	count(input.standings[waiver.id].tiers) == 0
	finding := _finding(
		waiver, "expires",
		sprintf("%d days are too long for a policy of its severity in any tier", [ceil((waiver.expires - waiver.opened) / 86400)]),
		"ask for less time; lib/waivers says how much, and as it is it never holds",
	)
}

findings contains finding if {
	some waiver in _open
	waiver.remediation.due <= input.now
	finding := _finding(waiver, "remediation", "the remediation is overdue", "finish it and revoke the waiver, or ask for a renewal")
}

# --- approval -----------------------------------------------------------------

findings contains finding if {
	some waiver in _open
	standing := input.standings[waiver.id]
	standing.matched < standing.needed
	finding := _finding(
		waiver, "quorum",
		sprintf("%d of %d roles have approved its %s residual risk", [standing.matched, standing.needed, standing.band]),
		"have people in other roles sign: `hallgate waiver approve`",
	)
}

findings contains finding if {
	some waiver in _open
	some who in input.standings[waiver.id].barred
	finding := _finding(
		waiver, sprintf("barred=%s", [who]),
		sprintf("%s approves what they asked for or wrote", [who]),
		"have somebody else sign; this word does not count",
	)
}

findings contains finding if {
	some waiver in _open
	some who in input.standings[waiver.id].outdated
	finding := _finding(
		waiver, sprintf("outdated=%s", [who]),
		sprintf("%s approved it under another text of the rule of %s", [who, waiver.policy]),
		"read the rule as it is now, and sign again",
	)
}

findings contains finding if {
	some waiver in _open
	some who in input.standings[waiver.id].powerless
	finding := _finding(
		waiver, sprintf("powerless=%s", [who]),
		sprintf("%s withdraws it, and neither asked for it nor owns it", [who]),
		"have the requester or the owner withdraw, or a role that approves revoke",
	)
}

findings contains finding if {
	some waiver in input.waivers
	file := _ended[waiver.id]
	finding := _finding(waiver, "id", sprintf("the id is that of %s", [file]), "take the next free number")
}

# --- scope --------------------------------------------------------------------

findings contains finding if {
	some waiver in _open
	policy := input.catalog[waiver.policy]
	count(policy.waivable) == 0
	finding := _finding(
		waiver, "policy",
		sprintf("%s cannot be waived: %s", [waiver.policy, policy.why_not]),
		"mend what it finds; no approval changes that",
	)
}

findings contains finding if {
	some waiver in _open
	policy := input.catalog[waiver.policy]
	count(policy.waivable) > 0
	some key in _keys(waiver)
	not _kind(key) in policy.waivable
	finding := _finding(
		waiver, sprintf("finding=%s", [key]),
		sprintf("%s is of the kind %s, which %s does not let anybody waive", [key, _kind(key), waiver.policy]),
		sprintf("METADATA allows %s", [concat(", ", policy.waivable)]),
	)
}

findings contains finding if {
	some waiver in _open
	some key in _named(waiver)
	regex.match(`[*?]`, key)
	finding := _finding(
		waiver, sprintf("pattern=%s", [key]), sprintf("%s looks like a pattern, and none is read", [key]),
		"name each finding by its whole key, as `hallgate decide` shows it",
	)
}

_named(waiver) := waiver.findings if is_array(waiver.findings)

else := []

# Null reaches plain findings.
_keys(waiver) := ["any finding"] if is_null(waiver.findings)

else := waiver.findings

_kind(key) := "evidence" if startswith(key, "evidence:")

else := "insufficient" if {
	startswith(key, "insufficient:")
}

else := "fail"

# --- a range of versions ---------------------------------------------------------
# It reaches builds that nobody has seen yet, so more care is asked for than for a digest:
# few versions, findings by name, something done instead, and no grave risk.

_ranged := {waiver.id: range | some waiver in _open; range := input.standings[waiver.id].versions; is_object(range)}

findings contains finding if {
	some waiver in _open
	is_null(_ranged[waiver.id].named)
	finding := _finding(
		waiver, "versions", "its bounds are not PATCH releases of one MAJOR.MINOR, the lower first",
		"write `versions: {from: 1.2.0, to: 1.2.4}`; both are included, and as it is it never holds",
	)
}

findings contains finding if {
	some waiver in _open
	range := _ranged[waiver.id]
	range.named > range.most
	finding := _finding(
		waiver, "versions", sprintf("it names %d versions, where the severity of %s allows %d", [range.named, waiver.policy, range.most]),
		"name fewer, or exact digests; as it is it never holds",
	)
}

findings contains finding if {
	some waiver in _open
	is_object(_ranged[waiver.id])
	is_null(waiver.findings)
	finding := _finding(
		waiver, "unnamed", "it names a range of versions and no findings, and so waives what nobody has seen of builds nobody has made",
		"name each finding by its whole key, or exact digests",
	)
}

findings contains finding if {
	some waiver in _open
	is_object(_ranged[waiver.id])
	band := input.standings[waiver.id].band
	band in _grave
	finding := _finding(
		waiver, "ranged", sprintf("its residual risk is %s, too much for builds nobody has seen", [band]),
		"name exact digests, or lower the risk by controls",
	)
}

# --- risk ---------------------------------------------------------------------

_grave := {"high", "extreme"}

# Why something must be done instead.
_delicate(waiver) := sprintf("its residual risk is %s", [input.standings[waiver.id].band]) if input.standings[waiver.id].band in _grave

else := "it names a range of versions" if {
	is_object(_ranged[waiver.id])
}

findings contains finding if {
	some waiver in _open
	why := _delicate(waiver)
	count(waiver.compensating_controls) == 0
	finding := _finding(
		waiver, "controls", sprintf("%s, and nothing is done instead", [why]),
		"name compensating controls, and where each can be seen",
	)
}

findings contains finding if {
	some waiver in _open
	is_string(_delicate(waiver))
	some control in waiver.compensating_controls
	not control.evidence in input.evidence
	finding := _finding(
		waiver, sprintf("evidence=%s", [control.evidence]),
		sprintf("there is no %s to show that it is done: %s", [control.evidence, control.control]),
		"name a file of this repository, or a digest sha256:…",
	)
}

findings contains finding if {
	some waiver in _open
	risk := waiver.risk
	risk.residual.likelihood * risk.residual.impact > risk.inherent.likelihood * risk.inherent.impact
	finding := _finding(waiver, "risk", "more risk is left than there was", "mend the scores; frameworks/risk-scale.yaml says what they mean")
}

# Sorted, one group lies together, and its window of one more than allowed says enough.
_sorted := {about: sort([[_of(waiver, about), waiver.id] | some waiver in _open]) | some about in object.keys(caps)}

findings contains finding if {
	some about, cap in caps
	some n, [name, _] in _sorted[about]
	count([1 | some [before, _] in array.slice(_sorted[about], n - 1, n); before == name]) == 0
	ids := [id | some [other, id] in array.slice(_sorted[about], n, (n + cap.open) + 1); other == name]
	some complaint in _too_much(ids, cap)
	finding := _finding(
		_known[ids[count(ids) - 1]], sprintf("%s=%s", [about, name]), sprintf("the %s %s has %s", [about, name, complaint]),
		"end another waiver first; many exceptions are a policy nobody keeps",
	)
}

_of(waiver, "model") := waiver.subject.name

_of(waiver, "owner") := waiver.owner

_of(waiver, "policy") := waiver.policy

_too_much(ids, cap) := {complaint |
	count(ids) > cap.open
	complaint := sprintf("more than %d open waivers", [cap.open])
} | {complaint |
	score := sum([input.standings[id].score | some id in ids])
	score > cap.score
	complaint := sprintf("residual scores of %d in open waivers, where %d are allowed", [score, cap.score])
}

# --- two at once, and one after the other ----------------------------------------

findings contains finding if {
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

findings contains finding if {
	some waiver in _open
	is_string(waiver.renews)
	not waiver.renews in _ids
	finding := _finding(waiver, "renews", sprintf("there is no %s to renew", [waiver.renews]), "name the waiver it follows, or null")
}

findings contains finding if {
	some waiver in _open
	before := _known[waiver.renews]
	[before.policy, before.subject.name] != [waiver.policy, waiver.subject.name]
	finding := _finding(
		waiver, "renews", sprintf("%s is about another policy or model", [waiver.renews]),
		"a renewal is about the same policy and model; else renews is null",
	)
}

findings contains finding if {
	some waiver in _open
	renewals := count(_line(waiver) & _ids)
	renewals > most_renewals
	finding := _finding(
		waiver, "renewals", sprintf("it is renewed %d times, where %d are allowed", [renewals, most_renewals]),
		"mend the finding, or have the policy changed in the open",
	)
}

findings contains finding if {
	some waiver in _open
	waiver.id in _line(waiver)
	finding := _finding(waiver, "ring", "it renews itself in the end", "mend renews")
}

findings contains finding if {
	some waiver in _open
	before := _known[waiver.renews]
	before.reason == waiver.reason
	finding := _finding(
		waiver, "reason", sprintf("its reason is word for word that of %s", [waiver.renews]),
		"say what changed since, and why the remediation was not done",
	)
}

findings contains finding if {
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

# --- against what was found --------------------------------------------------------

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

findings contains finding if {
	some waiver in _open
	decided := _decided(waiver)
	count(decided) > 0
	count([key | some one in decided; some key in one.keys]) == 0
	finding := _finding(
		waiver, "dead", sprintf("%s finds nothing in what it waives", [waiver.policy]),
		"revoke it; it would cover a finding nobody has seen",
	)
}

findings contains finding if {
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

findings contains finding if {
	some waiver in _open
	is_null(waiver.findings)
	seen := {key | some one in _decided(waiver); some key in one.keys}
	count(seen) > 0
	finding := _finding(
		waiver, "broad", "it names no findings, and so waives those nobody has seen yet",
		sprintf("name them: %s", [concat(", ", sort(seen))]),
	)
}
