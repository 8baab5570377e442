"""The two strict parsers: what is sound comes through, anything else is InvalidDocument."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from functools import partial

import pytest
import rfc3339_validator
import rfc8785
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from hallgate.intake.document import Document
from hallgate.intake.exceptions import canonical_digest
from hallgate.intake.json_strict import LARGEST_INTEGER, parse_json
from hallgate.intake.rfc3339 import is_time, seconds, text
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import InvalidDocument
from hallgate.record.canonical import sha256_digest

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
INTEGERS = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
WORDS = st.sampled_from(
    [
        "no", "010", "1e3", "&a", "*a", "<<", "!!str", "- ", ": ", "? ", "[", "]", "{", "}", ",",
        "#", "'", '"', "|", ">", "%", "@", "`", "~", "---", "...", "a", " ", "\n", "\t", "\u2028",
        "\x00",
    ]
)  # fmt: skip


def attempt(data: bytes, parse: Callable[[bytes, str], Document]) -> Document | None:
    """The document, or None for a located fault; any other exception is a failure."""
    try:
        return parse(data, "x")
    except InvalidDocument as error:
        (fault,) = error.faults
        if fault.where is None or not fault.remedy:
            raise
        return None


def pyyaml(data: bytes) -> object:
    """What PyYAML reads; its reader in Python reads the same or, stricter about tabs, nothing."""
    value: object = yaml.load(data, Loader=yaml.CSafeLoader)
    with contextlib.suppress(yaml.YAMLError):
        assert yaml.safe_load(data) == value
    return value


@given(VALUES)
def test_json_round_trip(value: object) -> None:
    for ascii_only in (True, False):
        data = json.dumps(value, ensure_ascii=ascii_only).encode()
        assert parse_json(data, "x.json").value == value


@given(VALUES)
def test_yaml_round_trip(value: object) -> None:
    # Quoted throughout, as PyYAML's own writer leaves `no` of YAML 1.2 plain.
    written = yaml.dump(value, Dumper=Quoting, allow_unicode=True)
    assert parse_yaml(written.encode(), "x.yaml").value == value


class Quoting(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


Quoting.add_representer(
    str, lambda dumper, data: dumper.represent_scalar("tag:yaml.org,2002:str", data, style='"')
)


@given(
    st.binary(max_size=200) | st.text(max_size=100).map(lambda one: one.encode("utf-8", "ignore"))
)
@example(b"\xef\xbb\xbf{}")
@example(b'{"a":1,"a":1}')
@example(b'"\\ud800\\ud800"')
@example(b'{"\\ud800":1,"\\ud800":2}')
def test_json_of_anything_is_a_document_or_a_fault(data: bytes) -> None:
    document = attempt(data, partial(parse_json, floats=True))
    if document is None:
        return
    assert document.value == json.loads(data)
    json.dumps(document.value, ensure_ascii=False).encode()
    assert document.places().values[()]


@given(st.binary(max_size=200) | st.lists(WORDS | TEXTS, max_size=20).map("".join).map(str.encode))
@example(b"a: \xc2\x85b")
def test_yaml_of_anything_is_a_document_or_a_fault(data: bytes) -> None:
    document = attempt(data, parse_yaml)
    if document is None:
        return
    assert document.value == pyyaml(data)
    assert document.places().values[()]


@given(st.lists(WORDS, max_size=8).map("".join))
def test_a_plain_scalar_that_we_read_as_text_is_text_for_pyyaml(word: str) -> None:
    data = f"a: {word}".encode()
    document = attempt(data, parse_yaml)
    assert document is None or document.value == pyyaml(data)


@given(st.text(st.sampled_from("0123456789.-+_:eExXob~TZ nfiaNIyY"), min_size=1, max_size=12))
def test_numbers_in_disguise_never_change_their_kind(word: str) -> None:
    data = f"a: {word}".encode()
    document = attempt(data, parse_yaml)
    assert document is None or document.value == pyyaml(data)


@given(
    st.text(max_size=30)
    | st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-9:.]{8}(Z|[+-]0[0-9]:00)")
)
def test_our_times_are_rfc_3339(word: str) -> None:
    if is_time(word):
        assert rfc3339_validator.validate_rfc3339(word)
        assert seconds(text(seconds(word))) == seconds(word)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), VALUES))
def test_the_quick_canonical_form_is_jcs(value: dict[str, object]) -> None:
    if any(not key.isascii() for key in _keys(value)):
        return
    assert canonical_digest(value) == sha256_digest(rfc8785.dumps(value))  # type: ignore[arg-type]


def _keys(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for inner in value.values() for key in _keys(inner))]
    return [key for inner in value for key in _keys(inner)] if isinstance(value, list) else []


def test_rfc3339_accepts_less_than_the_validator() -> None:
    assert rfc3339_validator.validate_rfc3339("0000-01-01T00:00:00Z") in {True, False}
    with pytest.raises(ValueError, match="1970"):
        seconds("1900-01-01T00:00:00Z")
