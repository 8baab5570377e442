"""The brief reading of a decision says what the whole one says, or leaves it to that one."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from hallgate.model.errors import InvalidDocument
from hallgate.record.canonical import canonical_bytes
from hallgate.record.decision_statement import (
    DECISION_TYPE,
    DecisionClaims,
    brief_claims,
    read_decision_statement,
)
from hallgate.record.exact import exact_decision
from hallgate.record.statement import parse_statement, statement
from hallgate.record.vsa import vsa_predicate

DIGESTS = st.sampled_from([f"sha256:{one * 64}" for one in "abc"])
MARK = {"id": "EXC-2026-0001", "owner": "x", "expires": 5}
FINDINGS = st.lists(
    st.sampled_from([{"key": "a", "waiver": None}, {"key": "b", "waiver": MARK}, {"key": "c"}]),
    max_size=2,
)
VERDICTS = st.fixed_dictionaries({
    "findings": FINDINGS, "findings_total": st.integers(0, 3),
    "id": st.sampled_from(["FAIR-001", "SUP-002", "ÄÖ-1"]),
    "observed": st.sampled_from([None, {"by": "rollout", "until": 9}, {}]),
    "outcome": st.sampled_from(["pass", "pass", "waived", "fail", "overridden", "pending", "odd"]),
    "override": st.sampled_from([None, None, {**MARK, "review_by": 7}, {}, "x"]),
    "reasons": st.lists(st.text("ab", max_size=2), max_size=1), "severity": st.just("high"),
})  # fmt: skip
PREDICATES = st.fixed_dictionaries({
    "body": st.fixed_dictionaries({
        "allowed": st.booleans(), "decided_at": st.sampled_from([0, 5, 1_790_000_000]),
        "tier": st.sampled_from([None, "low", "high"]), "verdicts": st.lists(VERDICTS, max_size=3),
    }),
    "mode": st.just("enforce"), "input": DIGESTS, "policies": DIGESTS,
    "waivers": st.none() | DIGESTS,
    "engine": st.just({"name": "opa", "version": "1"}),
    "evidence": st.lists(DIGESTS, max_size=3, unique=True).map(sorted),
})  # fmt: skip
# Every member, put by something that it should not be.
ODD = st.sampled_from([
    None, True, 0, -1, 2**53, 253_402_300_800, 1.5, "", "x", "HIGH", "sha256:" + "A" * 64,
    "sha256:" + "a" * 64 + "\n", "sha256:" + "a" * 64 + "\nsha256:" + "b" * 64,
    ["sha256:" + "a" * 64 + "\nsha256:" + "b" * 64], [], ["x"],
    ["sha256:" + "b" * 64, "sha256:" + "a" * 64],
    ["sha256:" + "a" * 64] * 2, {}, {"a": 1},
])  # fmt: skip


def whole(payload: bytes) -> DecisionClaims | None:
    try:
        return read_decision_statement(parse_statement(payload))
    except InvalidDocument:
        return None


def agree(said: Any) -> DecisionClaims | None:
    payload = canonical_bytes(said)
    brief, long = brief_claims(payload), whole(payload)
    if brief is not None:
        assert long is not None
        assert replace(brief, body=long.body) == long
        assert vsa_predicate(brief, "production", "gate") == vsa_predicate(
            long, "production", "gate"
        )
    return long


PLAIN: Any = {
    "body": {"allowed": True, "decided_at": 5, "tier": "low", "verdicts": [{
        "findings": [{"key": "b", "waiver": MARK}], "findings_total": 1, "id": "FAIR-001",
        "observed": None, "outcome": "waived", "override": None, "reasons": [], "severity": "high",
    }]},
    "mode": "enforce", "input": "sha256:" + "a" * 64, "policies": "sha256:" + "b" * 64,
    "waivers": None, "engine": {"name": "opa", "version": "1"}, "evidence": [],
}  # fmt: skip


def said_of(predicate: Any) -> dict[str, Any]:
    return statement("model", "sha256:" + "c" * 64, DECISION_TYPE, predicate)


@given(PREDICATES)
@example(PLAIN)
def test_decisions(predicate: Any) -> None:
    agree(said_of(predicate))


@given(PREDICATES, st.data())
def test_decisions_with_one_member_spoiled(predicate: Any, data: st.DataObject) -> None:
    said: Any = copy.deepcopy(said_of(predicate))
    holders: list[Any] = [
        said, said["subject"][0], said["subject"][0]["digest"], said["predicate"],
        said["predicate"]["body"], said["predicate"]["engine"],
        *said["predicate"]["body"]["verdicts"],
    ]  # fmt: skip
    holder = data.draw(st.sampled_from(holders))
    name = data.draw(st.sampled_from(sorted(holder)))
    how = data.draw(st.sampled_from(["put", "drop", "more"]))
    if how == "put":
        holder[name] = data.draw(ODD)
    elif how == "drop":
        del holder[name]
    else:
        holder[name + "x"] = 1
    try:
        agree(said)
    except InvalidDocument:
        return  # it has no canonical bytes


def test_what_opa_answers_is_read_briefly_and_whole() -> None:
    payload = canonical_bytes(said_of(PLAIN))
    assert exact_decision(payload) is not None
    brief = brief_claims(payload)
    assert brief is not None
    assert brief.body["verdicts"] == PLAIN["body"]["verdicts"]
    denied = copy.deepcopy(PLAIN)
    denied["body"]["verdicts"][0]["outcome"] = "fail"
    assert agree(said_of(denied)) is None  # it allows although a verdict blocks
    denied["body"]["allowed"] = False
    assert brief_claims(canonical_bytes(said_of(denied))) is not None
