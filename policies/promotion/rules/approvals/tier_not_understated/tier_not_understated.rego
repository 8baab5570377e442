# METADATA
# scope: package
# title: The declared tier covers the use, and the use is permitted
# description: >-
#   The tier sets every limit. It is computed from domain, effect, autonomy and
#   data; a lower declaration means that the requester misjudges the use. The
#   practices that EU law prohibits are out of bounds everywhere by house rule;
#   its medical and safety exception for emotion inference is not offered.
# custom:
#   id: APR-006
#   severity: critical
#   evidence: []
#   waivable: []
#   why_not: Declaring the computed tier costs nothing; a prohibited use cannot be allowed in-house.
#   controls: ["nist-800-53:ra-2", "eu-ai-act:5"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Declare the computed tier and supply what it asks for. A prohibited use must
#     be given up; if the domain was chosen wrongly, correct the request.
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
