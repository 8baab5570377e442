"""Keys and signatures of the scenarios' people are what ssh-keygen makes."""

import subprocess

import pytest

from hallgate.record.sshsig import sign_ssh
from hallgate.testing import sshkeys


def keygen(*words):
    done = subprocess.run(["ssh-keygen", *words], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("payload", [b"", b"a word", b"\x00\xff" * 5000])
def test_it_signs_as_ssh_keygen_does_to_the_byte(tmp_path, payload):
    key = sshkeys.make_key(tmp_path, "who")
    assert sshkeys.sign(payload, key) == sign_ssh(payload, key)


def test_ssh_keygen_reads_the_key_and_knows_its_public_half(tmp_path):
    key = sshkeys.make_key(tmp_path, "who")
    public = key.with_suffix(".pub").read_text()
    assert public.split()[::2] == ["ssh-ed25519", "who"]
    assert keygen("-y", "-f", key).split()[:2] == public.split()[:2]
    assert key.stat().st_mode & 0o777 == 0o600


def test_each_key_is_a_new_one_and_none_is_replaced(tmp_path):
    one, other = (sshkeys.make_key(tmp_path, name) for name in ("one", "other"))
    assert one.read_bytes() != other.read_bytes()
    assert sshkeys.sign(b"a word", one) != sshkeys.sign(b"a word", other)
    with pytest.raises(FileExistsError):
        sshkeys.make_key(tmp_path, "one")


def test_it_signs_with_a_key_that_ssh_keygen_made(tmp_path):
    key = tmp_path / "who"
    keygen("-q", "-t", "ed25519", "-N", "", "-C", "who", "-f", key)
    assert sshkeys.sign(b"a word", key) == sign_ssh(b"a word", key)


def test_another_kind_of_key_is_left_to_ssh_keygen(tmp_path):
    key = tmp_path / "who"
    keygen("-q", "-t", "ecdsa", "-N", "", "-C", "who", "-f", key)
    assert sshkeys.sign(b"a word", key).startswith("-----BEGIN SSH SIGNATURE-----")
