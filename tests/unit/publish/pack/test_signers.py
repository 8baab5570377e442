"""verify.py's judgment of signers: key, dates, role and type, at the time that counts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hallgate.publish.pack.verifier import one_file, signatures
from hallgate.publish.pack.verifier.signers import judge_record, judge_word
from hallgate.publish.pack.verifier.trusted import CannotTell, Trusted, Unproven, read_trusted
from hallgate.testing.cast import tampered

from .conftest import AT, Stage

LATER = AT + 5000
BEFORE = AT - 100


def judged(stage: Stage, kind: str, record: Any, at: int = AT) -> int:
    return judge_record({"kind": kind, "at": at}, record, stage.trusted())


def test_what_is_signed_by_whom_it_may_counts(stage_of: Stage) -> None:
    assert judged(stage_of, "evidence", stage_of.evidence()) == 1
    assert judged(stage_of, "approval", stage_of.word(), LATER) == 1
    assert judged(stage_of, "decision", stage_of.decision(), LATER) == 2


@pytest.mark.parametrize(
    ("member", "value", "said"),
    [
        ("compromised", True, "that is compromised"),
        ("revoked_at", AT, "was revoked before"),
        ("valid_until", AT, "had expired at"),
        ("valid_from", AT + 1, "was not yet valid at"),
    ],
)
def test_the_key_must_count_when_the_log_first_published_it(
    stage_of: Stage, member: str, value: Any, said: str
) -> None:
    signed = {
        "evidence": ("steward", stage_of.evidence()),
        "approval": ("model-risk", stage_of.word()),
        "decision": ("decider", stage_of.decision(at=AT)),
    }
    for kind, (name, record) in signed.items():
        (key,) = stage_of.identity(name)["keys"]
        key[member] = value
        with pytest.raises(Unproven, match=said):
            judged(stage_of, kind, record)
        if member in ("revoked_at", "valid_until"):
            key[member] = AT + 1
            assert judged(stage_of, kind, record)


def test_a_decision_counts_by_a_key_that_counted_at_both_its_times(stage_of: Stage) -> None:
    (key,) = stage_of.identity("decider")["keys"]
    key["valid_from"] = AT - 50
    assert judged(stage_of, "decision", stage_of.decision(at=AT - 50))
    with pytest.raises(Unproven, match="not yet valid"):
        judged(stage_of, "decision", stage_of.decision(at=AT - 51))


def test_a_role_must_allow_what_was_signed(stage_of: Stage) -> None:
    with pytest.raises(Unproven, match="steward, who held no role that signs pii_scan"):
        judged(stage_of, "evidence", stage_of.evidence(kind="pii_scan"))
    with pytest.raises(Unproven, match="evaluator, who held no role that decides"):
        judged(stage_of, "decision", stage_of.decision(signer="evaluator"))
    with pytest.raises(Unproven, match="evaluator, who held no role that decides"):
        judged(stage_of, "decision", stage_of.decision(vsa="evaluator"))
    with pytest.raises(Unproven, match="release-manager may not approve: waiver"):
        judged(stage_of, "approval", stage_of.word("release-manager", action="waiver"))
    assert judged(
        stage_of, "approval", stage_of.word("release-manager", action="waiver", decision="withdraw")
    )
    stage_of.role("model-risk")["approves"] = ["waiver"]
    with pytest.raises(Unproven, match="model-risk may not approve: promotion"):
        judged(stage_of, "approval", stage_of.word())


def test_the_role_must_be_held_when_signed_and_when_published(stage_of: Stage) -> None:
    (held,) = stage_of.identity("model-risk")["roles"]
    with pytest.raises(Unproven, match="did not hold the role compliance"):
        judged(stage_of, "approval", stage_of.word(role="compliance"))
    held["until"] = LATER
    assert judged(stage_of, "approval", stage_of.word(), LATER - 1)
    with pytest.raises(Unproven, match="model-risk did not hold the role model-risk"):
        judged(stage_of, "approval", stage_of.word(), LATER)  # back-dated by who held it once
    # A word against it counts all the same: it was said while the role was held.
    assert judged(stage_of, "approval", stage_of.word(decision="reject"), LATER)
    (held,) = stage_of.identity("steward")["roles"]
    held["since"] = AT + 1
    with pytest.raises(Unproven, match="held no role that signs model_card"):
        judged(stage_of, "evidence", stage_of.evidence())


def test_only_people_approve_and_only_machines_measure(stage_of: Stage) -> None:
    with pytest.raises(Unproven, match="which is no person you trust"):
        judged(stage_of, "approval", stage_of.word(identity="decider", role="decider"))
    with pytest.raises(Unproven, match="which is no person you trust"):
        judged(stage_of, "approval", stage_of.word("outsider"))
    with pytest.raises(Unproven, match="not signed with a key of compliance"):
        judged(stage_of, "approval", stage_of.word(identity="compliance", role="compliance"))
    with pytest.raises(Unproven, match="nobody you trust"):
        judged(stage_of, "evidence", stage_of.evidence(signer="outsider"))
    with pytest.raises(Unproven, match="after it was published"):
        judged(stage_of, "approval", stage_of.word(approved_at="2027-01-01T00:00:00Z"))


def test_an_altered_text_is_told_from_a_stranger_s(stage_of: Stage) -> None:
    with pytest.raises(Unproven, match="not the signature of steward over this"):
        judged(stage_of, "evidence", tampered(stage_of.evidence()))
    word = stage_of.word()
    word["statement"]["predicate"]["reason"] = "Bad."
    with pytest.raises(Unproven, match="not the signature of model-risk over this text"):
        judged(stage_of, "approval", word)


def test_what_roles_may_do_cannot_be_told_where_the_document_is_silent(stage_of: Stage) -> None:
    del stage_of.document["roles"]
    for kind, record in (("evidence", stage_of.evidence()), ("approval", stage_of.word())):
        with pytest.raises(CannotTell, match="has no `roles`"):
            judged(stage_of, kind, record)
    with pytest.raises(Unproven, match="did not hold"):  # this much can
        judged(stage_of, "approval", stage_of.word(role="compliance"))


@pytest.mark.parametrize("missing", [[], ["openssl"], ["ssh-keygen"], ["openssl", "ssh-keygen"]])
def test_without_cryptography_programs_decide_and_without_them_nothing(
    stage_of: Stage, monkeypatch: pytest.MonkeyPatch, missing: list[str]
) -> None:
    real = signatures.shutil.which
    monkeypatch.setattr(
        signatures.shutil, "which", lambda name: None if name in missing else real(name)
    )
    monkeypatch.setattr(signatures, "verifies", signatures._by_openssl)
    monkeypatch.setattr("hallgate.publish.pack.verifier.signers.verifies", signatures._by_openssl)
    good, bad = stage_of.evidence(), tampered(stage_of.evidence())
    word, forged = stage_of.word(), stage_of.word()
    forged["statement"]["predicate"]["reason"] = "Bad."
    if "openssl" in missing:
        for record in (good, bad):
            with pytest.raises(CannotTell, match="signatures of machines"):
                judged(stage_of, "evidence", record)
    else:
        assert judged(stage_of, "evidence", good)
        with pytest.raises(Unproven):
            judged(stage_of, "evidence", bad)
    if len(missing) == 2:
        for record in (word, forged):
            with pytest.raises(CannotTell, match="signatures of people"):
                judge_word(record, stage_of.trusted(), AT)
    else:
        judge_word(word, stage_of.trusted(), AT)
        with pytest.raises(Unproven, match="forged, or altered"):
            judge_word(forged, stage_of.trusted(), AT)


def test_a_program_that_refuses_everything_proves_nothing(
    stage_of: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An old openssl or ssh-keygen refuses what is good: that is no forgery."""
    for name in ("openssl", "ssh-keygen"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(signatures, "verifies", signatures._by_openssl)
    monkeypatch.setattr("hallgate.publish.pack.verifier.signers.verifies", signatures._by_openssl)
    signatures._openssl_knows_ed25519.cache_clear()
    with pytest.raises(CannotTell):
        judged(stage_of, "evidence", stage_of.evidence())
    with pytest.raises(CannotTell):
        judge_word(stage_of.word(), stage_of.trusted(), AT)
    signatures._openssl_knows_ed25519.cache_clear()


def spoil(stage: Stage, how: str) -> None:
    people = stage.document["identities"]
    if how == "one key for two":
        stage.identity("compliance")["keys"] = stage.identity("model-risk")["keys"]
    elif how == "an id twice":
        people.append(people[0])
    elif how == "a machine's key for a person":
        stage.identity("compliance")["keys"] = stage.identity("decider")["keys"]
    elif how == "a time in words":
        stage.identity("decider")["keys"][0]["valid_from"] = "2020-01-01T00:00:00Z"
    elif how == "no dates":
        del stage.identity("decider")["keys"][0]["revoked_at"]
    else:
        stage.identity("compliance")["kind"] = "group"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("one key for two", "one key stands with"),
        ("an id twice", "stands there twice"),
        ("a machine's key for a person", "machines have PEM keys"),
        ("a time in words", "valid_from of a key of decider is no int"),
        ("no dates", "has no 'revoked_at'"),
        ("a kind nobody knows", "neither a person nor a machine"),
    ],
)
def test_a_document_that_says_it_wrongly_is_not_used(
    stage_of: Stage, tmp_path: Path, how: str, said: str
) -> None:
    spoil(stage_of, how)
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(stage_of.document))
    with pytest.raises(ValueError, match=said):
        read_trusted(path)


