# METADATA
# title: Storage of a plan
# description: >-
#   Resources that keep data, and who holds the key: 0 not encrypted, 1 encrypted with the
#   provider's key, 2 with a key of the owner, null where the plan will know only later.
package promotion.lib.storage

import data.promotion.lib.plans

# By type: what switches encryption on, unless it always is, and the path to where the key is
# named. A bucket's is set by a resource of its own.
_kinds := {
	"aws_s3_bucket": {},
	"aws_ebs_volume": {"on": "encrypted", "key": ["kms_key_id"]},
	"aws_db_instance": {"on": "storage_encrypted", "key": ["kms_key_id"]},
	"aws_rds_cluster": {"on": "storage_encrypted", "key": ["kms_key_id"]},
	"aws_efs_file_system": {"on": "encrypted", "key": ["kms_key_id"]},
	"aws_dynamodb_table": {"key": ["server_side_encryption", 0, "kms_key_arn"]},
	"aws_ecr_repository": {"key": ["encryption_configuration", 0, "kms_key"]},
	"aws_sagemaker_domain": {"key": ["kms_key_id"]},
	"aws_sagemaker_notebook_instance": {"key": ["kms_key_id"]},
	"aws_sagemaker_endpoint_configuration": {"key": ["kms_key_arn"]},
	"aws_cloudwatch_log_group": {"key": ["kms_key_id"]},
	"google_storage_bucket": {"key": ["encryption", 0, "default_kms_key_name"]},
	"google_compute_disk": {"key": ["disk_encryption_key", 0, "kms_key_self_link"]},
	"google_bigquery_dataset": {"key": ["default_encryption_configuration", 0, "kms_key_name"]},
	"google_sql_database_instance": {"key": ["encryption_key_name"]},
	"azurerm_storage_account": {"key": ["customer_managed_key", 0, "key_vault_key_id"]},
	"azurerm_managed_disk": {"key": ["disk_encryption_set_id"]},
	"azurerm_mssql_database": {"key": ["transparent_data_encryption_key_vault_key_id"]},
}

_settings := "aws_s3_bucket_server_side_encryption_configuration"

# METADATA
# description: >-
#   Resources that keep data by their type's name and are not known here, so that nobody can
#   say who holds their key.
unknown(resources) := [resource |
	some resource in resources
	type := resource.type
	is_string(type)
	regex.match(_stores, type)
	not type in object.keys(_kinds)
]

_stores := `(bucket|disk|volume|database|db_instance|file_system|filesystem|redshift_cluster|docdb_cluster|neptune_cluster|memorydb_cluster|replication_group|bigtable_instance|cosmosdb_account|redis_cache|opensearch_domain|elasticsearch_domain|kinesis_stream|sqs_queue|sns_topic)$`

# METADATA
# description: Resources that keep data, each with its strength.
kept(resources) := [{"resource": resource, "strength": strength} |
	some resource in resources
	_kinds[resource.type]
	strength := _strength(resource, resources)
]

# Settings name the bucket that they are for.
_strength(resource, resources) := max(keys) if {
	resource.type == "aws_s3_bucket"
	keys := {1} | {2 |
		some other in resources
		other.type == _settings
		other.after.bucket == resource.after.bucket
		some rule in other.after.rule
		some default_ in rule.apply_server_side_encryption_by_default
		default_.sse_algorithm in {"aws:kms", "aws:kms:dsse"}
		_own(default_.kms_master_key_id)
	}
	count(_unsaid(resource, resources)) == 0
} else := null if {
	resource.type == "aws_s3_bucket"
} else := null if {
	plans.later(resource, _kinds[resource.type].on)
} else := 0 if {
	switch := _kinds[resource.type].on
	_at(resource.after, [switch]) != true
} else := 2 if {
	_own(_at(resource.after, _kinds[resource.type].key))
} else := null if {
	plans.later(resource, _kinds[resource.type].key[0])
} else := 1

# Settings of which the plan does not yet know the bucket or the rule: they may be this one's.
_unsaid(resource, resources) := {other.address |
	some other in resources
	other.type == _settings
	_may_be_for(other, resource)
}

_may_be_for(settings, _) if plans.later(settings, "bucket")

_may_be_for(settings, bucket) if {
	settings.after.bucket == bucket.after.bucket
	walk(settings.unknown.rule, [path, true])
	not _costs_alone(path)
}

# Whether a bucket has a key of its own for its requests changes what they cost, not who holds it.
_costs_alone(path) if path[count(path) - 1] == "bucket_key_enabled"

_at(value, path) := found if {
	some [at, found] in [one | walk(value, one)]
	at == path
} else := null

# A key that the provider keeps for everybody is none of one's own.
_own(name) if {
	is_string(name)
	name != ""
	not regex.match(`(^|[:/])alias/aws/`, name)
}
