package promotion.lib.storage_test

import data.promotion.lib.storage

_resource(type, after, unknown) := {"address": "r.a", "type": type, "after": after, "unknown": unknown}

_strengths(resources) := [found.strength | some found in storage.kept(resources)]

_strength(type, after, unknown) := found if [found] = _strengths([_resource(type, after, unknown)])

_own := "arn:aws:kms:eu-central-1:111122223333:key/x"

_switched := {
	"aws_ebs_volume": "encrypted",
	"aws_db_instance": "storage_encrypted",
	"aws_rds_cluster": "storage_encrypted",
	"aws_efs_file_system": "encrypted",
}

# What a plan says where the key of the owner is named.
_keyed := {
	"aws_dynamodb_table": {"server_side_encryption": [{"kms_key_arn": _own}]},
	"aws_ecr_repository": {"encryption_configuration": [{"kms_key": _own}]},
	"aws_sagemaker_domain": {"kms_key_id": _own},
	"aws_sagemaker_notebook_instance": {"kms_key_id": _own},
	"aws_sagemaker_endpoint_configuration": {"kms_key_arn": _own},
	"aws_cloudwatch_log_group": {"kms_key_id": _own},
	"google_storage_bucket": {"encryption": [{"default_kms_key_name": _own}]},
	"google_compute_disk": {"disk_encryption_key": [{"kms_key_self_link": _own}]},
	"google_bigquery_dataset": {"default_encryption_configuration": [{"kms_key_name": _own}]},
	"google_sql_database_instance": {"encryption_key_name": _own},
	"azurerm_storage_account": {"customer_managed_key": [{"key_vault_key_id": _own}]},
	"azurerm_managed_disk": {"disk_encryption_set_id": _own},
	"azurerm_mssql_database": {"transparent_data_encryption_key_vault_key_id": _own},
}

test_what_must_be_switched_on if {
	every type, switch in _switched {
		_strength(type, {}, {}) == 0
		_strength(type, {switch: false}, {}) == 0
		_strength(type, {switch: "true"}, {}) == 0
		_strength(type, {"kms_key_id": _own}, {}) == 0
		_strength(type, {switch: true}, {}) == 1
		_strength(type, {switch: true, "kms_key_id": _own}, {}) == 2
		_strength(type, {}, {switch: true}) == null
		_strength(type, {switch: true}, {"kms_key_id": true}) == null
		_strength(type, {switch: false}, {"kms_key_id": true}) == 0
	}
}

test_what_is_always_encrypted if {
	every type, after in _keyed {
		_strength(type, {}, {}) == 1
		_strength(type, after, {}) == 2
		some name, _ in after
		_strength(type, {}, {name: true}) == null
		_strength(type, {}, {"tags": true}) == 1
		_strength(type, {}, {name: false}) == 1
	}
}

test_a_second_block_names_no_key if {
	_strength("google_storage_bucket", {"encryption": [{}, {"default_kms_key_name": _own}]}, {}) == 1
	_strength("google_storage_bucket", {"encryption": "x"}, {}) == 1
}

test_keys_that_are_not_ones_own if {
	every key in ["", null, 5, "alias/aws/ebs", "arn:aws:kms:eu-central-1:1:alias/aws/ebs"] {
		_strength("aws_ebs_volume", {"encrypted": true, "kms_key_id": key}, {}) == 1
	}
	_strength("aws_ebs_volume", {"encrypted": true, "kms_key_id": "alias/models"}, {}) == 2
	_strength("aws_ebs_volume", {"encrypted": true, "kms_key_id": "notalias/aws/x"}, {}) == 2
}

_bucket(name) := _resource("aws_s3_bucket", {"bucket": name}, {})

_rules(algorithm, key) := [{"apply_server_side_encryption_by_default": [{"sse_algorithm": algorithm, "kms_master_key_id": key}]}]

_for(name, rules, unknown) := _resource("aws_s3_bucket_server_side_encryption_configuration", {"bucket": name, "rule": rules}, unknown)

_kms := _rules("aws:kms", _own)

test_a_bucket_by_its_settings if {
	_strengths([_bucket("models")]) == [1]
	_strengths([_bucket("models"), _for("models", _kms, {})]) == [2]
	_strengths([_bucket("models"), _for("models", _rules("aws:kms:dsse", _own), {})]) == [2]
	_strengths([_bucket("models"), _for("models", _rules("AES256", _own), {})]) == [1]
	_strengths([_bucket("models"), _for("models", _rules(5, _own), {})]) == [1]
	_strengths([_bucket("models"), _for("models", _rules("aws:kms", null), {})]) == [1]
	_strengths([_bucket("models"), _for("data", _kms, {})]) == [1]
	_strengths([_bucket("models"), _bucket("data"), _for("data", _kms, {})]) == [1, 2]
}

test_other_resources_are_no_settings if {
	same := {"bucket": "models", "rule": _kms}
	_strengths([_bucket("models"), _resource("aws_s3_bucket_lifecycle_configuration", same, {})]) == [1]
	_strengths([_bucket("models"), _resource("aws_s3_bucket_lifecycle_configuration", {}, {"bucket": true})]) == [1]
	_strengths([_bucket("models"), _resource("aws_s3_bucket_lifecycle_configuration", same, {"rule": true})]) == [1]
}

test_settings_that_are_known_only_later if {
	_strengths([_bucket("models"), _for(null, _kms, {"bucket": true})]) == [null]
	_strengths([_bucket("models"), _for("models", [], {"rule": true})]) == [null]
	key := {"rule": [{"apply_server_side_encryption_by_default": [{"kms_master_key_id": true}]}]}
	_strengths([_bucket("models"), _for("models", _rules("aws:kms", null), key)]) == [null]
	_strengths([_bucket("models"), _for("data", _rules("aws:kms", null), key)]) == [1]
	_strengths([_bucket("models"), _for("models", _kms, {"rule": [{"bucket_key_enabled": true}]})]) == [2]
	_strengths([_bucket("models"), _for("models", _kms, {"rule": [{"bucket_key_enabled": false}]})]) == [2]
	_strengths([_bucket("models"), _for("models", _kms, {"bucket": false, "rule": []})]) == [2]
}

test_only_what_keeps_data_is_kept if {
	storage.kept([_resource("aws_vpc", {}, {}), _resource(5, {}, {})]) == []
	storage.kept([_bucket("models")]) == [{"resource": _bucket("models"), "strength": 1}]
}

test_stores_that_are_not_known_by_their_name if {
	every type in [
		"x_bucket", "x_disk", "x_volume", "x_database", "x_db_instance", "x_file_system", "x_filesystem", "x_redshift_cluster",
		"x_docdb_cluster", "x_neptune_cluster", "x_memorydb_cluster", "x_replication_group", "x_bigtable_instance",
		"x_cosmosdb_account", "x_redis_cache", "x_opensearch_domain", "x_elasticsearch_domain", "x_kinesis_stream",
		"x_sqs_queue", "x_sns_topic",
	] {
		storage.unknown([_resource(type, {}, {})]) == [_resource(type, {}, {})]
	}
	known := object.union(_switched, _keyed)
	storage.unknown([_resource(type, {}, {}) | some type, _ in known]) == []
	storage.unknown([_bucket("x"), _for("x", _kms, {}), _resource("aws_vpc", {}, {}), _resource("bucket_list", {}, {}), _resource(5, {}, {})]) == []
}
