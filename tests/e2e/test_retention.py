"""Retention through the installed command: plan, hold, release, disposal, and what proves it."""

import json
import re
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from hallgate.intake.logged import record_of
from hallgate.model.decision import Decision
from hallgate.model.trust import Key
from hallgate.model.values import Tier
from hallgate.record.decision_record import Material, write_record
from hallgate.record.keys import generate_key, load_private_key, public_pem, write_private_key
from hallgate.record.log.append import append

from .pack_world import verify

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
OPA = {"HALLGATE_OPA": str(ROOT / ".tools/bin/opa")}
ORIGIN = "example.org/bank"
YEAR = 366 * 86_400
CLASS = {
    "id": "house", "title": "A year", "kinds": ["decision"], "sectors": None,
    "jurisdictions": None, "data": None, "minimum_months": 6, "maximum_months": 12,
    "counted_from": "publication", "basis": "The house says so.", "source": "made for a test",
    "verified": "made for a test",
}  # fmt: skip
HOLD = """id: HOLD-2026-0001
matter: A dispute about credit.
model: null
digest: null
record: null
since: null
until: null
"""


class Archive:
    """A bank whose log has two decisions of two years ago and one of a month ago."""

    def __init__(self, bank, run):
        self.bank, self.run, self.root = bank, run, bank.folder
        for part in ("policies", "evidence-schemas", "frameworks"):
            shutil.copytree(ROOT / part, self.root / part)
        (self.root / "frameworks/retention.yaml").write_text(json.dumps({"classes": [CLASS]}))
        roles = self.root / "trust/roles.yaml"
        text = re.sub(
            r"(role: (?:compliance|privacy-officer),.*?approves: \[)", r"\1hold, disposal, ",
            roles.read_text(),
        )  # fmt: skip
        roles.write_text(text)
        self.log_key = self.root / "keys/log.pem"
        write_private_key(self.log_key, generate_key())
        self.call("log", "init", "--origin", ORIGIN, "--key", self.log_key)
        said = self.root / "trust/log.yaml"
        early = r'\1"2020-01-01T00:00:00Z"'
        said.write_text(re.sub(r'("valid_from": )"[^"]*"', early, said.read_text()))
        self.records = self.root / "records"
        now = int(time.time())
        for model, age in (("credit-old", 2 * YEAR), ("credit", 2 * YEAR), ("credit", 30 * 86_400)):
            self.decided(model, now - age)

    def decided(self, model, at):
        digest = "sha256:" + "a" * 64
        body = {"allowed": False, "decided_at": at, "tier": "high", "verdicts": []}
        request = {
            "model": {"name": model, "digest": digest}, "to_stage": "production",
            "sector": "finance", "use": {"jurisdictions": ["us"], "data": ["internal"]},
        }  # fmt: skip
        material = Material(
            Decision(False, at, Tier.HIGH, (), body), {"request": request, "evidence": {}},
            b"policies", b"waivers of %d" % at, ("opa", "1.22.0"),
        )  # fmt: skip
        key = load_private_key(self.log_key)
        keys = [Key(public_pem(key), 0, None, None, False)]
        path = write_record(
            self.records, material, load_private_key(self.bank.key), "decision-service"
        )
        append(self.records, ORIGIN, keys, key, [record_of(path, path.read_bytes())], lambda: at)

    def call(self, *words, code=0):
        return self.run(*words, "--repository", self.root, code=code, env=OPA)

    def standings(self):
        found = json.loads(self.call("retention", "plan", "--format", "json").out)
        return [one["standing"] for one in found["records"]]

    def signed(self, what, path, person):
        """A person's word about a list or a hold, as they would give it."""
        words = ("--as", person, "--role", person, "--key", self.bank.cast.people[person],
                 "--reason", "It is due.")  # fmt: skip
        if what == "disposal":
            out = self.root / f"{person}.approval.json"
            self.run("approval", "sign", "--disposal", path, *words, "--out", out,
                     "--trust", self.bank.trust)  # fmt: skip
            return out
        return self.call("retention", "hold", path, *words, *(["--release"] * (what == "release")))

    def dispose(self, path, *files, keys=True, code=0):
        words = [word for one in files for word in ("--approval", one)]
        words += ["--key", self.bank.key, "--log-key", self.log_key] if keys else ["--dry-run"]
        return self.call("retention", "dispose", path, *words, code=code)

    def kept(self):
        return {one.name for one in self.records.glob("*.record.json")}


@pytest.fixture
def archive(bank, run):
    return Archive(bank, run)


