# The risk that is left, and how much of it one owner, model or policy may carry.
package checks.waivers

# Open waivers, and the sum of their residual scores, that one owner, model or policy may have.
caps := {
	"model": {"open": 5, "score": 30},
	"owner": {"open": 10, "score": 60},
	"policy": {"open": 10, "score": 60},
}

_grave := {"high", "extreme"}

# Why something must be done instead.
_delicate(waiver) := sprintf("its residual risk is %s", [input.standings[waiver.id].band]) if input.standings[waiver.id].band in _grave

else := "it names a range of versions" if {
	is_object(_ranged[waiver.id])
}

_of_risk contains finding if {
	some waiver in _open
	why := _delicate(waiver)
	count(waiver.compensating_controls) == 0
	finding := _finding(
		waiver, "controls", sprintf("%s, and nothing is done instead", [why]),
		"name compensating controls, and where each can be seen",
	)
}

_of_risk contains finding if {
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

_of_risk contains finding if {
	some waiver in _open
	risk := waiver.risk
	risk.residual.likelihood * risk.residual.impact > risk.inherent.likelihood * risk.inherent.impact
	finding := _finding(waiver, "risk", "more risk is left than there was", "mend the scores; frameworks/risk-scale.yaml says what they mean")
}

# Sorted, one group lies together, and its window of one more than allowed says enough.
_sorted := {about: sort([[_of(waiver, about), waiver.id] | some waiver in _open]) | some about in object.keys(caps)}

_of_risk contains finding if {
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
