package promotion.rules.access.registry_written_by_pipelines_test

import data.promotion.rules.access.registry_written_by_pipelines as policy

_input(contents) := {"evidence": {"access_grants": [{"result": {"documents": [carried |
	some number, content in contents
	carried := {"path": "a.yaml", "place": sprintf("%d", [number]), "format": "aws_policy", "content": json.marshal(content)}
]}}]}}

_denied(contents) := found if found := policy.deny with input as _input(contents)

_insufficient(contents) := found if found := policy.insufficient with input as _input(contents)

_role(verbs) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "writer"}, "rules": [{"verbs": verbs, "resources": ["inferenceservices"]}]}

_binding(subject, role) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "roleRef": {"name": role}, "subjects": [subject]}

_machine := {"kind": "ServiceAccount", "name": "release"}

_user := {"kind": "User", "name": "jo"}

_finding(place, what, words, observed) := {
	"key": sprintf("a.yaml#%s=%s", [place, what]),
	"message": sprintf("a.yaml#%s %s", [place, words]),
	"observed": observed,
	"limit": null,
}

_bound(name) := {_finding("1/subjects/0", "person", sprintf("binds %s, who is no machine, to writer, which may patch", [name]), name)}

test_allow_machines_and_readers if {
	_denied([_role(["get", "patch"]), _binding(_machine, "writer")]) == set()
	_denied([_role(["get", "patch"]), _binding({"kind": "User", "name": "system:serviceaccount:x:y"}, "writer")]) == set()
	_denied([_role(["get", "list", "watch"]), _binding(_user, "writer")]) == set()
	reader := object.union(_role(["get"]), {"metadata": {"name": "reader"}})
	_denied([_role(["patch"]), reader, _binding(_user, "reader")]) == set()
	_insufficient([_role(["get"]), _binding(_user, "writer"), _binding(_user, "view")]) == set()
}

test_deny_people_who_write if {
	_denied([_role(["get", "patch"]), _binding(_user, "writer")]) == _bound("jo")
	_denied([_role(["patch"]), _binding({"kind": "Group", "name": "team"}, "writer")]) == _bound("team")
	_denied([object.union(_role(["patch"]), {"kind": "ClusterRole"}), _binding(_user, "writer")]) == _bound("jo")
	both := _finding("1/subjects/0", "person", "binds jo, who is no machine, to writer, which may patch, update", "jo")
	_denied([_role(["update", "patch"]), _binding(_user, "writer")]) == {both}
}

test_deny_roles_that_are_not_shown if {
	_insufficient([_binding(_user, "edit")]) == {_finding("0/roleRef", "role", "binds people to edit, which is not shown", "edit")}
	_insufficient([_binding(_machine, "edit")]) == set()
	other := {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "edit"}}
	_insufficient([_binding(_user, "edit"), other]) == {_finding("0/roleRef", "role", "binds people to edit, which is not shown", "edit")}
}

_user_with(statement) := {"UserDetailList": [{"UserName": "x", "UserPolicyList": [{"PolicyDocument": {"Statement": [statement]}}]}]}

_at := "0/UserDetailList/0/UserPolicyList/0/PolicyDocument/Statement/0"

test_allow_users_who_read if _denied([_user_with({"Effect": "Allow", "Action": ["s3:GetObject", "ecr:BatchGetImage"], "Resource": "*"})]) == set()

test_deny_users_who_write if {
	every action in ["s3:PutObject", "sagemaker:CreateModelPackage", "ecr:PutImage", "*"] {
		_denied([_user_with({"Effect": "Allow", "Action": action, "Resource": "x"})]) == {_finding(_at, "person", sprintf("lets people %s", [action]), action)}
	}
	_denied([_user_with({"Effect": "Allow", "NotAction": "x", "Resource": "x"})]) == {_finding(_at, "person", "lets people NotAction", "NotAction")}
}

test_deny_people_named_by_a_resource if {
	bucket := {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/x"}, "Action": "s3:PutObject", "Resource": "x"}]}
	_denied([bucket]) == {_finding("0/Statement/0", "person", "lets people s3:PutObject", "s3:PutObject")}
}

test_allow_roles_that_write if {
	role := {"RoleDetailList": [{"RolePolicyList": [{"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "x"}]}}]}]}
	_denied([role]) == set()
}

test_deny_attached_policies_that_are_not_looked_into if {
	attached := [{"AttachedManagedPolicies": [{"PolicyName": "Own"}, {"PolicyName": "ReadOnlyAccess"}]}]
	every list in ["GroupDetailList", "UserDetailList"] {
		_insufficient([{list: attached}]) == {_finding(sprintf("0/%s/0/AttachedManagedPolicies/0", [list]), "attached", "gives people Own, which is not looked into", "Own")}
	}
	_insufficient([{"RoleDetailList": attached}]) == set()
}

test_deny_text_that_is_no_document if {
	found := policy.insufficient with input as {"evidence": {"access_grants": [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "5"}]}}]}}
	found == {{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null}}
}
