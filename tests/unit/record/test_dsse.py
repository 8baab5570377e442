from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hallgate.model.errors import InvalidDocument
from hallgate.model.trust import Trust
from hallgate.record.dsse import envelope_payload, pae, sign_payload, verify_envelope
from hallgate.record.faults import SignatureFault
from hallgate.record.keys import key_id

PAYLOAD = b'{"_type":"x"}'


def test_pae_is_the_specifications_example() -> None:
    assert pae(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@pytest.mark.parametrize("name", ["gate", "gate-p256"])
def test_a_machine_signs(house: Any, name: str) -> None:
    envelope = sign_payload(PAYLOAD, house.keys[name])
    verified = verify_envelope(envelope, house.trust, house.now)
    assert (verified.payload, verified.identity) == (PAYLOAD, name)
    assert verified.key_id == key_id(house.keys[name])
    assert envelope_payload(envelope) == PAYLOAD


def edited(envelope: dict[str, Any], edit: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    edit(envelope)
    return envelope


@pytest.mark.parametrize("hint", [None, "", "sha256:" + "0" * 64, "another form"])
def test_the_keyid_is_a_hint_only(house: Any, hint: str | None) -> None:
    envelope = sign_payload(PAYLOAD, house.keys["gate-p256"])
    signature: dict[str, Any] = envelope["signatures"][0]  # type: ignore[index,assignment]
    del signature["keyid"]
    if hint is not None:
        signature["keyid"] = hint
    assert verify_envelope(envelope, house.trust, house.now).identity == "gate-p256"


def test_a_wrong_hint_does_not_lend_an_identity(house: Any) -> None:
    envelope = sign_payload(PAYLOAD, house.keys["scanner"])
    envelope["signatures"][0]["keyid"] = key_id(house.keys["gate"])  # type: ignore[index,call-overload]
    assert verify_envelope(envelope, house.trust, house.now).identity == "scanner"


def test_an_altered_payload_is_a_bad_signature(house: Any) -> None:
    envelope = sign_payload(PAYLOAD, house.keys["gate"])
    envelope["payload"] = base64.b64encode(PAYLOAD + b" ").decode()
    with pytest.raises(SignatureFault) as caught:
        verify_envelope(envelope, house.trust, house.now)
    assert caught.value.fault == "bad_signature"


def test_a_stranger_is_unknown(house: Any) -> None:
    with pytest.raises(SignatureFault) as caught:
        verify_envelope(sign_payload(PAYLOAD, house.keys["stranger"]), house.trust, house.now)
    assert caught.value.fault == "unknown_signer"


def test_a_persons_key_signs_no_envelope(house: Any) -> None:
    people = tuple(replace(one, kind="person") for one in house.trust.identities)
    with pytest.raises(SignatureFault) as caught:
        verify_envelope(
            sign_payload(PAYLOAD, house.keys["gate"]),
            replace(house.trust, identities=people),
            house.now,
        )
    assert caught.value.fault == "unknown_signer"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"compromised": True}, "compromised"),
        ({"revoked_at": 1_789_999_999}, "revoked"),
        ({"valid_until": 1_790_000_000}, "expired"),
        ({"valid_from": 1_790_000_001}, "not yet valid"),
    ],
)
def test_a_key_that_does_not_count(house: Any, change: dict[str, Any], why: str) -> None:
    envelope = sign_payload(PAYLOAD, house.keys["gate"])
    with pytest.raises(SignatureFault, match=why) as caught:
        verify_envelope(envelope, house.with_key("gate", **change), house.now)
    assert caught.value.fault == "revoked"


def test_a_key_revoked_later_counts_unless_compromised(house: Any) -> None:
    envelope = sign_payload(PAYLOAD, house.keys["gate"])
    later = house.with_key("gate", revoked_at=house.now + 1)
    assert verify_envelope(envelope, later, house.now).identity == "gate"
    with pytest.raises(SignatureFault):
        verify_envelope(
            envelope, house.with_key("gate", revoked_at=house.now + 1, compromised=True), house.now
        )


