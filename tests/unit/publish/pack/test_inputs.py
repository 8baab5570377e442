"""An input that says other than was signed is named: a decider may not make up what it judged."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hallgate.publish.pack.verifier.inputs import Originals
from hallgate.publish.pack.verifier.state import Pack, Report
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.statement import statement

from .conftest import AT, MODEL, Stage

SIGNED = 1_789_948_800  # 2026-09-21T00:00:00Z


class Desk:
    """A pack with one piece of evidence and one approval as signed, and an input that has both."""

    def __init__(self, folder: Path, stage: Stage) -> None:
        self.stage, self.pack = stage, Pack(folder)
        predicate: Any = {
            "collected_at": "2026-09-21T00:00:00Z", "status": "measured",
            "result": {"measured_at": "2026-09-21T02:00:00+02:00", "rows": 5, "groups": ["a", "b"]},
        }  # fmt: skip
        said = statement("credit-risk", MODEL, "urn:hallgate:evidence:model_card:v1", predicate)
        evidence = self.keep("evidence.json", stage.cast.sign("steward", said), said)
        word = stage.word(to_stage="production")
        approval = self.keep("word.json", word, word["statement"])
        about = {"name": "credit-risk", "digest": MODEL}
        self.input: dict[str, Any] = {
            "model_card": [{
                "type": "model_card", "digest": evidence, "subject": about,
                "signer": {"identity": "steward", "roles": ["steward"]},
                "collected_at": SIGNED, "status": "measured",
                "result": {"measured_at": SIGNED, "rows": 5, "groups": ["a", "b"]},
            }],
            "approval": [{
                "type": "approval", "digest": approval, "subject": about,
                "signer": {"identity": "model-risk", "roles": ["model-risk"]},
                "collected_at": SIGNED, "valid_until": 4_070_908_800, "status": "measured",
                "result": {
                    "role": "model-risk", "decision": "approve", "model_digest": MODEL,
                    "to_stage": "production", "reason": "Good.", "conditions": None,
                },
            }],
        }  # fmt: skip

    def keep(self, name: str, signed: Any, said: Any) -> str:
        (self.pack.folder / name).write_bytes(canonical_bytes(signed))
        return sha256_digest(canonical_bytes(said))

    def check(self, *, trust: bool = True) -> tuple[list[str], list[str]]:
        (self.pack.folder / "input").write_text(json.dumps({"evidence": self.input}))
        originals = Originals(self.pack, self.stage.trusted() if trust else None)
        for name in ("evidence.json", "word.json", "input"):
            originals.take(name)
        report = Report()
        return originals.check("r", "input", AT, report), report.wrong


@pytest.fixture
def desk(tmp_path: Path, stage_of: Stage) -> Desk:
    return Desk(tmp_path, stage_of)


def test_what_was_signed_is_found_again(desk: Desk) -> None:
    assert desk.check() == ([], [])
    assert desk.check(trust=False) == ([], [])


def put(*path: Any) -> Callable[[dict[str, Any]], None]:
    *above, last, value = path

    def change(document: dict[str, Any]) -> None:
        holder: Any = document
        for step in above:
            holder = holder[step]
        holder[last] = value

    return change


CARD, WORD = ("model_card", 0), ("approval", 0)
LIES = {
    "a result": (put(*CARD, "result", "rows", 6), "result"),
    "a true for a one": (put(*CARD, "result", "rows", True), "result"),
    "a time": (put(*CARD, "result", "measured_at", SIGNED + 1), "result"),
    "a shorter list": (put(*CARD, "result", "groups", ["a"]), "result"),
    "a status": (put(*CARD, "status", "not_run"), "status"),
    "fresher": (put(*CARD, "collected_at", SIGNED + 5), "collected_at"),
    "another subject": (put(*CARD, "subject", {"name": "x", "digest": MODEL}), "subject"),
    "another signer": (put(*CARD, "signer", {"identity": "evaluator", "roles": []}), "signer"),
    "a role it has not": (
        put(*CARD, "signer", {"identity": "steward", "roles": ["steward", "decider"]}),
        "roles of the signer",
    ),
    "an omission nobody signed": (
        put(*CARD, "redactions", [{"pointer": "/a", "reason": "x", "digest": MODEL}]),
        "redactions",
    ),
    "a method nobody signed": (put(*CARD, "method", "interview"), "method"),
    "a source nobody signed": (
        put(*CARD, "derived_from", [{"name": "x", "digest": MODEL}]),
        "derived_from",
    ),
    "a word turned": (put(*WORD, "result", "decision", "reject"), "result"),
    "another stage": (put(*WORD, "result", "to_stage", "staging"), "result"),
    "a role of another": (
        put(*WORD, "signer", {"identity": "model-risk", "roles": ["compliance"]}),
        "roles of the signer",
    ),
}


@pytest.mark.parametrize("how", LIES)
def test_an_input_that_says_otherwise_is_named(desk: Desk, how: str) -> None:
    lie, member = LIES[how]
    lie(desk.input)
    missing, (wrong,) = desk.check()
    assert missing == []
    assert wrong.startswith("r: its input says of ")
    assert wrong.endswith(f": {member}")


@pytest.mark.parametrize("how", LIES)
def test_an_input_that_lies_after_one_that_did_not_is_named(desk: Desk, how: str) -> None:
    lie, member = LIES[how]
    originals = Originals(desk.pack, desk.stage.trusted())
    for name in ("evidence.json", "word.json"):
        originals.take(name)
    report = Report()
    for wrong in ([], [member]):
        if wrong:
            lie(desk.input)
        (desk.pack.folder / "input").write_text(json.dumps({"evidence": desk.input}))
        assert originals.check("r", "input", AT, report) == []
        assert [one.rpartition(": ")[2] for one in report.wrong] == wrong


def test_evidence_that_was_right_is_not_right_in_another_place(desk: Desk) -> None:
    originals, report = Originals(desk.pack, desk.stage.trusted()), Report()
    for name in ("evidence.json", "word.json"):
        originals.take(name)
    for kind, wrong in (("model_card", []), ("pii_scan", ["type"])):
        said = {"evidence": {kind: desk.input["model_card"]}}
        (desk.pack.folder / "input").write_text(json.dumps(said))
        assert originals.check("r", "input", AT, report) == []
        assert [one.rpartition(": ")[2] for one in report.wrong] == wrong


def test_of_two_signers_the_one_counts_whose_key_did(desk: Desk) -> None:
    path = desk.pack.folder / "evidence.json"
    signed = json.loads(path.read_bytes())
    both = desk.stage.cast.sign("evaluator", json.loads(base64.b64decode(signed["payload"])))
    signed["signatures"] = [*both["signatures"], *signed["signatures"]]
    path.write_bytes(canonical_bytes(signed))
    (wrong,) = desk.check()[1]
    assert wrong.endswith(": signer")  # the first, which counts as well, is another
    (key,) = desk.stage.identity("evaluator")["keys"]
    key["revoked_at"] = AT
    assert desk.check() == ([], [])


def test_one_text_signed_twice_over_is_looked_for_in_both(desk: Desk) -> None:
    said = json.loads(base64.b64decode(json.loads(
        (desk.pack.folder / "evidence.json").read_bytes())["payload"]))  # fmt: skip
    desk.keep("input2", desk.stage.cast.sign("evaluator", said), said)
    (desk.pack.folder / "input").write_text(json.dumps({"evidence": desk.input}))
    originals = Originals(desk.pack, desk.stage.trusted())
    for name in ("input2", "evidence.json", "word.json"):
        originals.take(name)
    report = Report()
    assert originals.check("r", "input", AT, report) == []
    assert report.wrong == []


def test_evidence_in_another_place_is_no_approval(desk: Desk) -> None:
    desk.input = {"approval": desk.input["model_card"], "pii_scan": desk.input["model_card"]}
    assert [one.rpartition(": ")[2] for one in desk.check()[1]] == ["type", "type"]


def test_what_nobody_signed_is_passed_over_and_what_is_made_up_is_missing(desk: Desk) -> None:
    made_up = "sha256:" + "9" * 64
    desk.input["model_card"].append({**desk.input["model_card"][0], "digest": made_up})
    # Of neither an original is published, and both are gaps in what the policies judged.
    scanner = {"identity": "steward", "roles": ["steward"], "evidence_types": ["model_card"]}
    desk.input["pii_scan"] = [
        {"digest": "sha256:" + "8" * 64, "signer": None},
        {"digest": "sha256:" + "7" * 64, "signer": scanner},
    ]
    assert desk.check() == ([made_up], [])


def unshown(desk: Desk, *known: str) -> list[str]:
    (desk.pack.folder / "input").write_text(json.dumps({"evidence": desk.input}))
    originals, report = Originals(desk.pack, None), Report()
    for name in known:
        originals.take(name)
    originals.check("r", "input", AT, report)
    originals.unshown(report)
    assert report.held == []
    return report.unchecked


def test_a_source_that_is_not_in_the_pack_is_told(desk: Desk) -> None:
    (card,) = desk.input["model_card"]
    assert unshown(desk, "evidence.json", "word.json") == []
    card["derived_from"] = [{"name": "the approval", "digest": desk.input["approval"][0]["digest"]}]
    assert unshown(desk, "evidence.json", "word.json") == []
    (told,) = unshown(desk, "evidence.json")
    assert told.startswith("model_card was derived from the approval (sha256:")
    assert told.endswith(", which is not in the pack")
    gone = "sha256:" + "5" * 64
    card |= {"derived_from": [], "supersedes": gone}
    told = f"model_card supersedes another statement ({gone}), which is not in the pack"
    assert unshown(desk, "evidence.json") == [told]
    card["derived_from"] = [
        {"name": f"part {number:02}", "digest": f"sha256:{number:064}"} for number in range(30)
    ]
    assert unshown(desk)[-1] == "11 more sources of evidence are not in the pack"


def test_what_was_left_out_is_told(desk: Desk) -> None:
    left = {"pointer": "/a", "reason": "secret", "digest": MODEL}
    desk.input["model_card"][0]["redactions"] = [left, left]
    (told,) = unshown(desk, "evidence.json")
    assert told.startswith("what was redacted: 1 statements leave something out")


def test_a_decision_on_what_it_knew_to_be_superseded_is_named(desk: Desk) -> None:
    old = {**desk.input["model_card"][0]}
    signed = json.loads((desk.pack.folder / "evidence.json").read_bytes())
    said = json.loads(base64.b64decode(signed["payload"]))
    said["predicate"]["supersedes"] = old["digest"]
    later = desk.keep("later.json", desk.stage.cast.sign("steward", said), said)
    new = {**old, "digest": later, "supersedes": old["digest"]}
    desk.input["model_card"] = [new]
    (desk.pack.folder / "input").write_text(json.dumps({"evidence": desk.input}))
    for cards, wrong in (([new], []), ([old, new], [old["digest"]])):
        desk.input["model_card"] = cards
        (desk.pack.folder / "input").write_text(json.dumps({"evidence": desk.input}))
        originals, report = Originals(desk.pack, desk.stage.trusted()), Report()
        for name in ("evidence.json", "later.json", "word.json"):
            originals.take(name)
        assert originals.check("r", "input", AT, report) == []
        assert report.wrong == [
            f"r: rests on {one}, which other model_card of it supersedes" for one in wrong
        ]
