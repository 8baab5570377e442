# METADATA
# scope: package
# title: Code, notebooks and manifests hold no secret
# description: >-
#   A literal credential is known to everybody who can read the repository, its
#   history or the image, long after it was deleted. One is too many. A scan that
#   looked at no file found nothing because it looked at nothing.
# custom:
#   id: SEC-001
#   severity: critical
#   evidence: [secret_scan]
#   waivable: []
#   why_not: A live secret is revoked at once; a false alarm belongs in the scanner's reviewed baseline.
#   controls: ["nist-800-53:ia-5", "pci-dss:8.6.2", "mitre-atlas:AML.T0055"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Revoke the credential first, then replace it by a reference to the secret store
#     and scan again. Deleting the line is not enough: history keeps it.
package promotion.rules.secrets.no_literal_secrets

deny contains finding if {
	some scan in input.evidence.secret_scan
	some secret in scan.result.findings
	finding := {
		"key": sprintf("%s:%d=%s", [secret.path, secret.line, secret.kind]),
		"message": sprintf("%s in %s, line %d", [secret.kind, secret.path, secret.line]),
		"observed": null,
		"limit": null,
	}
}

deny contains finding if {
	some scan in input.evidence.secret_scan
	unlisted := scan.result.findings_total - count(scan.result.findings)
	unlisted > 0
	finding := {
		"key": "unlisted",
		"message": sprintf("%d further secrets are counted but not listed", [unlisted]),
		"observed": scan.result.findings_total,
		"limit": 0,
	}
}

insufficient contains finding if {
	some scan in input.evidence.secret_scan
	scan.result.files_total == 0
	finding := {
		"key": "files",
		"message": "the scan looked at no file",
		"observed": 0,
		"limit": null,
	}
}
