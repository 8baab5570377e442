# METADATA
# title: Names that cannot change their meaning
# description: Whether images, models and actions are named by what they hold.
package promotion.lib.references

# METADATA
# description: An image with its digest.
image_pinned(name) if {
	is_string(name)
	regex.match(`^[^@\s]+@sha256:[0-9a-f]{64}$`, name)
}

_members := {"storageUri", "model_uri"}

_nested := [["model", "uri"], ["storage", "path"]]

# METADATA
# description: Whether anything in a manifest may be the address of a model; the others need no walk.
has_models(content) if {
	text := json.marshal(content)
	some name in (_members | {step | some [_, step] in _nested})
	contains(text, json.marshal(name))
}

# METADATA
# description: Whether text at a path of a manifest is the address of a model.
of_model(path, text) if {
	is_string(text)
	path[count(path) - 1] in _members
}

of_model(path, text) if {
	is_string(text)
	array.slice(path, count(path) - 2, count(path)) in _nested
}

# METADATA
# description: An address that holds a SHA-256 digest or a commit.
model_pinned(address) if regex.match(`(^|[^0-9a-f])([0-9a-f]{40}|[0-9a-f]{64})([^0-9a-f]|$)`, address)

# METADATA
# description: Whether what a workflow takes is pinned; what lies in the same repository is.
taken_pinned("action", name) if {
	is_string(name)
	_action_pinned(name)
}

taken_pinned("image", name) if image_pinned(name)

_action_pinned(name) if {
	regex.match(`^[^@\s]+@([0-9a-f]{40}|[0-9a-f]{64})$`, name)
	not startswith(name, "docker://")
}

_action_pinned(name) if {
	startswith(name, "./")
	not contains(name, "@")
}

_action_pinned(name) if {
	startswith(name, "docker://")
	image_pinned(name)
}
