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

_place(waiver) := [waiver.policy, waiver.subject.name, waiver.subject.to_stage]

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

# A file each, named here: without one of them nothing compiles, and that is no answer.
findings contains finding if {
	some found in [_of_scope, _of_ranges, _of_risk, _of_succession, _of_decisions]
	some finding in found
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
