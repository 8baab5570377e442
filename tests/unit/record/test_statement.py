from __future__ import annotations

from typing import Any

import pytest

from hallgate.model.errors import InvalidDocument, Location
from hallgate.record.canonical import canonical_bytes
from hallgate.record.statement import parse_statement, statement

DIGEST = "sha256:" + "ab" * 32


def test_built_and_parsed() -> None:
    parsed = parse_statement(canonical_bytes(statement("m", DIGEST, "urn:t", {"a": [1]})))
    assert (parsed.name, parsed.digest, parsed.predicate_type) == ("m", DIGEST, "urn:t")
    assert parsed.predicate == {"a": [1]}


@pytest.mark.parametrize(
    "change",
    [
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"extra": 1},
        {"predicateType": ""},
        {"predicateType": None},
        {"predicate": []},
        {"subject": []},
        {"subject": [{"name": "m", "digest": {"sha256": "ab" * 32}}] * 2},
        {"subject": {"name": "m"}},
        {"subject": ["m"]},
        {"subject": [{"name": "m"}]},
        {"subject": [{"name": "", "digest": {"sha256": "ab" * 32}}]},
        {"subject": [{"name": "m", "digest": {"sha256": "AB" * 32}}]},
        {"subject": [{"name": "m", "digest": {"sha256": "ab" * 32 + "\n"}}]},
        {"subject": [{"name": "m", "digest": {"sha512": "ab" * 32}}]},
        {"subject": [{"name": "m", "digest": {"sha256": "ab" * 32, "md5": "x"}}]},
        {"subject": [{"name": "m", "uri": "x", "digest": {"sha256": "ab" * 32}}]},
    ],
)
def test_another_shape_is_refused_with_its_place(change: dict[str, Any]) -> None:
    data = canonical_bytes({**statement("m", DIGEST, "urn:t", {}), **change})
    with pytest.raises(InvalidDocument) as caught:
        parse_statement(data, Location("card.json"))
    assert str(caught.value).startswith("card.json: ")


@pytest.mark.parametrize("data", [b"[]", b"null", b"{", b'{"_type":1,"_type":2}'])
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidDocument):
        parse_statement(data)


@pytest.mark.parametrize(("name", "digest"), [("", DIGEST), ("m", "ab" * 32), ("m", "sha1:ab")])
def test_nothing_wrong_is_built(name: str, digest: str) -> None:
    with pytest.raises(InvalidDocument):
        statement(name, digest, "urn:t", {})
