package promotion.lib.evidence_test

import data.promotion.lib.evidence

_now := 1800000000

_shape := {
	"type": "object",
	"required": ["file", "status", "subject", "signer", "collected_at", "valid_until", "population", "completeness"],
	"properties": {"status": {"enum": ["measured", "error", "not_run"]}, "collected_at": {"type": "integer"}, "file": {"type": "string"}},
}

_statements(type) := concat(":", [json.marshal(type), json.marshal({"type": "array", "items": _shape})])

_schemas := {
	"evidence": {type: {"statements": _statements(type), "max_age_days": 10} | some type in ["scan", "card"]},
	"frame": {"opening": `{"type": "object", "additionalProperties": false, "properties": {`, "closing": "}}"},
}

_catalog := {"SEC-001": {"evidence": ["scan", "stranger"]}, "HUM-001": {"evidence": ["card"]}}

_statement := {
	"file": "scan.json", "status": "measured", "subject": {"name": "m", "digest": "sha256:aa"},
	"signer": {"evidence_types": ["scan"]}, "collected_at": _now - 100, "valid_until": _now + 100,
	"population": {"count": 5}, "completeness": {"expected": 5, "observed": 5},
}

_input := {
	"request": {"model": {"name": "m", "digest": "sha256:aa"}}, "rejected": [],
	"evidence": {"scan": [_statement], "card": [object.union(_statement, {"signer": {"evidence_types": ["card"]}})]},
}

_gaps(document, types) := found if {
	found := evidence.gaps(types) with input as document
		with data.promotion.generated.schemas as _schemas
		with data.promotion.generated.catalog.policies as _catalog
		with time.now_ns as _now * 1000000000
}

_faults(change) := {gap.fault | some gap in _gaps(_with(object.union(_statement, change)), ["scan"])}

_with(statement) := object.union(_input, {"evidence": {"scan": [statement]}})

test_no_gap if _gaps(_input, ["scan", "card"]) == set()

test_nothing_asked_nothing_missing if _gaps({}, []) == set()

test_message_and_key if {
	_gaps(_with(object.union(_statement, {"signer": null})), ["scan"]) == {{
		"key": "evidence:scan", "kind": "evidence", "fault": "unsigned", "message": "scan: scan.json is not signed",
	}}
}

test_missing if {
	every given in [[], {}, "text", null, 5, {"0": _statement}] {
		document := json.patch(_input, [{"op": "replace", "path": "evidence/scan", "value": given}])
		{gap.fault | some gap in _gaps(document, ["scan", "card"])} == {"missing"}
	}
	{gap.key | some gap in _gaps({"rejected": []}, ["scan", "card"])} == {"evidence:scan", "evidence:card"}
}

test_other_subject if {
	_faults({"subject": {"name": "other"}}) == {"other_subject"}
	_faults({"subject": {"digest": "sha256:bb"}}) == {"other_subject"}
	_faults({"subject": {"digest": null}}) == {"other_subject"}
}

test_request_without_digest_clears_nothing if {
	document := object.remove(_input, ["request"])
	{gap.fault | some gap in _gaps(document, ["scan"])} == {"other_subject"}
}

test_times if {
	_faults({"collected_at": _now}) == set()
	_faults({"collected_at": _now + 1}) == {"not_yet_valid"}
	_faults({"valid_until": _now + 1}) == set()
	_faults({"valid_until": _now}) == {"expired"}
	_faults({"collected_at": _now - (10 * 86400)}) == set()
	_faults({"collected_at": (_now - (10 * 86400)) - 1}) == {"stale"}
}

test_signer if {
	_faults({"signer": null}) == {"unsigned"}
	_faults({"signer": {"evidence_types": ["card"]}}) == {"wrong_role"}
	_faults({"signer": {"evidence_types": []}}) == {"wrong_role"}
	_faults({"signer": "somebody"}) == {"unsigned", "wrong_role"}
}

test_measurement if {
	_faults({"status": "error"}) == {"not_measured"}
	_faults({"status": "not_run"}) == {"not_measured"}
	_faults({"population": {"count": 0}}) == {"empty_population"}
	_faults({"completeness": {"observed": 4}}) == {"incomplete"}
	_faults({"completeness": {"observed": 6}}) == set()
	_faults({"completeness": {"expected": 0, "observed": 0}}) == {"incomplete"}
}

