package promotion.rules.supply_chain.references_pinned_test

import data.promotion.rules.supply_chain.references_pinned as policy

_hex := "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

_commit := "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

_pinned := concat("", ["registry.example/server@sha256:", _hex])

_statement(path, format, content) := [{"result": {"documents": [{
	"path": path, "place": "0", "format": format, "content": json.marshal(content),
}]}}]

_document(manifest, format, workflow) := {"evidence": {
	"deployment_manifests": _statement("d.yaml", "v1/Pod", manifest),
	"ci_workflows": _statement("w.yaml", format, workflow),
}}

_pod(container) := {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container]}}

_github(job) := {"on": "push", "jobs": {"build": job}}

_sound := _github({"steps": [{"uses": concat("@", ["actions/checkout", _commit])}, {"run": "make"}]})

_denied(manifest, format, workflow) := found if found := policy.deny with input as _document(manifest, format, workflow)

_of_manifest(manifest) := _denied(manifest, "github_workflow", _sound)

_of_job(job) := _denied(_pod({"image": _pinned}), "github_workflow", _github(job))

_finding(place, what, words, observed) := {
	"key": sprintf("%s=%s", [place, what]),
	"message": sprintf("%s %s", [place, words]),
	"observed": observed,
	"limit": null,
}

_tagged(place, kind, name) := _finding(place, kind, "is named by a tag or branch, not by its digest", name)

test_allow_digests if {
	_of_manifest(_pod({"image": _pinned})) == set()
	found := policy.insufficient with input as _document(_pod({"image": _pinned}), "github_workflow", _sound)
	found == set()
}

test_allow_what_lies_in_the_repository if _of_job({"steps": [{"uses": "./.github/actions/build"}]}) == set()

test_allow_a_model_with_commit_or_digest if {
	every uri in [concat(":", ["hf://org/model", _commit]), concat("", ["oci://registry.example/m@sha256:", _hex]), concat("", ["s3://models/", _hex, "/model"])] {
		_of_manifest({"apiVersion": "v1", "kind": "X", "spec": {"storageUri": uri}}) == set()
	}
}

test_deny_image_by_tag if {
	every image in ["server", "server:latest", "server:1.2", "server@sha256:aa", "", 5, null] {
		found := _of_manifest(_pod({"image": image}))
		_finding("d.yaml#0/spec/containers/0/image", "image", "is named by a tag, not by its digest", image) in found
	}
}

test_deny_container_without_image if {
	every container in [{"name": "x"}, "server", null, []] {
		_of_manifest(_pod(container)) == {_finding("d.yaml#0/spec/containers/0", "image", "names no image", null)}
	}
}

test_allow_served_model_whose_runtime_names_the_image if {
	service := {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "spec": {"predictor": {"model": {"runtime": "x"}}}}
	_of_manifest(service) == set()
}

test_deny_models_that_change if {
	words := "names a model that can change under its address"
	_of_manifest({"spec": {"storageUri": "gs://bucket/model"}}) == {_finding("d.yaml#0/spec/storageUri", "model", words, "gs://bucket/model")}
	_of_manifest({"spec": {"model": {"uri": "hf://org/model"}}}) == {_finding("d.yaml#0/spec/model/uri", "model", words, "hf://org/model")}
	_of_manifest({"spec": {"storage": {"path": "model/v1"}}}) == {_finding("d.yaml#0/spec/storage/path", "model", words, "model/v1")}
}

test_deny_actions_by_tag if {
	_of_job({"steps": [{"uses": "actions/checkout@v4"}]}) == {_tagged("w.yaml#0/jobs/build/steps/0/uses", "action", "actions/checkout@v4")}
	_of_job({"uses": "org/repo/.github/workflows/x.yml@main"}) == {_tagged("w.yaml#0/jobs/build/uses", "action", "org/repo/.github/workflows/x.yml@main")}
	_of_job({"steps": [{"uses": "docker://alpine:3"}]}) == {_tagged("w.yaml#0/jobs/build/steps/0/uses", "action", "docker://alpine:3")}
	_of_job({"steps": [{"uses": 5}]}) == {_tagged("w.yaml#0/jobs/build/steps/0/uses", "action", 5)}
}

test_deny_images_of_jobs_by_tag if {
	_of_job({"container": "node:20", "steps": []}) == {_tagged("w.yaml#0/jobs/build/container", "image", "node:20")}
	_of_job({"container": {"image": "node"}, "steps": []}) == {_tagged("w.yaml#0/jobs/build/container/image", "image", "node")}
	_of_job({"services": {"db": {"image": "db:1"}}}) == {_tagged("w.yaml#0/jobs/build/services/db", "image", "db:1")}
}

test_deny_gitlab_images_by_tag if {
	found := _denied(_pod({"image": _pinned}), "gitlab_ci", {"build": {"image": "python:3.12", "script": ["make"]}, "test": {"image": {"name": _pinned}}})
	found == {_tagged("w.yaml#0/build/image", "image", "python:3.12")}
}

test_deny_workflow_without_jobs if {
	found := policy.insufficient with input as _document(_pod({"image": _pinned}), "github_workflow", {"on": "push"})
	found == {_finding("w.yaml#0", "opaque", "has no job that can be seen", null)}
}

test_deny_texts_that_are_no_documents if {
	broken := [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "["}]}}]
	sound := _document(_pod({"image": _pinned}), "github_workflow", _sound).evidence
	every kind in ["deployment_manifests", "ci_workflows"] {
		found := policy.insufficient with input as {"evidence": object.union(sound, {kind: broken})}
		found == {{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null}}
	}
}
