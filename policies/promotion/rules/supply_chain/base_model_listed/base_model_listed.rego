# METADATA
# scope: package
# title: A foreign base model is listed by publisher, name and digest
# description: >-
#   What a base model carries, every model built on it carries too. A name that looks like a
#   known one is how a poisoned one gets in; so each model of the bill other than the promoted one
#   is compared whole, publisher, name and digest, with trust/sources.yaml.
# custom:
#   id: SUP-005
#   severity: critical
#   evidence: [ml_bom]
#   waivable: [fail]
#   controls: ["owasp-ml:ML06", "owasp-llm:LLM03", "mitre-atlas:AML.T0058", "nist-800-53:sr-4"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Compare publisher and digest with the publisher's own page, scan the weights, and propose
#     the model for base_models of trust/sources.yaml in a pull request. Name publisher and
#     SHA-256 in the bill of materials.
package promotion.rules.supply_chain.base_model_listed

deny contains _finding(model, "publisher") if {
	some model in _foreign
	is_null(model.publisher)
}

deny contains _finding(model, "digest") if {
	some model in _foreign
	is_null(model.sha256)
}

deny contains {"key": key, "message": message, "observed": model.sha256, "limit": null} if {
	some model in _foreign
	is_string(model.publisher)
	is_string(model.sha256)
	whole := [model.publisher, model.name, model.sha256]
	not whole in _listed
	key := concat("=", ["unlisted", model.name])
	message := sprintf("%s of %s, %s, is no base model of trust/sources.yaml", [model.name, model.publisher, model.sha256])
}

# A model without a digest may be any, the promoted one only if its digest says so.
_foreign contains model if {
	some document in input.evidence.ml_bom
	some model in document.result.models
	model.sha256 != input.request.model.digest
}

_listed contains [one.publisher, one.name, one.digest] if some one in input.trust.base_models

_finding(model, what) := {"key": key, "message": message, "observed": null, "limit": null} if {
	key := sprintf("%s=%s", [what, model.name])
	message := sprintf("the bill of materials gives base model %s no %s", [model.name, what])
}
