from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.exceptions import canonical_digest
from hallgate.intake.history import History
from hallgate.intake.schema import Schemas
from hallgate.intake.waiver_archive import read_ended
from hallgate.intake.waivers import WaiverSet, load_waivers, read_waivers
from hallgate.model.errors import InvalidDocument
from hallgate.model.trust import Trust
from hallgate.record.canonical import canonical_bytes, sha256_digest

NOW = 1_790_000_000
NO_HISTORY = History(None, "not read")
Load = Callable[..., WaiverSet]


def write(folder: Path, waiver: dict[str, Any], name: str = "", family: str = "fairness") -> Path:
    path = folder / family / (name or f"{waiver['id']}.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(waiver, indent=1))
    return path


@pytest.fixture
def load(tmp_path: Path, trust: Trust, schemas: Schemas) -> Load:
    def loading(history: History = NO_HISTORY, at: int = NOW) -> WaiverSet:
        return load_waivers(tmp_path, trust, schemas, history=history, live={"FAIR-001"}, at=at)

    return loading


def test_a_waiver_with_its_approval(
    tmp_path: Path, load: Load, office: Any, waiver: dict[str, Any]
) -> None:
    path = write(tmp_path, waiver)
    digest = sha256_digest(canonical_bytes(waiver))
    name = "EXC-2026-0007.head-of-model-risk.approval.json"
    (path.parent / name).write_bytes(office.approve(waiver["id"], digest, "waiver"))
    found = load()
    assert found.faults == ()
    assert found.not_counted == ()
    (one,) = found.waivers
    assert one.digest == digest
    assert one.document["expires"] == 1798761600
    assert one.touched_by is None
    assert [(word.identity, word.role, word.approved_at) for word in one.approvals] == [
        ("head-of-model-risk", "model-risk", 1789041600)
    ]


def test_approvals_that_do_not_count_are_named_and_left_out(
    tmp_path: Path, load: Load, office: Any, waiver: dict[str, Any]
) -> None:
    digest = canonical_digest(waiver)
    name = "EXC-2026-0007.head-of-model-risk.approval.json"
    approval = json.loads(office.approve(waiver["id"], digest, "waiver"))
    path = write(tmp_path, waiver)
    forged = copy.deepcopy(approval)
    forged["statement"]["predicate"]["reason"] = "never said"
    (path.parent / name).write_text(json.dumps(forged))
    found = load()
    assert found.faults == ()
    assert found.waivers[0].approvals == ()
    assert "forged" in found.not_counted[0].what
    # The waiver is changed after it was approved.
    (path.parent / name).write_text(json.dumps(approval))
    write(tmp_path, {**waiver, "reason": "something else"})
    found = load()
    assert found.waivers[0].approvals == ()
    assert found.not_counted[0].what == "approves another text of the waiver"


def test_an_approval_that_lies_in_the_wrong_place_is_a_fault(
    tmp_path: Path, load: Load, office: Any, waiver: dict[str, Any]
) -> None:
    digest = canonical_digest(waiver)
    folder = write(tmp_path, waiver).parent
    word = office.approve(waiver["id"], digest, "waiver")
    (folder / "EXC-2026-0007.author.approval.json").write_bytes(word)
    (folder / "EXC-2026-0008.head-of-model-risk.approval.json").write_bytes(word)
    other = office.approve("EXC-2026-0009", digest, "waiver")
    (folder / "EXC-2026-0007.head-of-model-risk.approval.json").write_bytes(other)
    (folder / "EXC-2026-0007.x.approval.json").write_bytes(b'{"statement": 1, ')
    said = [fault.what for fault in load().faults]
    assert len(said) == 4
    assert "is signed by head-of-model-risk, and its name says author" in said
    assert "there is no waiver beside this approval" in said
    assert "does not approve the waiver EXC-2026-0007" in said
    assert any("no JSON" in what for what in said)


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("policy", "FAIR-999", "FAIR-999 is no live policy"),
        ("expires", "2026-09-01T00:00:00Z", "ends before it begins"),
        ("remediation.due", "2027-01-01T00:00:00Z", "due after the waiver ends"),
        ("owner", "nobody", "nobody is no identity"),
        ("requester", "nobody", "nobody is no identity"),
        ("id", "EXC-2026-0008", "is not the file's name"),
        ("expires", "soon", "is no RFC 3339 time"),
        ("risk.residual.impact", 6, "too large"),
        ("subject.digests", [], "too short"),
        ("status", "active", "no known field"),
        ("reason", ..., "reason is missing"),
        ("subject.digests", ..., "subject: digests and versions are both missing"),
        ("subject.versions", {"from": "1.2.0", "to": "1.2.9"}, "digests and versions exclude"),
        ("subject", {"name": "m", "to_stage": "production", "versions": "*"}, "is text, not an"),
        ("subject", "m", "is text, not an object"),
    ],
)
def test_faults_of_a_waiver(
    path: str,
    value: object,
    what: str,
    tmp_path: Path,
    load: Load,
    waiver: dict[str, Any],
    change: Callable[..., Any],
) -> None:
    write(tmp_path, change(waiver, path, value), "EXC-2026-0007.yaml")
    faults = load().faults
    assert any(what in fault.what for fault in faults), faults
    assert all(fault.where and fault.where.line and fault.remedy for fault in faults)


