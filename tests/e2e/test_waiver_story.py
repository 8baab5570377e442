"""One waiver from proposal to archive, in a repository with a bare remote and keys of its own."""

import base64
import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
OPA = {"HALLGATE_OPA": str(ROOT / ".tools/bin/opa")}
PARTS = ("policies", "evidence-schemas", "frameworks")
HOUR = 3600


def stamp(seconds):
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Desk:
    """A clone in which people work, and the bare remote that everybody sees."""

    clone: Path
    remote: Path
    bank: object
    run: object

    def git(self, *words, who="setup", cwd=None):
        names = ["-c", f"user.name={who}", "-c", f"user.email={who}@example.org"]
        command = ["git", *names, "-c", "commit.gpgsign=false", *map(str, words)]
        done = subprocess.run(
            command, cwd=cwd or self.clone, check=True, capture_output=True, text=True
        )
        return done.stdout

    def commit(self, who, message):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, who=who)

    def merge(self, branch):
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", f"Merge {branch}", branch)
        self.git("push", "-q", "origin", "main")

    def waiver(self, *words, code=0):
        return self.run("waiver", *words, "--repository", self.clone, code=code, env=OPA)

    def word(self, decision, name, who, code=0):
        return self.waiver(
            decision, name, "--as", who, "--role", who, "--key", self.bank.cast.people[who],
            "--reason", f"{who} read it.", code=code,
        )  # fmt: skip

    def decide(self, *words, where=None, code=0):
        return self.run(
            "decide", self.bank.request, "--evidence", self.bank.evidence,
            "--repository", where or self.clone, *words, code=code, env=OPA,
        )  # fmt: skip

    def gate(self, folder, *clone, code=0):
        """Decide as a gate would: in a fresh clone of what is merged."""
        shutil.rmtree(folder, ignore_errors=True)
        self.git("clone", "-q", *clone, self.remote.as_uri(), folder, cwd=self.remote)
        return self.decide(where=folder, code=code)


def _old_drill(bank):
    """The way back was rehearsed too long ago: MON-003 fails, and nothing else."""
    path = bank.evidence / "rollback_drill.json"
    statement = json.loads(base64.b64decode(json.loads(path.read_text())["payload"]))
    statement["predicate"]["result"]["drilled_at"] = stamp(time.time() - 80 * 24 * HOUR)
    signer = bank.cast.trust.roles_that_sign("rollback_drill")[0]
    path.write_text(json.dumps(bank.cast.sign(signer, statement)))


@pytest.fixture
def desk(bank, run, tmp_path):
    remote, clone = tmp_path / "remote.git", tmp_path / "clone"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", remote], check=True)
    subprocess.run(["git", "clone", "-q", remote, clone], check=True, capture_output=True)
    for name in PARTS:
        shutil.copytree(ROOT / name, clone / name)
    shutil.copytree(bank.trust, clone / "trust")
    (clone / "exceptions").mkdir()
    shutil.copy(ROOT / "exceptions/README.md", clone / "exceptions")
    made = Desk(clone, remote, bank, run)
    made.git("checkout", "-q", "-b", "main")
    made.commit("setup", "Start")
    made.git("push", "-q", "origin", "main")
    _old_drill(bank)
    return made


def _propose(desk, record, expires, *more):
    desk.git("checkout", "-q", "-b", "propose")
    path = Path(
        desk.waiver(
            "new", "MON-003", "--from", record, "--owner", "model-owner",
            "--requester", "model-owner", "--reason", "The rehearsal waits for the release.",
            "--inherent", "2x4", "--residual", "2x3", "--rationale", "A person looks on.",
            "--control", "The old score stays at hand.=README.md",
            "--plan", "Rehearse with the release.",
            "--due", stamp(expires - 1), "--expires", stamp(expires), *more,
        ).out.strip()
    )  # fmt: skip
    desk.commit("model-owner", "Propose a waiver")
    return path


