"""`hallgate waiver`, `override` and `board`: what they write, refuse and ask for."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from hallgate.cli import app, waiver
from hallgate.intake.history import History

ROOT = Path(__file__).parents[3]
DIGEST = "sha256:" + "a" * 64
SAID = (
    "--reason", "The rehearsal waits.", "--inherent", "3x4", "--residual", "2 X 3",
    "--rationale", "A person looks on.", "--control", "A person looks on=README.md",
    "--plan", "Rehearse.", "--due", "2030-01-01T00:00:00Z", "--owner", "head", "--requester",
    "head", "--expires", "2030-02-01T00:00:00Z",
)  # fmt: skip
ABOUT = ("--model", "credit-risk", "--digest", DIGEST)


@pytest.fixture(scope="module")
def trust(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    for name in ("roles.yaml", "sources.yaml"):
        (folder / name).write_bytes((ROOT / "trust" / name).read_bytes())
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", folder / "head"], check=True
    )
    public = " ".join((folder / "head.pub").read_text().split()[:2])
    key = {
        "public": public, "valid_from": "2020-01-01T00:00:00Z", "valid_until": None,
        "revoked_at": None, "compromised": False,
    }  # fmt: skip
    role = {"role": "model-risk", "since": "2020-01-01T00:00:00Z", "until": None}
    identity = {
        "id": "head", "kind": "person", "title": "Head", "emails": ["head@example.org"],
        "roles": [role], "keys": [key],
    }  # fmt: skip
    (folder / "identities").mkdir()
    (folder / "identities/head.yaml").write_text(json.dumps(identity))
    return folder


@pytest.fixture
def call(trust, tmp_path, capsys):
    (tmp_path / "exceptions").mkdir()

    def calling(*words, code=0):
        where = ("--repository", ROOT, "--trust", trust, "--waivers", tmp_path / "exceptions")
        assert app.main([str(one) for one in (*words, *where)]) == code
        return capsys.readouterr()

    return calling


def proposed(call, *words):
    path = Path(call("waiver", "new", "MON-003", *ABOUT, *SAID, *words).out.strip())
    return path, yaml.safe_load(path.read_text())


def test_new_writes_what_was_said(call):
    path, document = proposed(call, "--finding", "age")
    assert path.parent.name == "monitoring"
    assert document["risk"]["residual"] == {"likelihood": 2, "impact": 3}
    assert document["compensating_controls"] == [
        {"control": "A person looks on", "evidence": "README.md"}
    ]
    assert document["findings"] == ["age"]
    assert document["subject"]["to_stage"] == "production"
    second, other = proposed(call)
    assert int(second.stem[-4:]) == int(path.stem[-4:]) + 1
    assert other["findings"] is None


def test_new_proposes_a_range_of_versions(call):
    words = ("--model", "credit-risk", "--versions", "2.1.0..2.1.9", "--finding", "age", *SAID)
    path = Path(call("waiver", "new", "MON-003", *words).out.strip())
    subject = yaml.safe_load(path.read_text())["subject"]
    assert subject == {
        "name": "credit-risk",
        "versions": {"from": "2.1.0", "to": "2.1.9"},
        "to_stage": "production",
    }
    (row,) = json.loads(call("waiver", "list", "--format", "json").out)
    assert row["standing"]["versions"] == {"named": 10, "most": 10}
    assert "versions      2.1.0 to 2.1.9" in call("waiver", "show", path.stem).out
    renewed = Path(call("waiver", "renew", path.stem, *SAID).out.strip())
    assert yaml.safe_load(renewed.read_text())["subject"] == subject


def test_what_nobody_said_stays_to_be_filled_in(call, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    path = Path(call("waiver", "new", "MON-003", *ABOUT).out.strip())
    assert path.read_text().count("FILL-IN") >= 6
    said = call("waiver", "list", code=3).err
    for place in ("remediation", "expires", "owner"):
        assert place in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("NOPE-001", *ABOUT), "there is no policy"),
        (("APR-001", *ABOUT), "cannot be waived"),
        (("MON-003",), "nothing says which model"),
        (("MON-003", "--versions", "1.2.0..1.2.9"), "nothing says which model"),
        (("MON-003", *ABOUT, "--versions", "1.2.0..1.2.9"), "exclude each other"),
        *(
            (("MON-003", "--model", "m", "--versions", odd), "is no range of PATCH releases")
            for odd in ("1.2.0", "1.2.*", "*", "1.2.9..1.2.0", "1.2.0..1.3.0", "1.2.0-rc.1..1.2.0")
        ),
        (("MON-003", *ABOUT, "--inherent", "6x1"), "is no score"),
        (("MON-003", *ABOUT, "--control", "no evidence"), "names no evidence"),
    ],
)
def test_new_refuses(call, words, says):
    assert says in call("waiver", "new", *words, code=2).err


@pytest.mark.parametrize("text", ["30", "30d", "0d"])
def test_days(text):
    assert waiver._days(text) == int(text.rstrip("d"))


def test_days_of_another_kind_are_refused(call):
    assert "no number of days" in call("waiver", "due", "--within", "30w", code=2).err


def test_list_due_show_and_verify_without_git(call):
    path, _ = proposed(call)
    (row,) = json.loads(call("waiver", "list", "--format", "json").out)
    assert (row["id"], row["status"]) == (path.stem, "proposed")
    assert json.loads(call("waiver", "list", "--status", "revoked", "--format", "json").out) == []
    assert path.stem in call("waiver", "due", "--within", "3650d").out
    assert path.stem not in call("waiver", "due", "--within", "1d").out
    assert "The rehearsal waits." in call("waiver", "show", path.stem.lower()).out
    said = call("waiver", "verify", code=1)
    assert "no waiver holds here" in said.err
    assert "there is no waiver" in call("waiver", "show", "EXC-2020-0001", code=2).err


def test_nobody_signs_their_own(call, trust):
    path, _ = proposed(call)
    words = ("--as", "head", "--role", "model-risk", "--key", trust / "head", "--reason", "Fine")
    assert "asked for this waiver" in call("waiver", "approve", path.stem, *words, code=1).err
    assert not list(path.parent.glob("*.approval.json"))


def test_an_override_outside_git_has_an_id_and_no_force(call):
    words = (
        "override", "new", "--policy", "MON-003", *ABOUT, "--hours", "6", "--incident", "I",
        "--reason", "R", "--precaution", "P", "--owner", "head", "--requester", "head",
    )  # fmt: skip
    path = Path(call(*words).out.strip())
    assert path.name.startswith("OVR-")
    (row,) = json.loads(call("override", "list", "--format", "json").out)
    assert (row["status"], row["approved"]) == ("proposed", "0 of 2")
    assert "there is no override" in call(
        "override", "approve", "OVR-2020-0001", "--as", "head", "--role", "x", "--key", "k",
        "--reason", "r", code=2,
    ).err  # fmt: skip


@pytest.mark.parametrize(
    "minutes",
    ["decisions: 1", "{}", "decisions: [{waiver: x}]",
     "decisions: [{waiver: x, decision: shrug, reason: r, conditions: null}]"],
)  # fmt: skip
def test_minutes_at_fault_sign_nothing(call, tmp_path, minutes):
    path = tmp_path / "minutes.yaml"
    path.write_text(minutes)
    said = call("board", "record", path, "--signer", "head:model-risk:key", code=3)
    assert "is no minutes of a board" in said.err


def test_board_needs_minutes_and_signers_of_their_form(call, tmp_path):
    path = tmp_path / "minutes.yaml"
    path.write_text("decisions: []")
    assert "nothing to sign" in call("board", "record", path, code=2).err
    assert "is no signer" in call("board", "record", path, "--signer", "head", code=2).err


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_the_packet_of_the_board(call, tmp_path, form):
    path, _ = proposed(call)
    output = tmp_path / "packet"
    call("board", "--format", form, "--output", output, "--date", "2029-12-15T00:00:00Z")
    text = output.read_text().replace("\\", "")
    assert path.stem in text


def test_history_is_read_once_per_command(call, monkeypatch):
    proposed(call)
    asked = []
    read = History.read.__func__
    monkeypatch.setattr(
        History, "read", classmethod(lambda cls, *a: asked.append(a) or read(cls, *a))
    )
    call("waiver", "verify", code=1)
    assert len(asked) == 1
