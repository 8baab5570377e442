# METADATA
# title: Waivers, the one matcher
# description: >-
#   Which waivers are in force for this request, and which finding each one
#   covers. Nothing else in the product decides either. Constants come from the
#   waiver bundle; without one there are no waivers.
package promotion.lib.waivers

import data.promotion.lib.evidence

# Distinct roles that must have approved, by band of residual risk.
quorum := {"low": 1, "moderate": 2, "high": 3, "extreme": 4}

# METADATA
# description: Band of a 5x5 score; computed here, never typed into a waiver.
band(likelihood, impact) := "extreme" if likelihood * impact >= 20

else := "high" if likelihood * impact >= 10

else := "moderate" if likelihood * impact >= 5

else := "low" if likelihood * impact >= 1

# METADATA
# description: Waivers of one policy in force for this request.
in_force(policy) := {waiver |
	some waiver in data.waivers.by_digest[input.request.model.digest]
	waiver.policy == policy
	waiver.subject.name == input.request.model.name
	waiver.subject.to_stage == input.request.to_stage
	input.request.model.digest in waiver.subject.digests
	waiver.opened <= evidence.now
	waiver.expires > evidence.now
	approved(waiver)
}

# METADATA
# description: >-
#   Enough distinct people in enough distinct roles approve, none of them the
#   requester or anybody who touched the file. touched_by is null without Git
#   history; then nobody can be cleared.
approved(waiver) if {
	is_array(waiver.touched_by)
	barred := {waiver.requester} | {who | some who in waiver.touched_by}
	words := [word | some word in waiver.approvals; word.approved_at <= evidence.now; word.valid_until > evidence.now]
	every word in words {
		word.decision == "approve"
	}
	people := {word.identity | some word in words} - barred
	roles := {word.role | some word in words; word.identity in people}
	needed := quorum[band(waiver.risk.residual.likelihood, waiver.risk.residual.impact)]
	count(people) >= needed
	count(roles) >= needed
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
