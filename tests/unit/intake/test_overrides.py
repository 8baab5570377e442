"""Overrides are read whole or not at all: what was signed is neither taken away nor altered."""

from __future__ import annotations

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.exceptions import canonical_digest
from hallgate.intake.history import History
from hallgate.intake.overrides import OverrideSet, load_overrides, read_overrides
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.intake.waivers import load_waivers
from hallgate.model.errors import InvalidDocument
from hallgate.model.trust import Trust

OVERRIDE: dict[str, Any] = {
    "id": "OVR-2026-0001",
    "policies": ["FAIR-001"],
    "subject": {"name": "credit-risk", "digest": "sha256:" + "a" * 64, "to_stage": "production"},
    "incident": "INC-1: wrong answers since this morning",
    "reason": "the old model does more harm",
    "precautions": ["a person looks on"],
    "owner": "head-of-model-risk",
    "requester": "author",
    "opened": "2026-09-10T10:00:00Z",
    "expires": "2026-09-10T20:00:00Z",
}
WORD = "OVR-2026-0001.head-of-model-risk.approval.json"


class Desk:
    """A repository with one override, and whoever signs it."""

    def __init__(self, root: Path, office: Any, trust: Trust, schemas: Schemas) -> None:
        self.root, self.office, self.trust, self.schemas = root, office, trust, schemas
        self.folder = root / "exceptions" / "overrides"
        self.folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> None:
        names = ["-c", "user.name=author", "-c", "user.email=author@example.org"]
        subprocess.run(["git", "-C", str(self.root), *names, *words], check=True)

    def write(self, document: dict[str, Any], name: str = "OVR-2026-0001.yaml") -> None:
        (self.folder / name).write_text(json.dumps(document, indent=1))

    def sign(self, document: dict[str, Any], name: str = WORD, **said: Any) -> None:
        digest = canonical_digest(document)
        word = self.office.approve(document["id"], digest, "override", **said)
        (self.folder / name).write_bytes(word)

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")

    def load(self) -> OverrideSet:
        place = self.root / "exceptions"
        return load_overrides(place, self.trust, self.schemas, history=History.read(place))


@pytest.fixture
def desk(
    tmp_path: Path, office: Any, schemas: Schemas, tmp_path_factory: pytest.TempPathFactory
) -> Desk:
    roles = copy.deepcopy(office.documents["roles.yaml"])
    roles["roles"][1]["approves"].append("override")
    trust = read_trust(office.write(tmp_path_factory.mktemp("trust"), roles=roles), schemas)
    made = Desk(tmp_path, office, trust, schemas)
    made.write(OVERRIDE)
    made.commit()
    return made


def whats(found: OverrideSet) -> list[str]:
    return [fault.what for fault in found.faults]


def test_an_override_with_its_word(desk: Desk) -> None:
    (proposed,) = desk.load().overrides
    assert proposed.claimed_at is None
    desk.sign(OVERRIDE)
    desk.commit()
    found = desk.load()
    assert (found.faults, found.not_counted) == ((), ())
    (one,) = found.overrides
    assert one.model == "credit-risk"
    assert one.claimed_at == 1_789_041_600
    assert one.touched_by == ("author",)
    assert [(word.identity, word.decision) for word in one.approvals] == [
        ("head-of-model-risk", "approve")
    ]
    assert one.approvals[0].published_at is not None


def test_waivers_pass_the_folder_over(desk: Desk) -> None:
    found = load_waivers(
        desk.root / "exceptions", desk.trust, desk.schemas,
        history=History(None, "not read"), live=None, at=0,
    )  # fmt: skip
    assert (found.waivers, found.faults) == ((), ())


@pytest.mark.parametrize("name", ["OVR-2026-0001.yaml", WORD])
def test_nothing_is_taken_away(desk: Desk, name: str) -> None:
    desk.sign(OVERRIDE)
    desk.commit()
    (desk.folder / name).unlink()
    desk.commit()
    assert "was taken away" in whats(desk.load())


