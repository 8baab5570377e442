# METADATA
# scope: package
# title: Search shows a reader only what they may see, and answers keep to it
# description: >-
#   A shared index tells one customer what another one wrote. Where results of a search
#   enter the prompt, something must keep readers apart, and answers must be supported by
#   what was found: counted over enough answers, every claim of an answer. An application
#   without search passes; what it says is not grounded in anything and is judged by its use.
# custom:
#   id: LLM-005
#   severity: high
#   evidence: [llm_configuration, llm_evaluation]
#   limits:
#     answers: {unit: answers judged, sense: minimum}
#     grounded: {unit: basis points of answers, sense: minimum}
#   waivable: [fail, insufficient]
#   controls: ["owasp-llm:LLM08", "owasp-llm:LLM09"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Filter by tenant or by the rights of the reader before the search, not after it; let
#     the model answer from what was found or say that it does not know, and judge again.
package promotion.rules.llm.retrieval_guarded_and_grounded

import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {
	"answers": {"low": 100, "medium": 300, "high": 1000},
	"grounded": {"low": 8000, "medium": 9000, "high": 9500},
}

not_applicable contains "the model writes nothing: it is predictive" if input.request.use.model_kind == "predictive"

deny contains _finding("access", words, search.access, null) if {
	some search in _searches
	search.access == "nothing"
	words := sprintf("nothing keeps a reader of %s from what others may see", [search.index])
}

deny contains _finding("grounded", words, evaluation.grounded, limits.grounded[tiers.effective]) if {
	some evaluation in _judged
	numbers.share_below(evaluation.grounded, evaluation.answers, limits.grounded[tiers.effective])
	words := sprintf("%d of %d answers are supported, limit %d basis points", [evaluation.grounded, evaluation.answers, limits.grounded[tiers.effective]])
}

insufficient contains _finding("answers", words, evaluation.answers, limits.answers[tiers.effective]) if {
	some evaluation in _judged
	evaluation.answers < limits.answers[tiers.effective]
	words := sprintf("%d answers were judged, limit %d", [evaluation.answers, limits.answers[tiers.effective]])
}

insufficient contains _finding("counts", words, evaluation.grounded, evaluation.answers) if {
	some evaluation in _judged
	evaluation.grounded > evaluation.answers
	words := sprintf("%d of %d answers cannot be supported", [evaluation.grounded, evaluation.answers])
}

_searches := {statement.result.retrieval | some statement in input.evidence.llm_configuration; is_object(statement.result.retrieval)}

# Judged only where something is searched.
_judged := {statement.result | some statement in input.evidence.llm_evaluation; count(_searches) > 0}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
