# METADATA
# scope: package
# title: Training data holds next to no personal identifiers
# description: >-
#   What a model has seen it may repeat. Identifiers that pass their checksum or
#   pattern are counted per ten thousand rows; the count and the rows are taken
#   against the applicant where a report contradicts itself. A scan of other files
#   than the training data shows nothing about it.
# custom:
#   id: PRV-001
#   severity: high
#   evidence: [dataset_card, pii_scan]
#   limit: {unit: "hits per 10,000 rows", sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["gdpr:5(1)(c)", "gdpr:25", "nist-800-53:si-19", "owasp-llm:LLM02"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Remove or tokenise the columns that the scan names, train again and scan the
#     files that the dataset card lists.
package promotion.rules.privacy.identifiers_within_limit

import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {"low": 5, "medium": 1, "high": 0}

deny contains finding if {
	some scan in _scans
	numbers.share_above(scan.hits, scan.rows, limits[tiers.effective])
	finding := {
		"key": "identifiers",
		"message": sprintf(
			"%d identifiers in %d rows (%s), limit %d per 10,000 rows",
			[scan.hits, scan.rows, concat(", ", sort(scan.kinds)), limits[tiers.effective]],
		),
		"observed": scan.hits,
		"limit": limits[tiers.effective],
	}
}

insufficient contains {"key": "rows", "message": "the scan looked at no row", "observed": 0, "limit": null} if {
	some scan in _scans
	scan.rows == 0
}

insufficient contains {"key": "columns", "message": "the scan looked at no column", "observed": 0, "limit": null} if {
	some statement in input.evidence.pii_scan
	statement.result.columns == 0
}

insufficient contains finding if {
	some card in input.evidence.dataset_card
	some dataset in card.result.datasets
	digest := dataset.digest
	not digest in _scanned
	finding := {
		"key": concat("=", ["unscanned", dataset.name]),
		"message": sprintf("no scan names the digest of dataset %s", [dataset.name]),
		"observed": null,
		"limit": null,
	}
}

_scans contains {"hits": max({scan.hits_total, listed}), "rows": min({scan.rows, read}), "kinds": kinds} if {
	some statement in input.evidence.pii_scan
	scan := statement.result
	listed := sum([hit.count | some hit in scan.hits])
	read := sum([file.rows | some file in scan.files])
	kinds := {hit.kind | some hit in scan.hits}
}

_scanned contains statement.result.dataset_digest if some statement in input.evidence.pii_scan

_scanned contains file.digest if {
	some statement in input.evidence.pii_scan
	some file in statement.result.files
}
