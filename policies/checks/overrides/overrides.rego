# METADATA
# scope: package
# title: What is wrong with the emergency overrides
# description: >-
#   Governance of emergencies, before the merge and on every check. Its input is composed
#   by decide/override_checks: overrides as in their bundle, with file; how each stands by
#   lib/overrides; the policies there are. What a gate decides is not decided here again.
# entrypoint: true
package checks.overrides

# Emergencies of one model within so many days; one more is no emergency but how it is run.
most := 2

_apart := 90 * 86400

_parts := {"catalog", "now", "overrides", "standings"}

_over := {"expired", "overdue", "reviewed", "revoked"}

_open := [override |
	some override in input.overrides
	not input.standings[override.id].status in _over
]

_finding(override, key, message, remedy) := {
	"key": sprintf("%s:%s", [override.id, key]),
	"message": sprintf("%s: %s", [override.id, message]),
	"remedy": remedy,
	"file": override.file,
	"row": 0,
}

# Without a part its rules would find nothing, and that would read as clean.
findings contains finding if {
	some part in (_parts - object.keys(input))
	finding := _finding({"id": "input", "file": "policies/checks/overrides/overrides.rego"}, part, sprintf("%s is missing", [part]), "hand over the whole document")
}

findings contains finding if {
	some override in input.overrides
	not override.id in _judged
	finding := _finding(override, "standing", "nobody can say how it stands", "mend its dates; it is not in force")
}

_judged := {id | some id, standing in input.standings; is_string(standing.status); is_number(standing.needed)}

findings contains finding if {
	some override in _open
	count(input.standings[override.id].tiers) == 0
	finding := _finding(
		override, "expires",
		sprintf("%d hours are too long in any tier", [ceil((override.expires - override.opened) / 3600)]),
		"an emergency lasts hours; lib/overrides says how many. For longer ask for a waiver",
	)
}

findings contains finding if {
	some override in _open
	standing := input.standings[override.id]
	standing.matched < standing.needed
	finding := _finding(
		override, "quorum", sprintf("%d of %d roles have approved", [standing.matched, standing.needed]),
		"have people in two roles sign: `hallgate override approve`",
	)
}

findings contains finding if {
	some override in _open
	some who in input.standings[override.id].barred
	finding := _finding(
		override, sprintf("barred=%s", [who]), sprintf("%s approves what they asked for or wrote", [who]),
		"have somebody else sign; this word does not count",
	)
}

findings contains finding if {
	some override in _open
	some policy in input.standings[override.id].forbidden
	policy in input.catalog
	finding := _finding(
		override, sprintf("policy=%s", [policy]), sprintf("%s cannot be overridden", [policy]),
		"mend what it finds; no emergency changes that",
	)
}

findings contains finding if {
	some override in _open
	some policy in override.policies
	not policy in input.catalog
	finding := _finding(override, sprintf("policy=%s", [policy]), sprintf("there is no policy %s", [policy]), "name policies of the catalog")
}

findings contains finding if {
	some override in input.overrides
	input.standings[override.id].status == "overdue"
	finding := _finding(
		override, "review", sprintf("its review is overdue; promotions of %s are denied", [override.subject.name]),
		"hold the review, and have somebody without a part in it sign: `hallgate override review`",
	)
}

findings contains finding if {
	some override in _open
	recent := [other.id |
		some other in input.overrides
		other.subject.name == override.subject.name
		is_number(other.claimed_at)
		other.opened > override.opened - _apart
		other.id != override.id
	]
	count(recent) >= most
	finding := _finding(
		override, "again", sprintf("%s has had %d emergencies in 90 days", [override.subject.name, count(recent)]),
		"what recurs is no emergency: take the model back, or ask for a waiver in the open",
	)
}
