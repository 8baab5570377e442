# METADATA
# scope: package
# title: People are told that a model is at work, and what follows for them
# description: >-
#   Nobody can object to what they do not know of. Whoever's data a model uses, or who
#   reads what it writes, sees a notice that says so. Where it decides about them, the
#   notice explains logic and consequences, and how to contest. Made content is marked
#   so that machines can tell. What EU law asks in EU places, house policy asks everywhere.
# custom:
#   id: XAI-005
#   severity: high
#   evidence: [transparency_notice]
#   waivable: [fail]
#   controls: ["eu-ai-act:50", "gdpr:13", "gdpr:14"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Publish a notice where people meet the model, with what is missing here, and mark
#     what the model makes.
package promotion.rules.explainability.people_are_told

import data.promotion.lib.evidence
import data.promotion.lib.tiers

_grave := {"legal", "significant"}

not_applicable contains "no personal data is used, and nobody reads what the model writes" if {
	input.request.use.model_kind == "predictive"
	tiers.impersonal
}

deny contains _finding("notice", "there is no notice", null) if {
	some notice in _notices
	is_null(notice.notice_id)
}

deny contains _finding("published", "nobody sees the notice", null) if {
	some notice in _notices
	some shown in [notice.published_at, notice.place]
	is_null(shown)
}

deny contains _finding("ai", "the notice does not say that an AI system is used", false) if {
	some notice in _notices
	notice.tells_ai == false
}

deny contains _finding(key, words, false) if {
	some notice in _notices
	input.request.use.effect in _grave
	some key, words in {
		"logic": "the notice does not explain logic and consequences",
		"rights": "the notice does not say how to object, contest or reach a person",
	}
	{"logic": notice.tells_logic, "rights": notice.tells_rights}[key] == false
}

deny contains _finding("marked", "what the model makes is not marked", false) if {
	some notice in _notices
	input.request.use.model_kind == "generative"
	notice.marks_content == false
}

insufficient contains _finding("published", "the notice is dated in the future", notice.published_at) if {
	some notice in _notices
	notice.published_at > evidence.now
}

_notices := {statement.result | some statement in input.evidence.transparency_notice}

_finding(key, words, observed) := {"key": key, "message": words, "observed": observed, "limit": null}
