"""An adopter's trust: keys outside the repository, identities that intake accepts."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from hallgate.cli import app
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust

ROOT = Path(__file__).parents[3]


@pytest.fixture
def trust(tmp_path):
    shutil.copytree(ROOT / "trust", tmp_path / "trust")
    return tmp_path / "trust"


def init(trust, *words):
    return app.main(["init", "--repository", str(ROOT), "--trust", str(trust), *words])


def test_a_machine_gets_a_key_that_only_its_owner_reads(trust, tmp_path, capsys):
    keys = tmp_path / "keys"
    assert init(trust, "--keys", str(keys), "--machine", "gate=decider") == 0
    private = keys / "gate.pem"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    found = read_trust(trust, Schemas.load(ROOT / "evidence-schemas"))
    assert [one.id for one in found.identities] == ["gate"]
    assert "PRIVATE" not in (trust / "identities/gate.yaml").read_text()
    assert str(private) in capsys.readouterr().out


def test_a_person_brings_the_public_half(trust, tmp_path):
    key = tmp_path / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "someone@somewhere", "-f", key],
        check=True,
    )
    words = ["--person", f"head-of-risk=model-risk:{key}.pub", "--email", "head-of-risk=h@e.org"]
    assert init(trust, *words) == 0
    text = (trust / "identities/head-of-risk.yaml").read_text()
    assert "someone@somewhere" not in text
    found = read_trust(trust, Schemas.load(ROOT / "evidence-schemas"))
    assert found.identities[0].emails == ("h@e.org",)
    assert found.identities[0].kind == "person"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to do"),
        (("--machine", "gate=decider"), "place for its private key"),
        (("--machine", "gate"), "NAME=VALUE"),
        (("--machine", "gate=nobody", "--keys", "{tmp}/k"), "there is no role 'nobody'"),
        (("--machine", "Gate=decider", "--keys", "{tmp}/k"), "no identity id"),
        (("--person", "a=model-risk"), "names no key"),
        (("--person", "a=model-risk:{tmp}/none.pub"), "cannot be read"),
    ],
)
def test_wrong_words_are_usage_errors(trust, tmp_path, capsys, words, said):
    assert init(trust, *[word.replace("{tmp}", str(tmp_path)) for word in words]) == 2
    assert said in capsys.readouterr().err


def test_private_keys_do_not_enter_the_repository(trust, capsys):
    words = ["--keys", str(trust / "keys"), "--machine", "gate=decider"]
    assert init(trust, *words) == 2
    assert "inside the repository" in capsys.readouterr().err


def test_a_private_key_is_not_taken_for_a_public_one(trust, tmp_path, capsys):
    key = tmp_path / "key"
    key.write_text("-----BEGIN " + "OPENSSH PRIVATE" + " KEY-----\n")
    assert init(trust, "--person", f"a=model-risk:{key}") == 2
    assert "is a private key" in capsys.readouterr().err


def test_nothing_is_overwritten(trust, tmp_path, capsys):
    words = ["--keys", str(tmp_path / "keys"), "--machine", "gate=decider"]
    assert init(trust, *words) == 0
    before = (tmp_path / "keys/gate.pem").read_bytes()
    assert init(trust, *words) == 2
    assert (tmp_path / "keys/gate.pem").read_bytes() == before
