package promotion.lib.credentials_test

import data.promotion.lib.credentials

_names := [
	"aws-access-key-id", "AWS_ACCESS_KEY_ID", "aws_secret_access_key", "GOOGLE_CREDENTIALS", "gcp-sa-key", "credentials_json",
	"service-account-key", "AZURE_CREDENTIALS", "azure-client-secret", "ARM_CLIENT_SECRET", "client-secret", "creds",
	"kubeconfig", "kube-config", "KUBE_CONFIG_DATA",
]

test_static_credentials_by_name if {
	every name in _names {
		credentials.static(["env", name], "x") == {name}
		credentials.static(["env", 0], {"name": name, "value": "x"}) == {name}
		credentials.static(["env", 0], {"name": name, "valueFrom": {"secretKeyRef": {}}}) == {name}
	}
}

test_names_are_found_wherever_they_stand if {
	every name in array.concat(_names, ["CRED\u017f", "\u212aubeconfig"]) {
		credentials.static([name], "x") == {name}
		credentials.has_names({"env": {name: null}})
		credentials.has_names({"a": [{"env": [{"name": name}]}]})
		credentials.has_names({name: 1, "a\"b": "c"})
	}
	every name in ["AWS_REGION", "credentials", "my-creds", "creds2", "kubeconfigs", "", "creds\n", "creds\""] {
		not credentials.has_names({name: [name, {"name": name}]})
	}
	not credentials.has_names({})
}

test_other_names_are_none if {
	every name in ["AWS_REGION", "credentials", "my-creds", "creds2", "kubeconfigs", 0, null] {
		credentials.static(["env", name], "x") == set()
		credentials.static(["env", 0], {"name": name, "value": "x"}) == set()
	}
	credentials.static([], "creds") == set()
}

test_a_name_that_sets_nothing if {
	every value in [null, "", false] {
		credentials.static(["env", "creds"], value) == set()
		credentials.static(["env", 0], {"name": "creds", "value": value}) == set()
	}
	credentials.static(["env", 0], {"name": "creds"}) == set()
	every value in [true, 0, "x", [], {}] {
		credentials.static(["env", "creds"], value) == {"creds"}
	}
}

_lives := ["role-duration-seconds", "expirationSeconds", "token-lifetime-seconds"]

test_how_long_a_token_lives if {
	every name in _lives {
		credentials.speaks_of_life(["with", name])
		credentials.life(["with", name], 3600) == 3600
		credentials.life(["with", name], 1) == 1
		credentials.life(["with", name], "3600") == 3600
		credentials.life(["with", name], "1") == 1
		credentials.life(["with", name], "123456789") == 123456789
	}
}

test_lives_are_found_wherever_they_stand if {
	every name in _lives {
		credentials.has_lives({name: 0})
		credentials.has_lives({"a": [{"b": {name: "x"}}]})
	}
	not credentials.has_lives({})
	not credentials.has_lives({"seconds": 60, "duration-seconds": "role", "expiration": "Seconds"})
}

test_a_life_that_cannot_be_read if {
	every value in [0, -1, "0", "01", "-1", "1h", "", "1234567890", null, true, [60], {}] {
		not credentials.life(["with", "expirationSeconds"], value)
	}
	not credentials.life(["with", "seconds"], 60)
	not credentials.speaks_of_life(["with", "seconds"])
}

test_hours_are_rounded_up if {
	credentials.hours(1) == 1
	credentials.hours(3600) == 1
	credentials.hours(3601) == 2
}
