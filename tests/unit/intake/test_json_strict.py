from __future__ import annotations

import json

import pytest

from hallgate.intake.json_strict import LIMIT, parse_json
from hallgate.model.errors import InvalidDocument


def refused(data: bytes, **options: bool) -> InvalidDocument:
    with pytest.raises(InvalidDocument) as caught:
        parse_json(data, "x.json", **options)
    assert len(caught.value.faults) == 1
    return caught.value


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ('{"a": 1, "a": 2}', "x.json:1:10", "appears twice"),
        ('{"a": [{"b": 1,\n "b": 2}]}', "x.json:2:2", "appears twice"),
        ('{"a": 1, "\\u0061": 2}', "x.json:1:10", "appears twice"),
        ("[NaN]", "x.json:1:2", "NaN"),
        ("[1, -Infinity]", "x.json:1:5", "-Infinity"),
        ("[1.5]", "x.json:1:2", "no whole number"),
        ("[1.0]", "x.json:1:2", "no whole number"),
        ("[1e3]", "x.json:1:2", "no whole number"),
        ("[9007199254740992]", "x.json:1:2", "2^53"),
        ("[" + "1" * 5000 + "]", "x.json:1:2", "2^53"),
        ('["é", "\\ud800"]', "x.json:1:7", "surrogate"),
        ('{"\\udc00": 1}', "x.json:1:2", "surrogate"),
        ("[1] 2", "x.json:1:5", "Extra data"),
        ('{"a":', "x.json:1:6", "no JSON"),
        ('{"a": "b', "x.json:1:7", "Unterminated"),
        ("{'a': 1}", "x.json:1:2", "no JSON"),
        ("[1,]", "x.json:1:4", "no JSON"),
        ('"a\nb"', "x.json:1:3", "control character"),
        ("// x\n1", "x.json:1:1", "no JSON"),
        ("", "x.json:1:1", "no JSON"),
        ("\ufeff{}", "x.json:1:1", "byte order mark"),
    ],
)
def test_refusals_say_where_and_what(text: str, place: str, what: str) -> None:
    error = refused(text.encode())
    assert str(error.where) == place
    assert what in error.what
    assert error.remedy


def test_invalid_utf8_is_located() -> None:
    error = refused(b'{"a": "\xc3\xa9",\n "b": "\xff"}')
    assert str(error.where) == "x.json:2:8"
    assert "0xff" in error.what


@pytest.mark.parametrize("size", [50, 900, 100_000])
@pytest.mark.parametrize("pair", [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_refused(size: int, pair: tuple[str, str]) -> None:
    text = pair[0] * size + "1" + pair[1] * size
    assert "nested more than 32" in refused(text.encode()).what


def test_depth_counts_containers() -> None:
    assert parse_json(b"[" * 32 + b"]" * 32, "x.json")
    assert str(refused(b"[" * 33 + b"]" * 33).where) == "x.json:1:33"


def test_a_ten_megabyte_line_is_refused_unless_asked_for() -> None:
    line = json.dumps({"log": "x" * 10_000_000}).encode()
    assert str(LIMIT) in refused(line).what
    assert parse_json(line, "x.json", limit=len(line))


def test_fractions_only_when_asked_for() -> None:
    assert parse_json(b"[0.5, -1e3, 7]", "x.json", floats=True).value == [0.5, -1000.0, 7]
    error = refused(b"[0.5,\n1e400]", floats=True)
    assert str(error.where) == "x.json:2:1"


def test_sound_documents_come_through_unchanged() -> None:
    text = '{"a": [1, -9007199254740991, "\\ud83d\\ude00", null, true], "": {}}'
    assert parse_json(text.encode(), "x.json").value == json.loads(text)


def test_equal_keys_in_different_objects_are_no_duplicates() -> None:
    assert parse_json(b'{"a": {"b": 1}, "c": [{"b": 1}, {"b": 2}]}', "x.json")


def test_places_are_found_again() -> None:
    document = parse_json(b'{"a": [1, {"b": "x",\n   "c": {}}], "d\\n": [[], [2]]}', "x.json")
    assert str(document.locate(("a", 1, "c"))) == "x.json:2:9"
    assert str(document.locate(("d\n", 1, 0))) == "x.json:2:28"
    assert document.places().keys[("a", 1, "c")] == (2, 4)
