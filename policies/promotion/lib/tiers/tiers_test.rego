package promotion.lib.tiers_test

import data.promotion.lib.tiers

_use := {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public", "internal"]}

_computed(change) := tier if {
	tier := tiers.computed with input as {"request": {"use": object.union(_use, change)}}
}

_effective(declared, change) := tier if {
	tier := tiers.effective with input as {"request": {"declared_tier": declared, "use": object.union(_use, change)}}
}

test_low_without_effect_and_people if _computed({}) == "low"

test_high_by_effect if _computed({"effect": "legal"}) == "high"

test_high_by_each_domain if {
	every domain in [
		"credit", "insurance", "employment", "education", "clinical", "public_benefits",
		"law_enforcement", "biometric_identification", "critical_infrastructure",
	] {
		_computed({"domain": domain}) == "high"
	}
}

test_significant_is_high_when_automated if {
	_computed({"effect": "significant", "autonomy": "automated"}) == "high"
	_computed({"effect": "significant", "autonomy": "human_review"}) == "medium"
	_computed({"effect": "limited", "autonomy": "automated"}) == "medium"
}

test_significant_is_high_on_sensitive_data if {
	every class in ["special_category", "health", "payment_card"] {
		_computed({"effect": "significant", "data": ["public", class]}) == "high"
		_computed({"effect": "limited", "data": ["public", class]}) == "medium"
	}
	_computed({"effect": "significant", "data": ["personal"]}) == "medium"
}

test_medium_by_effect_or_people if {
	_computed({"effect": "limited"}) == "medium"
	_computed({"data": ["personal"]}) == "medium"
	_computed({"data": ["health"]}) == "medium"
}

test_absent_or_unknown_is_high if {
	every change in [{"effect": null}, {"effect": "tiny"}, {"domain": null}, {"autonomy": null}, {"data": []}, {"data": ["secret"]}, {"data": null}] {
		_computed(change) == "high"
	}
	tiers.computed == "high" with input as {}
}

test_declared_raises_and_never_lowers if {
	_effective("low", {}) == "low"
	_effective("medium", {}) == "medium"
	_effective("high", {}) == "high"
	_effective("low", {"effect": "limited"}) == "medium"
	_effective("medium", {"effect": "limited"}) == "medium"
	_effective("low", {"effect": "legal"}) == "high"
	_effective("medium", {"effect": "legal"}) == "high"
}

test_unknown_declaration_changes_nothing if {
	_effective("huge", {}) == "low"
	_effective(null, {"effect": "legal"}) == "high"
	tiers.effective == "high" with input as {}
}

test_high_by_each_purpose_that_names_its_domain if {
	every purpose, domain in tiers.domain_of_purpose {
		_computed({"purpose": purpose}) == "high"
		_computed({"domain": domain}) == "high"
	}
	count(tiers.domain_of_purpose) == 20
}

test_other_purposes_change_nothing if {
	_computed({"purpose": "topic_sorting"}) == "low"
	_computed({"purpose": "topic_sorting", "effect": "limited"}) == "medium"
}

_minor(tier, change) if {
	tiers.minor with input as {"request": {"declared_tier": tier, "use": object.union(
		{"domain": "marketing", "effect": "limited", "autonomy": "advisory", "data": ["personal"]},
		change,
	)}}
}

test_minor if {
	_minor("low", {})
	_minor("medium", {"effect": "none"})
	not _minor("high", {})
	not _minor("low", {"effect": "significant"})
	not _minor("low", {"effect": "legal"})
	not _minor("low", {"domain": "credit"})
	not tiers.minor with input as {}
}

_impersonal(classes) if tiers.impersonal with input as {"request": {"use": {"data": classes}}}

test_impersonal if {
	_impersonal(["public", "internal"])
	not _impersonal([])
	not _impersonal(["public", "personal"])
	not _impersonal(["special_category"])
	not _impersonal(["health"])
	not _impersonal(["payment_card"])
	not tiers.impersonal with input as {}
}

# Cases that mutation testing asked for.

test_order_is_one_two_three if tiers.order == {"low": 1, "medium": 2, "high": 3}

test_each_purpose_that_names_its_domain_is_of_it if {
	every purpose, domain in {
		"credit_decision": "credit", "credit_risk": "credit", "credit_scoring": "credit",
		"creditworthiness": "credit", "loan_approval": "credit", "insurance_pricing": "insurance",
		"insurance_underwriting": "insurance", "candidate_screening": "employment",
		"hiring": "employment", "recruitment": "employment", "exam_grading": "education",
		"student_admission": "education", "clinical_diagnosis": "clinical",
		"patient_triage": "clinical", "sepsis_early_warning": "clinical",
		"benefits_eligibility": "public_benefits", "predictive_policing": "law_enforcement",
		"recidivism_prediction": "law_enforcement", "facial_recognition": "biometric_identification",
		"grid_control": "critical_infrastructure",
	} {
		tiers.domain_of_purpose[purpose] == domain
		_computed({"purpose": purpose}) == "high"
	}
}

test_people_of_each_class_make_it_medium if {
	every class in ["personal", "special_category", "health", "payment_card"] {
		_computed({"data": [class]}) == "medium"
		_computed({"data": ["public", class]}) == "medium"
	}
}

# Unlike an unknown effect, which is high because nothing else was found.
test_legal_effect_is_high_although_people_make_it_medium if _computed({"effect": "legal", "data": ["personal"]}) == "high"

test_one_class_of_data_is_enough_for_low if {
	_computed({"data": ["public"]}) == "low"
	_computed({"data": ["internal"]}) == "low"
}

test_minor_at_the_low_tier_too if _minor("low", {"effect": "none", "data": ["public"]})

test_one_class_of_data_is_enough_for_impersonal if {
	_impersonal(["public"])
	_impersonal(["internal"])
}
