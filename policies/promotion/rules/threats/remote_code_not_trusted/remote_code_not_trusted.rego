# METADATA
# scope: package
# title: No model repository may bring code of its own
# description: >-
#   With trust_remote_code a loader runs Python that lies beside the weights, as whoever
#   may write there left it; no scan of the weights sees it. The switch hides in flags,
#   in the environment, in nested settings and in scripts of a ConfigMap, so every text
#   and every member of every manifest is looked at. Only a plain false is off.
# custom:
#   id: THR-005
#   severity: critical
#   evidence: [deployment_manifests]
#   waivable: []
#   why_not: Whoever can write to the model repository would run code in production.
#   controls: ["nist-800-53:cm-7.5", "mitre-atlas:AML.T0010"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Take the switch out. Where an architecture needs code, put that code into the image,
#     reviewed and named by its digest.
package promotion.rules.threats.remote_code_not_trusted

import data.promotion.lib.documents

_word := `(?i)trust[-_]?remote[-_]?code`

# Only those with the word in them need a walk.
_documents := [document |
	some document in documents.all(input.evidence.deployment_manifests)
	regex.match(_word, json.marshal(document.content))
]

# A flag or assignment that says false. Names of variables are judged with their value.
_off := `(?i)trust[-_]?remote[-_]?code["']?\s*[=:]\s*["']?(false|0|no|off)\b`

deny contains documents.finding(document, path, "switch", "lets a model repository run code", null, null) if {
	some document in _documents
	walk(document.content, [path, text])
	is_string(text)
	path[count(path) - 1] != "name"
	said := count(regex.find_n(_word, text, -1))
	said > count(regex.find_n(_off, text, -1))
}

deny contains documents.finding(document, path, "member", "lets a model repository run code", null, null) if {
	some document in _documents
	walk(document.content, [path, value])
	name := path[count(path) - 1]
	is_string(name)
	regex.match(_word, name)
	not value in {false, "false", "False"}
}

# An environment variable holds the name in one member and the value in another.
deny contains documents.finding(document, path, "variable", "lets a model repository run code", null, null) if {
	some document in _documents
	walk(document.content, [path, variable])
	is_string(variable.name)
	regex.match(_word, variable.name)
	off := {value | value := variable.value; value in {"false", "False", "0"}}
	count(off) == 0
}

insufficient contains found if some found in documents.unread(input.evidence.deployment_manifests)
