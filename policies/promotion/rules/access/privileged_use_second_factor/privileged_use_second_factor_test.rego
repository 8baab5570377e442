package promotion.rules.access.privileged_use_second_factor_test

import data.promotion.rules.access.privileged_use_second_factor as policy

_input(contents) := {"evidence": {"access_grants": [{"result": {"documents": [carried |
	some number, content in contents
	carried := {"path": "a.yaml", "place": sprintf("%d", [number]), "format": "identity_register", "content": json.marshal(content)}
]}}]}}

_denied(contents) := found if found := policy.deny with input as _input(contents)

_insufficient(contents) := found if found := policy.insufficient with input as _input(contents)

_person(change) := object.union({"id": "jo", "kind": "person", "privileged": true, "mfa": "phishing_resistant"}, change)

_register(change) := [{"identities": [_person(change)]}]

_finding(place, what, words, observed) := {
	"key": sprintf("a.yaml#%s=%s", [place, what]),
	"message": sprintf("a.yaml#%s %s", [place, words]),
	"observed": observed,
	"limit": null,
}

test_allow_second_factor if {
	_denied(_register({})) == set()
	_insufficient(_register({})) == set()
	_denied(_register({"mfa": "one_time_code"})) == set()
	every change in [{"kind": "machine"}, {"mfa": "one_time_code"}, {"mfa": "text_message"}, {"mfa": "none"}] {
		_insufficient(_register(change)) == set()
	}
	_denied(_register({"mfa": "none", "privileged": false})) == set()
	_denied(_register({"mfa": "none", "kind": "machine"})) == set()
}

test_deny_no_factor_that_counts if {
	every factor in ["none", "text_message"] {
		_denied(_register({"mfa": factor})) == {_finding("0/identities/0", "factor", "jo is privileged and has no second factor that counts", factor)}
	}
}

test_deny_what_is_not_said if {
	every change in [{"privileged": "true"}, {"kind": "human"}, {"id": null}, {"privileged": false, "mfa": true}] {
		_finding("0/identities/0", "unsaid", "does not say kind, privileged and mfa", null) in _insufficient(_register(change))
	}
	found := _insufficient([{"identities": [object.remove(_person({}), ["mfa"])]}])
	found == {_finding("0/identities/0", "unsaid", "does not say kind, privileged and mfa", null)}
}

_nobody := {"key": "register", "message": "no register names anybody", "observed": null, "limit": null}

test_deny_without_register if {
	_insufficient([{"identities": []}]) == {_nobody}
	other := {"apiVersion": "v1", "kind": "ConfigMap", "identities": [_person({})]}
	_insufficient([other]) == {_nobody}
}

_binding(subject) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "roleRef": {"name": "x"}, "subjects": [subject]}

test_deny_people_whom_the_register_does_not_know if {
	documents := array.concat(_register({}), [_binding({"kind": "User", "name": "kim"})])
	_insufficient(documents) == {_finding("1/subjects/0", "unknown", "names kim, whom no register knows", "kim")}
	_insufficient(array.concat(_register({}), [_binding({"kind": "User", "name": "jo"})])) == set()
	every subject in [{"kind": "Group", "name": "team"}, {"kind": "User", "name": "system:serviceaccount:x:y"}] {
		_insufficient(array.concat(_register({}), [_binding(subject)])) == set()
	}
}

test_deny_text_that_is_no_document if {
	found := policy.insufficient with input as {"evidence": {"access_grants": [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "5"}]}}]}}
	found == {_nobody, {"key": "x#0", "message": "x holds no document", "observed": null, "limit": null}}
}
