package promotion.lib.grants_test

import data.promotion.lib.grants

_document(kind, content) := {"at": "a#0", "kind": kind, "content": content}

_account(content) := _document("aws_policy", content)

_paths(content) := {one.path | some one in grants.statements([_account(content)])}

_statement := {"Effect": "Allow", "Action": "s3:GetObject"}

test_statements_wherever_they_stand if {
	grants.statements([_account({"Statement": [_statement]})]) == [{"document": _account({"Statement": [_statement]}), "path": ["Statement", 0], "spec": _statement}]
	_paths({"a": {"Statement": _statement}}) == {["a", "Statement"]}
	_paths({"Statement": [object.union(_statement, {"Effect": "Deny"})]}) == set()
	_paths({"Statement": [object.union(_statement, {"Effect": null})]}) == {["Statement", 0]}
	_paths({"Statement": [{"Action": "*"}]}) == set()
}

_versions(list, name, default_) := _paths({list: [{name: [{"Document": _statement, "IsDefaultVersion": default_}]}]})

test_versions_in_force if {
	_versions("Policies", "PolicyVersionList", false) == set()
	_versions("Policies", "PolicyVersionList", true) == {["Policies", 0, "PolicyVersionList", 0, "Document"]}
	count(_versions("Policies", "PolicyVersionList", null)) == 1
	old := {"Document": _statement, "IsDefaultVersion": false}
	replaced := {"Policies": [{"PolicyVersionList": [old], "Others": [old]}], "Others": [{"PolicyVersionList": [old]}]}
	_paths(replaced) == {["Policies", 0, "Others", 0, "Document"], ["Others", 0, "PolicyVersionList", 0, "Document"]}
	count(_versions("Policies", "Others", false)) == 1
	count(_versions("Others", "PolicyVersionList", false)) == 1
}

test_texts_of_one_or_many if {
	grants.texts({"a": "x"}, "a") == {"x"}
	grants.texts({"a": ["x", "y"]}, "a") == {"x", "y"}
	grants.texts({"a": ["x", 5]}, "a") == {"x", "*"}
	grants.texts({"a": []}, "a") == set()
	grants.texts({}, "a") == set()
	every odd in [5, null, true, {}, {"x": 1}, {"x": "y"}] {
		"*" in grants.texts({"a": odd}, "a")
	}
}

test_rules_and_bindings_by_kind if {
	every kind in ["rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/ClusterRole"] {
		document := _document(kind, {"rules": [{"verbs": ["get"]}]})
		grants.rules([document]) == [{"document": document, "path": ["rules", 0], "spec": {"verbs": ["get"]}}]
		grants.bindings([document]) == []
	}
	every kind in ["rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding"] {
		document := _document(kind, {"rules": [{}]})
		grants.bindings([document]) == [document]
		grants.rules([document]) == []
	}
}

test_attached_policies if {
	document := _account({"UserDetailList": [{"AttachedManagedPolicies": [{"PolicyName": "x"}, {"PolicyName": 5}, {}, "y"]}]})
	grants.attached([document]) == [{
		"document": document, "path": ["UserDetailList", 0, "AttachedManagedPolicies", 0],
		"spec": {"PolicyName": "x"},
	}]
	grants.attached([_account({"Others": [{"PolicyName": "x"}]})]) == []
}

test_actions_that_change_something if {
	every service in ["s3", "ecr", "sagemaker", "bedrock", "kms", "iam", "secretsmanager", "lambda", "eks", "dynamodb"] {
		action := concat(":", [service, "PutX"])
		grants.writes({"Action": action}) == {action}
		grants.writes({"Action": concat(":", [upper(service), "PutX"])}) == {concat(":", [upper(service), "PutX"])}
		grants.writes({"Action": concat(":", [service, "*"])}) == {concat(":", [service, "*"])}
		every verb in ["Get", "List", "Describe", "Head", "BatchGet", "BatchCheck"] {
			grants.writes({"Action": [sprintf("%s:%sX", [service, verb]), sprintf("%s:%s*", [service, verb])]}) == set()
		}
	}
	grants.writes({"Action": "*"}) == {"*"}
	grants.writes({"Action": ["sqs:SendMessage", "ec2:RunInstances"]}) == set()
	grants.writes({"NotAction": "x"}) == {"NotAction"}
	grants.writes({"NotAction": "x", "Action": "s3:PutObject"}) == {"NotAction", "s3:PutObject"}
}

test_verbs_that_change_something if {
	grants.changes({"verbs": ["get", "list", "watch", "patch", "*"]}) == {"patch", "*"}
	grants.changes({}) == set()
}

test_people_and_machines if {
	every kind in ["User", "Group"] {
		grants.person({"kind": kind, "name": "jo"})
		grants.person({"kind": kind})
		grants.person({"kind": kind, "name": 5})
		not grants.person({"kind": kind, "name": "system:nodes"})
		not grants.person({"kind": kind, "name": "system:serviceaccounts:x"})
	}
	not grants.person({"kind": "ServiceAccount", "name": "jo"})
}

test_anybody if {
	every principal in ["*", {"AWS": "*"}, {"AWS": ["x", "*"]}] {
		grants.anybody({"Principal": principal})
		not grants.anybody({"Principal": principal, "Condition": {}})
	}
	every principal in ["x", {"AWS": "x"}, {"Service": "*"}, {}, []] {
		not grants.anybody({"Principal": principal})
	}
	not grants.anybody({})
}

test_about_people if {
	every list in ["UserDetailList", "GroupDetailList"] {
		grants.of_people({"path": [list, 0], "spec": {}})
	}
	not grants.of_people({"path": ["RoleDetailList", 0], "spec": {}})
	grants.of_people({"path": ["Statement", 0], "spec": {"Principal": {"AWS": "arn:aws:iam::1:user/jo"}}})
	not grants.of_people({"path": ["Statement", 0], "spec": {"Principal": {"AWS": "arn:aws:iam::1:role/x"}}})
}
