"""`hallgate check` on waivers with approvals, as it is first run and as it is run again."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import os
import shutil
import struct
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from pull import commit, hallgate, lay, make_repository
from timing import CPU, Row, in_turn, middle, ratio, say
from waivers import identifier
from world import World, digest, expect

from hallgate.intake.shapes import APPROVAL_TYPE
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.sshblob import public_blob
from hallgate.record.statement import statement

# HALLGATE_BENCH_WAIVERS makes it smaller, to try it; the limits are those of 10,000.
WAIVERS = int(os.environ.get("HALLGATE_BENCH_WAIVERS", "10000"))
_SECONDS, _WARMER, _LINEAR = 60.0, 0.2, 1.3
_SIGNERS = ("compliance", "model-risk")
_DAY = 86_400


def measure(world: World) -> list[Row]:
    """First run, run again, and the first run of a fifth, each by the installed command."""
    say(f"check: signing {WAIVERS:,} waivers, two approvals each")
    whole, part = world.folder / "governed", world.folder / "governed-part"
    _repository(world, whole, WAIVERS)
    _repository(world, part, WAIVERS // 5)
    caches = {name: world.folder / f"cache-{name}" for name in ("whole", "part", "warm")}
    say("check: first, again, and a fifth, in turn")
    _check(world, whole, WAIVERS, caches["warm"])

    def first(clone: Path, count: int, cache: Path) -> None:
        shutil.rmtree(cache, ignore_errors=True)
        _check(world, clone, count, cache)

    samples = in_turn(
        {
            "first": partial(first, whole, WAIVERS, caches["whole"]),
            "again": partial(_check, world, whole, WAIVERS, caches["warm"]),
            "fifth": partial(first, part, WAIVERS // 5, caches["part"]),
        },
        rounds=1,
    )
    per = f"check of {WAIVERS:,} waivers with approvals"
    return [
        Row(
            "check-first", f"{per} / 60 s", 1.0, CPU,
            middle(samples["first"], CPU) / _SECONDS, "all processes; nothing kept", samples,
        ),
        Row(
            "check-again", f"{per}, run again / first run", _WARMER, CPU,
            ratio(samples, "again", "first", CPU), "every byte, Git and log read again", samples,
        ),
        Row(
            "check-linear", f"{per} / five times a fifth of them", _LINEAR, CPU,
            ratio(samples, "first", "fifth", CPU) / 5, "the work grows with the number", samples,
        ),
    ]  # fmt: skip


def _check(world: World, clone: Path, count: int, cache: Path) -> None:
    words = ("check", "--repository", clone, "--format", "json", "--quiet", "--timeout", "300")
    code, out, err = hallgate(world, cache, words)
    expect(code == 1, f"check answers {code}: {err[-500:] or out[-500:]!r}")
    report = json.loads(out)
    read = {part["name"]: part["documents"] for part in report["parts"]}
    expect(read["waivers"] == count, "every waiver is read")
    # So many are above every cap; nothing else is wrong with any of them.
    others = [one["what"] for one in report["findings"] if not _of_the_crowd(one)]
    expect(not others, f"{len(others)} more findings: {others[:3]}")


def _of_the_crowd(finding: Any) -> bool:
    return " has " in finding["what"] or "CODEOWNERS" in str(finding["where"])


def _repository(world: World, clone: Path, count: int) -> None:
    """Main with that many waivers, each signed by two roles; made as people and tools write."""
    make_repository(world, clone)
    (clone / "playbooks").mkdir()
    (clone / "playbooks/credit-review.md").write_text("A second officer decides.\n")
    now = int(time.time())
    keys = {who: _key(world, who) for who in _SIGNERS}
    rules = world.policies.rule_digests
    policies = sorted(one.id for one in world.policies.catalog if "fail" in one.waivable)
    for number in range(count):
        policy = policies[number % len(policies)]
        document: dict[str, Any] = copy.deepcopy(world.base.base["waiver"])
        document.update(id=identifier(number), policy=policy)
        document.update(opened=_time(now - _DAY), expires=_time(now + 40 * _DAY))
        document["subject"] = {**document["subject"], "name": f"model-{number // 3}"}
        document["subject"]["digests"] = [f"sha256:{digest(number)}"]
        document["remediation"]["due"] = _time(now + 30 * _DAY)
        lay(clone, world.families[policy], f"{document['id']}.yaml", document)
        for who in _SIGNERS:
            word = _word(document, who, rules[policy], now)
            text = {"statement": word, "signature": _signature(canonical_bytes(word), *keys[who])}
            lay(clone, world.families[policy], f"{document['id']}.{who}.approval.json", text)
    commit(clone)


def _word(document: dict[str, Any], who: str, rule: str, now: int) -> Any:
    predicate = {
        "action": "waiver", "role": who, "identity": who, "decision": "approve", "to_stage": None,
        "approved_at": _time(now - 3600), "valid_until": document["expires"],
        "reason": "Acceptable until the remedy is due.", "conditions": None, "rule_digest": rule,
    }  # fmt: skip
    made = sha256_digest(canonical_bytes(document))
    return statement(document["id"], made, APPROVAL_TYPE, predicate)


def _key(world: World, who: str) -> tuple[Ed25519PrivateKey, bytes]:
    path = world.cast.people[who]
    key = load_ssh_private_key(path.read_bytes(), None)
    expect(isinstance(key, Ed25519PrivateKey), "made signers have Ed25519 keys")
    return key, public_blob(path.with_suffix(".pub").read_text())  # type: ignore[return-value]


def _signature(payload: bytes, key: Ed25519PrivateKey, public: bytes) -> str:
    """As ssh-keygen signs (PROTOCOL.sshsig), without 20,000 processes."""
    parts = (b"hallgate.approval", b"", b"sha512")
    to_sign = b"SSHSIG" + b"".join(map(_string, (*parts, hashlib.sha512(payload).digest())))
    value = _string(b"ssh-ed25519") + _string(key.sign(to_sign))
    blob = b"SSHSIG\0\0\0\1" + b"".join(map(_string, (public, *parts, value)))
    body = base64.b64encode(blob).decode()
    lines = [body[start : start + 70] for start in range(0, len(body), 70)]
    begin, end = (f"-----{word} SSH SIGNATURE-----" for word in ("BEGIN", "END"))
    return "\n".join([begin, *lines, end, ""])


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
