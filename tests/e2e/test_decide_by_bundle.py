"""Decided by a published bundle alone: from the command line, from Python, and again later."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import hallgate
from hallgate.cli import app
from hallgate.model.errors import NotProven, UsageError
from hallgate.publish.bundle.pointer import Pointer, sign_pointer
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.record.canonical import sha256_digest
from hallgate.record.keys import generate_key, load_private_key, public_pem

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
OPA = ROOT / ".tools/bin/opa"
DAY = 86_400


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A signed bundle, its key, and a pointer that counts."""
    folder = tmp_path_factory.mktemp("published")
    words = ["--repository", str(ROOT), "--track", "mlops", "--output", str(folder / "b.tar.gz")]
    assert app.main(["bundle", "build", *words]) == 0
    key = generate_key("p256")
    data = sign_bundle((folder / "b.tar.gz").read_bytes(), "mlops", key).data
    (folder / "b.tar.gz").write_bytes(data)
    (folder / "key.pem").write_text(public_pem(key))
    now = int(time.time())
    for name, issued in (("pointer", now - DAY), ("expired", now - 30 * DAY)):
        digest = sha256_digest(data)
        facts = Pointer("stable", "mlops", 7, issued, issued + 14 * DAY, digest, "1.2.0")
        (folder / name).write_bytes(sign_pointer(facts, key, None))
    return folder


@pytest.fixture
def options(published):
    return ["--bundle", published / "b.tar.gz", "--scope", "mlops",
            "--trusted", published / "key.pem"]  # fmt: skip


@pytest.fixture
def away(tmp_path, monkeypatch):
    """A folder that is no policy repository."""
    monkeypatch.setenv("HALLGATE_OPA", str(OPA))
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    return tmp_path / "away"


def test_far_from_any_repository_and_replayed_there(run, bank, options, published, away):
    decide = ["decide", bank.request, "--evidence", bank.evidence, "--trust", bank.trust]
    found = run(
        *decide, *options, "--pointer", published / "pointer", "--format", "json",
        "--record", bank.folder / "records", "--key", bank.key, cwd=away,
    )  # fmt: skip
    report = json.loads(found.out)
    digest = sha256_digest((published / "b.tar.gz").read_bytes())
    assert report["policies"] == report["bundle"]["digest"] == digest
    assert (report["bundle"]["track"], report["bundle"]["version"]) == ("mlops", "1.2.0")
    (record,) = (bank.folder / "records").glob("*.record.json")
    again = run("replay", record, "--trust", bank.trust, "--repository", ROOT, cwd=away)
    assert "The same decision, byte for byte" in again.out
    told = run(*decide, *options, cwd=away).out
    assert f"decided by bundle {digest}" in told.replace("\n", " ").replace("  ", " ")


def test_what_does_not_hold_decides_nothing(run, bank, options, published, away, tmp_path):
    decide = ["decide", bank.request, "--evidence", bank.evidence, "--trust", bank.trust]
    expired = ["--pointer", published / "expired"]
    assert "expired" in run(*decide, *options, *expired, cwd=away, code=1).err
    other = tmp_path / "other.pem"
    other.write_text(public_pem(generate_key("p256")))
    assert "not trusted" in run(*decide, *options[:5], other, cwd=away, code=1).err
    assert "signed for" in run(*decide, *options, "--scope", "security", cwd=away, code=1).err
    tag = ["--bundle", "oci://localhost/x:stable"]
    assert "can be moved" in run(*decide, *options, *tag, cwd=away, code=2).err
    assert "--scope" in run(*decide, *options[:2], cwd=away, code=2).err
    assert "no policy repository" in run(*decide[:4], *options, cwd=away, code=2).err
    deciding = tmp_path / "decider.pem"
    deciding.write_text(public_pem(load_private_key(bank.key)))
    both = [*options, "--trusted", deciding]
    assert "signs decisions" in run(*decide, *both, cwd=away, code=2).err


def test_three_lines_of_python(bank, published, away, tmp_path):
    known = {"scope": "mlops", "trusted": [published / "key.pem"], "trust": bank.trust}
    gate = hallgate.open_gate(published / "b.tar.gz", **known, cache=tmp_path / "cache")
    decision = gate.decide(bank.request, bank.evidence)
    assert decision.allowed
    assert gate.chosen.facts["track"] == "mlops"
    (bank.evidence / "secret_scan.json").unlink()
    assert not gate.decide(bank.request, bank.evidence).allowed
    with pytest.raises(NotProven, match="expired"):
        hallgate.open_gate(published / "b.tar.gz", **known, pointer=published / "expired")
    with pytest.raises(UsageError, match="no key is trusted"):
        hallgate.open_gate(published / "b.tar.gz", **{**known, "trusted": []})


def test_importing_hallgate_imports_nothing_of_it():
    code = (
        "import sys, hallgate; hallgate.__all__;"
        "print([one for one in sys.modules if one.startswith('hallgate.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
