# METADATA
# scope: package
# title: What was built, tested, measured and approved is what is promoted
# description: >-
#   A statement can be about this model on its envelope and still report on another
#   one inside. Each result names the digest its tool saw; all must be the digest
#   of the request. A test without rows tested nothing.
# custom:
#   id: PRO-004
#   severity: critical
#   evidence: [approval, build_provenance, evaluation_report, fairness_report]
#   waivable: []
#   why_not: Evidence about another model is no evidence; there is nothing to waive.
#   controls: ["nist-800-53:cm-3.2", "mitre-atlas:AML.M0014"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Run the step again on the very file that is promoted, or correct the digest of
#     the request if the wrong file was named.
package promotion.rules.provenance.one_digest_throughout

deny contains _finding("approved", "approval", statement.result.model_digest) if {
	some statement in input.evidence.approval
	statement.result.model_digest != input.request.model.digest
}

deny contains _finding("built", "build_provenance", statement.result.model_digest) if {
	some statement in input.evidence.build_provenance
	statement.result.model_digest != input.request.model.digest
}

deny contains _finding("tested", "evaluation_report", statement.result.model_digest) if {
	some statement in input.evidence.evaluation_report
	statement.result.model_digest != input.request.model.digest
}

deny contains _finding("measured", "fairness_report", statement.result.model_digest) if {
	some statement in input.evidence.fairness_report
	statement.result.model_digest != input.request.model.digest
}

insufficient contains finding if {
	some statement in input.evidence.evaluation_report
	statement.result.rows == 0
	finding := {"key": "rows", "message": "evaluation_report tested no row", "observed": 0, "limit": null}
}

_finding(verb, type, digest) := {
	"key": verb,
	"message": sprintf("%s says that %s was %s, the request names %s", [type, digest, verb, input.request.model.digest]),
	"observed": digest,
	"limit": input.request.model.digest,
}
