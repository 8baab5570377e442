package checks.waivers_test

import data.checks.waivers

_now := 1800000000

_day := 86400

_waiver := {
	"id": "EXC-2026-0005", "file": "exceptions/fairness/EXC-2026-0005.yaml", "policy": "FAIR-001",
	"subject": {"name": "m", "digests": ["sha256:aa"], "to_stage": "production"},
	"findings": ["age=young"], "reason": "Too few rows.", "owner": "olga", "requester": "rae", "renews": null,
	"risk": {"inherent": {"likelihood": 3, "impact": 3}, "residual": {"likelihood": 2, "impact": 3}},
	"compensating_controls": [{"control": "A person looks.", "evidence": "docs/look.md"}],
	"remediation": {"due": _now + (10 * _day)}, "opened": _now - _day, "expires": _now + (20 * _day),
}

_standing := {
	"status": "in_force", "band": "moderate", "score": 6, "needed": 2, "matched": 2,
	"tiers": ["low"], "versions": null, "barred": [], "outdated": [], "powerless": [],
}

_input := {
	"waivers": [_waiver], "ended": [], "standings": {"EXC-2026-0005": _standing},
	"catalog": {"FAIR-001": {"waivable": ["fail"], "why_not": null}, "SEC-001": {"waivable": [], "why_not": "A secret is out."}},
	"evidence": ["docs/look.md"], "decisions": [], "now": _now,
}

_keys(document) := {finding.key | some finding in waivers.findings with input as document}

_changed(change) := _keys(object.union(_input, {"waivers": [object.union(_waiver, change)]}))

_stands(change) := _keys(object.union(_input, {"standings": {"EXC-2026-0005": object.union(_standing, change)}}))

_several(list) := _keys(object.union(_input, {
	"waivers": list,
	"standings": {waiver.id: _standing | some waiver in list},
}))

_another(id, change) := object.union(object.union(_waiver, {"id": id, "file": id}), change)

test_clean if _keys(_input) == set()

test_each_part_is_needed if {
	every part in object.keys(_input) {
		sprintf("input:%s", [part]) in _keys(object.remove(_input, [part]))
	}
}

test_waiver_nobody_judged if _keys(object.union(object.remove(_input, ["standings"]), {"standings": {}})) == {"EXC-2026-0005:standing"}

test_too_long if _stands({"tiers": []}) == {"EXC-2026-0005:expires"}

test_overdue if {
	_changed({"remediation": {"due": _now}}) == {"EXC-2026-0005:remediation"}
	_changed({"remediation": {"due": _now + 1}}) == set()
}

test_quorum if _stands({"matched": 1}) == {"EXC-2026-0005:quorum"}

test_self_approval if _stands({"barred": ["rae"]}) == {"EXC-2026-0005:barred=rae"}

test_rule_changed_since if _stands({"outdated": ["ann"]}) == {"EXC-2026-0005:outdated=ann"}

test_withdrawn_by_a_stranger if _stands({"powerless": ["zoe"]}) == {"EXC-2026-0005:powerless=zoe"}

test_what_is_over_is_left_alone if {
	every status in ["expired", "rejected", "renewed", "revoked", "withdrawn"] {
		_stands({"status": status, "matched": 0, "tiers": [], "barred": ["rae"]}) == set()
	}
}

test_unwaivable_says_why if {
	document := object.union(_input, {"waivers": [object.union(_waiver, {"policy": "SEC-001"})]})
	found := waivers.findings with input as document
	{finding.message | some finding in found} == {"EXC-2026-0005: SEC-001 cannot be waived: A secret is out."}
}

test_kinds_that_may_be_waived if {
	_changed({"findings": null}) == set()
	_changed({"findings": ["age=young", "insufficient:age=young"]}) == {"EXC-2026-0005:finding=insufficient:age=young"}
	_changed({"findings": ["evidence:scan"]}) == {"EXC-2026-0005:finding=evidence:scan"}
}

test_patterns if _changed({"findings": ["age=*"]}) == {"EXC-2026-0005:pattern=age=*"}

test_grave_risk_asks_for_controls if {
	grave := {"standings": {"EXC-2026-0005": object.union(_standing, {"band": "high"})}}
	_keys(object.union(_input, grave)) == set()
	bare := object.union(grave, {"waivers": [object.union(_waiver, {"compensating_controls": []})]})
	_keys(object.union(_input, bare)) == {"EXC-2026-0005:controls"}
	unseen := object.union(grave, {"evidence": []})
	_keys(object.union(_input, unseen)) == {"EXC-2026-0005:evidence=docs/look.md"}
	_changed({"compensating_controls": []}) == set()
}