test_malformed_hides_the_rest if {
	_faults({"status": "done", "signer": null}) == {"malformed"}
	_faults({"collected_at": "2026-01-01T00:00:00Z"}) == {"malformed"}
	every odd in [null, 5, "text", []] {
		{gap.fault | some gap in _gaps(_with(odd), ["scan"])} == {"malformed"}
	}
}

test_type_without_schema_is_malformed if {
	document := object.union(_input, {"evidence": {"stranger": [_statement]}})
	{gap.fault | some gap in _gaps(document, ["stranger"])} == {"malformed"}
}

_malformed(given) := {gap.message |
	some gap in _gaps(object.union(object.remove(_input, ["evidence"]), {"evidence": given}), ["scan", "card", "stranger"])
	gap.fault == "malformed"
}

# Statements are matched all at once; where that fails, each of them is judged by itself.
test_malformed_is_who_is_malformed if {
	broken := object.union(_statement, {"file": "b.json", "collected_at": "now"})
	words := "b.json does not have the shape of its schema"
	_malformed({"scan": [_statement, broken], "card": [_statement]}) == {concat(": ", ["scan", words])}
	_malformed({"scan": [_statement], "card": [broken, _statement]}) == {concat(": ", ["card", words])}
	_malformed({"scan": [broken], "card": [broken]}) == {concat(": ", [type, words]) | some type in ["scan", "card"]}
	_malformed({"scan": [], "card": [broken]}) == {concat(": ", ["card", words])}
	_malformed({"scan": {"0": broken}, "card": [_statement]}) == set()
}

test_a_type_without_schema_spoils_no_other_and_none_spoils_it if {
	stranger := object.union(_statement, {"file": "c.json"})
	words := "stranger: c.json does not have the shape of its schema"
	_malformed({"scan": [_statement], "card": [_statement], "stranger": [stranger]}) == {words}
	_malformed({"scan": [_statement], "stranger": [_statement, stranger]}) == {"stranger: scan.json does not have the shape of its schema", words}
	_malformed({"scan": [_statement], "stranger": [5, "text", null]}) == {"stranger: does not have the shape of its schema"}
}

# What no policy of the catalog reads is no part of the one match, and judged all the same.
test_malformed_of_a_type_that_nobody_reads if {
	broken := object.union(_statement, {"collected_at": "now"})
	document := _with(broken)
	found := evidence.gaps(["scan"]) with input as document
		with data.promotion.generated.schemas as _schemas
		with data.promotion.generated.catalog.policies as {"HUM-001": {"evidence": ["card"]}}
		with time.now_ns as _now * 1000000000
	{gap.fault | some gap in found} == {"malformed"}
	whole := evidence.gaps(["scan"]) with input as _input
		with data.promotion.generated.schemas as _schemas
		with data.promotion.generated.catalog.policies as {}
		with time.now_ns as _now * 1000000000
	whole == set()
}

# The schema of one type is asked of no other.
test_each_type_by_its_own_schema if {
	apart := {"evidence": {type: {"statements": _only(type), "max_age_days": 10} | some type in ["scan", "card"]}, "frame": _schemas.frame}
	swapped := {"scan": [object.union(_statement, {"type": "card"})], "card": [object.union(_statement, {"type": "scan"})]}
	right := {"scan": [object.union(_statement, {"type": "scan"})], "card": [object.union(_statement, {"type": "card", "signer": {"evidence_types": ["card"]}})]}
	_under(apart, swapped) == {["evidence:card", "malformed"], ["evidence:scan", "malformed"]}
	_under(apart, right) == set()
	_under(apart, object.union(right, {"card": swapped.card})) == {["evidence:card", "malformed"]}
}

_only(type) := concat(":", [json.marshal(type), json.marshal({"items": object.union(_shape, {"properties": {"type": {"enum": [type]}}})})])

