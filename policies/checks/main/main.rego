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
import data.checks.facts
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

# Without a part its checks would find nothing, and that would read as clean. Each is named:
# whoever reads the whole input, or its modules, is handed all of them, which takes time.
_missing := {"catalog", "facts", "modules", "now", "register", "retired", "schemas", "tests"} - _there

_there contains "catalog" if is_array(input.catalog)

_there contains "facts" if is_object(input.facts)

_there contains "modules" if facts.given

_there contains "now" if is_number(input.now)

_there contains "register" if is_object(input.register)

_there contains "retired" if is_array(input.retired)

_there contains "schemas" if is_object(input.schemas)

_there contains "tests" if is_object(input.tests)

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
