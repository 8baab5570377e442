# METADATA
# scope: package
# title: What is wrong with the policies
# description: >-
#   Every finding of every check, in order. Its input is the one document that
#   README.md describes.
# entrypoint: true
package checks.main

import data.checks.applicability
import data.checks.builtins
import data.checks.constructs
import data.checks.controls
import data.checks.evidence
import data.checks.fields
import data.checks.layout
import data.checks.limits
import data.checks.names
import data.checks.negation
import data.checks.references
import data.checks.retired
import data.checks.tests

_by_check := {
	"applicability": applicability.findings,
	"builtins": builtins.findings,
	"constructs": constructs.findings,
	"controls": controls.findings,
	"evidence": evidence.findings,
	"fields": fields.findings,
	"layout": layout.findings,
	"limits": limits.findings,
	"names": names.findings,
	"negation": negation.findings,
	"references": references.findings,
	"retired": retired.findings,
	"tests": tests.findings,
}

_parts := {"catalog", "modules", "now", "register", "retired", "schemas", "tests"}

# Without a part its checks would find nothing, and that would read as clean.
_missing := _parts - object.keys(input)

findings := [{
	"check": "main",
	"key": part,
	"message": sprintf("the input of the checks has no %s", [part]),
	"remedy": "hand over the whole document that policies/checks/README.md describes",
	"file": "policies/checks/main/main.rego",
	"row": 0,
} |
	some part in sort(_missing)
] if {
	count(_missing) > 0
}

else := [object.union(at[4], {"check": at[2]}) |
	some at in sort([[finding.file, finding.row, check, finding.key, finding] | some check, found in _by_check; some finding in found])
]
