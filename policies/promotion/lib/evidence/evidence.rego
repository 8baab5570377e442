# METADATA
# title: Gaps in evidence
# description: >-
#   Says which required evidence cannot be believed, and why. Every fault
#   stands until a rule below clears it, so that an undefined value leaves it
#   standing. All or nothing per type: one faulty statement is a gap.
package promotion.lib.evidence

import data.promotion.generated.catalog
import data.promotion.generated.schemas

# METADATA
# description: Findings about required evidence types, empty when rules may run.
gaps(types) := {gap |
	some type in types
	some gap in _type_gaps(type)
}

default sound := false

# METADATA
# description: >-
#   Evidence and rejections have the shape that gaps reads; where they have not,
#   nothing can be said about any evidence.
sound if {
	is_object(input.evidence)
	is_array(input.rejected)
}

_type_gaps(type) := _rejections(type) if count(_rejections(type)) > 0

else := {_finding(type, "missing", "no evidence of this type was given")} if not _given(type)

else := {gap |
	some statement in input.evidence[type]
	some fault in _faults(type, statement)
	gap := _finding(type, fault, _message(fault, statement))
}

# Text and objects can be counted too; only a list holds statements.
_given(type) if {
	is_array(input.evidence[type])
	count(input.evidence[type]) > 0
}

# What intake could not read or believe. A file of unknown type, or an entry that
# does not say its type, may be any type, so it is a gap in each.
_rejections(type) := {_finding(type, _fault(rejection), _why(rejection)) |
	some rejection in input.rejected
	not _elsewhere(rejection, type)
}

# Cleared positively: the entry names a known type, and another one.
_elsewhere(rejection, type) if {
	schemas.evidence[rejection.type]
	rejection.type != type
}

_fault(rejection) := rejection.fault if is_string(rejection.fault)

else := "unreadable"

_why(rejection) := rejection.message if is_string(rejection.message)

else := "a file was rejected without a word why"

_all_faults := {
	"other_subject", "not_yet_valid", "expired", "stale", "unsigned",
	"wrong_role", "not_measured", "empty_population", "incomplete",
}

# Faults of one statement of input.evidence; malformed hides the rest, which could not be trusted.
_faults(type, statement) := {"malformed"} if not _well_formed(type, statement)

else := {fault | some fault in _all_faults; not cleared(fault, type, statement)}

default _well_formed(_, _) := false

# Asked of all at once; where one of them is not, of each by itself.
_well_formed(type, statement) if {
	_all_well_formed
	_known[type]
} else if _match({type: [statement]})

default _all_well_formed := false

_all_well_formed if _match(_known)

# Lists of statements of types that a policy of the catalog reads and that have a schema: a
# track of few policies pays for what they read.
_known := {type: list |
	some policy in catalog.policies
	some type in policy.evidence
	list := input.evidence[type]
	is_array(list)
	schemas.evidence[type]
}

# The schema is compiled at every call, so what statements of all types share stands in it once.
_match(lists) if {
	own := concat(",", [schemas.evidence[type].statements | some type, _ in lists])
	json.match_schema(lists, concat("", [schemas.frame.opening, own, schemas.frame.closing]))[0]
}

default cleared(_, _, _) := false

cleared("other_subject", _, statement) if {
	statement.subject.name == input.request.model.name
	statement.subject.digest == input.request.model.digest
}

cleared("not_yet_valid", _, statement) if statement.collected_at <= now

cleared("expired", _, statement) if statement.valid_until > now

cleared("stale", type, statement) if now - statement.collected_at <= schemas.evidence[type].max_age_days * 86400

cleared("unsigned", _, statement) if is_object(statement.signer)

# Unsigned already says that nobody stands behind it.
cleared("wrong_role", _, statement) if is_null(statement.signer)

cleared("wrong_role", type, statement) if type in statement.signer.evidence_types

cleared("not_measured", _, statement) if statement.status == "measured"

cleared("empty_population", _, statement) if statement.population.count > 0

cleared("incomplete", _, statement) if {
	statement.completeness.expected > 0
	statement.completeness.observed >= statement.completeness.expected
}

# METADATA
# description: Seconds since 1970 by OPA's clock.
now := floor(time.now_ns() / 1000000000)

_finding(type, fault, message) := {
	"key": concat("", ["evidence:", type]),
	"kind": "evidence",
	"fault": fault,
	"message": concat("", [type, ": ", message]),
}

_words := {
	"malformed": "does not have the shape of its schema",
	"other_subject": "is about another model or digest",
	"not_yet_valid": "is dated in the future",
	"expired": "is past its valid_until",
	"stale": "is older than its schema allows",
	"unsigned": "is not signed",
	"wrong_role": "is signed by an identity that may not sign this type",
	"not_measured": "says that nothing was measured",
	"empty_population": "was measured on nothing",
	"incomplete": "saw less than it should have seen",
}

_message(fault, statement) := concat(" ", [statement.file, _words[fault]]) if is_string(statement.file)

else := _words[fault]

# METADATA
# description: >-
#   The one in-force interval: from (included) to until (not), both in whole seconds. Times of
#   another type than numbers would sort before or after every number.
within(from, until) if {
	is_number(from)
	is_number(until)
	from <= now
	until > now
}
