# METADATA
# title: The decision
# description: >-
#   Gives every catalogued policy exactly one outcome and says whether the
#   promotion is allowed. Anything that is not a complete, positive answer
#   blocks. Time is OPA's clock; promotion.replay brings another.
# entrypoint: true
package promotion.main

import data.promotion.generated.catalog
import data.promotion.generated.schemas
import data.promotion.lib.evidence
import data.promotion.lib.overrides
import data.promotion.lib.tiers
import data.promotion.lib.waivers

_cap := 50

# Named positively: any other outcome, and none at all, blocks.
_permitting := {"pending", "not_applicable", "overridden", "waived", "pass"}

default allowed := false

allowed if {
	_complete
	every v in verdicts {
		v.outcome in _permitting
	}
}

default _complete := false

# A clock from before all policies makes every one pending; nothing was judged then.
_complete if {
	_input_sound
	count(catalog.policies) > 0
	count(verdicts) == count(catalog.policies)
	some v in verdicts
	_judged(v)
}

_judged(v) if v.outcome != "pending"

_judged(v) if is_object(v.observed)

default _input_sound := false

_input_sound if {
	_request_sound
	evidence.sound
	_trust_sound
	is_array(input.quarantined)
}

default _request_sound := false

_request_sound if {
	is_object(input.request)
	json.match_schema(input.request, schemas.request)[0]
}

default _trust_sound := false

# Policies compare levels; text would sort after every number.
_trust_sound if {
	is_array(input.trust.builders)
	is_array(input.trust.model_signers)
	listed := [builder | some builder in input.trust.builders; is_string(builder.id); builder.level in {0, 1, 2, 3, 4}]
	count(listed) == count(input.trust.builders)
}

default _tier := null

_tier := tiers.effective if _request_sound

# METADATA
# description: The whole answer, what the record keeps.
decision := {
	"allowed": allowed,
	"decided_at": evidence.now,
	"tier": _tier,
	"verdicts": verdicts,
}

# METADATA
# description: One verdict for each policy of the catalog, in order of id.
verdicts := [_verdict(id, catalog.policies[id]) | some id in sort(object.keys(catalog.policies))]

_verdict(id, policy) := {
	"id": id,
	"outcome": judged.outcome,
	"severity": _severity(policy),
	"reasons": sort(judged.reasons),
	"findings": array.slice(findings, 0, _cap),
	"findings_total": count(findings),
	"override": judged.override,
	"observed": judged.observed,
} if {
	judged := _judge(id, policy)
	findings := sort([_ordered(finding) | some finding in judged.findings])
}

_severity(policy) := policy.severity if policy.severity in {"critical", "high", "medium"}

else := "critical"

# Objects sort by their keys in order, so "covered": false comes first: what no
# waiver covers survives the cap.
_ordered(finding) := object.union(finding, {"covered": _is_covered(finding)})

default _is_covered(_) := false

_is_covered(finding) if is_object(finding.waiver)

_outcome(outcome, reasons) := {"outcome": outcome, "reasons": reasons, "findings": set(), "override": null, "observed": null}

_judge(id, policy) := _outcome("error", {"the entry in the catalog is not sound"}) if not _entry_sound(policy)

else := _outcome("pending", {"not yet in force"}) if evidence.within(evidence.now, policy.effective_from)

else := _outcome("error", {"the request does not have the shape of its schema"}) if not _request_sound

else := _outcome("error", {"the input document does not have its shape"}) if not _input_sound

else := _outcome("error", {"the policy made the engine fail and was quarantined"}) if _quarantined(id)

else := _outcome("not_applicable", _rules(policy, "not_applicable")) if count(_rules(policy, "not_applicable")) > 0

# Before any rule runs: rules may trust the shape of what they read.
else := _settle(id, policy, evidence.gaps(policy.evidence)) if count(evidence.gaps(policy.evidence)) > 0

else := _by_rules(id, policy, _found(policy))

# Without a list of evidence nothing would be missing.
_entry_sound(policy) if {
	is_number(policy.effective_from)
	is_array(policy.evidence)
	is_array(policy.waivable)
	count([type | some type in policy.evidence; is_string(type)]) == count(policy.evidence)
}

_quarantined(id) if id in input.quarantined

_rules(policy, kind) := found if {
	found := data.promotion.rules[policy.family][policy.name][kind]
	is_set(found)
} else := set()

# What the rules found, by kind of rule; a kind that the policy has no rule of is not there.
_found(policy) := {kind: rule |
	some kind in ["deny", "insufficient"]
	rule := data.promotion.rules[policy.family][policy.name][kind]
}

_by_rules(id, policy, found) := _outcome("error", {"the policy has no rule that could deny"}) if not _runnable(found)

