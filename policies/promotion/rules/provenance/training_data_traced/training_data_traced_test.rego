package promotion.rules.provenance.training_data_traced_test

import data.promotion.rules.provenance.training_data_traced as policy

_document(datasets, materials) := {"evidence": {
	"dataset_card": [{"result": {"datasets": [{"name": name, "digest": digest} | some name, digest in datasets]}}],
	"build_provenance": [{"result": {"materials": [{"uri": "pkg:generic/data", "digest": digest} | some digest in materials]}}],
}}

_denied(datasets, materials) := found if found := policy.deny with input as _document(datasets, materials)

_insufficient(datasets, materials) := found if found := policy.insufficient with input as _document(datasets, materials)

_untraced(name, digest) := {
	"key": concat("=", ["dataset", name]),
	"message": sprintf("no material of the build has the digest of dataset %s", [name]),
	"observed": digest,
	"limit": null,
}

_undigested := {{"key": "materials", "message": "the provenance gives no material a digest", "observed": null, "limit": null}}

test_allow_every_dataset_among_the_materials if {
	_denied({"loans": "sha256:aa", "bureau": "sha256:bb"}, ["sha256:bb", "sha256:cc", null, "sha256:aa"]) == set()
	_insufficient({"loans": "sha256:aa"}, ["sha256:aa"]) == set()
}

test_deny_each_dataset_that_is_missing if {
	_denied({"loans": "sha256:aa", "bureau": "sha256:bb"}, ["sha256:bb"]) == {_untraced("loans", "sha256:aa")}
	_denied({"loans": "sha256:aa", "bureau": "sha256:bb"}, ["sha256:cc"]) == {_untraced("loans", "sha256:aa"), _untraced("bureau", "sha256:bb")}
}

test_deny_materials_without_digest if {
	every materials in [[], [null], [null, null]] {
		_denied({"loans": "sha256:aa"}, materials) == set()
		_insufficient({"loans": "sha256:aa"}, materials) == _undigested
	}
}

test_allow_materials_of_two_statements if {
	document := json.patch(_document({"loans": "sha256:aa", "bureau": "sha256:bb"}, ["sha256:aa"]), [{
		"op": "add",
		"path": "/evidence/build_provenance/-",
		"value": {"result": {"materials": [{"uri": "pkg:generic/bureau", "digest": "sha256:bb"}]}},
	}])
	count(policy.deny) == 0 with input as document
}
