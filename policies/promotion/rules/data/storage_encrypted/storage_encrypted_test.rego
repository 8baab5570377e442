package promotion.rules.data.storage_encrypted_test

import data.promotion.rules.data.storage_encrypted as policy

_limits := {"low": 1, "medium": 1, "high": 2}

_document(tier, resources) := {
	"request": {
		"declared_tier": tier,
		"use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
	},
	"evidence": {"infrastructure_plan": [{"result": {"documents": [{
		"path": "p.json", "place": "0", "format": "terraform_plan", "content": json.marshal({"resource_changes": resources}),
	}]}}]},
}

_resource(type, after, unknown) := {"address": "r.a", "type": type, "mode": "managed", "change": {"actions": ["create"], "after": after, "after_unknown": unknown}}

_denied(tier, resources) := found if found := policy.deny with input as _document(tier, resources)

_insufficient(tier, resources) := found if found := policy.insufficient with input as _document(tier, resources)

_key := "arn:aws:kms:eu-central-1:111122223333:key/x"

_finding(words, strength, limit) := {{
	"key": "p.json#0/resource_changes/0=key",
	"message": sprintf("p.json#0/resource_changes/0 r.a %s", [words]),
	"observed": strength,
	"limit": limit,
}}

_later := _finding("will be encrypted with a key that is known only later", null, 2)

_volume(after, unknown) := [_resource("aws_ebs_volume", after, unknown)]

test_allow_own_key_at_each_tier if {
	every tier, _ in _limits {
		_denied(tier, _volume({"encrypted": true, "kms_key_id": _key}, {})) == set()
		_insufficient(tier, _volume({"encrypted": true, "kms_key_id": _key}, {})) == set()
	}
}

test_allow_key_of_the_provider_on_the_limit if {
	every tier in ["low", "medium"] {
		_denied(tier, _volume({"encrypted": true}, {})) == set()
	}
}

test_deny_key_of_the_provider_for_high if {
	words := "is encrypted with a key of the provider"
	_denied("high", _volume({"encrypted": true}, {})) == _finding(words, 1, 2)
	_denied("high", _volume({"encrypted": true, "kms_key_id": "alias/aws/ebs"}, {})) == _finding(words, 1, 2)
	_denied("high", _volume({"encrypted": true, "kms_key_id": ""}, {})) == _finding(words, 1, 2)
	_denied("high", [_resource("google_storage_bucket", {"encryption": []}, {})]) == _finding(words, 1, 2)
}

test_deny_without_encryption_at_each_tier if {
	every tier, limit in _limits {
		every after in [{}, {"encrypted": false}, {"encrypted": "true"}, {"encrypted": null, "kms_key_id": _key}] {
			_denied(tier, _volume(after, {})) == _finding("is not encrypted", 0, limit)
		}
	}
}

test_deny_known_only_later if {
	_denied("high", _volume({"encrypted": true}, {"kms_key_id": true})) == set()
	_insufficient("high", _volume({"encrypted": true}, {"kms_key_id": true})) == _later
	_insufficient("high", _volume({}, {"encrypted": true})) == _later
}

_bucket(name) := _resource("aws_s3_bucket", {"bucket": name}, {})

_settings(name, algorithm, key, unknown) := _resource(
	"aws_s3_bucket_server_side_encryption_configuration", {
		"bucket": name,
		"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": algorithm, "kms_master_key_id": key}]}],
	},
	unknown,
)

test_allow_bucket_with_own_key if {
	_denied("high", [_bucket("models"), _settings("models", "aws:kms", _key, {})]) == set()
	_denied("high", [_resource("google_storage_bucket", {"encryption": [{"default_kms_key_name": "projects/x"}]}, {})]) == set()
}

test_deny_bucket_without_own_key if {
	provider := _finding("is encrypted with a key of the provider", 1, 2)
	_denied("high", [_bucket("models")]) == provider
	_denied("high", [_bucket("models"), _settings("other", "aws:kms", _key, {})]) == provider
	_denied("high", [_bucket("models"), _settings("models", "AES256", _key, {})]) == provider
	_denied("high", [_bucket("models"), _settings("models", "aws:kms", null, {})]) == provider
}

test_deny_bucket_whose_key_is_known_only_later if {
	_insufficient("high", [_bucket("models"), _settings("models", "aws:kms", null, {"rule": [{"apply_server_side_encryption_by_default": [{"kms_master_key_id": true}]}]})]) == _later
	_insufficient("high", [_bucket("models"), _settings(null, "aws:kms", _key, {"bucket": true})]) == _later
}

test_deny_what_is_destroyed_does_not_count_and_nothing_kept_is_told if {
	gone := object.union(_volume({}, {})[0], {"change": {"actions": ["delete"]}})
	nothing := {{"key": "none", "message": "no plan names a store of data that is known here", "observed": null, "limit": null}}
	_denied("high", [gone]) == set()
	_insufficient("high", [gone]) == nothing
	_insufficient("high", [_resource("aws_vpc", {}, {})]) == nothing
}

test_deny_plan_without_resources_and_text_that_is_none if {
	_insufficient("low", []) == {
		{"key": "none", "message": "no plan names a store of data that is known here", "observed": null, "limit": null},
		{"key": "p.json#0/resource_changes=opaque", "message": "p.json#0/resource_changes names no resource", "observed": null, "limit": null},
	}
	found := policy.insufficient with input as {"evidence": {"infrastructure_plan": [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "5"}]}}]}}
	{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null} in found
}

test_deny_stores_that_are_not_known if {
	plan := array.concat(_volume({"encrypted": true, "kms_key_id": _key}, {}), [_resource("aws_docdb_cluster", {}, {})])
	_denied("high", plan) == set()
	_insufficient("high", plan) == {{
		"key": "p.json#0/resource_changes/1=unknown",
		"message": "p.json#0/resource_changes/1 r.a keeps data in a way that is not known here",
		"observed": "aws_docdb_cluster",
		"limit": null,
	}}
}

test_deny_kinds_that_are_no_text if {
	every type in [5, ["aws_s3_bucket"], null] {
		found := _insufficient("high", [_resource(type, {}, {})])
		{"key": "p.json#0/resource_changes/0=opaque", "message": "p.json#0/resource_changes/0 does not say what it is", "observed": null, "limit": null} in found
	}
}
