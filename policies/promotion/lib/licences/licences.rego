# METADATA
# title: What licences of models and data permit
# description: >-
#   A closed list, read by people: SPDX ids in lower case, and a few names that are in use.
#   Restrictions are kept short: commerce, changes (training on data makes something derived), fields
#   of use by domain of the request, and deciding about people without a person. No legal advice.
package promotion.lib.licences

# Permit any use.
_free := {
	"apache-2.0", "bsd-2-clause", "bsd-3-clause", "cc-by-3.0", "cc-by-4.0", "cc0-1.0", "cdla-permissive-1.0",
	"cdla-permissive-2.0", "dbcl-1.0", "isc", "mit", "odc-by-1.0", "pddl-1.0", "unlicense", "us-pd",
}

# Permit any use here; what is passed on must stay under the same licence.
_share_alike := {"cc-by-sa-3.0", "cc-by-sa-4.0", "cdla-sharing-1.0", "odbl-1.0"}

# Ours, or under a contract that legal has on file.
_own := {"licenseref-own", "licenseref-contract", "proprietary"}

_research := {"cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "cc-by-nc-nd-4.0", "fair-noncommercial-research"}

_unchanged := {"cc-by-nd-3.0", "cc-by-nd-4.0", "cc-by-nc-nd-4.0"}

# Fields of use that responsible-AI licences keep out (RAIL-M attachment A and alike).
_fields := {
	"bigscience-bloom-rail-1.0": {"clinical", "law_enforcement"},
	"bigscience-openrail-m": {"clinical", "law_enforcement"},
	"bigcode-openrail-m": {"clinical", "law_enforcement"},
	"creativeml-openrail-m": {"clinical", "law_enforcement"},
	"openrail++": {"clinical", "law_enforcement"},
}

_known := ((_free | _share_alike) | (_own | _research)) | (_unchanged | object.keys(_fields))

# METADATA
# description: >-
#   Why an expression does not permit the use of the request, for a model or a dataset; empty
#   where it does. Brackets and exceptions are not read: such an expression is not listed.
problems(expression, kind) := set() if {
	some alternative in split(expression, " OR ")
	count(_of_all(alternative, kind)) == 0
} else := {problem |
	some alternative in split(expression, " OR ")
	some problem in _of_all(alternative, kind)
}

# AND binds more tightly than OR (SPDX 2.3, annex D).
_of_all(alternative, kind) := {problem |
	some name in split(alternative, " AND ")
	some problem in _problems(lower(trim_space(name)), kind)
}

_problems(name, kind) := {"is not on the list of licences"} if {
	not name in _known
} else := ({words | words := "permits no commerce"; name in _research; not _scholarly} | {words | words := "permits nothing derived"; name in _unchanged; kind == "dataset"}) | ({words | some domain in _fields[name]; domain == input.request.use.domain; words := sprintf("keeps out the field %s", [domain])} | {words | words := "permits no decision about people without a person"; _fields[name]; _alone})

# Research that reaches nobody.
_scholarly if {
	input.request.use.domain == "research"
	input.request.use.effect == "none"
	input.request.to_stage != "production"
}

_alone if {
	input.request.use.autonomy == "automated"
	input.request.use.effect in {"legal", "significant"}
}
