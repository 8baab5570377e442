from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hallgate.model.errors import InvalidDocument, StorageError
from hallgate.record.canonical import (
    are_digests,
    canonical_bytes,
    file_digest,
    is_digest,
    parse_json,
    sha256_digest,
)


def test_equal_values_have_equal_bytes() -> None:
    assert (
        canonical_bytes({"b": [1, 2.0, None], "a": "é\n"}) == '{"a":"é\\n","b":[1,2,null]}'.encode()
    )


def test_keys_sort_by_utf16_as_rfc_8785_section_3_2_3_has_it() -> None:
    value = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "ö": 7}
    assert list(parse_json(canonical_bytes(value))) == [
        "\r",
        "1",
        "\x80",
        "ö",
        "€",
        "\U0001f600",
        "\ufb33",
    ]  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {"a": {1, 2}}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(InvalidDocument, match="no canonical JSON form"):
        canonical_bytes({"x": value})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "text", [b'{"a":1,"a":2}', b'{"a":NaN}', b"[Infinity]", b"\xff", b"", b"{}x", b"[" * 100_000]
)
def test_parsing_is_strict(text: bytes) -> None:
    with pytest.raises(InvalidDocument, match="not strict JSON"):
        parse_json(text)


def test_digests(tmp_path: Path) -> None:
    data = b"x" * (3 << 20)
    (tmp_path / "f").write_bytes(data)
    assert file_digest(tmp_path / "f") == sha256_digest(data)
    assert sha256_digest(data) == "sha256:" + hashlib.sha256(data).hexdigest()
    assert is_digest(sha256_digest(b""))
    assert not is_digest("sha256:" + "AB" * 32)
    one, two = sha256_digest(b"1"), sha256_digest(b"2")
    assert all(are_digests(few) for few in ([], [one], [one, two]))
    for odd in ("", one.upper(), one[:-1], f"{one}\n", f"{one}\n{two}", f"{one}\n\n", None, 5):
        assert not are_digests([odd])
        assert not are_digests([one, odd])
        assert not are_digests([odd, two])
    with pytest.raises(StorageError, match="cannot read"):
        file_digest(tmp_path / "none")
