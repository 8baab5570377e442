"""Pointers of channels: signed, ordered, with an end."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hallgate.model.errors import HallgateError, InvalidDocument, NotProven, UsageError
from hallgate.model.trust import Trust
from hallgate.publish.bundle.pointer import (
    PREDICATE,
    Pointer,
    Seen,
    follow,
    sign_pointer,
    verify_pointer,
)
from hallgate.publish.bundle.signing import artifact_trust
from hallgate.record.canonical import canonical_bytes
from hallgate.record.dsse import sign_payload
from hallgate.record.keys import public_pem
from hallgate.record.statement import statement

Private = ec.EllipticCurvePrivateKey
NOW = 1_800_000_000
DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
POINTER = Pointer("stable", "mlops", 7, NOW, NOW + 86_400, DIGEST, "1.2.0")


@pytest.fixture
def trust(pem: str) -> Trust:
    return artifact_trust([pem])


def test_a_pointer_there_and_back(key: Private, trust: Trust) -> None:
    data = sign_pointer(POINTER, key, None)
    assert data == sign_pointer(POINTER, key, None)
    assert verify_pointer(data, trust, NOW) == POINTER
    assert verify_pointer(data, trust, NOW + 86_399) == POINTER


def test_an_expired_or_future_pointer_is_refused(key: Private, trust: Trust) -> None:
    data = sign_pointer(POINTER, key, None)
    with pytest.raises(NotProven, match="expired"):
        verify_pointer(data, trust, NOW + 86_400)
    with pytest.raises(NotProven, match="in the future"):
        verify_pointer(data, trust, NOW - 1)


def test_a_strangers_pointer_is_refused(other_key: Private, trust: Trust) -> None:
    with pytest.raises(NotProven, match="no machine key"):
        verify_pointer(sign_pointer(POINTER, other_key, None), trust, NOW)


def test_while_keys_change_both_may_point(key: Private, other_key: Private) -> None:
    both = artifact_trust([public_pem(key), public_pem(other_key), public_pem(key)])
    for one in (key, other_key):
        assert verify_pointer(sign_pointer(POINTER, one, None), both, NOW) == POINTER


def test_an_altered_pointer_is_refused(key: Private, trust: Trust) -> None:
    envelope = json.loads(sign_pointer(POINTER, key, None))
    other = json.loads(sign_pointer(replace(POINTER, serial=8), key, None))
    with pytest.raises(NotProven):
        verify_pointer(json.dumps({**envelope, "payload": other["payload"]}).encode(), trust, NOW)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"null", b'{"payload":1,"payload":2}'])
def test_what_is_no_pointer_is_refused(trust: Trust, data: bytes) -> None:
    with pytest.raises(InvalidDocument):
        verify_pointer(data, trust, NOW)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("urn:hallgate:decision:v1", {}),
        (PREDICATE, {"serial": "7"}),
        (PREDICATE, {"serial": True}),
        (PREDICATE, {"expires": 1.5}),
        (PREDICATE, {"channel": "beta"}),
        (PREDICATE, {"version": None}),
        (PREDICATE, {"more": 1}),
    ],
)
def test_another_statement_of_the_same_key_is_no_pointer(
    key: Private, trust: Trust, kind: str, change: dict[str, Any]
) -> None:
    facts = {"channel": "stable", "serial": 7, "issued": NOW, "expires": NOW + 9, "version": "1"}
    payload = canonical_bytes(statement("mlops", DIGEST, kind, {**facts, **change}))
    with pytest.raises(InvalidDocument):
        verify_pointer(canonical_bytes(sign_payload(payload, key)), trust, NOW)


def test_what_was_accepted_is_remembered() -> None:
    seen = follow(POINTER, "mlops", "stable", DIGEST, None)
    assert Seen.read(seen.written()) == seen == Seen("stable", "mlops", 7, DIGEST)
    assert follow(POINTER, "mlops", "stable", DIGEST, seen) == seen
    newer = replace(POINTER, serial=8, digest=OTHER)
    assert follow(newer, "mlops", "stable", OTHER, seen).serial == 8


@pytest.mark.parametrize(
    ("pointer", "track", "channel", "digest", "words"),
    [
        (POINTER, "security", "stable", DIGEST, "for channel stable of mlops"),
        (POINTER, "mlops", "next", DIGEST, "for channel stable of mlops"),
        (POINTER, "mlops", "stable", OTHER, "the bundle is sha256:bbb"),
        (replace(POINTER, serial=6), "mlops", "stable", DIGEST, "rollback"),
        (replace(POINTER, digest=OTHER), "mlops", "stable", OTHER, "with another bundle"),
    ],
)
def test_another_or_older_bundle_is_refused(
    pointer: Pointer, track: str, channel: str, digest: str, words: str
) -> None:
    seen = Seen("stable", "mlops", 7, DIGEST)
    with pytest.raises(NotProven, match=words):
        follow(pointer, track, channel, digest, seen)


def test_the_state_of_another_channel_is_no_excuse() -> None:
    with pytest.raises(UsageError, match="of channel next"):
        follow(POINTER, "mlops", "stable", DIGEST, Seen("next", "mlops", 1, DIGEST))
    for data in (b"{}", b"[]", b"x", b'{"channel":"a","track":"b","serial":"7","digest":"c"}'):
        with pytest.raises(InvalidDocument):
            Seen.read(data)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"serial": 7}, "not after 7"),
        ({"serial": 3}, "not after 7"),
        ({"serial": 8, "track": "security"}, "points channel stable of mlops"),
        ({"serial": 8, "channel": "next"}, "points channel stable of mlops"),
        ({"serial": 0}, "from 1"),
        ({"channel": "beta"}, "no channel"),
        ({"expires": NOW}, "at most 90 days"),
        ({"expires": NOW + 91 * 86_400}, "at most 90 days"),
    ],
)
def test_a_pointer_that_would_not_be_newer_is_not_made(
    key: Private, change: dict[str, Any], words: str
) -> None:
    older = sign_pointer(POINTER, key, None)
    with pytest.raises(UsageError, match=words):
        sign_pointer(replace(POINTER, **change), key, older)


def test_an_unreadable_older_pointer_is_not_overwritten(key: Private) -> None:
    with pytest.raises(HallgateError):
        sign_pointer(replace(POINTER, serial=8), key, b"not ours")
