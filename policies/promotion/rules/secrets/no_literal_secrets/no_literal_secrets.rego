# METADATA
# scope: package
# title: Code, notebooks and manifests hold no secret
# description: >-
#   A literal credential is known to everybody who can read the repository, its
#   history or the image, long after it was deleted. One is too many. A scan that
#   looked at no file found nothing because it looked at nothing, and one whose list of
#   files is not what it says it scanned may have looked elsewhere.
# custom:
#   id: SEC-001
#   severity: critical
#   evidence: [secret_scan]
#   waivable: []
#   why_not: A live secret is revoked at once; a false alarm belongs in the scanner's reviewed baseline.
#   controls: ["nist-800-53:ia-5", "pci-dss:8.6.2", "mitre-atlas:AML.T0055"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Revoke the credential first, then replace it by a reference to the secret store and scan
#     again. Deleting the line is not enough: history keeps it.
package promotion.rules.secrets.no_literal_secrets

import data.promotion.lib.digests

# As many files as a scan lists, by its schema.
_listed := 1000

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
	words := sprintf("%d further secrets are counted but not listed", [unlisted])
	finding := {"key": "unlisted", "message": words, "observed": scan.result.findings_total, "limit": 0}
}

insufficient contains finding if {
	some scan in input.evidence.secret_scan
	scan.result.files_total == 0
	finding := {"key": "files", "message": "the scan looked at no file", "observed": 0, "limit": null}
}

insufficient contains finding if {
	some scan in input.evidence.secret_scan
	scan.result.files_total > 0
	expected := min([scan.result.files_total, _listed])
	count(scan.result.files) != expected
	finding := {
		"key": "listed",
		"message": sprintf("%d files are listed of %d, not %d", [count(scan.result.files), scan.result.files_total, expected]),
		"observed": count(scan.result.files),
		"limit": expected,
	}
}

insufficient contains finding if {
	some scan in input.evidence.secret_scan
	scan.result.files_total == count(scan.result.files)
	target := digests.joint([file.digest | some file in scan.result.files])
	scan.result.target_digest != target
	finding := {
		"key": "target",
		"message": "the files listed are not what was scanned",
		"observed": scan.result.target_digest,
		"limit": target,
	}
}
