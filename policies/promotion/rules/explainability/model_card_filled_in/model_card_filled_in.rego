# METADATA
# scope: package
# title: The model card is filled in
# description: >-
#   Purpose, users, exclusions, limits, data and evaluation must be told by somebody
#   who knows the model. An empty field or the text of a template shows that nobody
#   did, and "no known limitations" that nobody looked.
# custom:
#   id: XAI-003
#   severity: high
#   evidence: [model_card]
#   waivable: [fail]
#   controls: ["eu-ai-act:11", "eu-ai-act:13", "fda-gmlp:9"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Replace the text named here by what is true of this model; a sentence each is
#     enough where there is little to say.
package promotion.rules.explainability.model_card_filled_in

_fields := ["evaluation", "exclusions", "limitations", "purpose", "training_data", "users"]

# Whole answers that say nothing, without case, brackets, stars and full stops.
_empty := {
	"", "-", "?", "coming soon", "fill in", "n/a", "na", "nil", "no known limitations", "no limitations",
	"none", "none known", "not applicable", "not available", "optional", "placeholder", "see above", "see below",
	"tba", "tbc", "tbd", "test", "to be added", "to be announced", "to be completed", "to be confirmed",
	"to be decided", "to be defined", "to be determined", "to be done", "todo", "unknown", "wip", "xxx",
}

# Text that only templates hold, wherever it stands.
_template := {
	"<!--", "[more information needed]", "fill in this", "insert text here", "lorem ipsum",
	"more information needed", "provide a quick summary", "replace_me", "your text here", "{{", "}}",
}

deny contains finding if {
	some card in _cards
	some field in _fields
	trim(lower(card[field]), " \t\r\n.*_[]()<>") in _empty
	finding := _finding(field, sprintf("%s is empty", [field]), card[field])
}

deny contains finding if {
	some card in _cards
	some field in _fields
	some text in _template
	contains(lower(card[field]), text)
	finding := _finding(field, sprintf("%s holds the text of a template: %s", [field, text]), text)
}

deny contains _finding("model", "the card describes another model", card.model_digest) if {
	some card in _cards
	card.model_digest != input.request.model.digest
}

_cards := {statement.result | some statement in input.evidence.model_card}

_finding(key, words, observed) := {"key": key, "message": words, "observed": observed, "limit": null}
