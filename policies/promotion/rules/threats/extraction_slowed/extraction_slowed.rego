# METADATA
# scope: package
# title: A model cannot be asked without end, nor answers more exactly than it must
# description: >-
#   With enough exact answers a model can be copied, and its training data told apart. Each
#   served model stands behind a limit of requests in its namespace, and its owner says to
#   how many decimals outputs are rounded (annotation hallgate/output-decimals), which the
#   server has to keep to.
# custom:
#   id: THR-004
#   severity: high
#   evidence: [deployment_manifests]
#   limit: {unit: decimal places, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["mitre-atlas:AML.M0002", "mitre-atlas:AML.M0004"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Add a BackendTrafficPolicy or EnvoyFilter with a rate limit, or an Ingress limit, to the
#     namespace; round outputs in the transformer and say so in the annotation.
package promotion.rules.threats.extraction_slowed

import data.promotion.lib.documents
import data.promotion.lib.serving
import data.promotion.lib.tiers
import data.promotion.lib.workloads

limits := {"low": 4, "medium": 4, "high": 4}

_documents := documents.all(input.evidence.deployment_manifests)

deny contains documents.finding(model, [], "rate", words, null, null) if {
	some model in workloads.served(_documents)
	name := workloads.namespace(model)
	not name in serving.limited(_documents)
	words := sprintf("is served in %s, where nothing limits requests", [name])
}

deny contains documents.finding(model, [], "decimals", "does not say to how many decimals its outputs are rounded", null, limits[tiers.effective]) if {
	some model in workloads.served(_documents)
	not serving.noted(model, "output-decimals")
}

deny contains documents.finding(model, [], "decimals", words, decimals, limits[tiers.effective]) if {
	some model in workloads.served(_documents)
	decimals := serving.number(model, "output-decimals")
	decimals > limits[tiers.effective]
	words := sprintf("answers with %d decimals, limit %d", [decimals, limits[tiers.effective]])
}

insufficient contains documents.finding(model, [], "decimals", "says its decimals in a way that cannot be read", null, limits[tiers.effective]) if {
	some model in workloads.served(_documents)
	serving.noted(model, "output-decimals")
	not serving.number(model, "output-decimals")
}

insufficient contains {"key": "none", "message": "no manifest serves a model", "observed": null, "limit": null} if {
	count(workloads.served(_documents)) == 0
}

insufficient contains found if some found in documents.unread(input.evidence.deployment_manifests)
