# METADATA
# scope: package
# title: The bill of materials is complete
# description: >-
#   What is not listed by version, licence and digest can be neither scanned nor
#   traced nor recalled. The inventory must name the promoted model by its digest,
#   the data it was trained on, and every component. An inventory without any
#   component looked at nothing and says nothing.
# custom:
#   id: SUP-001
#   severity: high
#   evidence: [ml_bom]
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:cm-8", "mitre-atlas:AML.M0023", "pci-dss:6.3.2"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Make the inventory from the locked environment with hashes, add the model and
#     data components, and fill in the fields named here.
package promotion.rules.supply_chain.inventory_complete

deny contains _absent("model", "the promoted model") if {
	listed := {model.sha256 | some model in _parts.model}
	digest := input.request.model.digest
	not digest in listed
}

deny contains _absent("dataset", "any dataset") if count(_parts.dataset) == 0

deny contains _finding(concat("", [kind, "=", part.name, ":", field]), message, null, null) if {
	some kind, parts in _parts
	some part in parts
	some field in ["licence", "sha256", "version"]
	_blank(part[field])
	message := sprintf("%s %s has no %s", [kind, part.name, field])
}

deny contains _finding(concat(":", ["components", field]), message, lacking, 0) if {
	some document in input.evidence.ml_bom
	some field, total in document.result.without_total
	names := document.result.without[field]
	lacking := max({total, count(names)})
	lacking > 0
	message := sprintf("%d components have no %s: %s", [lacking, field, concat(", ", array.slice(names, 0, 5))])
}

insufficient contains _absent("components", "any component") if {
	some document in input.evidence.ml_bom
	document.result.components == 0
}

_parts := {
	"model": [part | some document in input.evidence.ml_bom; some part in document.result.models],
	"dataset": [part | some document in input.evidence.ml_bom; some part in document.result.datasets],
}

_blank(value) if is_null(value)

# SPDX and common words for "we did not look".
_blank(value) if {
	is_string(value)
	lower(value) in {"noassertion", "none", "unknown"}
}

_absent(key, what) := _finding(key, sprintf("the inventory does not list %s", [what]), null, null)

_finding(key, message, observed, limit) := {"key": key, "message": message, "observed": observed, "limit": limit}
