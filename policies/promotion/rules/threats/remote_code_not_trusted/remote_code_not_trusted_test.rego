package promotion.rules.threats.remote_code_not_trusted_test

import data.promotion.rules.threats.remote_code_not_trusted as policy

_input(content) := {"evidence": {"deployment_manifests": [{"result": {"documents": [{
	"path": "d.yaml", "place": "0", "format": "v1/X", "content": json.marshal(content),
}]}}]}}

_denied(content) := found if found := policy.deny with input as _input(content)

_finding(pointer, what) := {
	"key": sprintf("d.yaml#0%s=%s", [pointer, what]),
	"message": sprintf("d.yaml#0%s lets a model repository run code", [pointer]),
	"observed": null,
	"limit": null,
}

test_allow_without_switch if {
	_denied({"spec": {"args": ["--model=org/model"], "env": [{"name": "MODE", "value": "x"}]}}) == set()
}

test_allow_switch_that_is_off if {
	_denied({"args": ["--trust-remote-code=false"]}) == set()
	_denied({"config": "trust_remote_code: false\nmodel: x"}) == set()
	_denied({"trust_remote_code": false, "trustRemoteCode": "False"}) == set()
	_denied({"trust_remote_code": "false"}) == set()
	every value in ["false", "False", "0"] {
		_denied({"env": [{"name": "TRUST_REMOTE_CODE", "value": value}]}) == set()
	}
}

test_deny_flag if {
	_denied({"args": ["--trust-remote-code"]}) == {_finding("/args/0", "switch")}
	_denied({"args": ["serve --trust_remote_code=true"]}) == {_finding("/args/0", "switch")}
	_denied({"args": ["--trust-remote-code=false --trust-remote-code"]}) == {_finding("/args/0", "switch")}
}

# RE2 folds the long s into s; so it does where documents are chosen.
test_deny_flag_in_other_letters if {
	every flag in ["--TRUST-REMOTE-CODE", "--tru\u017ft-remote-code", "\"trustremotecode\"", "<&>\n\u2028trust_remote_code"] {
		_denied({"args": [flag]}) == {_finding("/args/0", "switch")}
	}
}

test_deny_flag_inside_the_environment if {
	_denied({"env": [{"name": "VLLM_ARGS", "value": "--trust-remote-code"}]}) == {_finding("/env/0/value", "switch")}
}

test_deny_variable_unless_false if {
	_denied({"env": [{"name": "TRUST_REMOTE_CODE", "value": "1"}]}) == {_finding("/env/0", "variable")}
	_denied({"env": [{"name": "HF_TRUST_REMOTE_CODE", "valueFrom": {"x": 1}}]}) == {_finding("/env/0", "variable")}
	_denied({"env": [{"name": "TRUST_REMOTE_CODE"}]}) == {_finding("/env/0", "variable")}
}

test_allow_names_that_are_no_text if {
	off := ["--trust-remote-code=false"]
	_denied({"args": off, "env": [{"name": 5, "value": "1"}, {"name": null}]}) == set()
}

test_deny_member_of_any_type_but_false if {
	every value in [true, "true", "yes", 1, 0, null, []] {
		_denied({"spec": {"trust_remote_code": value}}) == {_finding("/spec/trust_remote_code", "member")}
	}
}

test_deny_script_in_a_config_map if {
	_denied({"data": {"run.py": "load(x, trust_remote_code=True)"}}) == {_finding("/data/run.py", "switch")}
}

test_deny_what_is_no_document if {
	every text in ["", "[]", "null", "{", "5"] {
		found := policy.insufficient with input as {"evidence": {"deployment_manifests": [{"result": {"documents": [{
			"path": "d.yaml", "place": "0", "format": "x", "content": text,
		}]}}]}}
		found == {{"key": "d.yaml#0", "message": "d.yaml holds no document", "observed": null, "limit": null}}
	}
}
