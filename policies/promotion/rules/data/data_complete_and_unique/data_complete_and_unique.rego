# METADATA
# scope: package
# title: Training data are complete, well formed and not repeated
# description: >-
#   What is empty, breaks its declared schema or stands there twice teaches the model
#   something that is not so. Each column is judged by its own share of empty rows, for an
#   average hides the one that matters. Data without a declared schema, columns left off the
#   list and a profile of other data carry no verdict.
# custom:
#   id: DAT-004
#   severity: medium
#   evidence: [data_profile, dataset_card]
#   limit: {unit: basis points of rows, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["iso-42001:A.7.4", "nist-ai-rmf:MEASURE-2.6", "eu-ai-act:10"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Mend the source, or drop what cannot be mended, and profile again. A column that is
#     empty by design gets a value that says so. Declare a schema where there is none.
package promotion.rules.data.data_complete_and_unique

import data.promotion.lib.digests
import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {"low": 1000, "medium": 500, "high": 100}

deny contains finding if {
	some profile in input.evidence.data_profile
	some key, part in _parts(profile.result)
	numbers.share_above(part.rows, profile.result.rows, limits[tiers.effective])
	words := sprintf("%d of %d rows %s, limit %d basis points", [part.rows, profile.result.rows, part.words, limits[tiers.effective]])
	finding := _finding(key, words, part.rows, limits[tiers.effective])
}

insufficient contains _finding("rows", "no row was counted", 0, null) if {
	some profile in input.evidence.data_profile
	profile.result.rows == 0
}

insufficient contains _finding("broken", "no schema was declared that rows could break", null, limits[tiers.effective]) if {
	some profile in input.evidence.data_profile
	is_null(profile.result.broken_rows)
}

insufficient contains _finding("columns", words, listed, profile.result.columns_total) if {
	some profile in input.evidence.data_profile
	listed := count({column.name | some column in profile.result.columns})
	listed != profile.result.columns_total
	words := sprintf("%d different columns are listed of %d", [listed, profile.result.columns_total])
}

insufficient contains _finding(concat("=", ["unprofiled", dataset.name]), words, null, null) if {
	some card in input.evidence.dataset_card
	whole := digests.joint([dataset.digest | some dataset in card.result.datasets])
	some dataset in card.result.datasets
	count({whole, dataset.digest} & _profiled) == 0
	words := sprintf("no profile is of dataset %s", [dataset.name])
}

_profiled := {profile.result.dataset_digest | some profile in input.evidence.data_profile}

_parts(profile) := object.union(
	{concat("=", ["empty", column.name]): {"rows": column.nulls, "words": sprintf("are empty in %s", [column.name])} |
		some column in profile.columns
	},
	{key: part |
		some key, part in {
			"broken": {"rows": profile.broken_rows, "words": "break the declared schema"},
			"duplicates": {"rows": profile.duplicate_rows, "words": "repeat another"},
		}
		is_number(part.rows)
	},
)

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
