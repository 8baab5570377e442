# METADATA
# title: Credentials in configuration
# description: Names under which clouds and registries take static keys, and how long tokens live.
package promotion.lib.credentials

_names := `(?:aws[-_]access[-_]key[-_]id|aws[-_]secret[-_]access[-_]key|google[-_]credentials|gcp[-_]sa[-_]key|credentials[-_]json|service[-_]account[-_]key|azure[-_]credentials|azure[-_]client[-_]secret|arm[-_]client[-_]secret|client[-_]secret|creds|kube[-_]?config(?:[-_]data)?)`

_static := concat("", ["(?i)^", _names, "$"])

_quoted := concat("", [`(?i)"`, _names, `"`])

# METADATA
# description: >-
#   Whether such a name stands anywhere in a document, as a member or as a text. Where it
#   does not, no member is static; whoever looks for them need not walk.
has_names(content) if regex.match(_quoted, json.marshal(content))

# METADATA
# description: >-
#   Names of static credentials that a member sets: of a map (env, with, variables), or of
#   the name and value that Kubernetes writes.
static(path, value) := {name |
	name := path[count(path) - 1]
	is_string(name)
	regex.match(_static, name)
	_set(value)
} | {name |
	name := value.name
	is_string(name)
	regex.match(_static, name)
	_gives(value)
}

_set(value) if not value in {null, "", false}

_gives(value) if _set(value.value)

_gives(value) if value.valueFrom

_life := {"role-duration-seconds", "expirationSeconds", "token-lifetime-seconds"}

# METADATA
# description: Whether anything in a document may say how long a token lives; the others need no walk.
has_lives(content) if {
	text := json.marshal(content)
	some name in _life
	contains(text, name)
}

# METADATA
# description: Whether a member says how long a token lives.
speaks_of_life(path) if _life[path[count(path) - 1]]

# METADATA
# description: Seconds that a token lives; undefined for what is no number of seconds.
life(path, value) := seconds if {
	speaks_of_life(path)
	seconds := _seconds(value)
}

_seconds(value) := value if {
	is_number(value)
	value > 0
}

_seconds(value) := to_number(value) if {
	is_string(value)
	regex.match(`^[1-9][0-9]{0,8}$`, value)
}

# METADATA
# description: Whole hours, rounded up, so that a second over a limit shows.
hours(seconds) := ceil(seconds / 3600)
