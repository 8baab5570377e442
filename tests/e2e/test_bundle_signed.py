"""Signed bundles: verified by us and by OPA, pointed at, and every way back refused."""

from __future__ import annotations

import subprocess
import time

import pytest

from hallgate.engine.opa import find_opa

from .bundle_world import ROOT, builder, make_home, make_origin

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    return make_origin(tmp_path_factory.mktemp("origin"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def build(run, home, tmp_path):
    return builder(run, home, tmp_path)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Two key pairs for artifacts, made by openssl."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("old", "new"):
        private = folder / f"{name}.pem"
        subprocess.run(
            ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-out", private], check=True, capture_output=True,
        )  # fmt: skip
        private.chmod(0o600)
        subprocess.run(
            ["openssl", "pkey", "-in", private, "-pubout", "-out", folder / f"{name}.pub"],
            check=True, capture_output=True,
        )  # fmt: skip
    return folder


def test_release_verify_and_every_way_back(origin, build, run, keys, tmp_path):
    bundle, pointer = tmp_path / "built.tar.gz", tmp_path / "mlops.stable.json"
    state = tmp_path / "seen.json"
    old, new = keys / "old.pem", keys / "old.pub"
    build(origin, "--track", "mlops")
    check = ("--trusted", new, "--scope", "mlops")
    assert "not signed" in run("bundle", "verify", bundle, *check, code=1).err
    run("bundle", "sign", bundle, "--key", old, "--scope", "security", code=2)
    run("bundle", "sign", bundle, "--key", old, "--scope", "mlops")
    first = bundle.read_bytes()
    run("bundle", "sign", bundle, "--key", old, "--scope", "mlops")
    assert bundle.read_bytes() == first
    assert "no pointer was given" in run("bundle", "verify", bundle, *check).out

    def point(serial, code=0):
        return run(
            "bundle", "point", bundle, "--channel", "stable", "--serial", serial,
            "--version", f"1.0.{serial}", "--key", old, "--output", pointer, code=code,
        )  # fmt: skip

    unsigned = tmp_path / "unsigned.tar.gz"
    build(origin, "--track", "mlops", out=unsigned.name)
    assert "is not signed" in run(
        "bundle", "point", unsigned, "--channel", "stable", "--serial", 1, "--version", "1",
        "--key", old, "--output", pointer, code=2,
    ).err  # fmt: skip
    point(4)
    earlier = pointer.read_bytes()
    followed = (*check, "--pointer", pointer, "--state", state)
    assert "serial 4, version 1.0.4" in run("bundle", "verify", bundle, *followed).out
    assert "not after 4" in point(4, code=2).err
    point(5)
    run("bundle", "verify", bundle, *followed)
    pointer.write_bytes(earlier)
    kept = state.read_bytes()
    assert "rollback" in run("bundle", "verify", bundle, *followed, code=1).err
    assert state.read_bytes() == kept
    run("bundle", "verify", bundle, *followed, "--channel", "next", code=1)
    wrong = ("--trusted", new, "--scope", "security", "--pointer", pointer)
    assert "for 'mlops'" in run("bundle", "verify", bundle, *wrong, code=1).err
    bundle.write_bytes(first[:-1])
    run("bundle", "verify", bundle, *check, code=3)
    run("bundle", "verify", bundle, "--trusted", keys / "new.pub", "--scope", "mlops", code=3)
    run("bundle", "verify", tmp_path / "none", *check, code=4)
    run("bundle", "verify", bundle, *check, "--state", state, code=2)


def test_a_pointer_ends(origin, build, run, keys, tmp_path):
    """The clock of the machine decides; here a pointer that was issued long ago."""
    from hallgate.publish.bundle.pointer import Pointer, sign_pointer
    from hallgate.record.canonical import sha256_digest
    from hallgate.record.keys import load_private_key

    bundle, key = tmp_path / "built.tar.gz", keys / "old.pem"
    build(origin, "--track", "mlops")
    run("bundle", "sign", bundle, "--key", key, "--scope", "mlops")
    digest = sha256_digest(bundle.read_bytes())
    for begun, words in ((-1000, "expired"), (1000, "in the future")):
        issued = int(time.time()) + begun
        pointer = Pointer("stable", "mlops", 1, issued, issued + 900, digest, "1.0.0")
        (tmp_path / "p.json").write_bytes(sign_pointer(pointer, load_private_key(key), None))
        said = run(
            "bundle", "verify", bundle, "--trusted", keys / "old.pub", "--scope", "mlops",
            "--pointer", tmp_path / "p.json", code=1,
        )  # fmt: skip
        assert words in said.err


def test_the_key_that_decides_signs_no_bundle(bank, origin, build, run, tmp_path):
    build(origin, "--track", "mlops")
    bundle = tmp_path / "built.tar.gz"
    said = run(
        "bundle", "sign", bundle, "--key", bank.key, "--scope", "mlops",
        "--trust", bank.trust, code=2,
    )  # fmt: skip
    assert "which signs decisions" in said.err


def test_opa_verifies_what_we_sign_and_refuses_what_was_altered(origin, build, run, keys, tmp_path):
    bundle = tmp_path / "built.tar.gz"
    build(origin, "--track", "mlops")
    run("bundle", "sign", bundle, "--key", keys / "old.pem", "--scope", "mlops")

    def loads(name, scope="mlops"):
        done = subprocess.run(
            [find_opa(ROOT), "build", "--bundle", bundle, "--output", tmp_path / "o.tar.gz",
             "--verification-key", keys / name, "--verification-key-id", "default",
             "--signing-alg", "ES256", "--scope", scope],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        return done.returncode == 0

    assert loads("old.pub")
    assert not loads("new.pub")
    assert not loads("old.pub", "security")
    data = bundle.read_bytes()
    bundle.write_bytes(data.replace(b"default allowed := false", b"default allowed := true ", 1))
    assert bundle.read_bytes() != data
    assert not loads("old.pub")
