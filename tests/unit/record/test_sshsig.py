from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hallgate.model.errors import (
    EngineError,
    EngineTimeout,
    InvalidDocument,
    StorageError,
    UsageError,
)
from hallgate.record import sshkeygen, sshsig
from hallgate.record.faults import SignatureFault
from hallgate.record.sshblob import parse_signature, public_blob
from hallgate.record.sshsig import SshJob, sign_ssh, verify_many, verify_ssh

PAYLOAD = b'{"approve":true}'
NOW = 1_790_000_000


def fault_of(payload: bytes, signature: str, keys: tuple[Any, ...], at: int = NOW) -> str:
    with pytest.raises(SignatureFault) as caught:
        verify_ssh(payload, signature, "lead", keys, at)
    assert caught.value.remedy
    return caught.value.fault


def tool(folder: Path, script: str) -> str:
    path = folder / "ssh-keygen"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_each_kind_of_key_signs(people: dict[str, Any], kind: str) -> None:
    signature = sign_ssh(PAYLOAD, people[kind].file)
    verify_ssh(PAYLOAD, signature, "lead", [people[kind].key], NOW)
    assert fault_of(PAYLOAD + b" ", signature, (people[kind].key,)) == "bad_signature"


def test_it_is_what_ssh_keygen_itself_accepts(people: dict[str, Any], tmp_path: Path) -> None:
    line = " ".join(people["ed25519"].key.public.split()[:2])
    (tmp_path / "allowed").write_text(f"lead {line}\n", encoding="ascii")
    (tmp_path / "sig").write_text(sign_ssh(PAYLOAD, people["ed25519"].file), encoding="ascii")
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", "lead"]
    command += ["-n", "hallgate.approval", "-s", "sig"]
    done = subprocess.run(command, input=PAYLOAD, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0


def test_windows_line_ends_do_not_matter(people: dict[str, Any]) -> None:
    signature = sign_ssh(PAYLOAD, people["ed25519"].file).replace("\n", "\r\n")
    verify_ssh(PAYLOAD, signature, "lead", [people["ed25519"].key], NOW)


def test_another_namespace_is_no_approval(people: dict[str, Any]) -> None:
    signature = sign_ssh(PAYLOAD, people["ed25519"].file, namespace="git")
    with pytest.raises(SignatureFault, match="signed for 'git'") as caught:
        verify_ssh(PAYLOAD, signature, "lead", [people["ed25519"].key], NOW)
    assert caught.value.fault == "bad_signature"
    verify_ssh(PAYLOAD, signature, "lead", [people["ed25519"].key], NOW, namespace="git")


def test_a_namespace_written_over_is_forged(people: dict[str, Any]) -> None:
    foreign = sign_ssh(PAYLOAD, people["ed25519"].file, namespace="hallgate.approvaX")
    blob = sshsig.parse_signature(foreign)
    assert blob.namespace == "hallgate.approvaX"
    forged = _rearmored(foreign, b"hallgate.approvaX", b"hallgate.approval")
    assert fault_of(PAYLOAD, forged, (people["ed25519"].key,)) == "bad_signature"


def _rearmored(armor: str, old: bytes, new: bytes) -> str:
    import base64

    lines = armor.strip().splitlines()
    blob = base64.b64decode("".join(lines[1:-1]))
    assert old in blob
    body = base64.b64encode(blob.replace(old, new)).decode()
    return "\n".join([lines[0], body, lines[-1]])


def test_the_key_of_another_is_unknown(people: dict[str, Any]) -> None:
    signature = sign_ssh(PAYLOAD, people["other"].file)
    assert fault_of(PAYLOAD, signature, (people["ed25519"].key,)) == "unknown_signer"
    assert fault_of(PAYLOAD, signature, ()) == "unknown_signer"


def test_a_key_written_over_is_forged(people: dict[str, Any]) -> None:
    old = public_blob(people["other"].key.public)
    forged = _rearmored(
        sign_ssh(PAYLOAD, people["other"].file), old, public_blob(people["ed25519"].key.public)
    )
    assert fault_of(PAYLOAD, forged, (people["ed25519"].key,)) == "bad_signature"


@pytest.mark.parametrize(
    "change",
    [
        {"compromised": True},
        {"revoked_at": NOW},
        {"valid_until": NOW},
        {"valid_from": NOW + 1},
    ],
)
def test_a_key_that_does_not_count(people: dict[str, Any], change: dict[str, Any]) -> None:
    key = people["ed25519"].key
    signature = sign_ssh(PAYLOAD, people["ed25519"].file)
    verify_ssh(PAYLOAD, signature, "lead", [key], NOW)  # a cached success must not help
    assert fault_of(PAYLOAD, signature, (replace(key, **change),)) == "revoked"
    both = (key, replace(key, **change))
    assert fault_of(PAYLOAD, signature, both) == "revoked"


def test_a_key_revoked_later_counted(people: dict[str, Any]) -> None:
    signature = sign_ssh(PAYLOAD, people["ed25519"].file)
    keys = [people["other"].key, replace(people["ed25519"].key, revoked_at=NOW + 1)]
    verify_ssh(PAYLOAD, signature, "lead", keys, NOW)


@pytest.mark.parametrize("identity", ["*", "a,b", "!lead", 'lead" ', "lead namespaces=x", "", "-I"])
def test_an_identity_with_a_pattern_in_it_is_refused(people: dict[str, Any], identity: str) -> None:
    signature = sign_ssh(PAYLOAD, people["ed25519"].file)
    with pytest.raises(UsageError):
        verify_ssh(PAYLOAD, signature, identity, [people["ed25519"].key], NOW)


@pytest.mark.parametrize(
    "edit",
    [
        lambda s: "",
        lambda s: s[:60],
        lambda s: s.replace("-----END SSH SIGNATURE-----", ""),
        lambda s: s.replace("BEGIN SSH", "BEGIN PGP"),
        lambda s: s.replace("U1NIU0lH", "AAAAAAAA"),
        lambda s: s.replace("U1NIU0lHAAAAAQ", "U1NIU0lHAAAAAg"),
        lambda s: s.replace("U1NI", "U1N!"),
        lambda s: "\n".join(s.splitlines()[:2] + s.splitlines()[-1:]),
        lambda s: s + "x" * 70_000,
    ],
)
def test_malformed_armor_is_no_forgery(people: dict[str, Any], edit: Any) -> None:
    signature = edit(sign_ssh(PAYLOAD, people["ed25519"].file))
    with pytest.raises(InvalidDocument, match="not an SSH signature"):
        verify_ssh(PAYLOAD, signature, "lead", [people["ed25519"].key], NOW)


@pytest.mark.parametrize("line", ["", "ssh-ed25519", "ssh-ed25519 !!", "ssh-rsa {b}", "{l}\n{l}"])
def test_a_malformed_key_in_trust_is_named(people: dict[str, Any], line: str) -> None:
    good = people["ed25519"].key
    bad = replace(good, public=line.format(b=good.public.split()[1], l=good.public))
    with pytest.raises(InvalidDocument, match="not an OpenSSH public key"):
        verify_ssh(PAYLOAD, sign_ssh(PAYLOAD, people["ed25519"].file), "lead", [bad], NOW)


def test_every_flipped_byte_of_a_signature_is_refused(people: dict[str, Any]) -> None:
    armor = sign_ssh(PAYLOAD, people["ed25519"].file)
    body = "".join(armor.strip().splitlines()[1:-1])
    jobs = []
    for index in range(len(body)):
        flipped = body[:index] + ("A" if body[index] != "A" else "B") + body[index + 1 :]
        text = f"-----BEGIN SSH SIGNATURE-----\n{flipped}\n-----END SSH SIGNATURE-----\n"
        jobs.append(SshJob(PAYLOAD, text, "lead", (people["ed25519"].key,), NOW))
    assert None not in verify_many(jobs)


def test_a_missing_tool_says_nothing_of_the_signature(people: dict[str, Any]) -> None:
    signature = sign_ssh(PAYLOAD, people["ed25519"].file)
    with pytest.raises(EngineError, match="cannot be started"):
        verify_ssh(
            PAYLOAD, signature, "lead", [people["ed25519"].key], NOW, ssh_keygen="/no/ssh-keygen"
        )
    with pytest.raises(EngineError, match="cannot be started"):
        sign_ssh(PAYLOAD, people["ed25519"].file, ssh_keygen="/no/ssh-keygen")


@pytest.mark.parametrize(
    "script",
    ["exit 255", "exit 0", "echo Good; exit 0", "kill -9 $$", "echo no >&2; exit 1", "exit 127"],
)
def test_a_broken_tool_neither_accepts_nor_calls_it_forged(
    people: dict[str, Any], tmp_path: Path, script: str
) -> None:
    signature = sign_ssh(PAYLOAD, people["ed25519"].file)
    with pytest.raises(EngineError):
        verify_ssh(
            PAYLOAD,
            signature,
            "lead",
            [people["ed25519"].key],
            NOW,
            ssh_keygen=tool(tmp_path, script),
        )


def test_a_tool_that_hangs_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nowhere")
    script = f"sleep 60 & echo $! > {tmp_path}/pid; wait"
    with pytest.raises(EngineTimeout):
        sshkeygen.run(tool(tmp_path, script), [], b"", timeout=0.5)
    child = int((tmp_path / "pid").read_text(encoding="ascii"))
    for _ in range(100):
        if not _running(child):
            break
        time.sleep(0.02)
    assert not _running(child)


def _running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"


def test_the_tool_sees_a_scrubbed_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/agent")
    monkeypatch.setenv("SSH_ASKPASS", "/bin/true")
    monkeypatch.setenv("DISPLAY", ":0")
    seen = sshkeygen.run(tool(tmp_path, "env"), [], b"").stdout.decode()
    assert "SSH_ASKPASS_REQUIRE=never" in seen
    assert not any(name in seen for name in ("SSH_AUTH_SOCK", "SSH_ASKPASS=", "DISPLAY"))
    assert (
        "SSH_AUTH_SOCK=/agent"
        in sshkeygen.run(tool(tmp_path, "env"), [], b"", agent=True).stdout.decode()
    )


def test_no_room_for_temporary_files(
    people: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = sign_ssh(b"never verified before", people["ed25519"].file)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(StorageError, match="temporary"):
        verify_ssh(b"never verified before", signature, "lead", [people["ed25519"].key], NOW)


def test_keys_that_cannot_sign(people: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the key"):
        sign_ssh(PAYLOAD, tmp_path / "none")
    with pytest.raises(UsageError, match="ssh-add"):
        sign_ssh(PAYLOAD, people["locked"].file)
    (tmp_path / "junk").touch(0o600)
    with pytest.raises(UsageError, match="no signature"):
        sign_ssh(PAYLOAD, tmp_path / "junk")
    shutil.copy(people["ed25519"].file, tmp_path / "open")
    (tmp_path / "open").chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        sign_ssh(PAYLOAD, tmp_path / "open")


def test_a_payload_is_never_taken_for_a_passphrase(people: dict[str, Any]) -> None:
    with pytest.raises((UsageError, EngineError)):
        sign_ssh(b"secret words\nI approve", people["locked"].file)


def test_a_tool_that_signs_something_else_is_found_out(
    people: dict[str, Any], tmp_path: Path
) -> None:
    other = tmp_path / "other.sig"
    other.write_text(sign_ssh(b"other", people["ed25519"].file), encoding="ascii")
    script = f'if [ "$2" = sign ]; then cat {other}; else exec ssh-keygen "$@"; fi'
    with pytest.raises(EngineError, match="other than the payload"):
        sign_ssh(PAYLOAD, people["ed25519"].file, ssh_keygen=tool(tmp_path, script))
    with pytest.raises(EngineError, match="wrote no signature"):
        sign_ssh(PAYLOAD, people["ed25519"].file, ssh_keygen=tool(tmp_path, "echo hello"))


def test_equal_inputs_are_asked_once(people: dict[str, Any], tmp_path: Path) -> None:
    count = tmp_path / "count"
    counting = tool(tmp_path, f'echo x >> {count}; exec ssh-keygen "$@"')
    signature = sign_ssh(PAYLOAD, people["ed25519"].file)
    for at in (NOW, NOW + 1, NOW):
        verify_ssh(PAYLOAD, signature, "lead", [people["ed25519"].key], at, ssh_keygen=counting)
    assert count.read_text(encoding="ascii").count("x") == 1


def test_failures_are_not_cached(people: dict[str, Any], tmp_path: Path) -> None:
    signature = sign_ssh(PAYLOAD, people["ed25519"].file)
    keys = [people["ed25519"].key]
    flaky = tool(tmp_path, "exit 255")
    with pytest.raises(EngineError):
        verify_ssh(PAYLOAD, signature, "lead", keys, NOW, ssh_keygen=flaky)
    tool(tmp_path, 'exec ssh-keygen "$@"')
    verify_ssh(PAYLOAD, signature, "lead", keys, NOW, ssh_keygen=flaky)


def test_many_keep_their_order(people: dict[str, Any]) -> None:
    good, bad = people["ed25519"], people["other"]
    jobs = []
    for index in range(12):
        payload = f"text {index}".encode()
        signature = sign_ssh(payload, (bad if index % 3 == 0 else good).file)
        jobs.append(SshJob(payload, signature, "lead", (good.key,), NOW))
    answers = verify_many(jobs, workers=4)
    assert [answer is None for answer in answers] == [index % 3 != 0 for index in range(12)]
    assert verify_many([]) == ()
    # What the library cannot tell is asked of ssh-keygen, and its absence is no refusal.
    signature = sign_ssh(b"by another kind", people["ecdsa"].file)
    jobs.append(SshJob(b"by another kind", signature, "lead", (people["ecdsa"].key,), NOW))
    assert verify_many(jobs)[-1] is None
    with pytest.raises(EngineError):
        verify_many(jobs, ssh_keygen="/no/ssh-keygen")


def test_the_library_accepts_what_ssh_keygen_does_and_nothing_else(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    key, other = people["ed25519"], people["other"]
    good = sign_ssh(PAYLOAD, key.file)
    parsed = parse_signature(good)
    assert parsed.ed25519_accepts(PAYLOAD)
    assert not parsed.ed25519_accepts(PAYLOAD + b" ")
    assert not replace(parsed, public=public_blob(other.key.public)).ed25519_accepts(PAYLOAD)
    assert not replace(parsed, namespace="git").ed25519_accepts(PAYLOAD)
    assert not replace(parsed, digest="sha256").ed25519_accepts(PAYLOAD)
    flipped = parsed.value[:-1] + bytes([parsed.value[-1] ^ 1])
    assert not replace(parsed, value=flipped).ed25519_accepts(PAYLOAD)
    ecdsa = parse_signature(sign_ssh(PAYLOAD, people["ecdsa"].file))
    assert not ecdsa.ed25519_accepts(PAYLOAD)
    # Keys, dates and namespace are judged all the same before the library is asked.
    monkeypatch.setattr(sshsig, "_proven", lambda *_: pytest.fail("ssh-keygen was asked"))
    foreign = sign_ssh(PAYLOAD, key.file, namespace="git")
    gone = replace(key.key, revoked_at=NOW)
    jobs = [
        SshJob(PAYLOAD, good, "lead", (key.key,), NOW),
        SshJob(PAYLOAD, good, "lead", (gone,), NOW),
        SshJob(PAYLOAD, good, "lead", (other.key,), NOW),
        SshJob(PAYLOAD, foreign, "lead", (key.key,), NOW),
    ]
    assert [str(one) == "None" for one in verify_many(jobs)] == [True, False, False, False]


def test_nothing_is_left_in_the_temporary_folder(
    people: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    signature = sign_ssh(b"once", people["ed25519"].file)
    verify_ssh(b"once", signature, "lead", [people["ed25519"].key], NOW)
    assert fault_of(b"twice", signature, (people["ed25519"].key,)) == "bad_signature"
    assert os.listdir(tmp_path) == []  # noqa: PTH208


def test_the_rewritten_armor_is_what_was_parsed(people: dict[str, Any]) -> None:
    armor = sign_ssh(PAYLOAD, people["ed25519"].file)
    assert parse_signature(armor).armor == armor
