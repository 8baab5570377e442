"""The short cut through JSON agrees with the strict reader, on what is read and on its value."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hallgate.model.errors import InvalidDocument
from hallgate.record.canonical import canonical_bytes, parse_json, short_cut, strict_json
from hallgate.record.dsse import Opened, exactly_opened, open_envelope
from hallgate.record.exact import exact_bytes, exact_envelope, exact_json, exact_record

TEXTS = st.text(max_size=12)
WHOLE = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
NUMBERS = st.integers() | st.floats() | st.integers(2**52, 2**70) | st.integers(-(2**70), -(2**52))


def documents(texts: st.SearchStrategy[str], leaves: st.SearchStrategy[Any]) -> Any:
    return st.recursive(
        st.none() | st.booleans() | texts | leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=20,
    )


HOSTILE = [
    b"", b" ", b"null", b" null", b"null ", b"nul", b"NaN", b"[Infinity]", b"[-Infinity]", b"1e400",
    b"-1e400", b"-0", b"-0.0", b"0.0", b"1.0", b"1e5", b"1E5", b"1e+5", b"1e22", b"1e16", b"01",
    b"1.", b".5", b"+1", b"18446744073709551615", b"18446744073709551616", b"9007199254740993",
    b"-9223372036854775809", b"9007199254740993.0", b"5e-324", b"1" * 400, b"1" * 5000,
    b"1" * 400 + b".5", b'{"a":1,"a":1}', b'{"a":1,"a":2}', b'{"a":{"b":1,"b":1}}', b'{"":1,"":1}',
    rb'{"a":1,"\u0061":1}', rb'"\ud800"', rb'"\udc00\ud800"', rb'"\ud83d\ude00"', b'"\xed\xa0\x80"',
    b'"\xff"', b'"\xc0\x80"', b"\xef\xbb\xbf1", b'"\xef\xbb\xbf"', b"{}x", b"{}{}", b"[1,]",
    b'{"b":1,"a":2}', b'{"a":1,}', b'{"a" :1}', b'"\t"', b'"\x00"', rb'"\u0000"', rb'"\u001f"',
    rb'"\u001F"', rb'"\/"', rb'"\a"', b'"\x7f"', rb'"\u007f"', "\"\u2028\"".encode(), b"'a'",
    b"//1",
    b"[" * 100_000, b"[" * 200 + b"]" * 200, b'{"a":' * 100 + b"1" + b"}" * 100, b"\x00", b"t",
    '{"\ufb33":1,"\U0001f600":2}'.encode(), '{"\U0001f600":2,"\ufb33":1}'.encode(), b"1\n",
    "\u0661".encode(), "null".encode("utf-16"), b'{"_type":1,"A":2}', b'{"A":2,"_type":1}',
]  # fmt: skip


def read(parse: Any, data: bytes) -> str | None:
    """The value in a form that tells 1 from 1.0 and 0.0 from -0.0, or None where it is refused."""
    try:
        return json.dumps(parse(data))
    except InvalidDocument:
        return None


def agree(data: bytes) -> None:
    assert short_cut() is not None
    strict, exact = read(strict_json, data), exact_json(data)
    assert read(parse_json, data) == strict
    if exact is not None:
        assert json.dumps(exact[0]) == strict


@pytest.mark.parametrize("data", HOSTILE, ids=lambda one: ascii(one[:24]))
def test_hostile_bytes(data: bytes) -> None:
    agree(data)


@given(documents(TEXTS, NUMBERS), st.booleans(), st.sampled_from([None, 1]), st.booleans())
def test_documents_however_they_are_written(
    value: Any, plain: bool, indent: int | None, ordered: bool
) -> None:
    written = json.dumps(
        value, ensure_ascii=plain, indent=indent, sort_keys=ordered,
        separators=None if indent else (",", ":"),
    )  # fmt: skip
    agree(written.encode("utf-8", "surrogatepass"))


@given(documents(WHOLE, st.integers(-(2**53) + 1, 2**53 - 1)), st.data())
def test_bytes_changed_anywhere(value: Any, data: st.DataObject) -> None:
    written = canonical_bytes(value)
    agree(written)
    at = data.draw(st.integers(0, len(written)))
    put = data.draw(st.sampled_from(HOSTILE) | st.binary(max_size=3))
    agree(written[:at] + put[:64] + written[at:])
    agree(written[:at] + written[at + 1 :])
    agree(written[:at])


@given(documents(st.text('ab_"\\\n\x01é', max_size=6), st.integers(-(2**53) + 1, 2**53 - 1)))
def test_what_hallgate_signs_takes_the_short_cut(value: Any) -> None:
    written = canonical_bytes(value)
    assert exact_json(written) == (value,)
    assert exact_bytes(value) == written


def envelope(payload: bytes, kind: str, signatures: list[tuple[str, bytes]]) -> dict[str, Any]:
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": kind,
        "signatures": [
            {"keyid": keyid, "sig": base64.b64encode(made).decode()} for keyid, made in signatures
        ],
    }


ENVELOPES = st.builds(
    envelope,
    st.binary(max_size=8),
    st.just("application/vnd.in-toto+json") | WHOLE,
    st.lists(st.tuples(WHOLE, st.binary(max_size=5)), max_size=3),
)


def taken_apart(data: bytes) -> Opened | None:
    """As the strict reader takes an envelope in JCS bytes apart; None where it refuses it."""
    try:
        value: Any = strict_json(data)
        if not isinstance(value, dict) or canonical_bytes(value) != data:
            return None
        return open_envelope(value)
    except InvalidDocument:
        return None


@given(ENVELOPES, st.data())
@example(envelope(b"a", "application/vnd.in-toto+json", [("k", b"s")]), None)
def test_envelopes(value: dict[str, Any], data: st.DataObject | None) -> None:
    written = canonical_bytes(value)
    tries = [written]
    if data is not None:
        at = data.draw(st.integers(0, len(written) - 1))
        put = data.draw(
            st.sampled_from([b"A", b"=", b'"', b",", b" ", b"{", b"\n", b"\\u0041", b""])
        )
        tries += [written[:at] + put + written[at + 1 :], written[:at] + put + written[at:]]
    for one in tries:
        exact = exact_envelope(one)
        opened = None if exact is None else exactly_opened(exact)
        assert opened is None or opened == taken_apart(one)
    first = exact_envelope(written)
    assert (None if first is None else exactly_opened(first)) == taken_apart(written)


@given(ENVELOPES, ENVELOPES)
def test_records(decision: dict[str, Any], vsa: dict[str, Any]) -> None:
    value: Any = {"decision": decision, "vsa": vsa}
    data = canonical_bytes(value)
    sealed = exact_record(data)
    assert sealed is not None
    for exact, slow in ((sealed.decision, decision), (sealed.vsa, vsa)):
        assert exactly_opened(exact) == taken_apart(canonical_bytes(slow))
    assert exact_record(json.dumps(value).encode()) is None
    assert exact_record(canonical_bytes({**value, "more": 1})) is None
    assert exact_record(data.replace(b'"vsa":', b'"vsa":null,"vsa":')) is None
