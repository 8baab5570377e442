# METADATA
# title: Emergency overrides, the one matcher
# description: >-
#   Which override is in force for this request, how each stands, and which still owes
#   its review. Constants come from the waiver bundle. An override lasts hours, never
#   hides what was found, and leaves a debt that no edit and no key lifts: the review.
package promotion.lib.overrides

import data.promotion.generated.catalog
import data.promotion.lib.approvals
import data.promotion.lib.evidence
import data.promotion.lib.tiers

# Longest life in hours, by tier of the request. One that asks for more is not in force.
max_hours := {"low": 72, "medium": 48, "high": 24}

# People, each in a role of their own, who must have approved.
quorum := 2

# Days from the first approval until the review must be signed and merged.
review_days := 7

_hour := 3600

_day := 86400

default told := false

# METADATA
# description: >-
#   Somebody has told which overrides there were. Without a waiver bundle nobody has, and
#   then nobody can say that none still owes its review.
told if {
	is_object(data.waivers.overrides)
	listed := [model | some model, all in data.waivers.overrides; is_array(all)]
	count(listed) == count(data.waivers.overrides)
}

# object.filter hides the type of the constants, as in lib/waivers.
_of(model) := [override |
	some listed in object.filter(data.waivers.overrides, [model])
	some override in listed
]

# METADATA
# description: Overrides of one policy in force for this request.
in_force(policy) := {override |
	all := _of(input.request.model.name)
	some override in all
	some named in override.policies
	named == policy
	catalog.policies[policy].overridable == true
	override.subject.name == input.request.model.name
	override.subject.digest == input.request.model.digest
	override.subject.to_stage == input.request.to_stage
	evidence.within(override.opened, override.expires)
	short_enough(override, tiers.effective)
	approved(override)
}

# METADATA
# description: When the review of an override is due, in seconds; null before anybody approved it.
review_by(override) := override.claimed_at + (review_days * _day) if is_number(override.claimed_at)

else := null

# METADATA
# description: The override does not outlast what the tier allows.
short_enough(override, tier) if override.expires - override.opened <= max_hours[tier] * _hour

# METADATA
# description: >-
#   Two people approve in roles of their own, neither the requester nor anybody who
#   touched the file, and nobody has revoked it.
approved(override) if {
	_sound(override)
	count(_revoked(override)) == 0
	matched(override) >= quorum
}

# METADATA
# description: How many of the needed roles have approved, by words that count now.
matched(override) := approvals.matched({{"identity": word.identity, "role": word.role} |
	some word in _approving(override)
	count({word.identity} & _barred(override)) == 0
})

_sound(override) if {
	is_string(override.requester)
	is_array(override.touched_by)
	is_array(override.approvals)
	read := [word |
		some word in override.approvals
		word.decision in {"approve", "review", "revoke"}
		is_number(word.approved_at)
		is_number(word.valid_until)
		is_number(_begins(word))
	]
	count(read) == count(override.approvals)
}

_barred(override) := {override.requester} | {who | some who in override.touched_by}

_begins(word) := word.approved_at if is_null(word.published_at)

_begins(word) := max([word.approved_at, word.published_at]) if is_number(word.published_at)

_approving(override) := [word |
	some word in override.approvals
	word.decision == "approve"
	evidence.within(_begins(word), word.valid_until)
]

# A revocation needs no merge and outlives its own end, as that of a waiver.
_revoked(override) := [word.approved_at |
	some word in override.approvals
	word.decision == "revoke"
	word.approved_at <= evidence.now
]

# METADATA
# description: >-
#   Overrides of a model whose review is overdue, by id with the time it was due. Each is
#   overdue until that is cleared: nobody has approved it yet, there is still time, or a
#   review that counts is merged.
overdue(model) := {override.id: review_by(override) |
	some override in _of(model)
	not _cleared(override)
}

default _cleared(_) := false

_cleared(override) if is_null(override.claimed_at)

_cleared(override) if review_by(override) > evidence.now

_cleared(override) if reviewed(override)

# METADATA
# description: >-
#   After the emergency somebody who neither asked for it, wrote it nor approved it has
#   signed the review, and that is merged.
reviewed(override) if {
	_sound(override)
	spoken := {word.identity | some word in override.approvals; word.decision == "approve"}
	some word in override.approvals
	word.decision == "review"
	is_number(word.published_at)
	word.published_at <= evidence.now
	word.approved_at >= min({override.expires} | {ended | some ended in _revoked(override)})
	count({word.identity} & (_barred(override) | spoken)) == 0
}

# METADATA
# description: >-
#   How each of these overrides stands, by id: what people are shown and governance judges.
standings(all) := {override.id: standing |
	some override in all
	standing := {
		"status": _status(override),
		"needed": quorum,
		"matched": _matched_or_none(override),
		"review_by": review_by(override),
		"tiers": [tier | some tier in ["low", "medium", "high"]; short_enough(override, tier)],
		"forbidden": sort([policy | some policy in override.policies; not _may_override(policy)]),
		"barred": sort({word.identity |
			some word in override.approvals
			word.decision in {"approve", "review"}
			word.identity in _barred_or_none(override)
		}),
	}
}

default _matched_or_none(_) := 0

_matched_or_none(override) := matched(override) if _sound(override)

default _barred_or_none(_) := set()

_barred_or_none(override) := _barred(override) if is_array(override.touched_by)

# Where nobody can tell who touched the file, who asks is barred all the same.
else := {override.requester} if {
	is_string(override.requester)
}

default _may_override(_) := false

_may_override(policy) if catalog.policies[policy].overridable == true

_status(override) := "reviewed" if reviewed(override)

else := "overdue" if {
	not _cleared(override)
}

else := "revoked" if {
	count(_revoked(override)) > 0
}

else := "expired" if {
	override.expires <= evidence.now
}

else := "in_force" if {
	evidence.within(override.opened, override.expires)
	short_enough(override, "low")
	approved(override)
}

else := "approved" if {
	approved(override)
}

else := "proposed"
