"""A real cosign believes what we attach, and nothing that others signed or attached.

It prints that the transparency log was verified also where it is told to ignore it.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hallgate.engine.bundle import build_bundle
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.publish.registry.artifact import pack_artifact
from hallgate.publish.registry.client import Options, RegistryClient
from hallgate.publish.registry.cosign import SIGNATURE, signed_attachment
from hallgate.publish.registry.publish import Release, publish
from hallgate.publish.registry.push import push
from hallgate.publish.registry.reference import Reference
from hallgate.record.keys import generate_key, public_pem

from .conftest import Registry, tool

pytestmark = pytest.mark.proof
RULE = b"package promotion.main\n\nversion := 1\n"
LOOPBACK = ["--insecure-ignore-tlog=true", "--allow-http-registry=true"]


@pytest.fixture(scope="module")
def cosign() -> Path:
    return tool("cosign")


@pytest.fixture(scope="module")
def published(registry: Registry) -> Iterator[SimpleNamespace]:
    key, stranger = generate_key("p256"), generate_key("p256")
    repository = f"{registry.host}/hallgate/cosigned"
    client = RegistryClient(Reference.parse(repository), Options())
    built = build_bundle({"promotion/main/main.rego": RULE}, ("promotion",), {"track": "mlops"})
    data = sign_bundle(built.data, "mlops", key).data
    done = publish(client, Release(data, "mlops", "1.0.0", "stable"), key, (), 1_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for pem, whose in ((key, "ours"), (stranger, "theirs")):
            (folder / f"{whose}.pem").write_text(public_pem(pem))
        yield SimpleNamespace(
            repository=repository, digest=done.digest, folder=folder, key=key, stranger=stranger,
            client=client,
        )  # fmt: skip


def run(cosign: Path, published: SimpleNamespace, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.defpath, "HOME": str(published.folder)}
    return subprocess.run(
        [cosign, *words], env=environment, capture_output=True, text=True, timeout=120
    )


def verified(cosign: Path, published: SimpleNamespace, digest: str, whose: str = "ours") -> bool:
    place = f"{published.repository}@{digest}"
    key = str(published.folder / f"{whose}.pem")
    done = run(cosign, published, "verify", "--key", key, *LOOPBACK, place)
    if done.returncode == 0:
        assert digest in done.stdout
    return done.returncode == 0


def test_cosign_accepts_our_signature_and_no_other_key(
    cosign: Path, published: SimpleNamespace
) -> None:
    assert verified(cosign, published, published.digest)
    assert not verified(cosign, published, published.digest, "theirs")


@pytest.mark.parametrize("kind", ["https://slsa.dev/provenance/v1", "slsaprovenance1"])
def test_cosign_reads_our_provenance(cosign: Path, published: SimpleNamespace, kind: str) -> None:
    place = f"{published.repository}@{published.digest}"
    key = str(published.folder / "ours.pem")
    words = ["verify-attestation", "--type", kind, "--key", key, *LOOPBACK, place]
    done = run(cosign, published, *words)
    assert done.returncode == 0, done.stderr
    assert "dsse" in done.stdout or "payload" in done.stdout
    other = [word.replace("ours", "theirs") for word in words]
    assert run(cosign, published, *other).returncode != 0


def test_cosign_refuses_what_is_unsigned_or_signed_for_another(
    cosign: Path, published: SimpleNamespace
) -> None:
    other = build_bundle({"promotion/main/main.rego": RULE}, ("promotion",), {"track": "other"})
    artifact = pack_artifact(other.data)
    push(published.client, artifact)
    assert not verified(cosign, published, artifact.digest)
    # The signature of the first artifact, attached to the second: its subject is another digest.
    moved = signed_attachment("x", published.digest, SIGNATURE, {}, published.key)
    forged = signed_attachment("x", artifact.digest, SIGNATURE, {}, published.stranger)
    push(published.client, artifact, [moved, forged])
    assert not verified(cosign, published, artifact.digest)


def test_what_is_attached_is_listed_for_readers(
    published: SimpleNamespace,
) -> None:
    tag = published.digest.replace(":", "-")
    found = published.client.manifest_under(tag)
    assert found is not None
    kinds = {
        entry.get("annotations", {}).get("dev.sigstore.bundle.predicateType", entry["artifactType"])
        for entry in json.loads(found[0])["manifests"]
    }
    assert kinds == {
        "application/vnd.cyclonedx+json",
        "application/vnd.hallgate.channel.v1+json",
        "https://slsa.dev/provenance/v1",
        SIGNATURE,
    }
