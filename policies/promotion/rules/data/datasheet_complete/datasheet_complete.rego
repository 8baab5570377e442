# METADATA
# scope: package
# title: The datasheet says where data come from, when, with whose consent, and what they lack
# description: >-
#   Data of unknown origin cannot be defended, corrected or taken back. Each dataset names its
#   origin, the time it was collected, whether people agreed, and its known gaps; consent as the
#   basis of processing was really obtained. Where GDPR applies, the processing stands in the record.
# custom:
#   id: DAT-003
#   severity: high
#   evidence: [dataset_card]
#   waivable: [fail]
#   controls: ["gdpr:30", "iso-42001:A.7.3", "eu-ai-act:10", "nist-ai-rmf:MAP-4.1"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Ask who collected the data. Write down origin, first and last day, consent and gaps; a gap
#     that was looked for and not found is written down as such. Data without an origin are replaced.
package promotion.rules.data.datasheet_complete

import data.promotion.lib.deadlines
import data.promotion.lib.evidence

# Words that stand where an origin or a gap should.
_empty := {"", "-", "internet", "many", "misc", "n/a", "na", "none", "scraped", "tbd", "todo", "unknown", "various", "web"}

deny contains _finding(dataset, field, sprintf("has no %s that says anything", [field])) if {
	some dataset in _datasets
	some field in ["gaps", "origin"]
	_blank(dataset[field])
}

deny contains _finding(dataset, field, sprintf("has no date %s", [field])) if {
	some dataset in _datasets
	some field in ["collected_from", "collected_until"]
	is_null(dataset[field])
}

deny contains _finding(dataset, "collected_until", "ends before it begins") if {
	some dataset in _datasets
	is_number(dataset.collected_from)
	is_number(dataset.collected_until)
	dataset.collected_until < dataset.collected_from
}

deny contains _finding(dataset, "collected_until", "ends in the future") if {
	some dataset in _datasets
	is_number(dataset.collected_until)
	dataset.collected_until > evidence.now
}

deny contains _finding(dataset, "consent", "does not say whether people agreed") if {
	some dataset in _datasets
	dataset.consent == "unknown"
}

deny contains _finding(dataset, "consent", "rests on consent that was not obtained") if {
	some card in input.evidence.dataset_card
	card.result.lawful_basis == "consent"
	some dataset in card.result.datasets
	dataset.consent in {"no_people", "not_needed"}
}

deny contains {"key": "processing_record", "message": "the processing stands in no record", "observed": null, "limit": null} if {
	deadlines.personal
	deadlines.in_europe
	some card in input.evidence.dataset_card
	_blank(card.result.processing_record)
}

_datasets contains dataset if some dataset in input.evidence.dataset_card[_].result.datasets

_blank(value) if is_null(value)

_blank(value) if lower(trim_space(value)) in _empty

_finding(dataset, field, words) := {"key": concat("=", [field, dataset.name]), "message": message, "observed": null, "limit": null} if {
	message := sprintf("dataset %s %s", [dataset.name, words])
}
