package checks.builtins_test

import data.checks.builtins
import data.checks.syntax_test as sample

_finding(name, remedy) := {
	"key": sprintf("promotion.rules.data.sample._x:%s", [name]),
	"message": sprintf("%s is called", [name]),
	"remedy": remedy,
	"file": sample.file,
	"row": 0,
}

_found(call) := found if {
	found := builtins.findings with input as sample.document(sprintf("_x := %s", [call]), {})
}

test_deny_what_cannot_be_repeated if {
	remedy := "evidence is input; a policy that asks elsewhere cannot be replayed"
	every call, name in {
		`http.send({})`: "http.send", `opa.runtime()`: "opa.runtime", `rand.intn("x", 2)`: "rand.intn",
		`uuid.rfc4122("x")`: "uuid.rfc4122", `net.lookup_ip_addr("x")`: "net.lookup_ip_addr", `rego.metadata.rule()`: "rego.metadata.rule",
	} {
		_found(call) == {_finding(name, remedy)}
	}
}

test_deny_the_clock if _found("time.now_ns()") == {_finding("time.now_ns", "use `evidence.now` of lib/evidence, which replay can set")}

test_allow_pure_ones if _found(`lower(concat("", ["x", "y"]))`) == set()

test_allow_the_clock_in_lib_evidence if {
	file := "policies/promotion/lib/evidence/evidence.rego"
	builtins.findings == set() with input as {"modules": {file: rego.parse_module(file, "package promotion.lib.evidence\nnow := time.now_ns()")}}
}
