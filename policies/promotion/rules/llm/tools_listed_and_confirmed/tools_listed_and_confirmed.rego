# METADATA
# scope: package
# title: Tools with side effects are listed, restricted and confirmed
# description: >-
#   Whoever takes a model over acts with its tools. A tool that changes something, pays or
#   runs code needs a person who confirms each call, and one that runs code is restricted as
#   well. A tool that the model called in the tests and nobody listed is one that nobody
#   judged. Enough is what the task needs: an empty list passes.
# custom:
#   id: LLM-003
#   severity: critical
#   evidence: [llm_configuration, llm_evaluation]
#   waivable: []
#   why_not: A confirmation costs a click; without it the one who writes the prompt acts in our name.
#   controls: ["owasp-llm:LLM06", "mitre-atlas:AML.M0029"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Take the tool away, or let it read alone; else have a person confirm each call, and
#     restrict what runs code to a sandbox. List every tool that the model can reach.
package promotion.rules.llm.tools_listed_and_confirmed

_with_effect := {"executes", "pays", "writes"}

not_applicable contains "the model writes nothing: it is predictive" if input.request.use.model_kind == "predictive"

deny contains _finding("unconfirmed", tool.name, sprintf("%s, and nobody confirms it", [tool.effect]), tool.confirmation) if {
	some tool in _tools
	tool.effect in _with_effect
	tool.confirmation == "nobody"
}

deny contains _finding("unrestricted", tool.name, "executes, and nothing restricts it", null) if {
	some tool in _tools
	tool.effect == "executes"
	is_null(tool.scope)
}

deny contains _finding("unlisted", name, "was called in the tests and is not listed", name) if {
	some evaluation in input.evidence.llm_evaluation
	some name in evaluation.result.tools_called
	listed := {tool.name | some tool in _tools}
	not name in listed
}

insufficient contains _finding("twice", name, "is listed twice, with two meanings", null) if {
	some name, meanings in _meanings
	count(meanings) > 1
}

_tools := {tool | some configuration in input.evidence.llm_configuration; some tool in configuration.result.tools}

_meanings[tool.name] contains [tool.effect, tool.confirmation, tool.scope] if some tool in _tools

_finding(key, name, words, observed) := {
	"key": concat("=", [key, name]),
	"message": sprintf("tool %s %s", [name, words]),
	"observed": observed,
	"limit": null,
}
