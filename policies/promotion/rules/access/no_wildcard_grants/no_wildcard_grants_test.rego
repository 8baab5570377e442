package promotion.rules.access.no_wildcard_grants_test

import data.promotion.rules.access.no_wildcard_grants as policy

_input(content) := {"evidence": {"access_grants": [{"result": {"documents": [{
	"path": "a.json", "place": "0", "format": "aws_policy", "content": json.marshal(content),
}]}}]}}

_denied(content) := found if found := policy.deny with input as _input(content)

_insufficient(content) := found if found := policy.insufficient with input as _input(content)

_policy(statement) := {"Version": "2012-10-17", "Statement": [statement]}

_finding(pointer, what, words, observed) := {
	"key": sprintf("a.json#0%s=%s", [pointer, what]),
	"message": sprintf("a.json#0%s %s", [pointer, words]),
	"observed": observed,
	"limit": null,
}

_of(statement) := _denied(_policy(statement))

_scoped := {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": "arn:aws:s3:::models/credit/*"}

test_allow_scoped if {
	_of(_scoped) == set()
	_insufficient(_policy(_scoped)) == set()
	_of({"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}) == set()
	_of({"Effect": "Allow", "Action": ["s3:List*", "kms:DescribeKey"], "Resource": "*"}) == set()
}

test_allow_denying_with_stars if _of({"Effect": "Deny", "Action": "*", "Resource": "*"}) == set()

test_deny_every_action if {
	every action in ["*", "s3:*", "sagemaker:*"] {
		_of(object.union(_scoped, {"Action": action})) == {_finding("/Statement/0", "action", sprintf("allows every action: %s", [action]), action)}
	}
}

test_deny_actions_of_another_type if {
	_of(object.union(_scoped, {"Action": {"a": 1}})) == {_finding("/Statement/0", "action", "allows every action: *", "*")}
	_of(object.union(_scoped, {"Action": [5]})) == {_finding("/Statement/0", "action", "allows every action: *", "*")}
}

test_deny_writing_everywhere if {
	every resource in ["*", "arn:aws:s3:::*", "arn:aws:s3:::*/x"] {
		_of(object.union(_scoped, {"Resource": resource})) == {_finding("/Statement/0", "resource", sprintf("allows s3:PutObject on %s", [resource]), "s3:PutObject")}
	}
	_of({"Effect": "Allow", "Action": "iam:PassRole", "Resource": ["*"]}) == {_finding("/Statement/0", "resource", "allows iam:PassRole on *", "iam:PassRole")}
}

test_deny_everything_but if {
	_of({"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::x/y"}) == {_finding("/Statement/0", "NotAction", "allows everything but what it names", null)}
	every member in ["NotResource", "NotPrincipal"] {
		_of(object.union(object.remove(_scoped, ["Resource"]), {member: "x"})) == {_finding("/Statement/0", member, "allows everything but what it names", null)}
	}
}

test_deny_anybody if {
	lets := {_finding("/Statement/0", "principal", "lets anybody in", null)}
	_of({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/y"}) == lets
	_of({"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "sts:AssumeRole"}) == lets
	_of({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"x": 1}}) == set()
	_of({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}) == set()
}

test_deny_full_access_by_name if {
	account := {"UserDetailList": [{"UserName": "x", "AttachedManagedPolicies": [{"PolicyName": "AmazonS3FullAccess"}, {"PolicyName": "ReadOnlyAccess"}]}]}
	_denied(account) == {_finding("/UserDetailList/0/AttachedManagedPolicies/0", "attached", "attaches AmazonS3FullAccess", "AmazonS3FullAccess")}
}

_role(rule) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

test_deny_stars_of_roles if {
	_denied(_role({"verbs": ["get"], "resources": ["pods"], "apiGroups": [""]})) == set()
	_denied(_role({"verbs": ["*"], "resources": ["pods"]})) == {_finding("/rules/0", "verbs", "has a star in verbs", null)}
	_denied(_role({"verbs": ["get"], "resources": ["*"]})) == {_finding("/rules/0", "resources", "has a star in resources", null)}
	_denied(_role({"verbs": ["get"], "nonResourceURLs": ["*"]})) == {_finding("/rules/0", "nonResourceURLs", "has a star in nonResourceURLs", null)}
}

test_deny_cluster_admin if {
	binding := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "roleRef": {"name": "cluster-admin"}, "subjects": []}
	_denied(binding) == {_finding("/roleRef", "admin", "gives every right there is", "cluster-admin")}
	_denied(object.union(binding, {"roleRef": {"name": "view"}})) == set()
}

test_deny_statement_without_actions if {
	_insufficient(_policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "x"})) == set()
	_denied(_policy({"Effect": "Allow", "Resource": "x"})) == set()
	_insufficient(_policy({"Effect": "Allow", "Resource": "x"})) == {_finding("/Statement/0", "unsaid", "does not say which actions it allows", null)}
}

test_deny_text_that_is_no_document if {
	found := policy.insufficient with input as {"evidence": {"access_grants": [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "5"}]}}]}}
	found == {{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null}}
}

test_allow_versions_that_are_no_longer_in_force if {
	version := {"Document": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "x"}]}, "IsDefaultVersion": false}
	_denied({"UserDetailList": [], "Policies": [{"PolicyVersionList": [version]}]}) == set()
	count(_denied({"UserDetailList": [], "Policies": [{"PolicyVersionList": [object.union(version, {"IsDefaultVersion": true})]}]})) == 1
}
