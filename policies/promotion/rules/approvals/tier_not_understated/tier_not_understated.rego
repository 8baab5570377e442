# METADATA
# scope: package
# title: The request moves a model up, at the tier of its use, for a permitted use
# description: >-
#   The tier sets every limit. It is computed from domain, effect, autonomy and
#   data; a lower declaration means that the requester misjudges the use, and so does a
#   purpose that names another domain. A promotion that moves nothing up is none. The
#   practices that EU law prohibits are out of bounds everywhere by house rule;
#   its medical and safety exception for emotion inference is not offered.
# custom:
#   id: APR-006
#   severity: critical
#   evidence: []
#   waivable: []
#   why_not: A true request costs nothing; a prohibited use cannot be allowed in-house.
#   controls: ["nist-800-53:ra-2", "eu-ai-act:5"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Declare the computed tier and supply what it asks for. A prohibited use must
#     be given up; if domain, purpose or stages were chosen wrongly, correct the
#     request. Going back to an earlier model is a rollback and needs no promotion.
package promotion.rules.approvals.tier_not_understated

import data.promotion.lib.tiers

_prohibited := {
	"emotion_inference_at_work", "social_scoring",
	"subliminal_manipulation", "untargeted_face_scraping",
}

deny contains finding if {
	tiers.order[input.request.declared_tier] < tiers.order[tiers.computed]
	finding := {
		"key": "tier",
		"message": sprintf("declared tier is %s, the use computes to %s", [input.request.declared_tier, tiers.computed]),
		"observed": input.request.declared_tier,
		"limit": tiers.computed,
	}
}

_stages := {"development": 1, "staging": 2, "production": 3}

deny contains finding if {
	_stages[input.request.to_stage] <= _stages[input.request.from_stage]
	finding := {
		"key": "stage",
		"message": sprintf("from %s to %s is not up", [input.request.from_stage, input.request.to_stage]),
		"observed": input.request.to_stage,
		"limit": null,
	}
}

deny contains finding if {
	named := tiers.domain_of_purpose[input.request.use.purpose]
	input.request.use.domain != named
	finding := {
		"key": "domain",
		"message": sprintf("purpose %s belongs to domain %s, the request says %s", [input.request.use.purpose, named, input.request.use.domain]),
		"observed": input.request.use.domain,
		"limit": named,
	}
}

deny contains finding if {
	some domain in _prohibited
	input.request.use.domain == domain
	finding := {
		"key": concat("=", ["use", domain]),
		"message": sprintf("%s is a prohibited use", [domain]),
		"observed": domain,
		"limit": null,
	}
}
