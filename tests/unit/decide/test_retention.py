"""Minimum, maximum, holds and disposal, on a real log with real signatures."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hallgate.decide.disposal import (
    approved,
    dispose,
    draft,
    erasures,
    read_list,
    still_due,
    tombstoned,
)
from hallgate.decide.retention import Kept, add_months, plan_retention
from hallgate.intake.logged import RecordJudge, record_of
from hallgate.intake.retention import read_classes, read_holds
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.model.decision import Decision
from hallgate.model.errors import InvalidDocument, NotProven, StorageError
from hallgate.model.log import LogTrust
from hallgate.model.retention import RetentionClass, Standing
from hallgate.model.trust import Key
from hallgate.model.values import Tier
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.decision_record import Material, write_record
from hallgate.record.keys import generate_key, public_pem
from hallgate.record.log.append import append
from hallgate.record.log.audit import audit
from hallgate.record.log.entry import Record
from hallgate.record.log.folder import Log, create_log, open_log
from hallgate.record.statement import statement
from hallgate.record.tombstone import tombstone
from hallgate.testing.cast import Cast, make_cast

ROOT = Path(__file__).parents[3]
ORIGIN = "example.org/promotions"
START = int(datetime(2026, 1, 31, tzinfo=UTC).timestamp())
YEAR = 366 * 86_400
MODEL = "sha256:" + "a" * 64


def moment(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def a_class(name: str, low: int | None, high: int | None, **facts: Any) -> RetentionClass:
    fields = {
        "kinds": None, "sectors": None, "jurisdictions": None, "data": None,
        "counted_from": "publication", "basis": f"{name} says so", "source": "s", "verified": "v",
    }  # fmt: skip
    return RetentionClass(id=name, title=name, minimum=low, maximum=high, **{**fields, **facts})


@pytest.fixture(scope="session")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    trust = read_trust(ROOT / "trust", Schemas.load(ROOT / "evidence-schemas"))
    return make_cast(tmp_path_factory.mktemp("keys"), trust)


@dataclass
class Archive:
    folder: Path
    cast: Cast
    schemas: Schemas
    key: Any

    @property
    def trust(self) -> LogTrust:
        return LogTrust(ORIGIN, "records", (Key(public_pem(self.key), 0, None, None, False),), ())

    def log(self) -> Log:
        return open_log(self.folder, ORIGIN, self.trust.keys).sound()

    def publish(self, path: Path, at: int) -> int:
        records = [record_of(path, path.read_bytes())]
        (placed,) = append(self.folder, ORIGIN, self.trust.keys, self.key, records, lambda: at)
        return placed.index

    def decide(
        self, at: int, *, model: str = "credit-risk", evidence: str = MODEL, **use: Any
    ) -> int:
        body: Any = {"allowed": False, "decided_at": at, "tier": "high", "verdicts": []}
        request = {
            "model": {"name": model, "digest": MODEL}, "to_stage": "production",
            "sector": use.pop("sector", "finance"),
            "use": {"jurisdictions": ["us"], "data": ["internal"], **use},
        }  # fmt: skip
        document: Any = {"request": request, "evidence": {"model_card": [{"digest": evidence}]}}
        decision = Decision(False, at, Tier.HIGH, (), body)
        material = Material(decision, document, b"policies", b"w%d" % at, ("opa", "1.22.0"))
        decider = self.cast.machines["decider"]
        return self.publish(write_record(self.folder, material, decider, "decider"), at)

    def evidence(self, at: int) -> tuple[int, str]:
        predicate: Any = {"collected_at": "2026-01-01T00:00:00Z", "n": at}
        said = statement("credit-risk", MODEL, "urn:hallgate:evidence:model_card:v1", predicate)
        path = self.folder.parent / "card.json"
        path.write_text(json.dumps(self.cast.sign("steward", said)))
        return self.publish(path, at), sha256_digest(canonical_bytes(said))

    def plan(
        self, classes: Sequence[RetentionClass], at: int, holds: Sequence[Any] = ()
    ) -> tuple[Kept, ...]:
        log = self.log()
        return plan_retention(log, classes, holds, at, tombstoned(log))

    def word(self, name: str, person: str, subject: tuple[str, str, str], **facts: Any) -> Path:
        action, what, digest = subject
        said = {
            "action": action, "role": person, "identity": person, "decision": "approve",
            "to_stage": None, "approved_at": "2026-01-31T00:00:00Z",
            "valid_until": "2099-01-01T00:00:00Z", "reason": "Due.", "conditions": None,
            "rule_digest": None, **facts,
        }  # fmt: skip
        document = self.cast.approve(
            facts.get("identity", person), statement(what, digest, "urn:hallgate:approval:v1", said)
        )
        path = self.folder.parent / name
        path.write_text(json.dumps(document))
        return path


@pytest.fixture
def archive(tmp_path: Path, cast: Cast) -> Archive:
    key = generate_key()
    create_log(tmp_path / "records", ORIGIN, key)  # type: ignore[arg-type]
    return Archive(tmp_path / "records", cast, Schemas.load(ROOT / "evidence-schemas"), key)


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


def standings(kept: Sequence[Kept]) -> list[str]:
    return [one.standing.value for one in kept]


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


def hold_file(archive: Archive, **facts: Any) -> Path:
    folder = archive.folder.parent / "holds"
    folder.mkdir(exist_ok=True)
    said = {
        "id": "HOLD-2026-0001", "matter": "A dispute about credit.", "model": None,
        "digest": None, "record": None, "since": None, "until": None, **facts,
    }  # fmt: skip
    path = folder / f"{said['id']}.yaml"
    path.write_text(json.dumps(said))
    return path


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


SHORT = [a_class("short", None, 12)]
LATE = START + 2 * YEAR


def listed(archive: Archive) -> tuple[Path, bytes]:
    path = archive.folder.parent / "list.json"
    path.write_bytes(draft(archive.plan(SHORT, LATE), disposable=False))
    return path, read_list(path)[0]


def two_words(archive: Archive, data: bytes) -> list[Path]:
    subject = ("disposal", "disposal", sha256_digest(data))
    return [
        archive.word(f"{who}.approval.json", who, subject)
        for who in ("compliance", "privacy-officer")
    ]


def run(archive: Archive, path: Path, files: Sequence[Path]) -> tuple[str, ...]:
    data, items = read_list(path)
    kept = archive.plan(SHORT, LATE)
    due = still_due(items, kept)
    words = approved(data, files, archive.cast.trust, archive.schemas, LATE)
    return dispose(
        archive.log(), archive.trust, due, kept, items, words, SHORT,
        archive.cast.machines["decider"], archive.key, lambda: LATE,
    )  # fmt: skip


def test_disposal_erases_and_leaves_every_proof(archive: Archive) -> None:
    first = archive.decide(START, model="old")
    archive.decide(LATE - 10, model="new")
    before = archive.log()
    path, data = listed(archive)
    erased = run(archive, path, two_words(archive, data))
    log = archive.log()
    assert log.entry(first).path in erased
    assert not (archive.folder / log.entry(first).path).exists()
    # Input and waivers of the old decision went; the policies both share stayed.
    assert len(erased) == 3
    assert (archive.folder / "blobs/sha256" / sha256_digest(b"policies")[7:]).exists()
    assert log.checkpoint.size == before.checkpoint.size + 3
    judge = RecordJudge(archive.folder, archive.cast.trust, archive.schemas)
    found = audit(archive.folder, archive.trust, (), judge, LATE + 10)
    assert (found.findings, found.proven, found.erased) == ((), 5, 1)
    assert standings(archive.plan(SHORT, LATE)) == [
        "erased", "disposable", "disposable", "disposable", "kept",
    ]  # fmt: skip


def test_a_tombstone_nobody_approved_is_named(archive: Archive) -> None:
    """Who may decide erases a record alone, and makes up the approvals."""
    archive.decide(START)
    entry = archive.log().entry(0)
    said = tombstone(entry.path, entry.record, 0, "short", "made up", "2028-01-01T00:00:00Z",
                     ["sha256:" + "1" * 64, "sha256:" + "2" * 64])  # fmt: skip
    stone = canonical_bytes(archive.cast.sign("decider", said))
    record = [Record("tombstone", stone)]
    append(archive.folder, ORIGIN, archive.trust.keys, archive.key, record, lambda: LATE)
    (archive.folder / entry.path).unlink()
    judge = RecordJudge(archive.folder, archive.cast.trust, archive.schemas)
    found = audit(archive.folder, archive.trust, (), judge, LATE + 10)
    assert {(one.code, one.index) for one in found.findings} == {
        ("unapproved", 1), ("missing_record", 0),
    }  # fmt: skip
    assert found.erased == 0


def test_killed_between_tombstone_and_erasure_it_is_done_again_without_a_second_stone(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.decide(START)
    path, data = listed(archive)
    files = two_words(archive, data)

    def killed(*_: object) -> None:
        raise StorageError("killed here", remedy="again")

    with monkeypatch.context() as patch:
        patch.setattr("hallgate.record.store.folder.FolderStore.erase", killed)
        with pytest.raises(StorageError):
            run(archive, path, files)
    size = archive.log().checkpoint.size
    assert len(run(archive, path, files)) == 4
    assert archive.log().checkpoint.size == size
    assert run(archive, path, files) is not None  # and once more changes nothing
    assert archive.log().checkpoint.size == size


def test_two_people_with_two_keys_must_approve_exactly_this_list(archive: Archive) -> None:
    archive.decide(START)
    path, data = listed(archive)
    good = two_words(archive, data)
    subject = ("disposal", "disposal", sha256_digest(data))
    bad = {
        "0 of 2": [],
        "1 of 2": [good[0], good[0]],
        "1 of 2 people": [good[0], archive.word("r.approval.json", "release-manager", subject)],
        "about another text": [
            good[0],
            archive.word("o.approval.json", "privacy-officer", (*subject[:2], MODEL)),
        ],
        "rejects it": [
            *good, archive.word("n.approval.json", "model-risk", subject, decision="reject"),
        ],
    }  # fmt: skip
    for what, files in bad.items():
        with pytest.raises(NotProven, match=what):
            run(archive, path, files)
    assert archive.log().checkpoint.size == 1


def test_one_key_under_two_names_is_one_person(archive: Archive) -> None:
    archive.decide(START)
    path, data = listed(archive)
    trust = archive.cast.trust
    (shared,) = next(one for one in trust.identities if one.id == "compliance").keys
    people = tuple(
        replace(one, keys=(shared,)) if one.id == "privacy-officer" else one
        for one in trust.identities
    )
    people_cast = {**archive.cast.people, "privacy-officer": archive.cast.people["compliance"]}
    archive.cast = replace(
        archive.cast, trust=replace(trust, identities=people), people=people_cast
    )
    with pytest.raises(NotProven, match="1 of 2"):
        run(archive, path, two_words(archive, data))


def test_a_list_that_is_no_longer_right_is_refused(archive: Archive) -> None:
    archive.decide(START)
    path, data = listed(archive)
    files = two_words(archive, data)
    hold_file(archive)
    holds = read_holds(archive.folder.parent / "holds", archive.cast.trust, archive.schemas)
    with pytest.raises(NotProven, match="held by HOLD-2026-0001"):
        still_due(read_list(path)[1], archive.plan(SHORT, LATE, holds))
    path.write_bytes(data.replace(b'"index":0', b'"index":7'))
    with pytest.raises(NotProven, match="is not the record that was approved"):
        run(archive, path, files)
    for broken in (b"{}", b'{"dispose":[]}', b'{"dispose":[{"index":0}]}', b"[1]"):
        path.write_bytes(broken)
        with pytest.raises(InvalidDocument):
            read_list(path)
    assert erasures((), archive.plan(SHORT, LATE)) == ()


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
