# METADATA
# title: Configuration documents
# description: >-
#   Evidence carries documents of other tools whole, as JSON text, because their shape is
#   open. A rule that reads them asks for what must be there; what it does not find, or
#   finds in another type, is a finding. A text that is no document is one too.
package promotion.lib.documents

# METADATA
# description: Documents of statements, each with where it stands, its kind and its content.
all(statements) := [document |
	some statement in statements
	some carried in statement.result.documents
	content := _content(carried.content)
	document := {"at": concat("#", [carried.path, carried.place]), "kind": _kind(content, carried.format), "content": content}
]

# METADATA
# description: Findings for texts that hold no document.
unread(statements) := {found |
	some statement in statements
	some carried in statement.result.documents
	text := carried.content
	not _content(text)
	found := {"key": concat("#", [carried.path, carried.place]), "message": concat(" ", [carried.path, "holds no document"]), "observed": null, "limit": null}
}

_content(text) := content if {
	json.is_valid(text)
	content := json.unmarshal(text)
	is_object(content)
}

# Without the version: apps/Deployment, /Service for what has no group; else the format.
_kind(content, format) := concat("/", [group, content.kind]) if {
	is_string(content.kind)
	is_string(content.apiVersion)
	parts := split(content.apiVersion, "/")
	group := concat("/", array.slice(parts, 0, count(parts) - 1))
} else := format

# METADATA
# description: A pointer (RFC 6901) to a part of a document.
pointer(path) := concat("", [step |
	some part in path
	step := concat("", ["/", replace(replace(sprintf("%v", [part]), "~", "~0"), "/", "~1")])
])

# METADATA
# description: A finding about a part of a document; its key is path#place/pointer=what.
finding(document, path, what, words, observed, limit) := {
	"key": sprintf("%s%s=%s", [document.at, pointer(path), what]),
	"message": sprintf("%s%s %s", [document.at, pointer(path), words]),
	"observed": observed,
	"limit": limit,
}