def test_one_key_of_another_kind_is_ssh_keygen_s_to_judge(stage_of: Stage, tmp_path: Path) -> None:
    key = tmp_path / "key"
    words = ["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-C", "x", "-f", str(key)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    stage_of.identity("model-risk")["keys"][0]["public"] = key.with_suffix(".pub").read_text()
    people = {**stage_of.cast.people, "model-risk": key}
    stage_of.cast = type(stage_of.cast)(stage_of.cast.trust, stage_of.cast.machines, people)
    word = stage_of.word(reason="By another kind of key.")
    judge_word(word, stage_of.trusted(), AT)
    word["statement"]["predicate"]["reason"] = "Bad."
    with pytest.raises(Unproven, match="forged, or altered"):
        judge_word(word, stage_of.trusted(), AT)


def test_the_one_file_gives_each_name_once() -> None:
    """Its modules share one namespace there: a name given twice would be the wrong one."""
    names = [
        line.split("(")[0].split()[-1].split(":")[0]
        for line in one_file().decode().splitlines()
        if line.startswith(("def ", "class ", "async def "))
    ]
    names += [
        line.split(" = ")[0].split(":")[0]
        for line in one_file().decode().splitlines()
        if (" = " in line and line[0].isupper()) or line.startswith("_")
    ]
    assert len(names) > 80
    assert sorted(set(names)) == sorted(names)
    assert b"hallgate.publish" not in one_file()


def test_an_older_python_is_told_so_and_accuses_nobody(tmp_path: Path) -> None:
    program = tmp_path / "verify.py"
    program.write_bytes(one_file())
    old = f"import sys; sys.version_info = (3, 9); exec(open({str(program)!r}).read())"
    done = subprocess.run([sys.executable, "-I", "-c", old], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"needs Python 3.11" in done.stderr


def test_trust_as_hallgate_writes_it_is_read(stage_of: Stage) -> None:
    assert isinstance(stage_of.trusted(), Trusted)
