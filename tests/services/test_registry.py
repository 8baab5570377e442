"""A real registry: what we push is what everybody pulls."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from conftest_py import Conftest, input_from_value
from hallgate.model.errors import NotProven
from hallgate.publish.bundle.archive import pack
from hallgate.publish.registry.artifact import pack_artifact
from hallgate.publish.registry.cache import Cache
from hallgate.publish.registry.client import Options, RegistryClient
from hallgate.publish.registry.pull import pull
from hallgate.publish.registry.push import move_tag, push
from hallgate.publish.registry.reference import Reference
from hallgate.publish.registry.referrers import Attachment, content, referrers
from hallgate.publish.registry.transport import Patience, RegistryError

pytestmark = pytest.mark.services

_COUNT = itertools.count()
POLICY = """package promotion.main

deny contains {{"msg": "not in {version}", "id": "X-001"}} if input.version != "{version}"
"""


def bundle_of(version: str) -> bytes:
    manifest = json.dumps({"revision": version, "roots": ["promotion"], "rego_version": 1})
    text = POLICY.format(version=version).encode()
    return pack({".manifest": manifest.encode(), "promotion/main/main.rego": text})


def anything(_bundle: bytes) -> None:
    pass


@pytest.fixture
def repository(registry) -> str:
    return f"{registry.host}/hallgate/policies-{next(_COUNT)}"


def client_of(repository: str, suffix: str = ":stable") -> RegistryClient:
    quick = Patience(silence=5, waits=(0.05,))
    return RegistryClient(Reference.parse(repository + suffix), Options(patience=quick))


def release(repository: str, version: str, before: str | None = None):
    artifact = pack_artifact(bundle_of(version))
    push(client_of(repository), artifact)
    move_tag(client_of(repository), artifact, "stable", before)
    return artifact


def test_pushed_pulled_and_pushed_again(repository, tmp_path):
    artifact = release(repository, "1.0.0")
    assert push(client_of(repository), pack_artifact(bundle_of("1.0.0"))) == artifact.digest
    client = client_of(repository)
    assert client.resolve("stable") == artifact.digest
    pull(client, artifact.digest, tmp_path / "out", anything)
    assert (tmp_path / "out/bundle.tar.gz").read_bytes() == bundle_of("1.0.0")


def test_a_push_that_ends_half_way_leaves_the_old_pointer(repository):
    old = release(repository, "1.0.0")
    newer = pack_artifact(bundle_of("1.1.0"))
    client = client_of(repository)
    for blob in newer.blobs.values():
        client.put_blob(blob)
        assert client.resolve("stable") == old.digest
    client.put_manifest(newer.manifest, newer.digest)  # killed here: the tag has not moved
    assert client.resolve("stable") == old.digest
    release(repository, "1.1.0", old.digest)
    assert client.resolve("stable") == newer.digest
    with pytest.raises(RegistryError, match="another release"):
        move_tag(client, pack_artifact(bundle_of("1.1.1")), "stable", old.digest)


def test_documents_are_attached_without_a_referrers_api(repository):
    artifact = pack_artifact(bundle_of("1.0.0"))
    sbom = Attachment("application/vnd.cyclonedx+json", "application/json", b'{"sbom": 1}')
    proof = Attachment("application/vnd.in-toto+json", "application/json", b'{"slsa": 1}')
    push(client_of(repository), artifact, (sbom, proof))
    client = client_of(repository)
    found = referrers(client, artifact.digest)
    assert {one.artifact_type: content(client, one) for one in found} == {
        one.artifact_type: one.data for one in (sbom, proof)
    }


def altered_on_disk(registry, digest: str) -> None:
    bare = digest.removeprefix("sha256:")
    blob: Path = registry.folder / "docker/registry/v2/blobs/sha256" / bare[:2] / bare / "data"
    blob.write_bytes(blob.read_bytes().replace(b"not in", b"NOT IN"))


def test_a_blob_altered_on_the_registrys_disk_is_refused_and_the_last_good_stays(
    registry, repository, tmp_path
):
    first = release(repository, "1.0.0")
    cache = Cache(tmp_path / "cache")
    cache.fetch(client_of(repository), 100, anything)
    # A policy text that no other test pushes: blobs are shared between repositories.
    second = release(repository, "altered-9.9", first.digest)
    altered_on_disk(registry, json.loads(second.manifest)["layers"][0]["digest"])
    with pytest.raises(NotProven, match="altered"):
        pull(client_of(repository), second.digest, tmp_path / "out", anything)
    assert not (tmp_path / "out").exists()
    held = cache.fetch(client_of(repository), 500, anything)
    assert (held.digest, held.fetched_at) == (first.digest, 100)
    assert "altered" in (held.fault or "")


def test_conftest_pulls_by_digest_and_denies(repository, tmp_path, opa, conftest_program):
    artifact = release(repository, "1.0.0")
    runner = Conftest(conftest_program, opa=opa)
    report = runner.pull(f"oci://{repository}@{artifact.digest}", tmp_path / "p", tls=False)
    assert [one.path for one in report.files if one.path.endswith(".rego")] == [
        "promotion/main/main.rego"
    ]
    for version, failures in (("1.0.0", 0), ("0.9.0", 1)):
        tested = runner.test(
            [tmp_path / "p/promotion"],
            [input_from_value("input", {"version": version})],
            namespaces=["promotion.main"],
        )
        assert [len(one.failures) for one in tested.results] == [failures]
