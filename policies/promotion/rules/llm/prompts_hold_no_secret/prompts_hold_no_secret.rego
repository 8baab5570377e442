# METADATA
# scope: package
# title: Prompts hold neither secrets nor personal data
# description: >-
#   What stands in a prompt can be asked out of the model, by anybody who may talk to it.
#   Both scans must have looked at every prompt as it is deployed: a prompt that neither
#   named holds whatever it holds. What a scan counts and does not list is judged by SEC-001
#   and PRV-007.
# custom:
#   id: LLM-002
#   severity: critical
#   evidence: [llm_configuration, pii_scan, secret_scan]
#   waivable: []
#   why_not: A secret is revoked and a name is cut out in a minute; everybody who asks can read them.
#   controls: ["owasp-llm:LLM02", "owasp-llm:LLM07"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Revoke the secret, take it and all personal data out of the prompt, let the
#     application fetch what it needs with the rights of the user, and scan again.
package promotion.rules.llm.prompts_hold_no_secret

not_applicable contains "the model writes nothing: it is predictive" if input.request.use.model_kind == "predictive"

deny contains finding if {
	some prompt in _prompts
	some scan in input.evidence.secret_scan
	some secret in scan.result.findings
	secret.path == prompt.path
	finding := {
		"key": sprintf("%s:%d=%s", [prompt.path, secret.line, secret.kind]),
		"message": sprintf("%s in prompt %s, line %d", [secret.kind, prompt.path, secret.line]),
		"observed": null,
		"limit": null,
	}
}

deny contains finding if {
	some prompt in _prompts
	some scan in input.evidence.pii_scan
	some hit in scan.result.hits
	hit.path == prompt.path
	finding := {
		"key": sprintf("%s=%s", [prompt.path, hit.kind]),
		"message": sprintf("%d hits of %s in prompt %s", [hit.count, hit.kind, prompt.path]),
		"observed": hit.count,
		"limit": 0,
	}
}

insufficient contains finding if {
	some prompt in _prompts
	some type in ["pii_scan", "secret_scan"]
	digest := prompt.digest
	scanned := _scanned[type]
	not digest in scanned
	finding := {
		"key": sprintf("%s=%s", [type, prompt.path]),
		"message": sprintf("%s did not look at prompt %s as it is deployed", [type, prompt.path]),
		"observed": null,
		"limit": null,
	}
}

_prompts := {prompt | some configuration in input.evidence.llm_configuration; some prompt in configuration.result.prompts}

_scanned := {
	"pii_scan": {file.digest | some scan in input.evidence.pii_scan; some file in scan.result.files},
	"secret_scan": {file.digest | some scan in input.evidence.secret_scan; some file in scan.result.files},
}