@pytest.mark.parametrize(
    ("versions", "what"),
    [
        ({"from": "1.2.0"}, "to is missing"),
        ({"to": "1.2.0"}, "from is missing"),
        ({"from": "1.2.0", "to": None}, "null, not text"),
        ({"from": 1, "to": "1.2.9"}, "1 is a whole number, not text"),
        ({"from": "1.2.0", "to": "1.2.9", "not": ["1.2.3"]}, "no known field"),
        *(
            ({"from": "1.2.0", "to": odd}, "does not have the right form")
            for odd in (
                "*", "1.2.*", "1.2.x", "1.2", "v1.2.9", "^1.2.0", ">=1.2.0", "01.2.9", "1.2.09",
                "1.2.0-rc.1", "1.2.0+b", "1.2.9\n", " 1.2.9", "", "1.2.1000000000", "\u0661.2.0",
            )
        ),
    ],
)  # fmt: skip
def test_faults_of_a_range(
    versions: dict[str, Any], what: str, tmp_path: Path, load: Load, waiver: dict[str, Any]
) -> None:
    subject = {"name": "credit-risk", "to_stage": "production", "versions": versions}
    write(tmp_path, {**waiver, "subject": subject})
    faults = load().faults
    assert any(what in fault.what for fault in faults), faults
    assert all("versions" in fault.what and fault.where and fault.remedy for fault in faults)


def test_a_range_is_read_as_it_is_written(
    tmp_path: Path, load: Load, waiver: dict[str, Any]
) -> None:
    versions = {"from": "1.9.0", "to": "1.9.10"}
    subject = {"name": "credit-risk", "to_stage": "production", "versions": versions}
    write(tmp_path, {**waiver, "subject": subject})
    found = load()
    assert found.faults == ()
    (one,) = found.waivers
    assert one.document["subject"] == subject
    assert (one.digests, one.ranged_model) == ((), "credit-risk")
    assert one.digest == canonical_digest({**waiver, "subject": subject})


def test_exact_digests_keep_their_canonical_digest(
    tmp_path: Path, load: Load, waiver: dict[str, Any]
) -> None:
    write(tmp_path, waiver)
    (one,) = load().waivers
    assert "versions" not in one.document["subject"]  # type: ignore[operator]
    assert one.digest == sha256_digest(canonical_bytes(waiver))
    assert (list(one.digests), one.ranged_model) == (waiver["subject"]["digests"], None)


def test_faults_of_all_files_come_in_one_error(
    tmp_path: Path, trust: Trust, schemas: Schemas, waiver: dict[str, Any]
) -> None:
    write(tmp_path, {**waiver, "policy": "FAIR-999"})
    write(tmp_path, {**waiver, "id": "EXC-2026-0008", "owner": "nobody"})
    (tmp_path / "fairness" / "EXC-2026-0009.yaml").write_text("id: no")
    with pytest.raises(InvalidDocument) as caught:
        read_waivers(tmp_path, trust, schemas, history=NO_HISTORY, live={"FAIR-001"}, at=NOW)
    assert caught.value.exit_code == 3
    assert len(caught.value.faults) == 3


def test_a_duplicate_id_is_a_fault_wherever_it_stands(
    tmp_path: Path, load: Load, waiver: dict[str, Any]
) -> None:
    write(tmp_path, waiver)
    write(tmp_path, waiver, family="privacy")
    (fault,) = load().faults
    assert "stands in" in fault.what
    assert fault.where is not None
    assert fault.where.file.endswith("privacy/EXC-2026-0007.yaml")


def test_an_expired_waiver_may_outlive_its_policy(
    tmp_path: Path, load: Load, waiver: dict[str, Any]
) -> None:
    write(tmp_path, {**waiver, "policy": "FAIR-999"})
    assert load(at=1_798_761_600).faults == ()


def test_stray_files_are_faults(tmp_path: Path, load: Load, waiver: dict[str, Any]) -> None:
    path = write(tmp_path, waiver)
    (tmp_path / "README.md").write_text("how to ask")
    (path.parent / "README.md").write_text("how to ask")
    (tmp_path / "EXC-2026-0001.yaml").write_text("a: 1")
    (path.parent / "EXC-2026-0002.yml").write_text("a: 1")
    (path.parent / "EXC-2026-0003.yaml.bak").write_text("a: 1")
    (path.parent / "EXC-2026-0004.yaml").symlink_to(path)
    (path.parent / "deeper").mkdir()
    (tmp_path / "link").symlink_to(path.parent)
    assert sorted(fault.what for fault in load().faults) == [
        "is a folder within a family",
        "is a symbolic link",
        "is a symbolic link",
        "is neither waiver nor approval by its name",
        "is neither waiver nor approval by its name",
        "lies outside a family folder",
    ]


