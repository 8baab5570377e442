import pytest

from hallgate.testing.pointer import apply_change, pruned, put

DOCUMENT = {"a": {"b": [1, 2, 3], "c/d": 4, "~": 5}}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (None, DOCUMENT),
        ({}, DOCUMENT),
        ({"set": {"/a/b/1": 9}}, {"a": {"b": [1, 9, 3], "c/d": 4, "~": 5}}),
        ({"set": {"/a/b/-": 9}}, {"a": {"b": [1, 2, 3, 9], "c/d": 4, "~": 5}}),
        ({"set": {"/a/c~1d": 9, "/a/~0": 8}}, {"a": {"b": [1, 2, 3], "c/d": 9, "~": 8}}),
        ({"set": {"/new": {"x": []}}}, {**DOCUMENT, "new": {"x": []}}),
        ({"remove": ["/a/b/0", "/a/c~1d"]}, {"a": {"b": [2, 3], "~": 5}}),
        ({"set": {"/a/b": [7]}, "remove": ["/a/b/0"]}, {"a": {"b": [], "c/d": 4, "~": 5}}),
    ],
)
def test_changes(change, expected):
    assert apply_change(DOCUMENT, change) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"set": {"a/b": 1}},
        {"set": {"/x/y": 1}},
        {"set": {"/a/b/9": 1}},
        {"remove": ["/a/x"]},
        {"remove": ["/a/b/3"]},
        {"remove": ["/a/b/-"]},
        {"set": {"/a/b/-1": 1}},
        {"remove": ["/a/b/-1"]},
    ],
)
def test_a_pointer_that_leads_nowhere_is_an_error(change):
    with pytest.raises((KeyError, IndexError)):
        apply_change(DOCUMENT, change)


def test_the_document_itself_stays_as_it_was():
    before = {"a": {"b": [1]}}
    inner = {"x": []}
    after = apply_change(before, {"set": {"/a/c": inner}})
    after["a"]["b"].append(2)
    after["a"]["c"]["x"].append(1)
    assert before == {"a": {"b": [1]}}
    assert inner == {"x": []}


def test_a_value_by_its_path_is_changed_in_a_copy():
    before = {"a": [{"b": 1}, 2]}
    assert put(before, ("a", 0, "b"), None) == {"a": [{"b": None}, 2]}
    assert pruned(before, ("a", 0, "b")) == {"a": [{}, 2]}
    assert pruned(before, ("a", 1)) == {"a": [{"b": 1}]}
    assert before == {"a": [{"b": 1}, 2]}
    for nowhere in (("a", 2), ("c",), ("a", 0, "c")):
        with pytest.raises(LookupError):
            pruned(before, nowhere)
