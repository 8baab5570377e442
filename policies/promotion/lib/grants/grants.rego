# METADATA
# title: Grants
# description: >-
#   Statements of AWS policies wherever they stand, and rules of Kubernetes roles, in one
#   form. What does not deny is taken to allow.
package promotion.lib.grants

_roles := {"rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/ClusterRole"}

_bindings := {"rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding"}

# METADATA
# description: Statements in force that allow something, each with document, path and spec.
statements(documents) := [{"document": document, "path": path, "spec": spec} |
	some document in documents
	walk(document.content, [path, spec])
	effect := spec.Effect
	effect != "Deny"
	not _replaced(document, path)
]

# Accounts list earlier versions of a policy too; one of them alone is in force.
_replaced(document, path) if {
	path[0] == "Policies"
	path[2] == "PolicyVersionList"
	document.content.Policies[path[1]].PolicyVersionList[path[3]].IsDefaultVersion == false
}

# METADATA
# description: Texts of a member that may be one text or a list; anything else is a star.
texts(spec, name) := (({value | value := spec[name]; is_string(value)} | {value |
	is_array(spec[name])
	some value in spec[name]
	is_string(value)
}) | {"*" |
	value := spec[name]
	not is_string(value)
	not is_array(value)
}) | {"*" |
	some value in spec[name]
	not is_string(value)
}

# METADATA
# description: Rules of roles, each with document, path and spec.
rules(documents) := [{"document": document, "path": ["rules", number], "spec": spec} |
	some document in documents
	document.kind in _roles
	some number, spec in document.content.rules
]

# METADATA
# description: Bindings of roles to subjects.
bindings(documents) := [document | some document in documents; document.kind in _bindings]

# METADATA
# description: Policies that are attached by name, each with document, path and spec.
attached(documents) := [{"document": document, "path": path, "spec": spec} |
	some document in documents
	walk(document.content, [path, spec])
	path[count(path) - 2] == "AttachedManagedPolicies"
	is_string(spec.PolicyName)
]

# What holds models, their keys and whoever acts for them.
_assets := {"s3", "ecr", "sagemaker", "bedrock", "kms", "iam", "secretsmanager", "lambda", "eks", "dynamodb"}

_reads := `^[a-z0-9-]+:(Get|List|Describe|Head|BatchGet|BatchCheck)[A-Za-z]*\*?$`

# METADATA
# description: Actions of a statement that change something of a model's assets.
writes(spec) := {action |
	some action in texts(spec, "Action")
	service := lower(split(action, ":")[0])
	service in (_assets | {"*"})
	not regex.match(_reads, action)
} | {"NotAction" | spec.NotAction}

# METADATA
# description: Verbs of a role's rules that change something.
changes(rule) := {verb |
	some verb in texts(rule, "verbs")
	not verb in {"get", "list", "watch"}
}

# METADATA
# description: Whether a subject of a binding is a person or a group of them.
person(subject) if {
	subject.kind in {"User", "Group"}
	not _machine(subject)
}

_machine(subject) if {
	is_string(subject.name)
	startswith(subject.name, "system:serviceaccount")
}

_machine(subject) if subject.name == "system:nodes"

# METADATA
# description: Whether a statement names everybody as who may do it, without any condition.
anybody(spec) if {
	"*" in _principals(spec)
	conditions := {condition | condition := spec.Condition}
	count(conditions) == 0
}

_principals(spec) := texts(spec.Principal, "AWS") if is_object(spec.Principal)

else := texts(spec, "Principal")

# METADATA
# description: Whether a statement is about people; users and groups of an account, or named as who may do it.
of_people(statement) if statement.path[0] in {"UserDetailList", "GroupDetailList"}

of_people(statement) if {
	some name in _principals(statement.spec)
	contains(name, ":user/")
}
