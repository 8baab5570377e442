# METADATA
# title: Waivers, the one matcher
# description: >-
#   Which waivers are in force for this request, which finding each one covers,
#   and how each stands. Nothing else in the product decides any of it. Constants
#   come from the waiver bundle; without one there are no waivers.
package promotion.lib.waivers

import data.promotion.generated.catalog
import data.promotion.lib.approvals
import data.promotion.lib.evidence
import data.promotion.lib.numbers
import data.promotion.lib.tiers
import data.promotion.lib.versions

# Distinct roles that must have approved, by band of residual risk.
quorum := {"low": 1, "moderate": 2, "high": 3, "extreme": 4}

# Longest life in days, by severity of the policy and tier of the request. One that asks for
# more is not in force.
max_days := {
	"critical": {"low": 90, "medium": 75, "high": 60},
	"high": {"low": 180, "medium": 120, "high": 90},
	"medium": {"low": 365, "medium": 270, "high": 180},
}

# Most versions that a range may name, by severity of the policy. A wider one is not in force.
max_versions := {"critical": 5, "high": 10, "medium": 20}

# Days before its end from which a waiver in force is called expiring.
_notice_days := 30

_day := 86400

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

# A policy that was given another id keeps its waivers: METADATA names the ids it had.
_current(name) := name if is_object(catalog.policies[name])

else := id if {
	some id, policy in catalog.policies
	some alias in policy.aliases
	alias == name
}

# METADATA
# description: Waivers of one policy in force for this request.
in_force(policy) := {waiver |
	some waiver in _given
	_current(waiver.policy) == policy
	waiver.subject.name == input.request.model.name
	waiver.subject.to_stage == input.request.to_stage
	narrow_enough(waiver)
	_reaches(waiver)
	evidence.within(waiver.opened, waiver.expires)
	short_enough(waiver, tiers.effective)
	approved(waiver)
}

# METADATA
# description: The waiver does not outlast what severity and tier allow.
short_enough(waiver, tier) if {
	policy := _current(waiver.policy)
	longest := max_days[catalog.policies[policy].severity][tier]
	waiver.expires - waiver.opened <= longest * _day
}

# METADATA
# description: >-
#   The waiver names exact digests, or else a range of no more versions than the severity
#   of its policy allows.
narrow_enough(waiver) if _scope(waiver) == {"digests"}

narrow_enough(waiver) if {
	_scope(waiver) == {"versions"}
	versions.named(waiver.subject.versions) <= _most_versions(waiver)
}

_most_versions(waiver) := max_versions[catalog.policies[policy].severity] if policy := _current(waiver.policy)

# What says both is not understood, and reaches nothing.
_scope(waiver) := {name |
	some name in {"digests", "versions"}
	waiver.subject[name]
}

_reaches(waiver) if input.request.model.digest in waiver.subject.digests

_reaches(waiver) if versions.holds(waiver.subject.versions, versions.signed)

# METADATA
# description: >-
#   Waivers of any policy in force for this request whose remedy is overdue, as findings. A
#   day that is no number has not been shown to lie ahead.
overdue := {finding |
	some waiver in _given
	some held in in_force(waiver.policy)
	held.id == waiver.id
	finding := _late(waiver)
}

_late(waiver) := {"key": waiver.id, "message": concat(" ", [_called(waiver), words]), "observed": days, "limit": 0} if {
	is_number(waiver.remediation.due)
	waiver.remediation.due < evidence.now
	days := numbers.days_between(waiver.remediation.due, evidence.now)
	words := sprintf("was to be mended %d days ago", [days])
}

_late(waiver) := {"key": waiver.id, "message": concat(" ", [_called(waiver), words]), "observed": null, "limit": null} if {
	words := "names no day by which it is mended"
	not _has_day(waiver)
}

_has_day(waiver) if is_number(waiver.remediation.due)

_called(waiver) := sprintf("%s of %s, owner %s,", [waiver.id, waiver.policy, waiver.owner])

# What may be about this model: by its digest, and ranges by its name. object.filter hides the
# type of the constants. Of an empty bundle, or of one without a single approval, OPA's type
# checker would know that nothing can be found, and refuse to compile.
_given contains waiver if {
	digest := input.request.model.digest
	some waiver in object.filter(data.waivers.by_digest, [digest])[digest]
}

_given contains waiver if {
	name := input.request.model.name
	some waiver in object.filter(data.waivers.by_model, [name])[name]
}

# METADATA
# description: >-
#   Enough people speak in as many different roles, none of them the requester or
#   anybody who touched the file; nobody whose word holds rejects it, and nobody has
#   ended it. touched_by is null without Git history; then nobody can be cleared.
approved(waiver) if {
	_sound(waiver)
	count(_ending(waiver)) == 0
	count(_rejecting(waiver)) == 0
	matched(waiver) >= quorum[band(waiver.risk.residual.likelihood, waiver.risk.residual.impact)]
}

