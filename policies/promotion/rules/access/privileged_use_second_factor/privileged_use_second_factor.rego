# METADATA
# scope: package
# title: Privileged people prove who they are with a second factor
# description: >-
#   A password is stolen sooner or later. Everybody with privileged rights signs in with a
#   second factor that is no text message. The register of identities says who that is;
#   people whom a binding names and the register does not know are not covered by it.
# custom:
#   id: ACC-003
#   severity: high
#   evidence: [access_grants]
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:ia-2.1", "hipaa:164.312(d)"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Enrol a passkey or security key for the person, or take the rights away, and export the
#     register again.
package promotion.rules.access.privileged_use_second_factor

import data.promotion.lib.documents
import data.promotion.lib.grants

_documents := documents.all(input.evidence.access_grants)

_registers := [document | some document in _documents; document.kind == "identity_register"]

_factors := {"phishing_resistant", "one_time_code"}

deny contains documents.finding(register, ["identities", number], "factor", words, identity.mfa, null) if {
	some register in _registers
	some number, identity in register.content.identities
	identity.kind == "person"
	identity.privileged == true
	factor := identity.mfa
	not factor in _factors
	words := sprintf("%v is privileged and has no second factor that counts", [identity.id])
}

insufficient contains documents.finding(register, ["identities", number], "unsaid", "does not say kind, privileged and mfa", null, null) if {
	some register in _registers
	some number, identity in register.content.identities
	not _said(identity)
}

insufficient contains {"key": "register", "message": "no register names anybody", "observed": null, "limit": null} if count(_known) == 0

insufficient contains documents.finding(document, ["subjects", number], "unknown", words, subject.name, null) if {
	some document in grants.bindings(_documents)
	some number, subject in document.content.subjects
	subject.kind == "User"
	grants.person(subject)
	name := subject.name
	not name in _known
	words := sprintf("names %s, whom no register knows", [name])
}

insufficient contains found if some found in documents.unread(input.evidence.access_grants)

_known := {identity.id | some register in _registers; some identity in register.content.identities}

_said(identity) if {
	is_string(identity.id)
	identity.kind in {"person", "machine"}
	is_boolean(identity.privileged)
	identity.mfa in {"phishing_resistant", "one_time_code", "text_message", "none"}
}
