"""`hallgate approval`: signed by people, verified against trust, void after any change."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from hallgate.cli import app, wiring
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.intake.waivers import History, load_waivers

ROOT = Path(__file__).parents[3]
DIGEST = "sha256:" + "a" * 64
SINCE = "2020-01-01T00:00:00Z"
REQUEST = {
    "model": {"name": "credit-risk", "version": "1.0.0", "digest": DIGEST},
    "from_stage": "staging",
    "to_stage": "production",
    "first_promotion": True,
    "sector": "finance",
    "use": {
        "purpose": "credit_scoring", "domain": "credit", "effect": "legal",
        "autonomy": "human_review", "data": ["personal"], "jurisdictions": ["eu"],
        "model_kind": "predictive", "summary": "Scores credit.",
    },
    "declared_tier": "high",
    "people": {"requester": "owner", "authors": ["developer"], "promoter": "releaser"},
}  # fmt: skip
WAIVER = {
    "id": "EXC-2026-0001",
    "policy": "FAIR-001",
    "subject": {"name": "credit-risk", "digests": [DIGEST], "to_stage": "production"},
    "findings": None,
    "reason": "Few rows.",
    "risk": {
        "inherent": {"likelihood": 3, "impact": 3},
        "residual": {"likelihood": 2, "impact": 2},
        "rationale": "Reviewed.",
    },
    "compensating_controls": [],
    "remediation": {"plan": "Measure again.", "due": "2090-01-01T00:00:00Z"},
    "owner": "head-of-model-risk",
    "requester": "head-of-model-risk",
    "opened": SINCE,
    "expires": "2090-02-01T00:00:00Z",
    "renews": None,
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    for name in ("head-of-model-risk", "stranger"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", folder / name],
            check=True,
        )
    return folder


@pytest.fixture
def trust(tmp_path, keys):
    folder = tmp_path / "trust"
    (folder / "identities").mkdir(parents=True)
    (folder / "roles.yaml").write_text((ROOT / "trust/roles.yaml").read_text())
    write(folder / "sources.yaml", {"base_models": [], "builders": [], "model_signers": []})
    public = (keys / "head-of-model-risk.pub").read_text().strip()
    listed = {"public": public, "valid_from": SINCE, "valid_until": None,
              "revoked_at": None, "compromised": False}  # fmt: skip
    roles = [{"role": one, "since": SINCE, "until": None} for one in ("model-risk", "model-owner")]
    write(
        folder / "identities" / "head-of-model-risk.yaml",
        {"id": "head-of-model-risk", "kind": "person", "title": "Head", "emails": [],
         "roles": roles, "keys": [listed]},
    )  # fmt: skip
    return folder


@pytest.fixture
def request_file(tmp_path):
    return write(tmp_path / "request.yaml", REQUEST)


@pytest.fixture
def waiver_file(tmp_path):
    folder = tmp_path / "exceptions" / "fair"
    folder.mkdir(parents=True)
    return write(folder / "EXC-2026-0001.yaml", WAIVER)


def write(path, document):
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return path


def sign(keys, *words, key="head-of-model-risk", role="model-risk"):
    common = ("--as", "head-of-model-risk", "--role", role, "--key", keys / key)
    return app.main(list(map(str, ["approval", "sign", *common, "--reason", "Read it.", *words])))


def verify(file, trust):
    return app.main(["approval", "verify", str(file), "--trust", str(trust)])


def test_an_approval_is_signed_and_verified(tmp_path, keys, trust, request_file, capsys):
    out = tmp_path / "risk.approval.json"
    words = ("--request", request_file, "--out", out, "--conditions", "Monthly review.")
    assert sign(keys, *words) == 0
    document = json.loads(out.read_text())
    assert Schemas.load(None).accepts(document, "approval-file")
    said = document["statement"]["predicate"]
    assert (said["action"], said["decision"], said["to_stage"]) == (
        "promotion", "approve", "production",
    )  # fmt: skip
    assert document["statement"]["subject"][0]["digest"] == {"sha256": "a" * 64}
    assert verify(out, trust) == 0
    shown = capsys.readouterr().out
    assert "head-of-model-risk, as model-risk" in shown
    assert "Monthly review." in shown
    assert "counts by this trust" in shown


def test_a_rejection_goes_to_standard_output(keys, request_file, capsys):
    assert sign(keys, "--request", request_file, "--reject") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["statement"]["predicate"]["decision"] == "reject"


def test_a_changed_byte_voids_it(tmp_path, keys, trust, request_file, capsys):
    out = tmp_path / "risk.approval.json"
    assert sign(keys, "--request", request_file, "--out", out) == 0
    out.write_text(out.read_text().replace("Read it.", "Read it!"))
    assert verify(out, trust) == 1
    assert "forged, or altered" in capsys.readouterr().err


def test_an_approval_is_never_overwritten(tmp_path, keys, request_file, capsys):
    out = tmp_path / "risk.approval.json"
    out.write_text("here already")
    assert sign(keys, "--request", request_file, "--out", out) == 2
    assert "is there already" in capsys.readouterr().err
    assert out.read_text() == "here already"


def test_a_waiver_is_approved_beside_it_and_counts(waiver_file, keys, trust, capsys):
    assert sign(keys, "--waiver", waiver_file) == 0
    beside = waiver_file.with_name("EXC-2026-0001.head-of-model-risk.approval.json")
    assert verify(beside, trust) == 0
    schemas = Schemas.load(None)
    found = load_waivers(
        waiver_file.parents[1], read_trust(trust, schemas), schemas,
        history=History(None, "not asked"), live=None, at=3_000_000_000,
    )  # fmt: skip
    assert found.faults == ()
    assert [one.identity for one in found.waivers[0].approvals] == ["head-of-model-risk"]

    write(waiver_file, {**WAIVER, "reason": "Another one."})
    assert verify(beside, trust) == 1
    assert "approves another text" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("role", "key", "about", "said"),
    [
        ("model-owner", "head-of-model-risk", "waiver", "may not approve a waiver"),
        ("compliance", "head-of-model-risk", "waiver", "did not hold the role compliance"),
        ("model-risk", "stranger", "request", "not signed with a key of head-of-model-risk"),
    ],
)
def test_with_trust_only_what_counts_is_written(
    tmp_path, keys, trust, request_file, waiver_file, role, key, about, said, capsys
):
    file = {"request": request_file, "waiver": waiver_file}[about]
    out = tmp_path / "x.approval.json"
    words = (f"--{about}", file, "--out", out, "--trust", trust)
    assert sign(keys, *words, key=key, role=role) == 1
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_word_that_has_ended_does_not_count(
    tmp_path, keys, trust, request_file, monkeypatch, capsys
):
    out = tmp_path / "risk.approval.json"
    assert sign(keys, "--request", request_file, "--out", out, "--valid-days", "1") == 0
    later = wiring.now() + 86_401
    monkeypatch.setattr(wiring, "now", lambda: later)
    assert verify(out, trust) == 1
    assert "the approval ended at" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--request", "nope.yaml"), 2, "there is no such file"),
        (("--request", "bad.yaml"), 3, "colour"),
        (("--waiver", "bad.yaml"), 3, "colour"),
        (("--request", "request.yaml", "--out", "word.json"), 2, "end it in .approval.json"),
        (("--request", "request.yaml", "--valid-days", "0"), 2, "out of range"),
        (("--request", "request.yaml", "--waiver", "w.yaml"), 2, "not allowed with"),
        ((), 2, "one of the arguments --request --waiver --hold --disposal is required"),
    ],
)
def test_a_wrong_call_says_what(
    tmp_path, keys, request_file, monkeypatch, words, code, said, capsys
):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "bad.yaml", {**REQUEST, "colour": "blue"})
    assert sign(keys, *words) == code
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_key_that_is_none_is_a_wrong_call(tmp_path, request_file, capsys):
    (tmp_path / "key").write_text("not a key\n")
    (tmp_path / "key").chmod(0o600)
    assert sign(tmp_path, "--request", request_file, key="key") == 2
    assert sign(tmp_path, "--request", request_file, key="nowhere") == 2
    assert "check the path" in capsys.readouterr().err


def test_a_file_that_is_no_approval(tmp_path, trust, capsys):
    assert verify(tmp_path / "nope.approval.json", trust) == 2
    (tmp_path / "x.approval.json").write_text("{}")
    assert verify(tmp_path / "x.approval.json", trust) == 3
    assert "x.approval.json" in capsys.readouterr().err