def test_a_word_that_is_moved_away_is_missed(desk: Desk) -> None:
    desk.sign(OVERRIDE)
    desk.commit()
    desk.git("mv", f"exceptions/overrides/{WORD}", "elsewhere.json")
    desk.commit()
    assert whats(desk.load()) == ["was taken away"]


def test_nothing_is_altered_once_it_is_signed(desk: Desk) -> None:
    desk.sign(OVERRIDE)
    desk.write({**OVERRIDE, "expires": "2026-09-11T20:00:00Z"})
    desk.commit()
    (what,) = whats(desk.load())
    assert "was signed for another text" in what


def test_a_word_that_does_not_count_still_says_that_somebody_approved(desk: Desk) -> None:
    desk.sign(OVERRIDE)
    word = json.loads((desk.folder / WORD).read_text())
    word["statement"]["predicate"]["reason"] = "never said"
    (desk.folder / WORD).write_text(json.dumps(word))
    desk.commit()
    found = desk.load()
    assert "forged" in found.not_counted[0].what
    (one,) = found.overrides
    assert one.approvals == ()
    assert one.claimed_at == 1_789_041_600


def test_a_word_that_is_not_merged_does_not_count(desk: Desk) -> None:
    for decision in ("approve", "review"):
        desk.sign(OVERRIDE, decision=decision)
        assert "is in no commit" in desk.load().not_counted[0].what
    desk.sign(OVERRIDE, decision="revoke")
    assert desk.load().not_counted == ()


def test_a_role_that_may_not_approve_emergencies(desk: Desk, trust: Trust) -> None:
    desk.sign(OVERRIDE)
    desk.commit()
    desk.trust = trust
    assert "may not approve an override" in desk.load().not_counted[0].what


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"id": "OVR-2026-0002"}, "is not the file's name"),
        ({"expires": "2026-09-10T10:00:00Z"}, "ends before it begins"),
        ({"owner": "nobody-known"}, "is no identity"),
        ({"policies": ["FAIR-001", "FAIR-001"]}, "stands here twice"),
        ({"policies": ["*"]}, "*"),
        ({"precautions": []}, ""),
        ({"findings": None}, "findings"),
    ],
)
def test_documents_at_fault(desk: Desk, change: dict[str, Any], what: str) -> None:
    desk.write({**OVERRIDE, **change})
    found = desk.load()
    assert any(what in one for one in whats(found)), whats(found)
    place = desk.root / "exceptions"
    history = History.read(place)
    with pytest.raises(InvalidDocument):
        read_overrides(place, desk.trust, desk.schemas, history=history)


@pytest.mark.parametrize(
    ("action", "said", "what"),
    [
        ("override", {"decision": "reject"}, "is no word about a"),
        ("override", {"decision": "withdraw"}, "is no word about a"),
        ("override", {"rule_digest": "sha256:" + "c" * 64}, "binds no rule"),
        ("waiver", {}, "is no word about the override"),
    ],
)
def test_words_at_fault(desk: Desk, action: str, said: dict[str, Any], what: str) -> None:
    digest = canonical_digest(OVERRIDE)
    (desk.folder / WORD).write_bytes(desk.office.approve("OVR-2026-0001", digest, action, **said))
    assert any(what in one for one in whats(desk.load()))


def test_names_and_links(desk: Desk) -> None:
    desk.sign(OVERRIDE, "OVR-2026-0001.author.approval.json")
    desk.sign(OVERRIDE, "OVR-2026-0009.head-of-model-risk.approval.json")
    (desk.folder / "notes.txt").write_text("x")
    (desk.folder / "OVR-2026-0002.yaml").symlink_to(desk.folder / "OVR-2026-0001.yaml")
    found = " ".join(whats(desk.load()))
    for what in ("does not say so", "no override beside", "by its name", "no plain file"):
        assert what in found
