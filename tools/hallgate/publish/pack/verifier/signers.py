"""Who signed records, evidence and approvals: by keys that count, in roles that may."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from hallgate.publish.pack.verifier.results import canonical
from hallgate.publish.pack.verifier.signatures import ssh_fields, verifies, verifies_ssh
from hallgate.publish.pack.verifier.state import BROKEN, Pack, Report
from hallgate.publish.pack.verifier.trusted import (
    SKEW,
    CannotTell,
    Held,
    Trusted,
    Unproven,
    moment,
    ssh_id,
)

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_EVIDENCE = re.compile(r"urn:hallgate:evidence:([a-z][a-z0-9_]*):v([1-9][0-9]*)")
_MOST_SIGNATURES = 16
_FROM_PUBLICATION = ("approve", "review")


@dataclass(frozen=True, slots=True)
class Word:
    """An approval as it says of itself; digest is that of its file."""

    digest: str
    identity: str
    key: str
    action: str
    decision: str
    subject: tuple[str, str]
    valid_until: int


def payload_of(envelope: dict[str, Any]) -> bytes:
    """What a DSSE envelope signs; ValueError for another form."""
    if set(envelope) != {"payloadType", "payload", "signatures"}:
        raise ValueError("no DSSE envelope")
    if envelope["payloadType"] != PAYLOAD_TYPE:
        raise ValueError("an envelope of another payload type")
    return base64.b64decode(envelope["payload"], validate=True)


def signer_of(envelope: dict[str, Any], trusted: Trusted, times: tuple[int, ...]) -> str:
    """The machine whose key signed an envelope and counted at all these times."""
    payload = payload_of(envelope)
    message = b"DSSEv1 %d %s %d %s" % (
        len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload,
    )  # fmt: skip
    signatures = envelope["signatures"]
    if not 1 <= len(signatures) <= _MOST_SIGNATURES:
        raise Unproven("has no signature, or far too many")
    machines = [one for one in trusted.keys.values() if one.kind == "machine"]
    refused: list[Unproven] = []
    unsure = False
    for one in signatures:
        raw = base64.b64decode(one["sig"], validate=True)
        hinted = sorted(machines, key=lambda key: key.id != one.get("keyid"))
        for key in hinted:
            answer = verifies(key.public, raw, message)
            unsure = unsure or answer is None
            if answer is None:
                break
            if answer:
                try:
                    _all_count(key, times)
                except Unproven as error:
                    refused.append(error)
                    break
                return key.owner
    if refused:
        raise refused[0]
    if unsure:
        raise CannotTell("signatures of machines: neither cryptography nor a fit openssl is here")
    claimed = [trusted.keys[one["keyid"]] for one in signatures if one.get("keyid") in trusted.keys]
    if claimed:
        raise Unproven(f"not the signature of {claimed[0].owner} over this: forged, or altered")
    raise Unproven("signed by nobody you trust")


def _all_count(key: Held, times: tuple[int, ...]) -> None:
    for at in times:
        key.must_count(at)


def read_word(document: dict[str, Any], digest: str) -> Word:
    """An approval's own words; nothing of it is verified."""
    statement = document["statement"]
    said, (subject,) = statement["predicate"], statement["subject"]
    return Word(
        digest,
        said["identity"],
        ssh_id(ssh_fields(document["signature"])[0]),
        said["action"],
        said["decision"],
        (subject["name"], f"sha256:{subject['digest']['sha256']}"),
        moment(said["valid_until"]),
    )


def judge_word(document: dict[str, Any], trusted: Trusted, at: int) -> None:
    """Return where an approval counts that was first published at this time (seconds).

    The person held the role when it was signed and when it was published, the role approves
    such things, and the key counted at both times: the date within an approval is its
    signer's own word.
    """
    statement = document["statement"]
    said = statement["predicate"]
    name, signed_at = said["identity"], moment(said["approved_at"])
    if trusted.people.get(name, {}).get("kind") != "person":
        raise Unproven(f"signed as {name}, which is no person you trust")
    public = ssh_fields(document["signature"])[0]
    key = trusted.keys.get(ssh_id(public))
    if key is None or key.owner != name:
        raise Unproven(f"not signed with a key of {name}")
    answer = verifies_ssh(key.public, document["signature"], canonical(statement))
    if answer is None:
        raise CannotTell("signatures of people: neither cryptography, openssl nor ssh-keygen fits")
    if not answer:
        raise Unproven(f"not the signature of {name} over this text: forged, or altered")
    if signed_at > at + SKEW:
        raise Unproven("says it was signed after it was published")
    # Words against a thing count from when they were said; those for it from publication on.
    later = said["decision"] in _FROM_PUBLICATION
    times = (signed_at, max(signed_at, at)) if later else (signed_at,)
    _all_count(key, times)
    for when in times:
        trusted.must_hold(name, said["role"], when)
    if said["decision"] != "withdraw":  # who withdraws what is their own needs no power
        trusted.must_approve(said["role"], said["action"])


def judge_record(entry: dict[str, Any], record: dict[str, Any], trusted: Trusted) -> int:
    """How many signatures of a record count, all of them; else Unproven or CannotTell.

    The time that counts is when the log first published it; for decisions that of the
    decision as well.
    """
    at = entry["at"]
    if entry["kind"] == "approval":
        judge_word(record, trusted, at)
        return 1
    if entry["kind"] == "decision":
        said = json.loads(payload_of(record["decision"]))
        decided = said["predicate"]["body"]["decided_at"]
        for one in ("decision", "vsa"):
            name = signer_of(record[one], trusted, (decided, at))
            trusted.must_decide(name, decided)
        return 2
    name = signer_of(record, trusted, (at,))
    if entry["kind"] == "tombstone":
        trusted.must_decide(name, at)
        return 1
    found = _EVIDENCE.fullmatch(json.loads(payload_of(record))["predicateType"])
    if found is None:
        raise Unproven("is no evidence")
    kind = found[1] if found[2] == "1" else f"{found[1]}_v{found[2]}"
    trusted.must_sign(name, kind, at)
    return 1


def check_signatures(
    pack: Pack, entries: list[dict[str, Any]], trusted: Trusted | None, report: Report
) -> None:
    """Decisions, evidence, approvals and tombstones, by the identities you trust."""
    if trusted is None:
        report.unchecked.append("who signed decisions, evidence and approvals: give --trust")
        return
    counted = 0
    unsure: Counter[str] = Counter()
    seen: set[str] = set()
    for entry in entries:
        path = f"records/{entry['path']}"
        if entry["record"] in seen or not pack.has(path):
            continue
        seen.add(entry["record"])
        try:
            if pack.digest(path) != entry["record"]:
                continue  # named by the check of records
            counted += judge_record(entry, pack.json(path), trusted)
        except Unproven as error:
            report.wrong.append(f"{path}: {error}")
        except CannotTell as error:
            unsure[str(error)] += 1
        except BROKEN as error:
            report.wrong.append(f"{path}: is no signed record: {type(error).__name__}: {error}")
    report.unchecked += [f"{count} records, {why}" for why, count in sorted(unsure.items())]
    if counted:
        report.held.append(
            f"{counted} signatures are of identities you trust, in roles that may, with keys that "
            "counted when the log published them"
        )
