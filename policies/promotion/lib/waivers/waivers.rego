# METADATA
# title: Waivers, the one matcher
# description: >-
#   Which waivers are in force for this request, and which finding each one
#   covers. Nothing else in the product decides either. Constants come from the
#   waiver bundle; without one there are no waivers.
package promotion.lib.waivers

import data.promotion.lib.approvals
import data.promotion.lib.evidence

# Distinct roles that must have approved, by band of residual risk.
quorum := {"low": 1, "moderate": 2, "high": 3, "extreme": 4}

# METADATA
# description: >-
#   Band of a 5x5 score; computed here, never typed into a waiver. Off the scale
#   there is none.
band(likelihood, impact) := _bands[likelihood * impact] if {
	likelihood in {1, 2, 3, 4, 5}
	impact in {1, 2, 3, 4, 5}
}

_bands := {
	1: "low", 2: "low", 3: "low", 4: "low",
	5: "moderate", 6: "moderate", 8: "moderate", 9: "moderate",
	10: "high", 12: "high", 15: "high", 16: "high",
	20: "extreme", 25: "extreme",
}

# METADATA
# description: Waivers of one policy in force for this request.
in_force(policy) := {waiver |
	some waiver in _given[input.request.model.digest]
	waiver.policy == policy
	waiver.subject.name == input.request.model.name
	waiver.subject.to_stage == input.request.to_stage
	input.request.model.digest in waiver.subject.digests
	_within(waiver.opened, waiver.expires)
	approved(waiver)
}

# object.filter hides the type of the constants. Of an empty bundle, or of one without a single
# approval, OPA's type checker would know that nothing can be found, and refuse to compile.
_given := object.filter(data.waivers.by_digest, [input.request.model.digest])

# METADATA
# description: >-
#   Enough people speak in as many different roles, none of them the requester or
#   anybody who touched the file, and nobody whose word holds rejects it.
#   touched_by is null without Git history; then nobody can be cleared.
approved(waiver) if {
	is_string(waiver.requester)
	is_array(waiver.touched_by)
	barred := {waiver.requester} | {who | some who in waiver.touched_by}
	_all_dated(waiver.approvals)
	words := [word | some word in waiver.approvals; _within(word.approved_at, word.valid_until)]
	count([word | some word in words; word.decision == "approve"]) == count(words)
	speaking := {{"identity": word.identity, "role": word.role} | some word in words}
	cleared := {word | some word in speaking; count({word.identity} & barred) == 0}
	approvals.matched(cleared) >= quorum[band(waiver.risk.residual.likelihood, waiver.risk.residual.impact)]
}

# Times of another type than numbers would sort before or after every number.
_within(from, until) if {
	is_number(from)
	is_number(until)
	from <= evidence.now
	until > evidence.now
}

# A rejection whose times cannot be read must not be left out silently.
_all_dated(words) if {
	is_array(words)
	dated := [word | some word in words; is_number(word.approved_at); is_number(word.valid_until)]
	count(dated) == count(words)
}

# METADATA
# description: >-
#   A waiver without keys covers plain findings alone; evidence: and
#   insufficient: keys only when named. METADATA says which kinds may be waived.
covers(waiver, waivable, finding) if {
	finding.kind in waivable
	finding.kind == "fail"
	is_null(waiver.findings)
}

covers(waiver, waivable, finding) if {
	finding.kind in waivable
	finding.key in waiver.findings
}