# METADATA
# description: How many of the needed roles have approved, by words that count now.
matched(waiver) := approvals.matched({{"identity": word.identity, "role": word.role} |
	some word in _approving(waiver)
	count({word.identity} & _barred(waiver)) == 0
})

# A word whose times or meaning cannot be read must not be left out silently.
_sound(waiver) if {
	is_string(waiver.requester)
	is_array(waiver.touched_by)
	is_array(waiver.approvals)
	read := [word |
		some word in waiver.approvals
		word.decision in {"approve", "reject", "revoke", "withdraw"}
		is_number(word.approved_at)
		is_number(word.valid_until)
		is_number(_begins(word))
	]
	count(read) == count(waiver.approvals)
}

_barred(waiver) := {waiver.requester} | {who | some who in waiver.touched_by}

# Null where nothing tells when the word was merged; then no history clears anybody either.
_begins(word) := word.approved_at if is_null(word.published_at)

_begins(word) := max([word.approved_at, word.published_at]) if is_number(word.published_at)

# An approval holds from the merge on, and only for the rule its signer read.
_approving(waiver) := [word |
	policy := _current(waiver.policy)
	some word in waiver.approvals
	word.decision == "approve"
	word.rule_digest == catalog.policies[policy].rule_digest
	evidence.within(_begins(word), word.valid_until)
]

# Words against a waiver need no merge: they hold from the moment they are signed.
_rejecting(waiver) := [word |
	some word in waiver.approvals
	word.decision == "reject"
	evidence.within(word.approved_at, word.valid_until)
	count([later |
		some later in _approving(waiver)
		later.identity == word.identity
		later.approved_at > word.approved_at
	]) == 0
]

# Nothing brings back what was revoked or withdrawn, not even the end of the word.
_ending(waiver) := {word.decision |
	some word in waiver.approvals
	word.approved_at <= evidence.now
	_may_end(waiver, word)
}

_may_end(_, word) if word.decision == "revoke"

_may_end(waiver, word) if {
	word.decision == "withdraw"
	word.identity in {waiver.requester, waiver.owner}
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

# METADATA
# description: >-
#   How each of these waivers stands, by id: what people are shown and governance
#   judges. tiers are those of requests in which it is short enough; versions says how
#   many a range names (null: none that could be counted) and may name; barred and
#   outdated are approvers whose words do not count, powerless who withdrew but may not.
standings(all) := {waiver.id: standing |
	renewed := {waiver.renews | some waiver in all; approved(waiver)}
	some waiver in all
	risk := band(waiver.risk.residual.likelihood, waiver.risk.residual.impact)
	standing := {
		"status": _status(waiver, renewed),
		"band": risk,
		"score": waiver.risk.residual.likelihood * waiver.risk.residual.impact,
		"needed": quorum[risk],
		"matched": _matched_or_none(waiver),
		"tiers": [tier | some tier in ["low", "medium", "high"]; short_enough(waiver, tier)],
		"versions": _versions(waiver),
		"barred": sort({word.identity | some word in _said(waiver, "approve"); word.identity in _barred_or_none(waiver)}),
		"outdated": sort({word.identity | some word in _said(waiver, "approve"); _outdated(waiver, word)}),
		"powerless": sort({word.identity | some word in _said(waiver, "withdraw"); count({word.identity} & {waiver.requester, waiver.owner}) == 0}),
	}
}

# Null where no range counts: exact digests, or a policy that is gone.
_versions(waiver) := {"named": _named_or_none(waiver), "most": _most_versions(waiver)} if "versions" in _scope(waiver)

else := null

default _named_or_none(_) := null

_named_or_none(waiver) := versions.named(waiver.subject.versions)

_said(waiver, decision) := [word | some word in waiver.approvals; word.decision == decision]

default _matched_or_none(_) := 0

_matched_or_none(waiver) := matched(waiver) if _sound(waiver)

default _barred_or_none(_) := set()

_barred_or_none(waiver) := _barred(waiver) if is_array(waiver.touched_by)

# Where nobody can tell who touched the file, who asks is barred all the same.
else := {waiver.requester} if {
	is_string(waiver.requester)
}

_outdated(waiver, word) if {
	policy := _current(waiver.policy)
	word.rule_digest != catalog.policies[policy].rule_digest
}

_status(waiver, renewed) := "withdrawn" if "withdraw" in _ending(waiver)

else := "revoked" if {
	"revoke" in _ending(waiver)
}

else := "renewed" if {
	waiver.id in renewed
}

else := "expired" if {
	waiver.expires <= evidence.now
}

else := "rejected" if {
	count(_rejecting(waiver)) > 0
}

else := "expiring" if {
	_holds(waiver)
	waiver.expires <= evidence.now + (_notice_days * _day)
}

else := "in_force" if {
	_holds(waiver)
}

else := "approved" if {
	approved(waiver)
}

else := "proposed"

# In force for the requests of some tier at least.
_holds(waiver) if {
	evidence.within(waiver.opened, waiver.expires)
	short_enough(waiver, "low")
	narrow_enough(waiver)
	approved(waiver)
}
