package promotion.lib.references_test

import data.promotion.lib.references

_hex := "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

_commit := "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

_image := concat("", ["registry.example/server@sha256:", _hex])

test_images if {
	references.image_pinned(_image)
	every name in ["server", "server:1", substring(_image, 0, 80), concat("", [_image, "0"]), upper(_image), null, 5, ["x"]] {
		not references.image_pinned(name)
	}
}

test_addresses_of_models if {
	every path in [["spec", "storageUri"], ["model_uri"], ["spec", "model", "uri"], ["storage", "path"]] {
		references.of_model(path, "s3://x")
		not references.of_model(path, 5)
		not references.of_model(path, null)
	}
	every path in [[], ["uri"], ["path"], ["model", "path"], ["storage", "uri"], ["model", "uri", "x"], ["storageUri", 0]] {
		not references.of_model(path, "s3://x")
	}
}

test_manifests_with_models if {
	every name in ["storageUri", "model_uri", "uri", "path"] {
		references.has_models({"a": [{name: "s3://x"}]})
		not references.has_models({"a": [{concat("", ["x", name]): "s3://x", concat("", [name, "s"]): 1}]})
	}
	every name in ["model", "storage"] {
		not references.has_models({name: "s3://x"})
	}
	not references.has_models({})
}

test_models if {
	every text in [_hex, _commit, concat("", ["s3://m/", _hex, "/x"]), concat(":", ["hf://org/model", _commit])] {
		references.model_pinned(text)
	}
	every text in ["s3://m/v1", substring(_hex, 0, 39), substring(_hex, 0, 41), concat("", [_hex, "a"]), upper(_commit)] {
		not references.model_pinned(text)
	}
}

test_actions if {
	every name in [concat("@", ["org/action", _commit]), concat("@", ["org/action/path", _hex]), "./.github/actions/x", concat("", ["docker://", _image])] {
		references.taken_pinned("action", name)
		not references.taken_pinned("other", name)
	}
	every name in [
		_image, "org/action@v4", "org/action", "docker://alpine:3", concat("@", ["docker://alpine", _commit]), "./x@v1", "../x", 5, null,
		concat("@", ["org/action", substring(_commit, 0, 39)]), concat("@", ["docker://alpine", _hex]),
	] {
		not references.taken_pinned("action", name)
	}
}

test_images_of_workflows if {
	references.taken_pinned("image", _image)
	not references.taken_pinned("image", "node:20")
	not references.taken_pinned("image", concat("@", ["org/action", _commit]))
}
