# METADATA
# scope: package
# title: Loading the model cannot run code
# description: >-
#   Pickles and other program-like formats run whatever they hold when they are
#   loaded, and lists of bad names can be walked around. Only formats that are data
#   by construction pass; numpy files may embed a pickle and do not. A file that
#   could not be read to the end, or that no scanner looked at, may hold anything: the
#   model itself, or all its files together, must be what was scanned.
# custom:
#   id: THR-001
#   severity: critical
#   evidence: [artifact_scan]
#   waivable: []
#   why_not: Code that runs when the model is loaded runs before any compensating control.
#   controls: ["nist-800-53:si-3", "owasp-ml:ML06", "mitre-atlas:AML.T0011.000", "mitre-atlas:AML.T0018.002"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Convert the weights to safetensors (or ONNX) in the build, drop the other
#     files, and scan the result again.
package promotion.rules.threats.artifact_cannot_run_code

import data.promotion.lib.digests

_allowed := {"json", "onnx", "safetensors", "text"}

deny contains _finding("format", file.path, sprintf("format %s is not on the list", [format]), format) if {
	some scan in input.evidence.artifact_scan
	some file in scan.result.files
	format := file.format
	not format in _allowed
}

deny contains _finding("unreadable", file.path, "could not be read to the end", null) if {
	some scan in input.evidence.artifact_scan
	some file in scan.result.files
	file.readable == false
}

deny contains _finding(found.kind, found.path, found.detail, null) if {
	some scan in input.evidence.artifact_scan
	some found in scan.result.findings
}

insufficient contains _finding("files", "model", "nothing was scanned", null) if {
	some scan in input.evidence.artifact_scan
	count(scan.result.files) == 0
}

insufficient contains _finding("digest", "model", "the scan is of another model", scan.result.model_digest) if {
	some scan in input.evidence.artifact_scan
	scan.result.model_digest != input.request.model.digest
}

insufficient contains _finding("digest", "files", "no scanned file is the model, nor are all together", null) if {
	some scan in input.evidence.artifact_scan
	each := [file.digest | some file in scan.result.files]
	seen := {digest | some digest in each} | {digests.joint(each)}
	digest := input.request.model.digest
	not digest in seen
}

_finding(what, path, words, observed) := {
	"key": concat("=", [what, path]),
	"message": concat(": ", [path, words]),
	"observed": observed,
	"limit": null,
}