test_risk_that_grows if _changed({"risk": {"inherent": {"likelihood": 1, "impact": 5}}}) == {"EXC-2026-0005:risk"}

test_caps_on_open_waivers if {
	list := [_another(sprintf("EXC-2026-%04d", [n]), {"subject": {"digests": [sprintf("sha256:%d", [n])]}}) | some n in numbers.range(1, 5)]
	_several(list) == set()
	more := array.concat(list, [_another("EXC-2026-0006", {"subject": {"digests": ["sha256:6"]}})])
	_several(more) == {"EXC-2026-0006:model=m"}
	far := array.concat(list, [_another("EXC-2026-0006", {"subject": {"name": "n", "digests": ["sha256:6"]}})])
	_several(far) == set()
}

_heavy(score) := _keys(object.union(_input, {
	"waivers": [_another(sprintf("EXC-2026-%04d", [n]), {"subject": {"digests": [sprintf("sha256:%d", [n])]}}) | some n in numbers.range(1, 2)],
	"standings": {sprintf("EXC-2026-%04d", [n]): object.union(_standing, {"score": score}) | some n in numbers.range(1, 2)},
}))

test_caps_on_scores if {
	_heavy(15) == set()
	_heavy(16) == {"EXC-2026-0002:model=m"}
}

test_two_for_the_same if {
	_several([_waiver, _another("EXC-2026-0006", {})]) == {"EXC-2026-0006:twice=EXC-2026-0005"}
	_several([_waiver, _another("EXC-2026-0006", {"findings": null})]) == {"EXC-2026-0006:twice=EXC-2026-0005"}
	_several([_waiver, _another("EXC-2026-0006", {"findings": ["sex=f"]})]) == set()
	_several([_waiver, _another("EXC-2026-0006", {"subject": {"to_stage": "staging"}})]) == set()
	_several([_waiver, _another("EXC-2026-0006", {"renews": "EXC-2026-0005", "reason": "Still too few."})]) == set()
}

_gone(id, change) := _another(id, object.union({"opened": _now - (40 * _day), "expires": _now - (2 * _day)}, change))

_renewing(ended, change) := _keys(object.union(_input, {"ended": ended, "waivers": [object.union(_waiver, change)]}))

test_renewal if {
	before := _gone("EXC-2026-0001", {"reason": "At first."})
	_renewing([before], {"renews": "EXC-2026-0001"}) == set()
	_renewing([before], {}) == {"EXC-2026-0005:follows=EXC-2026-0001"}
	_renewing([object.union(before, {"expires": _now - (92 * _day)})], {}) == set()
	_renewing([], {"renews": "EXC-2026-0001"}) == {"EXC-2026-0005:renews"}
	_renewing([object.union(before, {"reason": _waiver.reason})], {"renews": "EXC-2026-0001"}) == {"EXC-2026-0005:reason"}
	_renewing([object.union(before, {"policy": "FAIR-002"})], {"renews": "EXC-2026-0001"}) == {"EXC-2026-0005:renews"}
}

test_renewed_too_often if {
	ended := [
		_gone("EXC-2026-0001", {"reason": "1", "renews": null}),
		_gone("EXC-2026-0002", {"reason": "2", "renews": "EXC-2026-0001"}),
		_gone("EXC-2026-0003", {"reason": "3", "renews": "EXC-2026-0002"}),
	]
	_renewing(array.slice(ended, 0, 2), {"renews": "EXC-2026-0002"}) == set()
	_renewing(ended, {"renews": "EXC-2026-0003"}) == {"EXC-2026-0005:renewals"}
}

test_ring if "EXC-2026-0005:ring" in _changed({"renews": "EXC-2026-0005"})

test_id_used_again if "EXC-2026-0005:id" in _renewing([_gone("EXC-2026-0005", {})], {})

_seen(keys, change) := _keys(object.union(_input, {
	"waivers": [object.union(_waiver, change)],
	"decisions": [{"policy": "FAIR-001", "subject": {"name": "m", "digest": "sha256:aa", "to_stage": "production"}, "keys": keys}],
}))

test_dead if _seen([], {}) == {"EXC-2026-0005:dead"}

test_broad if {
	_seen(["age=young"], {}) == set()
	_seen(["age=young"], {"findings": ["age=young", "sex=f"]}) == {"EXC-2026-0005:broad"}
	_seen(["age=young"], {"findings": null}) == {"EXC-2026-0005:broad"}
	_seen(["age=young"], {"subject": {"digests": ["sha256:bb"]}}) == set()
}
