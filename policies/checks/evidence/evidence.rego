# METADATA
# scope: package
# title: METADATA names exactly the evidence that is read
# description: >-
#   What a policy reads without naming it is not asked for, and where it is missing
#   nothing is denied. What it names and does not read is collected for nothing.
#   input.evidence[type] is read for the types that its rule names as text.
package checks.evidence

import data.checks.syntax

_types := {type | some type in input.schemas.types}

_reading := [ref | some ref in syntax.refs; ref.root == "input"; ref.path[0] == "evidence"; ref["in"].area == "rules"]

_reads[ref["in"].file] contains {"type": type, "row": ref.row, "id": ref["in"].id} if {
	some ref in _reading
	some type in _of(ref)
}

_of(ref) := {ref.path[1]} if count(ref.path) > 1

else := {text |
	ref.whole == false
	some text in ref["in"].rule.texts
	text in _types
}

findings contains finding if {
	some ref in _reading
	count(_of(ref)) == 0
	finding := _finding(ref["in"].id, "which evidence is read cannot be seen", "name the types in this rule", ref["in"].file, ref.row)
}

# What waivers for a range of versions rest on; no policy may, for its METADATA names no waiver.
_signed_version := "promotion.lib.versions.signed"

findings contains finding if {
	some ref in syntax.refs
	ref.root == "data"
	concat(".", array.slice(ref.path, 0, 4)) == _signed_version
	id := ref["in"].id
	not strings.any_prefix_match(id, ["promotion.lib.waivers.", _signed_version])
	finding := _finding(id, "it reads the signed version, which is for lib/waivers alone", "name ml_bom in METADATA and read it", ref["in"].file, ref.row)
}

# Through a library a policy could read what its METADATA does not name.
findings contains finding if {
	some ref in syntax.refs
	ref["in"].area == "lib"
	ref.root == "input"
	array.slice(ref.path, 0, 1) in [[], ["evidence"]]
	id := ref["in"].id
	not strings.any_prefix_match(id, ["promotion.lib.evidence.", _signed_version])
	finding := _finding(ref["in"].id, "a library reads evidence", "hand it over as an argument, from the policy that names it", ref["in"].file, ref.row)
}

findings contains finding if {
	some ref in syntax.refs
	ref.root == "input"
	ref.path == []
	ref["in"].area == "rules"
	finding := _finding(ref["in"].id, "the whole input is read", "read the members you need, so that they can be seen", ref["in"].file, ref.row)
}

findings contains finding if {
	some policy in input.catalog
	some read in _reads[policy.file]
	not read.type in policy.evidence
	words := sprintf("%s is read and METADATA does not name it", [read.type])
	remedy := "add it to `evidence` of METADATA: where it is missing the rule would not deny"
	finding := _finding(sprintf("%s:%s", [policy.id, read.type]), words, remedy, policy.file, read.row)
}

findings contains finding if {
	some policy in input.catalog
	some type in policy.evidence
	read := {one.type | some one in _reads[policy.file]}
	not type in read
	words := sprintf("METADATA names %s, which no rule reads", [type])
	remedy := "read it, or take it out of `evidence`"
	finding := _finding(sprintf("%s:%s", [policy.id, type]), words, remedy, policy.file, policy.row)
}

_finding(key, message, remedy, file, row) := {"key": key, "message": message, "remedy": remedy, "file": file, "row": row}
