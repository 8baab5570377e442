# METADATA
# scope: package
# title: The model is signed by a trusted signer
# description: >-
#   A signature shows who stands behind the files and that none was changed since.
#   It must verify, cover at least one file of exactly this model, and come from a
#   signer of trust/sources.yaml: a key carried along with the model proves nothing.
# custom:
#   id: PRO-001
#   severity: critical
#   evidence: [model_signature]
#   waivable: []
#   why_not: Signing anew takes a minute; without it nothing ties the files to anybody.
#   controls: ["nist-800-53:si-7.15", "mitre-atlas:AML.M0013", "owasp-ml:ML06"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Have the build pipeline sign the model again and verify it with the released
#     files. A new signer is added to trust/sources.yaml by review.
package promotion.rules.provenance.model_signature_trusted

deny contains _finding("verified", "the signature does not verify", signature, false) if {
	some signature in _signatures
	signature.verified == false
}

deny contains _finding("files", "the signature covers no file", signature, 0) if {
	some signature in _signatures
	signature.files == 0
}

deny contains _finding("digest", "the signature is over another model", signature, signature.model_digest) if {
	some signature in _signatures
	signature.model_digest != input.request.model.digest
}

deny contains _finding("signer", "the signer is not trusted", signature, signer) if {
	some signature in _signatures
	signer := signature.signer
	trusted := {listed | some listed in input.trust.model_signers}
	not signer in trusted
}

_signatures := {statement.result | some statement in input.evidence.model_signature}

_finding(what, words, signature, observed) := {
	"key": concat("=", [what, signature.signer]),
	"message": sprintf("%s (signer %s, model %s)", [words, signature.signer, signature.model_digest]),
	"observed": observed,
	"limit": null,
}
