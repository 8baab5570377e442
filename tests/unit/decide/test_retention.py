"""How long records are kept: classes and holds, on a real log with real signatures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hallgate.decide.disposal import (
    draft,
)
from hallgate.decide.retention import add_months
from hallgate.intake.retention import read_classes, read_holds
from hallgate.model.errors import InvalidDocument
from hallgate.model.retention import Standing
from hallgate.record.canonical import canonical_bytes, sha256_digest

from .archive import (
    ROOT,
    START,
    YEAR,
    Archive,
    a_class,
    hold_file,
    moment,
    standings,
)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2024, 1, 31), 1, (2024, 2, 29)),
        ((2026, 11, 30), 25, (2028, 12, 30)),
        ((2024, 2, 29), 72, (2030, 2, 28)),
        ((2026, 12, 1), 120, (2036, 12, 1)),
    ],
)
def test_months_are_those_of_the_calendar(
    start: tuple[int, int, int], months: int, end: tuple[int, int, int]
) -> None:
    assert add_months(moment(*start), months) == moment(*end)


def test_the_longest_minimum_and_the_shortest_maximum_count(archive: Archive) -> None:
    archive.decide(START)
    classes = [a_class("low", 6, None), a_class("long", 25, None), a_class("most", None, 36)]
    at = {"kept": 24, "disposable": 25, "overdue": 36}
    for standing, months in at.items():
        (one,) = archive.plan(classes, add_months(START, months))
        assert one.standing.value == standing
        assert one.keep_until == add_months(START, 25)
        assert one.dispose_by == add_months(START, 36)
        assert one.classes == ("low", "long", "most")


def test_a_minimum_above_a_maximum_is_shown_and_nothing_goes(archive: Archive) -> None:
    archive.decide(START)
    classes = [a_class("long", 120, None), a_class("short", None, 36)]
    (one,) = archive.plan(classes, START + 20 * YEAR)
    assert (one.standing, one.why) == (
        Standing.CONFLICT, "long keeps it longer than short allows",
    )  # fmt: skip
    assert b'"dispose":[]' in draft([one], disposable=True)


def test_what_is_in_effect_is_kept_and_counts_from_its_end(archive: Archive) -> None:
    archive.decide(START)
    six_years = [a_class("hipaa", 72, None, counted_from="last_in_effect")]
    assert standings(archive.plan(six_years, START + 20 * YEAR)) == ["in_effect"]
    later = START + 3 * YEAR
    archive.decide(later)
    kept = archive.plan(six_years, add_months(later, 72) - 1)
    assert standings(kept) == ["kept", "in_effect"]
    assert kept[0].keep_until == add_months(later, 72)
    assert standings(archive.plan(six_years, add_months(later, 72)))[0] == "disposable"


def test_classes_fit_sector_jurisdiction_and_data(archive: Archive) -> None:
    archive.decide(START, model="a", sector="healthcare")
    archive.decide(START, model="b", jurisdictions=["eu"], data=["personal", "internal"])
    classes = [
        a_class("us-health", 72, None, sectors=("healthcare",), jurisdictions=("us",)),
        a_class("eu-people", None, 36, jurisdictions=("eu",), data=("personal", "health")),
        a_class("approvals", 12, None, kinds=("approval",)),
    ]
    assert [one.classes for one in archive.plan(classes, START)] == [("us-health",), ("eu-people",)]
    assert standings(archive.plan([classes[2]], START)) == ["unassigned", "unassigned"]


def test_evidence_takes_the_classes_of_the_decisions_that_rest_on_it(archive: Archive) -> None:
    _, digest = archive.evidence(START)
    archive.decide(START, sector="healthcare", evidence=digest)
    classes = [a_class("health", 72, None, sectors=("healthcare",), counted_from="last_in_effect")]
    assert standings(archive.plan(classes, START + 20 * YEAR)) == ["in_effect", "in_effect"]
    archive.decide(START + YEAR, sector="healthcare")
    assert standings(archive.plan(classes, START + 20 * YEAR))[0] == "disposable"


@pytest.mark.parametrize(
    ("facts", "held"),
    [
        ({}, True),
        ({"model": "credit-risk"}, True),
        ({"model": "triage"}, False),
        ({"digest": "sha256:" + "b" * 64}, False),
        ({"record": "sha256:" + "b" * 64}, False),
        ({"since": "2026-02-01T00:00:00Z"}, False),
        ({"until": "2026-02-01T00:00:00Z"}, True),
    ],
)
def test_a_hold_keeps_what_it_covers(archive: Archive, facts: dict[str, Any], held: bool) -> None:
    archive.decide(START)
    hold_file(archive, **facts)
    holds = read_holds(archive.folder.parent / "holds", archive.cast.trust, archive.schemas)
    (one,) = archive.plan([a_class("short", None, 12)], START + 5 * YEAR, holds)
    assert (one.standing is Standing.HELD) is held


def test_a_hold_counts_unsigned_and_only_a_proven_word_lifts_it(archive: Archive) -> None:
    path = hold_file(archive)
    read: Callable[[], Any] = lambda: read_holds(  # noqa: E731
        path.parent, archive.cast.trust, archive.schemas
    )
    digest = sha256_digest(canonical_bytes(json.loads(path.read_text())))
    subject = ("hold", "HOLD-2026-0001", digest)
    assert [(one.proven, one.lifted) for one in read()] == [(False, False)]
    name = "holds/HOLD-2026-0001.compliance.approval.json"
    archive.word(name, "model-risk", subject, decision="revoke")  # may not
    assert [(one.proven, one.lifted) for one in read()] == [(False, False)]
    archive.word(name, "compliance", subject)
    assert [(one.proven, one.lifted) for one in read()] == [(True, False)]
    later = "holds/HOLD-2026-0001.compliance.2.approval.json"
    archive.word(later, "compliance", (*subject[:2], "sha256:" + "0" * 64), decision="revoke")
    assert [one.lifted for one in read()] == [False]
    archive.word(later, "compliance", subject, decision="revoke")
    assert [one.lifted for one in read()] == [True]
    path.write_text("{}")
    with pytest.raises(InvalidDocument):
        read()


def test_the_repository_s_classes_are_right_and_wrong_ones_are_named(
    archive: Archive, tmp_path: Path
) -> None:
    path = ROOT / "frameworks/retention.yaml"
    classes = {one.id: one for one in read_classes(path, archive.schemas)}
    assert classes["hipaa-documentation"].minimum == 72
    assert classes["reg-b-applications"].minimum == 25
    assert classes["gdpr-storage-limitation"].maximum is not None
    bad = tmp_path / "retention.yaml"
    text = path.read_text()
    for old, new, what in (
        ("minimum_months: 72", "minimum_months: 0", "too small"),
        ("id: sec-17a-4", "id: hipaa-documentation", "is there twice"),
        ("maximum_months: 132", "maximum_months: null", "asks for nothing"),
        ("minimum_months: null\n    maximum_months: 132",
         "minimum_months: 200\n    maximum_months: 132", "above its maximum"),
    ):  # fmt: skip
        assert old in text
        bad.write_text(text.replace(old, new, 1))
        with pytest.raises(InvalidDocument, match=what) as error:
            read_classes(bad, archive.schemas)
        assert f"{bad}:" in str(error.value)