def test_no_folder_means_no_waivers(tmp_path: Path, trust: Trust, schemas: Schemas) -> None:
    folder = tmp_path / "absent"
    assert read_waivers(folder, trust, schemas, history=NO_HISTORY, live=None, at=NOW) == ()


def test_touchers_are_identities_where_their_address_is_known(
    tmp_path: Path, load: Load, waiver: dict[str, Any]
) -> None:
    path = write(tmp_path, waiver)
    command = ["git", "-C", str(tmp_path), "-c", "user.name=x"]
    subprocess.run([*command, "init", "-q"], check=True)
    for mail in ("Author@example.org", "stranger@example.com"):
        path.write_text(path.read_text() + "\n")
        subprocess.run([*command, "add", "-A"], check=True)
        subprocess.run([*command, "-c", f"user.email={mail}", "commit", "-qm", "x"], check=True)
    assert load(History.read(tmp_path)).waivers[0].touched_by == ("author", "stranger@example.com")
    path.write_text(path.read_text() + "\n")
    assert load(History.read(tmp_path)).waivers[0].touched_by is None


def said(found: WaiverSet) -> list[str]:
    return [one.decision for one in found.waivers[0].approvals]


def test_what_is_said_later_lies_beside_what_was_said_before(
    tmp_path: Path, load: Load, office: Any, waiver: dict[str, Any]
) -> None:
    folder = write(tmp_path, waiver).parent
    digest = canonical_digest(waiver)
    for number, decision in (("", "reject"), (".2", "approve"), (".10", "revoke")):
        name = f"EXC-2026-0007.head-of-model-risk{number}.approval.json"
        word = office.approve(waiver["id"], digest, "waiver", decision=decision)
        (folder / name).write_bytes(word)
    found = load()
    assert found.faults == ()
    assert sorted(said(found)) == ["approve", "reject", "revoke"]
    (folder / "EXC-2026-0007.head-of-model-risk.1.approval.json").write_bytes(word)
    assert "its name says" in load().faults[0].what


def test_what_ends_a_waiver_ends_it_whatever_it_says_since(
    tmp_path: Path, load: Load, office: Any, waiver: dict[str, Any]
) -> None:
    folder = write(tmp_path, {**waiver, "reason": "changed"}).parent
    digest = canonical_digest(waiver)
    name = "EXC-2026-0007.head-of-model-risk.approval.json"
    (folder / name).write_bytes(office.approve(waiver["id"], digest, "waiver", decision="revoke"))
    assert said(load()) == ["revoke"]
    (folder / name).write_bytes(office.approve(waiver["id"], digest, "waiver", decision="reject"))
    assert said(load()) == []


@pytest.mark.parametrize(
    ("merged", "counts", "why"),
    [
        (1_789_041_600, True, ""),
        (1_789_041_600 - 300, True, ""),
        (1_789_041_600 - 301, False, "signed after it was merged"),
        (None, False, "is in no commit"),
    ],
)
def test_the_merge_decides_whether_an_approval_counts(
    tmp_path: Path,
    load: Load,
    office: Any,
    waiver: dict[str, Any],
    merged: int | None,
    counts: bool,
    why: str,
) -> None:
    name = "EXC-2026-0007.head-of-model-risk.approval.json"
    folder = write(tmp_path, waiver).parent
    word = office.approve(waiver["id"], canonical_digest(waiver), "waiver")
    (folder / name).write_bytes(word)
    known = {} if merged is None else {f"fairness/{name}": merged}
    found = load(History("c0ffee", None, frozenset(), {}, known))
    assert said(found) == (["approve"] if counts else [])
    assert [one.published_at for one in found.waivers[0].approvals] == [merged] * counts
    assert all(why in fault.what for fault in found.not_counted)
    assert len(found.not_counted) == (not counts)


def test_the_archive_is_no_family(
    tmp_path: Path, load: Load, schemas: Schemas, waiver: dict[str, Any]
) -> None:
    write(tmp_path, waiver, family="archive/2026")
    assert load() == WaiverSet((), (), ())
    (ended,) = read_ended(tmp_path, schemas)
    assert (ended.id, ended.document["expires"]) == ("EXC-2026-0007", 1798761600)
    write(tmp_path, waiver, family="archive/2027")
    with pytest.raises(InvalidDocument, match="stands in"):
        read_ended(tmp_path, schemas)
