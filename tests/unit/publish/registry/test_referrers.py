"""API and fallback tag are united, and each manifest speaks for itself."""

import json

import pytest

from hallgate.model.errors import NotProven
from hallgate.publish.registry.artifact import pack_artifact
from hallgate.publish.registry.push import push
from hallgate.publish.registry.referrers import Attachment, attach, content, referrers

SBOM = Attachment("application/vnd.cyclonedx+json", "application/vnd.cyclonedx+json", b'{"a":1}')
PROOF = Attachment("application/vnd.in-toto+json", "application/vnd.in-toto+json", b'{"b":1}')


@pytest.fixture
def artifact(bundle):
    return pack_artifact(bundle())


def test_without_the_api_the_fallback_tag_lists_both(hostile, connect, artifact):
    client = connect()
    push(client, artifact, (SBOM, PROOF))
    push(client, artifact, (SBOM, PROOF))
    found = referrers(client, artifact.digest)
    assert {one.artifact_type: content(client, one) for one in found} == {
        one.artifact_type: one.data for one in (SBOM, PROOF)
    }
    tag = artifact.digest.replace(":", "-")
    index = json.loads(hostile.manifests[hostile.tags[tag]])
    assert len(index["manifests"]) == 2


def test_the_api_is_united_with_the_tag_and_not_believed(hostile, connect, artifact):
    client = connect()
    push(client, artifact, (SBOM, PROOF))
    first, second = (one.digest for one in referrers(client, artifact.digest))
    tag = artifact.digest.replace(":", "-")
    kept = json.loads(hostile.manifests[hostile.tags[tag]])["manifests"]
    index = {"manifests": [one for one in kept if one["digest"] == first]}
    client.put_manifest(json.dumps(index).encode(), tag)
    hostile.referrers = {artifact.digest: [{"digest": second, "artifactType": "a/lie"}]}
    found = referrers(client, artifact.digest)
    assert {one.digest for one in found} == {first, second}
    assert "a/lie" not in {one.artifact_type for one in found}


def test_a_stranger_about_something_else_is_left_out(hostile, connect, artifact, bundle):
    client = connect()
    other = pack_artifact(bundle(b"package promotion.main\n"))
    push(client, other)
    elsewhere = attach(client, other.manifest, SBOM)
    push(client, artifact)
    hostile.referrers = {
        artifact.digest: [{"digest": elsewhere}, {"digest": "sha256:" + "0" * 64}, {}, 5]
    }
    assert referrers(client, artifact.digest) == ()


def test_an_altered_referrer_is_an_error(hostile, connect, artifact):
    client = connect()
    push(client, artifact, (SBOM,))
    digest = referrers(client, artifact.digest)[0].digest
    hostile.manifests[digest] = b"{}"
    with pytest.raises(NotProven, match="altered"):
        referrers(client, artifact.digest)
