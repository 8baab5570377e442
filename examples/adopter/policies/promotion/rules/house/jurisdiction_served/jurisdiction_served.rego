# METADATA
# scope: package
# title: Only people in jurisdictions the organisation serves are affected
# description: >-
#   The organisation has support and counsel in these jurisdictions alone. A model
#   that decides about people elsewhere has nobody to answer for it there.
# custom:
#   id: HSE-001
#   severity: high
#   evidence: []
#   waivable: [fail]
#   controls: ["house:served-jurisdictions"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: Leave the jurisdiction out of the request, or ask the board to serve it.
package promotion.rules.house.jurisdiction_served

_served := {"us", "us_federal", "uk"}

deny contains finding if {
	some jurisdiction in input.request.use.jurisdictions
	not _served[jurisdiction]
	finding := {
		"key": jurisdiction,
		"message": sprintf("the organisation does not serve %s", [jurisdiction]),
		"observed": jurisdiction,
		"limit": null,
	}
}
