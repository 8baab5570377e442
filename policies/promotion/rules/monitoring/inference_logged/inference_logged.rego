# METADATA
# scope: package
# title: What the model was asked and answered is logged, and kept long enough
# description: >-
#   Without a record of each inference no complaint can be examined and no drift be seen. A
#   logger sees requests and responses; its owner says which fields it writes, inputs as
#   digests, and for how many months they are kept (annotations hallgate/log-fields and
#   hallgate/log-retention-months). Six months are the least that articles 19 and 26 of the
#   EU AI Act will ask for.
# custom:
#   id: MON-002
#   severity: high
#   evidence: [deployment_manifests]
#   limit: {unit: months, sense: minimum}
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:au-3", "nist-800-53:au-11", "hipaa:164.312(b)"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Add a logger with mode all to the InferenceService, write the fields named here, and keep
#     the log for the tier's months; then say so in the annotations.
package promotion.rules.monitoring.inference_logged

import data.promotion.lib.documents
import data.promotion.lib.serving
import data.promotion.lib.tiers
import data.promotion.lib.workloads

limits := {"low": 6, "medium": 12, "high": 72}

_documents := documents.all(input.evidence.deployment_manifests)

# Inputs hold personal data: their digest proves what was asked.
_fields := {"caller", "input_digest", "model_version", "output", "request_id", "time"}

deny contains documents.finding(model, [], "logger", "has no logger that sees requests and responses", null, null) if {
	some model in workloads.served(_documents)
	seen := [logger | some logger in serving.loggers(model); logger.mode == "all"]
	count(seen) == 0
}

deny contains documents.finding(model, [], field, words, null, null) if {
	some model in workloads.served(_documents)
	some field in (_fields - serving.words(model, "log-fields"))
	words := sprintf("does not log %s", [field])
}

deny contains documents.finding(model, [], "months", "does not say for how long its log is kept", null, limits[tiers.effective]) if {
	some model in workloads.served(_documents)
	not serving.noted(model, "log-retention-months")
}

deny contains documents.finding(model, [], "months", words, months, limits[tiers.effective]) if {
	some model in workloads.served(_documents)
	months := serving.number(model, "log-retention-months")
	months < limits[tiers.effective]
	words := sprintf("keeps its log for %d months, limit %d", [months, limits[tiers.effective]])
}

insufficient contains documents.finding(model, [], "months", "says how long its log is kept in a way that cannot be read", null, limits[tiers.effective]) if {
	some model in workloads.served(_documents)
	serving.noted(model, "log-retention-months")
	not serving.number(model, "log-retention-months")
}

insufficient contains {"key": "none", "message": "no manifest serves a model", "observed": null, "limit": null} if {
	count(workloads.served(_documents)) == 0
}

insufficient contains found if some found in documents.unread(input.evidence.deployment_manifests)
