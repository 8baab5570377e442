package promotion.rules.secrets.credentials_short_lived_test

import data.promotion.rules.secrets.credentials_short_lived as policy

_limits := {"low": 24, "medium": 8, "high": 1}

_statement(path, format, content) := [{"result": {"documents": [{
	"path": path, "place": "0", "format": format, "content": json.marshal(content),
}]}}]

_document(tier, workflow, manifest) := {
	"request": {
		"declared_tier": tier,
		"use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
	},
	"evidence": {
		"ci_workflows": _statement("w.yaml", "github_workflow", workflow),
		"deployment_manifests": _statement("d.yaml", "v1/X", manifest),
	},
}

_denied(tier, workflow, manifest) := found if found := policy.deny with input as _document(tier, workflow, manifest)

_insufficient(tier, workflow, manifest) := found if found := policy.insufficient with input as _document(tier, workflow, manifest)

_finding(place, what, words, observed, limit) := {
	"key": sprintf("%s=%s", [place, what]),
	"message": sprintf("%s %s", [place, words]),
	"observed": observed,
	"limit": limit,
}

_static(place, name) := {_finding(place, "static", sprintf("sets a credential that does not end: %s", [name]), null, null)}

_with(settings) := {"jobs": {"a": {"steps": [{"with": settings}]}}}

test_allow_identity_of_the_workload if {
	_denied("high", _with({"role-to-assume": "arn:x", "role-duration-seconds": 3600}), {"spec": {"serviceAccountName": "x"}}) == set()
	_insufficient("high", _with({}), {}) == set()
	_denied("high", {"jobs": {"a": {"env": {"AWS_ACCESS_KEY_ID": ""}}}}, {}) == set()
}

test_deny_static_keys_in_workflows if {
	_denied("low", _with({"aws-access-key-id": "${{ secrets.KEY }}"}), {}) == _static("w.yaml#0/jobs/a/steps/0/with/aws-access-key-id", "aws-access-key-id")
	_denied("low", {"env": {"AWS_SECRET_ACCESS_KEY": "x"}}, {}) == _static("w.yaml#0/env/AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY")
	_denied("low", _with({"credentials_json": "x"}), {}) == _static("w.yaml#0/jobs/a/steps/0/with/credentials_json", "credentials_json")
}

test_deny_static_keys_in_manifests if {
	from := {"env": [{"name": "AWS_SECRET_ACCESS_KEY", "valueFrom": {"secretKeyRef": {"name": "s"}}}]}
	_denied("low", {}, from) == _static("d.yaml#0/env/0", "AWS_SECRET_ACCESS_KEY")
	_denied("low", {}, {"env": [{"name": "AZURE_CLIENT_SECRET", "value": "x"}]}) == _static("d.yaml#0/env/0", "AZURE_CLIENT_SECRET")
}

test_deny_token_that_never_ends if {
	secret := {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token"}
	_denied("low", {}, secret) == {_finding("d.yaml#0", "static", "is a token that never ends", null, null)}
	every change in [{"type": "Opaque"}, {"kind": "ConfigMap"}] {
		_denied("low", {}, object.union(secret, change)) == set()
	}
}

_token(seconds) := {"volumes": [{"serviceAccountToken": {"expirationSeconds": seconds}}]}

_at := "d.yaml#0/volumes/0/serviceAccountToken/expirationSeconds"

test_allow_below_and_on_each_limit if {
	every tier, hours in _limits {
		_denied(tier, {}, _token((hours * 3600) - 1)) == set()
		_denied(tier, {}, _token(hours * 3600)) == set()
		_insufficient(tier, {}, _token(hours * 3600)) == set()
		_denied(tier, _with({"role-duration-seconds": sprintf("%d", [hours * 3600])}), {}) == set()
	}
}

test_deny_above_each_limit if {
	every tier, hours in _limits {
		words := sprintf("lives %d hours, limit %d", [hours + 1, hours])
		_denied(tier, {}, _token((hours * 3600) + 1)) == {_finding(_at, "life", words, hours + 1, hours)}
	}
}

test_deny_life_that_cannot_be_read if {
	every value in ["1h", "", null, 0, -5, true, "${{ inputs.x }}", [3600]] {
		_denied("high", {}, _token(value)) == set()
		_insufficient("high", {}, _token(value)) == {_finding(_at, "life", "says how long it lives in a way that cannot be read", null, 1)}
	}
}

test_deny_texts_that_are_no_documents if {
	broken := [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "5"}]}}]
	sound := _document("high", {}, {}).evidence
	every kind in ["ci_workflows", "deployment_manifests"] {
		found := policy.insufficient with input as {"evidence": object.union(sound, {kind: broken})}
		found == {{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null}}
	}
}
