"""Later evidence takes the place of earlier: where it may, and never by a word alone."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.evidence import read_evidence
from hallgate.intake.schema import Schemas
from hallgate.intake.superseded import standing
from hallgate.model.documents import Evidence, EvidenceSet
from hallgate.model.trust import Trust
from hallgate.record.canonical import sha256_digest

NOW = 1_790_000_000
LATER = "2026-09-02T00:00:00Z"
SIGNER = {"identity": "x", "kind": "machine", "roles": [], "evidence_types": ["fairness_report"]}


@pytest.fixture
def read(tmp_path: Path, trust: Trust, schemas: Schemas, office: Any) -> Callable[..., EvidenceSet]:
    def reading(plain: tuple[str, ...] = (), **said: Any) -> EvidenceSet:
        for name, value in said.items():
            data = json.dumps(value).encode()
            signed = data if name in plain else office.sign(data)
            (tmp_path / f"{name}.json").write_bytes(signed)
        return read_evidence(tmp_path, trust, schemas, at=NOW)

    return reading


def digest(value: Any) -> str:
    return sha256_digest(json.dumps(value).encode())


def after(before: Any, **more: Any) -> Any:
    """A statement that supersedes another one."""
    made = copy.deepcopy(before)
    made["predicate"] |= {"collected_at": LATER, "supersedes": digest(before), **more}
    return made


def test_the_later_one_counts_alone(
    read: Callable[..., EvidenceSet], statement: dict[str, Any]
) -> None:
    second = after(statement)
    third = after(second)
    found = read(a=statement, b=second, c=third)
    assert [one.file for one in found.statements] == ["c.json"]
    assert found.statements[0].document["supersedes"] == digest(second)
    assert found.rejections == ()
    assert found.ignored == (
        ("a.json", "is superseded by b.json"),
        ("b.json", "is superseded by c.json"),
    )


def test_without_the_word_both_count(
    read: Callable[..., EvidenceSet], statement: dict[str, Any]
) -> None:
    second = copy.deepcopy(statement)
    second["predicate"]["collected_at"] = LATER
    assert [one.file for one in read(a=statement, b=second).statements] == ["a.json", "b.json"]


def other_subject(value: Any) -> None:
    value["subject"][0]["name"] = "churn"


def older(value: Any) -> None:
    value["predicate"]["collected_at"] = "2026-08-31T23:59:59Z"


def of_nothing(value: Any) -> None:
    value["predicate"]["supersedes"] = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (other_subject, "about another subject: collect evidence about this one"),
        (older, "was collected later: leave supersedes out"),
        (of_nothing, "is not here: put the statement that it replaces beside it"),
    ],
)
def test_what_may_not_replace_is_a_gap_and_replaces_nothing(
    read: Callable[..., EvidenceSet],
    statement: dict[str, Any],
    spoil: Callable[[Any], None],
    said: str,
) -> None:
    second = after(statement)
    spoil(second)
    found = read(a=statement, b=second)
    assert [one.file for one in found.statements] == ["a.json"]
    assert found.ignored == ()
    (gap,) = found.rejections
    assert (gap.file, gap.type, gap.fault) == ("b.json", "fairness_report", "malformed")
    assert said in gap.message


def test_an_unsigned_word_replaces_nothing(
    read: Callable[..., EvidenceSet], statement: dict[str, Any]
) -> None:
    found = read(a=statement, b=after(statement), plain=("b",))
    assert [one.file for one in found.statements] == ["a.json"]
    (gap,) = found.rejections
    assert "is not signed by one whose role may sign fairness_report" in gap.message


def made(name: str, supersedes: str | None, **more: Any) -> Evidence:
    """Statements whose digests form what no hash lets one write."""
    document = {
        "subject": {"name": "m", "digest": "d"}, "collected_at": 1, "signer": SIGNER, **more,
    }  # fmt: skip
    if supersedes is not None:
        document["supersedes"] = supersedes
    return Evidence("fairness_report", document, f"{name}.json", name)


@pytest.mark.parametrize(
    "circle", [[("a", "a")], [("a", "b"), ("b", "a")], [("a", "b"), ("b", "c"), ("c", "a")]]
)
def test_a_circle_is_a_gap_in_each_of_it(circle: list[tuple[str, str]]) -> None:
    found = standing([made(*one) for one in circle])
    assert found.statements == ()
    assert found.ignored == ()
    assert [one.file for one in found.rejections] == [f"{name}.json" for name, _ in circle]
    assert all("is itself superseded by that" in one.message for one in found.rejections)


def test_what_points_into_a_circle_replaces_nothing_else() -> None:
    found = standing([made("a", "b"), made("b", "a"), made("c", None), made("d", "c")])
    assert [one.file for one in found.statements] == ["d.json"]
    assert found.ignored == (("c.json", "is superseded by d.json"),)
    assert [one.file for one in found.rejections] == ["a.json", "b.json"]


def test_another_type_and_a_role_that_may_not_sign() -> None:
    other = Evidence("pii_scan", made("p", None).document, "p.json", "p")
    nobody = {**SIGNER, "evidence_types": ["pii_scan"]}
    found = standing([other, made("a", "p"), made("b", None), made("c", "b", signer=nobody)])
    assert [one.file for one in found.statements] == ["p.json", "b.json"]
    said = {one.file: one.message for one in found.rejections}
    assert "which is a pii_scan: supersede evidence of the same type" in said["a.json"]
    assert "is not signed by one whose role may sign fairness_report" in said["c.json"]


def test_one_text_in_two_files_is_replaced_in_both() -> None:
    twice = [made("a", None), Evidence("fairness_report", made("a", None).document, "z.json", "a")]
    found = standing([*twice, made("b", "a")])
    assert [one.file for one in found.statements] == ["b.json"]
    assert [file for file, _ in found.ignored] == ["a.json", "z.json"]
