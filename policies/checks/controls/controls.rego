# METADATA
# scope: package
# title: Controls that are cited stand in the register and have not lapsed
# description: >-
#   A policy that serves a control which is unregistered, superseded or over proves
#   nothing to an auditor. Law that is adopted and dated, or a draft, may be cited
#   ahead of its day, for reports show its status; but at least one control must
#   apply as soon as the policy does, or it stands on nothing.
package checks.controls

findings contains _finding(policy, name, sprintf("%s cites %s, which %s", [policy.id, name, problem.what]), problem.remedy) if {
	some policy in input.catalog
	some name in policy.controls
	problem := _problem(name, _when(policy))
}

findings contains _finding(policy, "none", words, remedy) if {
	some policy in input.catalog
	when := _when(policy)
	count([name | some name in policy.controls; _problem(name, when)]) == 0
	count([name | some name in policy.controls; _applies(input.register[name], when)]) == 0
	words := sprintf("no control that %s cites applies when it takes effect", [policy.id])
	remedy := "cite one that does, a house rule if need be, or set effective_from to the day of the law"
}

# A policy speaks from now on, or from when it takes effect.
_when(policy) := max({input.now, policy.effective_from})

_problem(name, when) := {
	"what": "is not in the register",
	"remedy": "register it in frameworks/ with its dates and source, or cite another",
} if {
	not name in object.keys(input.register)
} else := {"what": "was superseded", "remedy": _successor(input.register[name])} if {
	input.register[name].status == "superseded"
} else := {"what": "has lapsed by then", "remedy": _successor(input.register[name])} if {
	_over(input.register[name], when)
} else := {"what": "is pending without a date", "remedy": "cite it when its date is adopted"} if {
	input.register[name].status == "pending"
	is_null(input.register[name].since)
}

_over(control, when) if {
	is_number(control.until)
	control.until <= when
}

default _begun(_, _) := false

_begun(control, _) if is_null(control.since)

_begun(control, when) if control.since <= when

# The date counts: who has not yet called a pending control in force is not punished.
_applies(control, when) if {
	_begun(control, when)
	control.status in {"in_force", "pending"}
	not _over(control, when)
}

_successor(control) := sprintf("cite %s, which replaced it", [control.superseded_by]) if is_string(control.superseded_by)

else := "cite what replaced it, or take it out"

_finding(policy, name, message, remedy) := {
	"key": sprintf("%s:%s", [policy.id, name]),
	"message": message,
	"remedy": remedy,
	"file": policy.file,
	"row": policy.row,
}
