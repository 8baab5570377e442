# METADATA
# title: Legal deadlines for notices of an incident
# description: >-
#   Hours within which law asks for notice, by the control that asks, as jurisdictions, sector
#   and data of the request make it apply. The law says "without undue delay" besides.
package promotion.lib.deadlines

# METADATA
# description: Whether people stand behind the data of this use.
personal if _holds({"health", "payment_card", "personal", "special_category"})

# METADATA
# description: Whether patients may be harmed.
in_health if input.request.sector == "healthcare"

in_health if input.request.use.domain == "clinical"

# METADATA
# description: Whether GDPR or UK GDPR may apply.
in_europe if _within({"eu", "uk"})

# METADATA
# description: Hours by control. GDPR and UK GDPR article 33(1), to the supervisory authority.
hours["gdpr:33(1)"] := 72 if {
	in_europe
	personal
}

# 45 CFR 164.404(b): 60 days to the individuals, and 164.408 to the Secretary where they are 500 or more.
hours["hipaa:164.404(b)"] := 1440 if {
	_within({"us", "us_federal"})
	in_health
	_holds({"health"})
}

# 12 CFR 53.3 (OCC), 225.302 (Board) and 304.23 (FDIC): banking organisations tell their federal regulator.
hours["bank-incident:53.3"] := 36 if {
	_within({"us"})
	input.request.sector == "finance"
}

# 44 USC 3554(b)(7)(C)(iii): an agency tells Congress of a major incident within 7 days.
hours["fisma:3554(b)(7)"] := 168 if _within({"us_federal"})

_within(places) if count(places & {place | some place in input.request.use.jurisdictions}) > 0

_holds(classes) if count(classes & {class | some class in input.request.use.data}) > 0
