"""TLS as the system has it: an unknown authority is refused, a named one is not."""

import datetime
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hallgate.publish.registry.transport import RegistryError


@pytest.fixture
def certificate(hostile, tmp_path):
    """Put the registry behind TLS with a certificate of its own; returns the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start.replace(year=2120))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "ca.pem").write_bytes(pem)
    both = tmp_path / "server.pem"
    both.write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    hostile.server.socket = context.wrap_socket(hostile.server.socket, server_side=True)
    return tmp_path / "ca.pem"


def test_a_named_authority_is_believed(certificate, connect, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert connect(plain_http=False).resolve("stable") is None


def test_an_unknown_authority_is_refused(certificate, connect, hostile, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    hostile.server.handle_error = lambda *_: None
    with pytest.raises(RegistryError, match="CERTIFICATE_VERIFY_FAILED"):
        connect(plain_http=False).resolve("stable")
    assert hostile.asked == []
