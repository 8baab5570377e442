# METADATA
# scope: package
# title: The build took in the data that the dataset card describes
# description: >-
#   A card can describe one dataset while the build trained on another. Each dataset of the
#   card must stand among the materials of the provenance by its digest, for names prove
#   nothing. A provenance that gives no material a digest says nothing about data.
# custom:
#   id: PRO-003
#   severity: high
#   evidence: [build_provenance, dataset_card]
#   waivable: [fail, insufficient]
#   controls: ["mitre-atlas:AML.M0025", "nist-800-53:sr-4", "iso-42001:A.7.5", "eu-ai-act:10"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Let the build service record every training file with its SHA-256 as a resolved
#     dependency, and write the same digests into the dataset card.
package promotion.rules.provenance.training_data_traced

deny contains finding if {
	count(_materials) > 0
	some card in input.evidence.dataset_card
	some dataset in card.result.datasets
	digest := dataset.digest
	not digest in _materials
	words := sprintf("no material of the build has the digest of dataset %s", [dataset.name])
	finding := _finding(concat("=", ["dataset", dataset.name]), words, digest)
}

insufficient contains _finding("materials", "the provenance gives no material a digest", null) if count(_materials) == 0

_materials contains material.digest if {
	some build in input.evidence.build_provenance
	some material in build.result.materials
	is_string(material.digest)
}

_finding(key, words, observed) := {"key": key, "message": words, "observed": observed, "limit": null}
