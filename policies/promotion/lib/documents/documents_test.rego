package promotion.lib.documents_test

import data.promotion.lib.documents

_carried(content) := {"path": "a.yaml", "place": "1", "format": "x", "content": content}

_statements(contents) := [{"result": {"documents": [_carried(content) | some content in contents]}}]

test_documents_with_place_and_kind if {
	documents.all(_statements(["{\"a\":1}"])) == [{"at": "a.yaml#1", "kind": "x", "content": {"a": 1}}]
	documents.all(_statements([])) == []
}

test_kinds_without_versions if {
	every version, kind in {"apps/v1": "apps/K", "v1": "/K", "a.io/b/v1": "a.io/b/K"} {
		[one] := documents.all(_statements([json.marshal({"apiVersion": version, "kind": "K"})]))
		one.kind == kind
	}
	every content in [{"kind": "K"}, {"apiVersion": "v1"}, {"apiVersion": 1, "kind": "K"}, {"apiVersion": "v1", "kind": 2}] {
		[one] := documents.all(_statements([json.marshal(content)]))
		one.kind == "x"
	}
}

test_texts_that_are_no_documents if {
	every text in ["", "{", "5", "[]", "null", "\"x\""] {
		documents.all(_statements([text])) == []
		documents.unread(_statements([text])) == {{"key": "a.yaml#1", "message": "a.yaml holds no document", "observed": null, "limit": null}}
	}
	documents.unread(_statements(["{}"])) == set()
}

test_pointers_are_escaped if {
	documents.pointer([]) == ""
	documents.pointer(["a", 0, "b/c~d"]) == "/a/0/b~1c~0d"
}

test_a_finding_says_where if {
	document := {"at": "a.yaml#1", "kind": "x", "content": {}}
	documents.finding(document, ["a", 0], "what", "is wrong", 1, 2) == {
		"key": "a.yaml#1/a/0=what",
		"message": "a.yaml#1/a/0 is wrong",
		"observed": 1,
		"limit": 2,
	}
}
