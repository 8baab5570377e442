"""One emergency from the call for it to the review that closes it, by the installed command."""

import json
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from test_waiver_story import HOUR, OPA, desk, stamp

__all__ = ["desk"]
pytestmark = pytest.mark.e2e
DAY = 24 * HOUR


def _override(desk, *words, code=0):
    return desk.run("override", *words, "--repository", desk.clone, code=code, env=OPA)


def _word(desk, decision, who, code=0):
    return _override(
        desk, decision, "OVR-2026-0001".replace("2026", stamp(time.time())[:4]), "--as", who,
        "--role", who, "--key", desk.bank.cast.people[who], "--reason", f"{who} looked.", code=code,
    )  # fmt: skip


def test_the_life_of_an_emergency(desk, tmp_path):
    request = json.loads(desk.bank.request.read_text())
    model = request["model"]
    new = (
        "new", "--model", model["name"], "--digest", model["digest"], "--to", request["to_stage"],
        "--incident", "INC-1: the score answers nonsense.", "--reason", "Waiting harms more.",
        "--precaution", "A person looks on.", "--owner", "model-owner",
        "--requester", "model-owner", "--hours", "6",
    )  # fmt: skip
    desk.decide(code=1)
    # Nothing lets a policy pass that METADATA keeps from it, nor one longer than hours.
    assert "cannot be overridden" in _override(desk, *new, "--policy", "APR-001", code=2).err
    longer = [*new[:-1], "73", "--policy", "MON-003"]
    assert "1 to 72 hours" in _override(desk, *longer, code=2).err

    desk.git("checkout", "-q", "-b", "emergency")
    path = Path(_override(desk, *new, "--policy", "MON-003").out.strip())
    desk.commit("model-owner", "Call for an emergency override")
    assert "asked for this override" in _word(desk, "approve", "model-owner", code=1).err
    _word(desk, "approve", "model-risk")
    desk.commit("model-risk", "Approve")
    desk.decide(code=1)
    _word(desk, "approve", "compliance")
    desk.commit("compliance", "Approve")

    # Merged, every gate honours it, and says so first.
    desk.gate(tmp_path / "gate", code=1)
    desk.merge("emergency")
    said = desk.gate(tmp_path / "gate").out
    assert f"ALLOWED BY EMERGENCY OVERRIDE {path.stem}" in said
    records = tmp_path / "records"
    desk.decide("--record", records, "--key", desk.bank.key)
    (record,) = records.glob("*.record.json")
    trust = ("--trust", desk.bank.trust, "--repository", desk.clone)
    assert "EMERGENCY" in desk.run("verify", record, *trust, env=OPA).out
    assert "same" in desk.run("replay", record, *trust, env=OPA).out.casefold()

    # It ends to the second, and after a week its review is owed: even a clean promotion waits.
    (row,) = json.loads(_override(desk, "list", "--format", "json").out)
    assert (row["status"], row["approved"]) == ("in_force", "2 of 2")
    end = int(time.time()) + 6 * HOUR
    desk.decide("--at", stamp(end + 60), code=1)
    later = desk.decide("--at", stamp(end + 8 * DAY), "--format", "json", code=1)
    verdicts = {one["id"]: one["outcome"] for one in json.loads(later.out)["verdicts"]}
    assert verdicts["APR-007"] == "fail"

    # Nobody takes the record away, and nobody stretches it.
    text = path.read_text()
    path.write_text(text.replace("MON-003", "FAIR-001"))
    assert "signed for another text" in desk.decide(code=3).err
    path.unlink()
    assert "was taken away" in desk.decide(code=3).err
    path.write_text(text)

    # While it lasts there is nothing to review; ended early, somebody without a part may.
    assert "would close nothing" in _word(desk, "review", "privacy-officer", code=1).err
    _word(desk, "revoke", "model-risk")
    desk.decide(code=1)
    time.sleep(1.1)
    assert "would close nothing" in _word(desk, "review", "compliance", code=1).err
    _word(desk, "review", "privacy-officer")
    desk.commit("privacy-officer", "Review the emergency")
    desk.git("push", "-q", "origin", "main")
    (row,) = json.loads(_override(desk, "list", "--format", "json").out)
    assert row["status"] == "reviewed"
    later = desk.decide("--at", stamp(end + 8 * DAY), "--format", "json", code=1)
    verdicts = {one["id"]: one["outcome"] for one in json.loads(later.out)["verdicts"]}
    assert verdicts["APR-007"] == "pass"
