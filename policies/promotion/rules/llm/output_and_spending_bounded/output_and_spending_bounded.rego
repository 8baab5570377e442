# METADATA
# scope: package
# title: Output is checked before it is used, and consumption has an end
# description: >-
#   What a model writes is input from a stranger: shown unescaped it runs in a browser,
#   passed on unchecked it runs in a database. And whoever may ask without end spends
#   without end. Output is validated against a schema or escaped; tokens of an answer and of
#   a day are capped, and so are calls of tools where there are any.
# custom:
#   id: LLM-004
#   severity: high
#   evidence: [llm_configuration]
#   waivable: [fail]
#   controls: ["owasp-llm:LLM05", "owasp-llm:LLM10"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Validate output against a schema, or escape it for the place where it lands; set the
#     caps named here in the gateway.
package promotion.rules.llm.output_and_spending_bounded

not_applicable contains "the model writes nothing: it is predictive" if input.request.use.model_kind == "predictive"

deny contains _finding("output", "output is neither validated against a schema nor escaped", false) if {
	some configuration in _configurations
	is_null(configuration.output.schema_digest)
	configuration.output.escaped == false
}

deny contains _finding(cap, sprintf("%s are not capped", [words]), null) if {
	some configuration in _configurations
	some cap, words in {"output_tokens": "tokens of an answer", "daily_tokens": "tokens of a user in a day"}
	is_null({"output_tokens": configuration.caps.output_tokens, "daily_tokens": configuration.caps.daily_tokens}[cap])
}

deny contains _finding("tool_calls", "calls of tools are not capped", null) if {
	some configuration in _configurations
	count(configuration.tools) > 0
	is_null(configuration.caps.tool_calls)
}

_configurations := {statement.result | some statement in input.evidence.llm_configuration}

_finding(key, words, observed) := {"key": key, "message": words, "observed": observed, "limit": null}
