# METADATA
# title: Attributes of people that matter for a use
# description: >-
#   Which follow from domain and jurisdiction; race is not asked for in credit, where Reg B
#   restricts collecting it. Fairness and representation ask for the same ones.
package promotion.lib.attributes

_about_people := {"biometric_identification", "clinical", "credit", "education", "employment", "insurance", "law_enforcement", "public_benefits"}

# By jurisdiction and attribute: domains that ask for it on top of age and sex.
_further := {
	"us": {"race": _about_people - {"credit", "insurance"}},
	"us_federal": {"race": _about_people - {"credit", "insurance"}, "disability": {"employment", "public_benefits"}},
	"eu": {"race": {"biometric_identification", "law_enforcement"}, "disability": {"employment"}},
	"uk": {"race": {"biometric_identification", "employment", "law_enforcement"}, "disability": {"employment"}},
}

# METADATA
# description: Names of the attributes that have to be looked at; empty where the use concerns no people.
required contains attribute if {
	some attribute in ["age", "sex"]
	_about_person
}

required contains attribute if {
	some place in input.request.use.jurisdictions
	some attribute, domains in _further[place]
	input.request.use.domain in domains
}

_about_person if input.request.use.domain in _about_people

_about_person if input.request.use.effect in {"legal", "significant"}
