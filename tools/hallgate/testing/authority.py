"""A time-stamping authority made up for tests: a root, a certificate, `openssl ts` as service."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hallgate.model.log import Authority
from hallgate.record.keys import private_pem
from hallgate.record.log.timestamp import timestamp_query

_BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
_ENDS = datetime(2099, 1, 1, tzinfo=UTC)
_CONFIG = """[tsa]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
"""


@dataclass(frozen=True, slots=True)
class MadeAuthority:
    """An authority in a folder; what of it is believed stands in `authority`."""

    folder: Path
    authority: Authority

    @property
    def root(self) -> Path:
        """Its root certificate, in PEM."""
        return self.folder / "root.pem"

    def stamp(self, note: bytes) -> bytes:
        """A timestamp answer over these bytes, as of now."""
        return self.answer(timestamp_query(note))

    def answer(self, query: bytes) -> bytes:
        """The answer to a query (both DER)."""
        (self.folder / "query.tsq").write_bytes(query)
        words = ["-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query.tsq"]
        subprocess.run(
            ["openssl", "ts", "-reply", *words, "-out", "reply.tsr"],
            cwd=self.folder, check=True, capture_output=True,
        )  # fmt: skip
        return (self.folder / "reply.tsr").read_bytes()


def make_authority(folder: Path, name: str, *, ends: datetime = _ENDS) -> MadeAuthority:
    """An authority in a new folder; its certificate counts until `ends`, its root for long."""
    folder.mkdir()
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = _name(f"{name} root")
    root = (
        _certificate(root_name, root_name, root_key.public_key(), _ENDS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    certificate = (
        _certificate(_name(name), root_name, key.public_key(), ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "root.pem").write_bytes(root.public_bytes(pem))
    (folder / "tsa.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "tsa.key").write_bytes(private_pem(key))
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(_CONFIG)
    return MadeAuthority(folder, Authority(name, root.public_bytes(pem).decode(), None))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGINS)
        .not_valid_after(ends)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
