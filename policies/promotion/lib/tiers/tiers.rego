# METADATA
# title: Risk tier of a request
# description: >-
#   The tier is computed from the use. A declared tier can raise it, never
#   lower it (APR-006 denies the understatement itself).
package promotion.lib.tiers

order := {"low": 1, "medium": 2, "high": 3}

# Uses that decide about people's rights or safety whatever the autonomy
# (EU AI Act Annex III; OMB M-25-21 high-impact uses).
_high_domains := {
	"credit", "insurance", "employment", "education", "clinical",
	"public_benefits", "law_enforcement", "biometric_identification",
	"critical_infrastructure",
}

# METADATA
# description: >-
#   Domains of purposes whose name says which one it is, so that no other domain can
#   be given to them. No list of all purposes: one that is not here is judged by the
#   rest of the use.
domain_of_purpose := {
	"credit_decision": "credit",
	"credit_risk": "credit",
	"credit_scoring": "credit",
	"creditworthiness": "credit",
	"loan_approval": "credit",
	"insurance_pricing": "insurance",
	"insurance_underwriting": "insurance",
	"candidate_screening": "employment",
	"hiring": "employment",
	"recruitment": "employment",
	"exam_grading": "education",
	"student_admission": "education",
	"clinical_diagnosis": "clinical",
	"patient_triage": "clinical",
	"sepsis_early_warning": "clinical",
	"benefits_eligibility": "public_benefits",
	"predictive_policing": "law_enforcement",
	"recidivism_prediction": "law_enforcement",
	"facial_recognition": "biometric_identification",
	"grid_control": "critical_infrastructure",
}

_sensitive := {"special_category", "health", "payment_card"}

_personal := {"personal", "special_category", "health", "payment_card"}

# METADATA
# description: >-
#   Tier that the use alone asks for. Low is found positively; a use that is
#   neither, because something is absent or unknown, is high.
computed := "high" if _high

else := "medium" if _medium

else := "low" if _low

else := "high"

_high if input.request.use.effect == "legal"

_high if input.request.use.domain in _high_domains

_high if domain_of_purpose[input.request.use.purpose] in _high_domains

_high if {
	input.request.use.effect == "significant"
	input.request.use.autonomy == "automated"
}

_high if {
	some class in input.request.use.data
	class in _sensitive
	input.request.use.effect == "significant"
}

_medium if input.request.use.effect in {"limited", "significant"}

_medium if {
	some class in input.request.use.data
	class in _personal
}

_low if {
	input.request.use.effect == "none"
	is_string(input.request.use.domain)
	is_string(input.request.use.autonomy)
	classes := {class | some class in input.request.use.data}
	count(classes) > 0
	count(classes - {"public", "internal"}) == 0
}

# METADATA
# description: Tier whose limits apply, the higher of computed and declared.
effective := input.request.declared_tier if order[input.request.declared_tier] > order[computed]

else := computed

# METADATA
# description: >-
#   No legal or significant effect on anybody, and not of the high tier: what is asked for
#   the sake of the people decided about is not asked here.
minor if {
	input.request.use.effect in {"limited", "none"}
	effective in {"low", "medium"}
}

# METADATA
# description: Classes of data are named, and none of them is about persons.
impersonal if {
	classes := {class | some class in input.request.use.data}
	count(classes) > 0
	count(classes & _personal) == 0
}