def test_the_life_of_a_waiver(desk, tmp_path):
    records = tmp_path / "records"
    denied = desk.decide("--record", records, "--key", desk.bank.key, code=1)
    assert "MON-003" in denied.out
    (record,) = records.glob("*.record.json")

    # Proposed: scope and findings come from the record; nobody has approved, so nothing holds.
    expires = int(time.time()) + 2 * HOUR
    path = _propose(desk, record, expires)
    name = path.stem
    assert path.parent.name == "monitoring"
    (proposed,) = json.loads(desk.waiver("list", "--format", "json").out)
    assert (proposed["status"], proposed["findings"]) == ("proposed", ["age"])
    assert proposed["standing"]["needed"] == 2
    desk.decide(code=1)

    # Nobody approves their own, and a role that may not approve does not.
    assert "asked for this waiver" in desk.word("approve", name, "model-owner", code=1).err
    assert "may not approve" in desk.word("approve", name, "release-manager", code=1).err

    # The board finds it among what is to be decided, and its minutes become words.
    packet = desk.run("board", "--repository", desk.clone, env=OPA).out
    assert name in packet.split("Expiring")[0]
    assert "<svg" in packet
    assert "http" not in packet.replace("http://www.w3.org/2000/svg", "")
    minutes = tmp_path / "minutes.yaml"
    said = {"waiver": name, "decision": "reject", "reason": "Not yet.", "conditions": None}
    minutes.write_text(json.dumps({"decisions": [said]}))
    signer = f"model-risk:model-risk:{desk.bank.cast.people['model-risk']}"
    words = ("record", minutes, "--signer", signer, "--repository", desk.clone)
    desk.run("board", *words, env=OPA)
    assert "rejected" in desk.waiver("list").out
    desk.commit("model-risk", "Minutes of the board")
    time.sleep(1.1)  # the approval below must be younger, in whole seconds

    # Two roles sign; until a word is committed it does not count.
    desk.word("approve", name, "model-risk")
    desk.commit("model-risk", "Approve")
    desk.word("approve", name, "compliance")
    assert "is in no commit" in desk.waiver("verify", name, code=1).out
    desk.commit("compliance", "Approve")
    assert "expiring" in desk.waiver("verify", name).out

    # On main nothing has changed yet; after the merge every gate honours it.
    desk.gate(tmp_path / "gate", code=1)
    desk.merge("propose")
    assert "waived" in desk.gate(tmp_path / "gate").out.casefold()
    desk.gate(tmp_path / "shallow", "--depth", "1", code=1)

    # To the second.
    desk.decide("--at", stamp(expires - 1))
    desk.decide("--at", stamp(expires), code=1)

    # A renewal is a waiver of its own, with words of its own.
    desk.git("checkout", "-q", "-b", "renew")
    renewal = Path(
        desk.waiver(
            "renew", name, "--reason", "The release was put off by a week.",
            "--plan", "Rehearse with the release of next week.",
            "--due", stamp(expires + HOUR), "--expires", stamp(expires + 2 * HOUR),
        ).out.strip()
    )  # fmt: skip
    desk.commit("model-owner", "Renew")
    desk.decide("--at", stamp(expires), code=1)
    for who in ("model-risk", "compliance"):
        desk.word("approve", renewal.stem, who)
    desk.commit("compliance", "Approve the renewal")
    desk.merge("renew")
    desk.decide("--at", stamp(expires))
    rows = {one["id"]: one for one in json.loads(desk.waiver("list", "--format", "json").out)}
    assert rows[name]["status"] == "renewed"
    assert rows[renewal.stem]["renews"] == name

    # Revoked: at once, before anybody has merged it, and whatever the file says afterwards.
    desk.word("withdraw", name, "model-owner")
    desk.decide()
    desk.word("revoke", renewal.stem, "model-risk")
    desk.decide(code=1)
    desk.commit("model-risk", "Revoke")
    desk.git("push", "-q", "origin", "main")
    desk.gate(tmp_path / "gate", code=1)
    for one in (path, renewal):
        one.write_text(one.read_text() + "\n# changed\n")
    desk.decide(code=1)
    desk.git("checkout", "-q", ".")

    # Put away, with what was said, and still to be read.
    moved = desk.waiver("archive").out
    assert name in moved
    assert renewal.stem in moved
    desk.commit("setup", "Archive")
    assert not list((desk.clone / "exceptions/monitoring").glob("EXC-*"))
    year = stamp(time.time())[:4]
    assert len(list((desk.clone / "exceptions/archive" / year).iterdir())) == 9
    assert "No waivers" in desk.waiver("list").out
    assert name in desk.waiver("list", "--all").out
    kept = f"exceptions/archive/{year}/{path.name}"
    assert len(desk.git("log", "--follow", "--oneline", "--", kept).splitlines()) == 2


def test_a_waiver_for_a_range_of_versions(desk, tmp_path):
    records = tmp_path / "records"
    desk.decide("--record", records, "--key", desk.bank.key, code=1)
    (record,) = records.glob("*.record.json")
    expires = int(time.time()) + 2 * HOUR
    path = _propose(desk, record, expires, "--versions", "2.1.0..2.1.9")
    for who in ("model-risk", "compliance"):
        desk.word("approve", path.stem, who)
    desk.commit("compliance", "Approve")
    desk.merge("propose")
    assert "waived" in desk.gate(tmp_path / "gate").out.casefold()

    # Another version of the range is only typed: the signed bill of materials says 2.1.0.
    said = desk.bank.request.read_text()
    assert '"2.1.0"' in said
    desk.bank.request.write_text(said.replace('"2.1.0"', '"2.1.1"'))
    desk.decide(code=1)
    desk.bank.request.write_text(said)

    # One version more than was approved.
    text = path.read_text()
    path.write_text(text.replace("to: 2.1.9", "to: 2.1.8"))
    assert path.read_text() != text
    desk.decide(code=1)