def test_a_hold_stops_disposal_until_it_is_released(archive, tmp_path):
    assert archive.standings() == ["overdue", "overdue", "kept"]
    path = archive.root / "list.json"
    assert "2 records" in archive.call("retention", "dispose", "--draft", path).out
    words = [archive.signed("disposal", path, one) for one in ("compliance", "privacy-officer")]
    hold = archive.root / "holds/HOLD-2026-0001.yaml"
    hold.parent.mkdir()
    hold.write_text(HOLD)
    assert archive.standings() == ["held"] * 3  # before anybody signed it
    archive.signed("hold", hold, "compliance")
    assert "in force" in archive.call("retention", "hold").out
    refused = archive.dispose(path, *words, code=1).err
    assert "may not be disposed of: held by HOLD-2026-0001" in refused
    assert "0 records" in archive.call("retention", "dispose", "--draft", tmp_path / "none").out
    assert len(archive.kept()) == 3
    # Who may not release it does not; its text changed is another hold's.
    who = archive.run(
        "retention", "hold", hold, "--release", "--as", "model-risk", "--role", "model-risk",
        "--key", archive.bank.cast.people["model-risk"], "--reason", "x",
        "--repository", archive.root, code=1,
    )  # fmt: skip
    assert "may not approve a hold" in who.err
    archive.signed("release", hold, "privacy-officer")
    assert "released" in archive.call("retention", "hold").out
    assert archive.standings() == ["overdue", "overdue", "kept"]
    assert "files would be erased; nothing was" in archive.dispose(path, *words, keys=False).out
    assert len(archive.kept()) == 3


def test_disposal_needs_two_people_and_leaves_every_proof(archive, tmp_path):
    old, second, _ = sorted(archive.kept(), key=lambda one: (one.split("-")[0], one))[:3]
    proof, copy = tmp_path / "old.tlog-proof", tmp_path / old
    shutil.copy(archive.records / old, copy)
    archive.call("log", "prove", archive.records / old, "--output", proof)
    path, store = archive.root / "list.json", tmp_path / "copy.sqlite"
    archive.call("records", "index", "--store", store)
    archive.call("retention", "dispose", "--draft", path)
    one = archive.signed("disposal", path, "compliance")
    assert "1 of 2 people approve this list" in archive.dispose(path, one, code=1).err
    assert "1 of 2 people approve this list" in archive.dispose(path, one, one, code=1).err
    two = archive.signed("disposal", path, "privacy-officer")
    dry = archive.dispose(path, one, two, keys=False).out
    assert old in dry
    assert "nothing was" in dry
    assert len(archive.kept()) == 3
    assert json.loads(archive.call("log", "verify", "--format", "json").out)["erased"] == 0

    assert "each record with a tombstone" in archive.dispose(path, one, two).out
    assert {old, second} & archive.kept() == set()
    assert archive.standings() == ["erased", "erased", "kept", "kept", "kept", "kept", "kept"]
    found = json.loads(archive.call("log", "verify", "--format", "json").out)
    assert (found["findings"], found["erased"], found["proven"]) == ([], 2, 7)
    held = archive.call("log", "verify", "--proof", proof, "--record", copy).out
    assert "The proof holds" in held
    archive.dispose(path, one, two)  # again: nothing more happens
    assert json.loads(archive.call("log", "verify", "--format", "json").out)["size"] == 7
    archive.call("records", "index", "--store", store)
    with sqlite3.connect(store) as copied:
        names = {name for (name,) in copied.execute("SELECT path FROM payload")}
    copied.close()
    assert {old, second} & names == set()  # the copy erases what the log erased
    assert len(names) == 5
    packed(archive, tmp_path / "pack", old)


def packed(archive, pack, old):
    """A pack shows what is gone and why; without the approvals it would be missing."""
    told = archive.call("pack", "build", "--framework", "soc2", "--from", "2020-01-01T00:00:00Z",
                        "--until", "2100-01-01T00:00:00Z", "--output", pack)  # fmt: skip
    assert "2 more are in the log and not in its folder" in told.out
    trust = ("--trust", pack / "keys/trust.json")
    said = verify(pack, *trust)
    assert f"records/{old}: was disposed of; its tombstone is in the log" in said["held"]
    assert not any("erased" in one for one in said["unchecked"])
    assert any("who had 2 records erased: give --trust" in one for one in verify(pack)["unchecked"])
    document = json.loads((pack / "keys/trust.json").read_text())
    for role in document["roles"]:
        role["approves"] = [one for one in role["approves"] if one != "disposal"]
    other = pack.with_name("other.json")
    other.write_text(json.dumps(document))
    wrong = verify(pack, "--trust", other, code=1)["wrong"]
    assert any("the role compliance may not approve: disposal" in one for one in wrong)
    assert any(f"records/{old}: the log lists it, and it is missing here" in one for one in wrong)
    for one in archive.root.glob("*.approval.json"):
        for file in (pack / "records/blobs/sha256").iterdir():
            if file.read_bytes() == one.read_bytes():
                file.unlink()
    wrong = verify(pack, code=1)["wrong"]
    assert any("the tombstone does not count: 0 of 2 approvals" in one for one in wrong)
