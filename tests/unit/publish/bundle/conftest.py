"""A small house with `main` as it is, two families, and keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hallgate.engine.bundle import Bundle, build_bundle
from hallgate.engine.opa import Opa, find_opa
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.record.keys import public_pem

ROOT = Path(__file__).parents[4]
FILES = {
    "promotion/main/main.rego": b"package promotion.main\n\nallow := input.x == 1\n",
    "promotion/lib/a/a.rego": "package promotion.lib.a\n\nname := \"é\"\n".encode(),
}  # fmt: skip
METADATA = {"track": "mlops", "commit": None, "note": '<&> é \u2028 \x7f " \\ \n \b'}


@pytest.fixture(scope="session")
def opa() -> Opa:
    return Opa(find_opa(ROOT))


@pytest.fixture(scope="session")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def other_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def pem(key: ec.EllipticCurvePrivateKey) -> str:
    return public_pem(key)


@pytest.fixture
def built() -> Bundle:
    return build_bundle(FILES, ("promotion",), METADATA)


@pytest.fixture
def signed(built: Bundle, key: ec.EllipticCurvePrivateKey) -> bytes:
    return sign_bundle(built.data, "mlops", key).data


@pytest.fixture
def accepted(opa: Opa, tmp_path: Path) -> Callable[[bytes, ec.EllipticCurvePrivateKey, str], bool]:
    """Whether the pinned opa loads a bundle with this key and scope."""
    import subprocess

    def ask(data: bytes, key: ec.EllipticCurvePrivateKey, scope: str) -> bool:
        (tmp_path / "asked.tar.gz").write_bytes(data)
        (tmp_path / "asked.pem").write_text(public_pem(key))
        done = subprocess.run(
            [opa.program, "build", "--bundle", "asked.tar.gz", "--output", "out.tar.gz",
             "--verification-key", "asked.pem", "--verification-key-id", "default",
             "--signing-alg", "ES256", "--scope", scope],
            cwd=tmp_path, capture_output=True, timeout=60,
        )  # fmt: skip
        return done.returncode == 0

    return ask