_under(schemas, given) := {[gap.key, gap.fault] | some gap in found} if {
	found := evidence.gaps(["scan", "card"]) with input as object.union(object.remove(_input, ["evidence"]), {"evidence": given})
		with data.promotion.generated.schemas as schemas
		with data.promotion.generated.catalog.policies as _catalog
		with time.now_ns as _now * 1000000000
}

test_one_faulty_statement_is_a_gap if {
	document := object.union(_input, {"evidence": {"scan": [_statement, object.union(_statement, {"signer": null, "file": "b.json"})]}})
	{gap.message | some gap in _gaps(document, ["scan"])} == {"scan: b.json is not signed"}
}

_rejected(entry) := {gap.key | some gap in _gaps(object.union(_input, {"rejected": [entry]}), ["scan", "card"])}

test_rejection_is_a_gap_in_its_type if {
	_rejected({"file": "x", "type": "card", "fault": "bad_signature", "message": "is forged"}) == {"evidence:card"}
	_gaps(object.union(_input, {"rejected": [{"file": "x", "type": "scan", "fault": "bad_signature", "message": "is forged"}]}), ["scan"]) == {{
		"key": "evidence:scan", "kind": "evidence", "fault": "bad_signature", "message": "scan: is forged",
	}}
}

test_rejection_of_no_known_type_is_a_gap_in_each if {
	every type in [null, "stranger", 5, ["scan"], {}] {
		_rejected({"file": "x", "type": type, "fault": "unreadable", "message": "is no JSON"}) == {"evidence:scan", "evidence:card"}
	}
	_rejected({}) == {"evidence:scan", "evidence:card"}
	_rejected("text") == {"evidence:scan", "evidence:card"}
}

test_rejection_without_words_stays if {
	document := object.union(_input, {"rejected": [{"type": "scan", "fault": 5, "message": null}]})
	_gaps(document, ["scan"]) == {{
		"key": "evidence:scan", "kind": "evidence", "fault": "unreadable", "message": "scan: a file was rejected without a word why",
	}}
}

test_sound if {
	evidence.sound with input as _input
	every odd in [{"evidence": {}}, {"rejected": []}, {"evidence": [], "rejected": []}, {"evidence": {}, "rejected": {}}, {"evidence": {}, "rejected": null}] {
		evidence.sound == false with input as odd
	}
}

test_now_is_whole_seconds if evidence.now == 1 with time.now_ns as 1999999999

# Cases that mutation testing asked for.

_said(statement) := {gap.message | some gap in _gaps(_with(statement), ["scan"])}

test_each_fault_says_what_it_is if {
	every words, change in {
		"is about another model or digest": {"subject": {"name": "other"}},
		"is dated in the future": {"collected_at": _now + 1},
		"is past its valid_until": {"valid_until": _now},
		"is older than its schema allows": {"collected_at": (_now - (10 * 86400)) - 1},
		"is not signed": {"signer": null},
		"is signed by an identity that may not sign this type": {"signer": {"evidence_types": ["card"]}},
		"says that nothing was measured": {"status": "error"},
		"was measured on nothing": {"population": {"count": 0}},
		"saw less than it should have seen": {"completeness": {"observed": 4}},
		"does not have the shape of its schema": {"collected_at": "now"},
	} {
		_said(object.union(_statement, change)) == {concat("", ["scan: scan.json ", words])}
	}
}

test_a_statement_without_file_still_says_what_it_is if {
	_said(object.union(_statement, {"file": 7})) == {"scan: does not have the shape of its schema"}
}

test_what_is_missing_says_so if {
	{gap.message | some gap in _gaps(object.union(_input, {"evidence": {"scan": []}}), ["scan"])} == {"scan: no evidence of this type was given"}
}

test_one_is_something if {
	_faults({"population": {"count": 1}}) == set()
	_faults({"completeness": {"expected": 1, "observed": 1}}) == set()
}

# json.match_schema reads a text as the JSON in it.
test_text_of_a_sound_statement_is_malformed if {
	every status in ["measured", "error"] {
		text := json.marshal(object.union(_statement, {"status": status}))
		{gap.fault | some gap in _gaps(_with(text), ["scan"])} == {"malformed"}
	}
}
