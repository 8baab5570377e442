# METADATA
# title: An audit of reasons is of all denials
# description: >-
#   Counts that cannot be, reasons that do not reach all denials, and an audit of a part
#   of its population show nothing about the rest.
package promotion.lib.audits

# METADATA
# description: What makes an audit of reasons doubtful, as findings; empty when sound.
doubts(statement) := _counted(statement.result) | (_listed(statement.result) | _whole(statement))

_counted(audit) := ({_finding("denials", "no denial was audited", 0, null) | audit.denials == 0} | {_finding("decisions", words, audit.decisions, null) |
	audit.decisions < max([audit.denials, 1])
	words := sprintf("%d denials among %d decisions cannot be", [audit.denials, audit.decisions])
}) | {_finding("lacking", words, audit.lacking, audit.denials) |
	audit.lacking > audit.denials
	words := sprintf("%d of %d denials cannot lack a reason", [audit.lacking, audit.denials])
}

_listed(audit) := {_finding("reasons", words, given, audit.denials - audit.lacking) |
	given := sum([reason.count | some reason in audit.reasons])
	given + audit.lacking < audit.denials
	words := sprintf("%d reasons are listed for %d denials", [given, audit.denials - audit.lacking])
} | {_finding(concat("=", ["count", reason.text]), words, reason.count, audit.denials) |
	some reason in audit.reasons
	reason.count > audit.denials
	words := sprintf("%d denials cannot give one reason %d times: %s", [audit.denials, reason.count, reason.text])
}

# The population is all decisions, or all denials; anything else was looked at in part.
_whole(statement) := {_finding("population", words, size, null) |
	audit := statement.result
	size := statement.population.count
	whole := {audit.decisions, audit.denials}
	not size in whole
	words := sprintf("the audit of %d says %d decisions and %d denials, and is all of neither", [size, audit.decisions, audit.denials])
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
