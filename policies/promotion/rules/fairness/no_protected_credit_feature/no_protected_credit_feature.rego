# METADATA
# scope: package
# title: No protected characteristic, and nothing that stands for one, is a feature of credit
# description: >-
#   A creditor may not take a prohibited basis into account when it judges who is
#   creditworthy (12 CFR 1002.4, 1002.6). The card says of each feature what it states
#   or stands for; names that give it away are read as well, in case it does not. Reg B
#   lets a sound empirical system use age if it does not count against the elderly:
#   that needs a waiver that says so. Disability and genetic data are house policy.
# custom:
#   id: FAIR-005
#   severity: critical
#   evidence: [model_card]
#   waivable: [fail]
#   controls: ["reg-b:1002.4", "reg-b:1002.6(b)"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Train again without the feature. Where a name misleads, rename it; where age is
#     used as 12 CFR 1002.6(b)(2) allows, ask for a waiver with the validation that
#     shows it.
package promotion.rules.fairness.no_protected_credit_feature

# Words in names of features, by what they state. Whole words only: "page" is no age.
_words := {
	"age": `age|ages|birth ?date|birthday|birth year|date of birth|dob|year of birth`,
	"marital_status": `divorced|marital|marital status|married|spouse|widowed`,
	"national_origin": `accent|birthplace|citizenship|country of birth|ethnicity|foreign worker|language|mother tongue|nationality|national origin`,
	"public_assistance": `benefits recipient|food stamps|medicaid|public assistance|snap|tanf|welfare`,
	"race": `census tract|colou?r of skin|first name|forename|given name|neighbou?rhood|postal code|postcode|race|racial|surname|last name|zip|zip ?code|zip ?[35]`,
	"religion": `church|mosque|religion|religious|synagogue`,
	"sex": `female|gender|male|maternity|pregnan\w*|sex`,
}

not_applicable contains "no credit is granted or refused" if input.request.use.domain != "credit"

deny contains _finding("protected", feature, characteristic, "states") if {
	some feature in _features
	characteristic := feature.protected
	is_string(characteristic)
}

deny contains _finding("proxy", feature, characteristic, "stands for") if {
	some feature in _features
	characteristic := feature.proxy_for
	is_string(characteristic)
}

deny contains _finding("name", feature, characteristic, "by its name states or stands for") if {
	some feature in _features
	some characteristic, words in _words
	plain := regex.replace(lower(regex.replace(feature.name, `([a-z])([A-Z])`, "$1 $2")), `[^\pL\pN]+`, " ")
	regex.match(concat("", [`(^| )(`, words, `)( |$)`]), plain)
}

_features := {feature | some card in input.evidence.model_card; some feature in card.result.features}

_finding(kind, feature, characteristic, verb) := {
	"key": concat("=", [kind, feature.name]),
	"message": sprintf("feature %s %s %s", [feature.name, verb, replace(characteristic, "_", " ")]),
	"observed": characteristic,
	"limit": null,
}
