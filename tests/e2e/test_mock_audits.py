"""Three mock audits: an auditor, a lawyer and an architect ask a pack, offline.

The pack is looked at in an empty network namespace; what it cannot show is said to be so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hallgate.record.keys import generate_key, write_private_key

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
OPA = {"HALLGATE_OPA": str(ROOT / ".tools/bin/opa")}
SECTORS = {"finance": "soc2", "healthcare": "hipaa", "government": "nist-800-53"}
_OFFLINE = ("unshare", "--user", "--map-root-user", "--net")


@pytest.fixture(scope="module", params=SECTORS)
def audited(request, run, make_adopter, tmp_path_factory):
    """(sector, questions, what the audit of a pack said); two decisions, one denied."""
    sector = request.param
    folder = tmp_path_factory.mktemp(sector)
    house = make_adopter(folder / "house", sector)
    for part in ("policies", "evidence-schemas", "frameworks"):
        shutil.copytree(ROOT / part, house.folder / part)
    key = house.folder / "keys" / "log.pem"
    write_private_key(key, generate_key())

    def command(*words, code=0):
        return run(*words, "--repository", house.folder, code=code, env=OPA)

    command("log", "init", "--origin", f"example.org/{sector}", "--key", key)
    decide = ("decide", house.request, "--evidence", house.evidence, "--key", house.key,
              "--record", house.folder / "records", "--log-key", key)  # fmt: skip
    command(*decide)
    (house.evidence / "pii_scan.json").unlink()
    command(*decide, code=1)
    command("log", "checkpoint")
    command("pack", "build", "--framework", SECTORS[sector], "--from", "2020-01-01T00:00:00Z",
            "--until", "2100-01-01T00:00:00Z", "--output", folder / "pack")  # fmt: skip
    questions = ROOT / "docs/playbooks/audit" / f"{sector}.yaml"
    pack = folder / "pack"
    roots = ("--log-key", pack / "keys/log-0.pub.pem", "--identities", pack / "keys/trust.json",
             "--checkpoint", next((house.folder / "checkpoints").glob("*.checkpoint")))  # fmt: skip
    said = command("audit", pack, "--questions", questions, "--format", "json", *roots)
    return sector, yaml.safe_load(questions.read_text()), json.loads(said.out), pack


def test_every_question_is_answered_or_said_not_to_be(audited):
    _, asked, said, _ = audited
    assert [one["id"] for one in said["answers"]] == [one["id"] for one in asked["questions"]]
    assert {one["asked_by"] for one in said["answers"]} == {"auditor", "lawyer", "architect"}
    for question, answer in zip(asked["questions"], said["answers"], strict=True):
        if question["answered_by"] is None:
            assert not answer["shown"]
            assert answer["answer"][0].startswith("cannot be shown: ")
            assert answer["rests_on"] == []
        else:
            assert answer["shown"], question
            assert answer["rests_on"]


def test_the_answers_say_what_happened(audited):
    _, asked, said, pack = audited
    answers = {
        question["answered_by"]: answer["answer"]
        for question, answer in zip(asked["questions"], said["answers"], strict=True)
    }
    assert len(answers["promotions"]) == len(answers["denials"]) == 1
    assert "PRV-001" in answers["denials"][0]
    assert len(answers["approvals"]) >= 2
    assert any("fairness_report" in line for line in answers["populations"])
    results = json.loads((pack / "results.json").read_text())
    assert sum(int(line.split()[0]) for line in answers["coverage"]) == len(results)


def test_the_sample_comes_out_byte_for_byte(audited):
    _, _, said, _ = audited
    assert said["wrong"] == []
    assert len(said["reperformed"]) == 2
    assert [one["trouble"] for one in said["reperformed"]] == ["", ""]


def test_a_bare_python_verifies_it_without_any_network(audited):
    _, _, _, pack = audited
    if subprocess.run([*_OFFLINE, "true"], capture_output=True, check=False).returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no network namespace can be made")
    words = [*_OFFLINE, sys.executable, "-I", "-S", pack / "verify.py", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["wrong"] == []
