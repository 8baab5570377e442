# METADATA
# title: Versions of models, and bounded ranges of them
# description: >-
#   A version is MAJOR.MINOR.PATCH of SemVer 2.0.0 and nothing more, compared as numbers.
#   Text of another form lies in no range. Which version an artifact has is what signed
#   evidence says of exactly its name and digest; the request alone proves none.
package promotion.lib.versions

import data.promotion.lib.evidence

# Nine digits stay exact in every engine. semver.is_valid would take a leading v, pre-releases
# and build metadata, and semver.compare makes the engine fail on everything else.
_form := `^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})$`

# METADATA
# description: Major, minor and patch as numbers; undefined for text of another form.
release(text) := [to_number(part) | some part in split(text, ".")] if {
	is_string(text)
	regex.match(_form, text)
}

# METADATA
# description: >-
#   How many versions a range names, both bounds included; undefined unless these are PATCH
#   releases of one MAJOR.MINOR, the lower first.
named(range) := (to[2] - from[2]) + 1 if {
	from := release(range.from)
	to := release(range.to)
	from[0] == to[0]
	from[1] == to[1]
	from[2] <= to[2]
}

# METADATA
# description: The range names this version. Lists compare by their first unequal number.
holds(range, text) if {
	is_number(named(range))
	version := release(text)
	release(range.from) <= version
	release(range.to) >= version
}

# METADATA
# description: Some version is named by both ranges.
overlap(one, other) if holds(one, other.from)

overlap(one, other) if holds(other, one.from)

# METADATA
# description: >-
#   The version of the artifact that is to be promoted, by the bill of materials: faultless,
#   signed by who may, about this name and digest. Undefined where it says none or several,
#   or another than the request.
signed := version if {
	evidence.sound
	count(evidence.gaps(["ml_bom"])) == 0
	said := {model.version |
		some statement in input.evidence.ml_bom
		some model in statement.result.models
		model.name == input.request.model.name
		model.sha256 == input.request.model.digest
	}
	said == {input.request.model.version}
	version := input.request.model.version
}
