# METADATA
# scope: package
# title: Policies call nothing that makes a decision unrepeatable
# description: >-
#   The network, the environment, chance and the clock answer otherwise tomorrow, or
#   carry evidence out of the house. The clock is read in lib/evidence alone, where
#   replay sets it.
package checks.builtins

import data.checks.syntax

_banned := {"http.send", "opa.runtime", "rand.intn", "uuid.rfc4122"}

_families := {"net.", "rego.metadata."}

_clock := "promotion.lib.evidence.now"

findings contains _finding(call, "evidence is input; a policy that asks elsewhere cannot be replayed") if {
	some call in syntax.calls
	_refused(call.name)
}

findings contains _finding(call, "use `evidence.now` of lib/evidence, which replay can set") if {
	some call in syntax.calls
	call.name == "time.now_ns"
	call["in"].id != _clock
}

_refused(name) if name in _banned

_refused(name) if {
	some family in _families
	startswith(name, family)
}

_finding(call, remedy) := {
	"key": sprintf("%s:%s", [call["in"].id, call.name]),
	"message": sprintf("%s is called", [call.name]),
	"remedy": remedy,
	"file": call["in"].file,
	"row": call.row,
}