# There is nothing to waive then.
else := _outcome("pass", set()) if {
	numbers := {count(rule) | some rule in found}
	numbers == {0}
}

else := _outcome("error", {"a finding lacks its key or message"}) if not _sound_findings(found)

else := _settle(id, policy, _raw(found))

# A rule of these names that is no set would be overlooked.
_runnable(found) if {
	sets := {is_set(rule) | some rule in found}
	sets == {true}
}

_sound_findings(found) if {
	all := [finding | some rule in found; some finding in rule]
	sound := [finding |
		some finding in all
		is_string(finding.message)
		is_string(finding.key)
		strings.any_prefix_match(finding.key, ["evidence:", "insufficient:"]) == false
	]
	count(sound) == count(all)
}

# insufficient: is a prefix of its own, so that a waiver for a plain key never
# covers "too few rows" of the same group.
_raw(found) := {object.union(finding, {"kind": "fail"}) | some finding in found.deny} | {finding |
	some one in found.insufficient
	finding := object.union(one, {"kind": "insufficient", "key": concat("", ["insufficient:", one.key])})
}

# Every finding says the same things, whatever else a rule put into it.
_plain(finding) := object.union(
	{"observed": null, "limit": null},
	object.filter(finding, ["key", "kind", "message", "observed", "limit", "fault"]),
)

# Evaluate first, then waive: a waived finding stays in sight. Where one is lost on
# the way there is no verdict.
_settle(id, policy, findings) := {"outcome": outcome, "reasons": _why(observed), "findings": marked, "override": override, "observed": observed} if {
	in_force := waivers.in_force(id)
	marked := {object.union(_plain(finding), {"waiver": _waiver(in_force, policy, finding)}) | some finding in findings}
	count(marked) == count({_plain(finding) | some finding in findings})
	[settled, observed] := _watched(_settled(marked), policy, marked)
	[outcome, override] := _past(settled, _override(id))
} else := _outcome("error", {"no verdict could be reached"})

_waiver(in_force, policy, finding) := max(covering) if {
	covering := {{"id": w.id, "owner": w.owner, "expires": w.expires} | some w in in_force; waivers.covers(w, policy.waivable, finding)}
	count(covering) > 0
} else := null

_settled(findings) := "fail" if {
	some finding in findings
	finding.kind == "fail"
	is_null(finding.waiver)
} else := "insufficient" if {
	some finding in findings
	is_null(finding.waiver)
} else := "waived" if {
	count(findings) > 0
} else := "error"

# What a track only observes for a time stays in sight and does not block: by its rollout for
# every model, by its baseline for one of this name; only outcomes that METADATA lets be waived.
_watched(settled, policy, findings) := ["pending", mark] if {
	settled in {"fail", "insufficient"}
	[until, by] := max({[one.until, one.by] | some one in policy.observed; _is_about(one); evidence.within(one.since, one.until)})
	count(findings) == count([finding | some finding in findings; _may_pass(finding.kind, policy.waivable)])
	mark := {"by": by, "until": until}
} else := [settled, null]

_may_pass(kind, waivable) if kind in waivable

# Who has no such evidence yet is insufficient too, and that is why there are rollouts.
_may_pass("evidence", waivable) if "insufficient" in waivable

# Of null there is no `by`, and so no reason.
_why(observed) := {why | why := concat("", ["only observed, by the ", observed.by, " of its track"])}

_is_about(one) if is_null(one.model)

_is_about(one) if one.model == input.request.model.name

# Last of all, and only what would block: an emergency changes no other answer.
_past(settled, override) := ["overridden", override] if {
	settled in {"fail", "insufficient"}
	is_object(override)
} else := [settled, null]

_override(id) := max(marks) if {
	marks := {{"id": o.id, "owner": o.owner, "expires": o.expires, "review_by": overrides.review_by(o)} | some o in overrides.in_force(id)}
	count(marks) > 0
} else := null

# For conftest: what blocks, and what to know.
deny contains {"msg": "no complete decision could be made", "id": "", "outcome": "error", "key": ""} if not _complete

deny contains message if {
	some v in verdicts
	outcome := v.outcome
	not outcome in _permitting
	some message in _messages(v)
}

warn contains message if {
	some v in verdicts
	v.outcome in {"pending", "waived", "overridden"}
	some message in _messages(v)
}

# METADATA
# description: Both at once, so that who reads both (conftest's guard) has one decision made.
for_conftest := {"deny": deny, "warn": warn}

_messages(v) := {_message(v, reason, "") | some reason in v.reasons} | {_message(v, finding.message, finding.key) | some finding in v.findings}

_message(v, text, key) := {"msg": sprintf("%s %s: %s", [v.id, v.outcome, text]), "id": v.id, "outcome": v.outcome, "key": key}
