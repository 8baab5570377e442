from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hallgate.model.errors import InvalidDocument, StorageError, UsageError
from hallgate.record.keys import (
    generate_key,
    key_id,
    load_private_key,
    load_public_key,
    public_pem,
    sign,
    write_private_key,
)


@pytest.mark.parametrize("kind", ["ed25519", "p256"])
@pytest.mark.parametrize("passphrase", [None, "long words"])
def test_a_key_survives_its_file(tmp_path: Path, kind: str, passphrase: str | None) -> None:
    key = generate_key(kind)
    write_private_key(tmp_path / "k", key, passphrase)
    assert (tmp_path / "k").stat().st_mode & 0o777 == 0o600
    loaded = load_private_key(tmp_path / "k", lambda: passphrase)
    public = load_public_key(public_pem(key))
    assert key_id(loaded) == key_id(key) == public.key_id
    assert public.verifies(sign(loaded, b"text"), b"text")
    assert not public.verifies(sign(loaded, b"text"), b"other")


def test_ecdsa_is_deterministic() -> None:
    key = generate_key("p256")
    assert sign(key, b"text") == sign(key, b"text")


def test_unknown_kind() -> None:
    with pytest.raises(UsageError, match="no key kind"):
        generate_key("rsa")


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    write_private_key(tmp_path / "k", generate_key())
    before = (tmp_path / "k").read_bytes()
    with pytest.raises(UsageError, match="never overwritten"):
        write_private_key(tmp_path / "k", generate_key())
    assert (tmp_path / "k").read_bytes() == before
    with pytest.raises(StorageError):
        write_private_key(tmp_path / "no" / "k", generate_key())


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o644])
def test_a_key_open_to_all_is_refused(tmp_path: Path, mode: int) -> None:
    write_private_key(tmp_path / "k", generate_key())
    (tmp_path / "k").chmod(mode)
    with pytest.raises(UsageError, match="chmod 600"):
        load_private_key(tmp_path / "k")


def test_passphrase_missing_or_wrong(tmp_path: Path) -> None:
    write_private_key(tmp_path / "k", generate_key(), "right")
    with pytest.raises(UsageError, match="none was given"):
        load_private_key(tmp_path / "k")
    with pytest.raises(UsageError, match="does not open"):
        load_private_key(tmp_path / "k", lambda: "wrong")


def test_files_that_hold_no_usable_key(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        load_private_key(tmp_path / "none")
    path = tmp_path / "k"
    path.touch(0o600)
    path.write_text("nonsense", encoding="ascii")
    with pytest.raises(InvalidDocument, match="not a private key"):
        load_private_key(path)
    large = rsa.generate_private_key(65537, 2048)
    path.write_bytes(
        large.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with pytest.raises(InvalidDocument, match="unsupported kind"):
        load_private_key(path)


def test_public_keys_of_other_kinds() -> None:
    with pytest.raises(InvalidDocument, match="not a public key"):
        load_public_key("ssh-ed25519 AAAA")
    with pytest.raises(InvalidDocument, match="unsupported kind"):
        load_public_key(public_pem(ec.generate_private_key(ec.SECP384R1())))
