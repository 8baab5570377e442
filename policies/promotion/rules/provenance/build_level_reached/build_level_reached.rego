# METADATA
# scope: package
# title: A trusted builder made the model at the level its tier needs
# description: >-
#   Provenance is worth what its builder is worth. The level believed is the lower
#   of what the provenance claims and what trust/sources.yaml grants this very
#   builder; of a builder that is not listed nothing is believed.
# custom:
#   id: PRO-002
#   severity: critical
#   evidence: [build_provenance]
#   limit: {unit: SLSA Build level, sense: minimum}
#   waivable: [fail]
#   controls: ["slsa:build-track-basics", "slsa:verifying-artifacts", "nist-800-53:sr-4"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Build on a listed service of the level asked for, not on a laptop. A new
#     builder is added to trust/sources.yaml by review, with the level it was
#     assessed at.
package promotion.rules.provenance.build_level_reached

import data.promotion.lib.tiers

limits := {"low": 1, "medium": 2, "high": 3}

deny contains finding if {
	some build in _builds
	build.granted == set()
	finding := _finding(build, 0, "the builder is not listed")
}

deny contains finding if {
	some build in _builds
	build.granted != set()
	believed := min(build.granted | {build.claimed})
	believed < limits[tiers.effective]
	words := sprintf("level %d is claimed and %d granted", [build.claimed, min(build.granted)])
	finding := _finding(build, believed, words)
}

_builds contains {"builder": builder, "claimed": statement.result.level, "granted": granted} if {
	some statement in input.evidence.build_provenance
	builder := statement.result.builder
	granted := {listed.level | some listed in input.trust.builders; listed.id == builder}
}

_finding(build, believed, words) := {
	"key": concat("=", ["builder", build.builder]),
	"message": sprintf("build level of %s is %d, limit %d: %s", [build.builder, believed, limits[tiers.effective], words]),
	"observed": believed,
	"limit": limits[tiers.effective],
}
