# METADATA
# scope: package
# title: The licences of models and data permit the use
# description: >-
#   Weights and data come under licences that forbid commerce, changes or whole fields. Each
#   licence of the bill is looked up in a closed list; one that is not listed permits nothing.
#   Of licences joined by AND each must permit the use, of those joined by OR one. What has no
#   licence at all is SUP-001's finding too, and carries no verdict here.
# custom:
#   id: SUP-007
#   severity: medium
#   evidence: [ml_bom]
#   waivable: [fail, insufficient]
#   controls: ["nist-ai-rmf:MAP-4.1", "iso-42001:A.10.3"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Get other terms from the owner, or replace what the licence keeps from this use. A licence
#     that counsel has read is added to lib/licences with what it permits.
package promotion.rules.supply_chain.licences_permit_the_use

import data.promotion.lib.licences

deny contains _finding(part, "licence", sprintf("is under %s, which %s", [part.licence, problem])) if {
	some part in _parts
	is_string(part.licence)
	some problem in licences.problems(part.licence, part.kind)
}

insufficient contains _finding(part, "unlicensed", "has no licence that could permit anything") if {
	some part in _parts
	is_null(part.licence)
}

_parts contains {"kind": "model", "name": model.name, "licence": model.licence} if {
	some document in input.evidence.ml_bom
	some model in document.result.models
}

_parts contains {"kind": "dataset", "name": dataset.name, "licence": dataset.licence} if {
	some document in input.evidence.ml_bom
	some dataset in document.result.datasets
}

_finding(part, key, words) := {
	"key": sprintf("%s:%s=%s", [key, part.kind, part.name]),
	"message": sprintf("%s %s %s", [part.kind, part.name, words]),
	"observed": part.licence,
	"limit": null,
}
