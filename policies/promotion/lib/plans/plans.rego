# METADATA
# title: Terraform plans
# description: Resources as they will be after the plan; what the plan does not know is told apart from what is not set.
package promotion.lib.plans

# METADATA
# description: >-
#   Resources that will exist: document, path, address, type, values after, and which of them
#   are known only after the plan was applied.
resources(documents) := [{"document": document, "path": path, "address": address, "type": change.type, "after": after, "unknown": unknown} |
	some document in documents
	some number, change in document.content.resource_changes
	change.mode == "managed"
	not _gone(change)
	path := ["resource_changes", number]
	address := _text(change)
	after := _members(change, "after")
	unknown := _members(change, "after_unknown")
]

_gone(change) if {
	actions := change.change.actions
	actions in [["delete"], ["forget"]]
}

_text(change) := change.address if is_string(change.address)

else := "?"

_members(change, name) := change.change[name] if is_object(change.change[name])

else := {}

# METADATA
# description: >-
#   Plans in which no resource can be seen, and entries whose kind or mode is not said: what
#   they would make is not known.
opaque(documents) := {[document, ["resource_changes"], "names no resource"] |
	some document in documents
	not _lists(document)
} | {[document, ["resource_changes", number], "does not say what it is"] |
	some document in documents
	some number, change in document.content.resource_changes
	not _sound(change)
}

_lists(document) if {
	changes := document.content.resource_changes
	is_array(changes)
	count(changes) > 0
}

_sound(change) if {
	is_string(change.type)
	change.mode in {"managed", "data"}
	is_array(change.change.actions)
}

# METADATA
# description: Whether a value will be known only after the plan was applied.
later(resource, name) if {
	said := resource.unknown[name]
	said != false
}