def test_one_key_counts_once_and_two_count_twice(house: Any) -> None:
    one, two = (sign_payload(PAYLOAD, house.keys[name]) for name in ("gate", "scanner"))
    unnamed = {"sig": one["signatures"][0]["sig"]}  # type: ignore[index,call-overload]
    envelope: dict[str, Any] = {**one, "signatures": [*one["signatures"], unnamed]}  # type: ignore[misc]
    assert len(verify_envelope(envelope, house.trust, house.now).signers) == 1
    envelope["signatures"] += two["signatures"]
    signers = verify_envelope(envelope, house.trust, house.now).signers
    assert [one.identity for one in signers] == ["gate", "scanner"]


def test_a_bad_signature_beside_a_good_one_is_passed_over(house: Any) -> None:
    good = sign_payload(PAYLOAD, house.keys["gate"])
    bad = sign_payload(b"other", house.keys["scanner"])
    envelope: dict[str, Any] = {**good, "signatures": [*bad["signatures"], *good["signatures"]]}  # type: ignore[misc]
    assert verify_envelope(envelope, house.trust, house.now).identity == "gate"


@pytest.mark.parametrize(
    "edit",
    [
        lambda e: e.update(extra=1),
        lambda e: e.pop("payload"),
        lambda e: e.update(payloadType="application/json"),
        lambda e: e.update(payloadType=7),
        lambda e: e.update(signatures=[]),
        lambda e: e.update(signatures="x"),
        lambda e: e.update(signatures=e["signatures"] * 17),
        lambda e: e.update(payload=None),
        lambda e: e.update(payload=""),
        lambda e: e.update(payload=e["payload"] + "\n"),
        lambda e: e.update(payload=e["payload"].rstrip("=")),
        lambda e: e.update(payload="eyJfdHlwZSI6Ing_fQ=="),
        lambda e: e.update(payload="eyJfdHlwZSI6IngifR=="),  # stray bits before the padding
        lambda e: e["signatures"].append("x"),
        lambda e: e["signatures"][0].update(extra=1),
        lambda e: e["signatures"][0].update(keyid=None),
        lambda e: e["signatures"][0].pop("sig"),
        lambda e: e["signatures"][0].update(sig="é"),
    ],
)
def test_another_shape_is_refused(house: Any, edit: Callable[[dict[str, Any]], object]) -> None:
    envelope = edited(dict(sign_payload(PAYLOAD, house.keys["gate"])), edit)
    with pytest.raises(InvalidDocument):
        verify_envelope(envelope, house.trust, house.now)


def test_a_key_listed_twice_is_refused(house: Any) -> None:
    gate = house.trust.identities[0]
    trust: Trust = replace(
        house.trust, identities=(*house.trust.identities, replace(gate, id="twin"))
    )
    with pytest.raises(InvalidDocument, match="listed twice"):
        verify_envelope(sign_payload(PAYLOAD, house.keys["gate"]), trust, house.now)


def test_trust_is_not_confused_by_the_cache(house: Any) -> None:
    envelope = sign_payload(PAYLOAD, house.keys["gate"])
    for _ in range(20):
        fresh = replace(house.trust, identities=house.trust.identities[1:])
        with pytest.raises(SignatureFault):
            verify_envelope(envelope, fresh, house.now)
        verify_envelope(envelope, house.trust, house.now)


def test_thousands_of_envelopes_cost_little_more_than_their_signatures(house: Any) -> None:
    envelope = sign_payload(b"x" * 3000, house.keys["gate"])
    public = house.keys["gate"].public_key()
    signature = base64.b64decode(envelope["signatures"][0]["sig"])  # type: ignore[index,call-overload,arg-type]
    message = pae(b"x" * 3000)
    bare = min(_timed(lambda: public.verify(signature, message), 300) for _ in range(3))
    ours = min(
        _timed(lambda: verify_envelope(envelope, house.trust, house.now), 300) for _ in range(3)
    )
    assert ours < 4 * bare


def _timed(call: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        call()
    return time.perf_counter() - started
