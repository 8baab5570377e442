"""Push: blobs, manifest by digest, attachments; the tag moves last, when all that is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hallgate.model.errors import NotProven
from hallgate.publish.registry.artifact import Artifact
from hallgate.publish.registry.client import RegistryClient
from hallgate.publish.registry.referrers import Attachment, attach
from hallgate.publish.registry.transport import RegistryError

_EVERY = 25


def push(
    client: RegistryClient,
    artifact: Artifact,
    attachments: Sequence[Attachment] = (),
    progress: Callable[[str], None] = lambda _step: None,
) -> str:
    """Store an artifact and what belongs to it under its digest; moves no tag.

    What the registry has is not sent again; what it stored is read back and compared. A push
    that ends half-way has changed nothing that anybody follows. Raises RegistryError, NotProven.
    """
    for number, data in enumerate(artifact.blobs.values(), 1):
        if number % _EVERY == 1:
            progress(f"blob {number} of {len(artifact.blobs)}")
        client.put_blob(data)
    client.put_manifest(artifact.manifest, artifact.digest)
    progress("what is there is read back and compared")
    _read_back(client, artifact)
    for one in attachments:
        progress(f"attached: {one.kind}")
        attach(client, artifact.manifest, one)
    return artifact.digest


def move_tag(client: RegistryClient, artifact: Artifact, tag: str, expected: str | None) -> None:
    """Let a tag say this artifact, which is stored already.

    expected is the digest the tag said when the release began, None where there was no tag: when
    another release moved it meanwhile, RegistryError, and the tag stays.

    The registry cannot compare and set, so two releases can still meet between the question and
    the answer; the tag is read once more, and the signed pointer's serial decides.
    """
    found = client.resolve(tag)
    if found not in (expected, artifact.digest):
        raise _raced(client, tag, found)
    if found != artifact.digest:
        client.put_manifest(artifact.manifest, tag)
    after = client.resolve(tag)
    if after != artifact.digest:
        raise _raced(client, tag, after)


def _read_back(client: RegistryClient, artifact: Artifact) -> None:
    if client.manifest(artifact.digest) is None:
        raise NotProven(
            f"{client.where.name} does not hold the manifest it just took",
            remedy="look at the registry's log; no tag was moved",
        )
    for digest, data in artifact.blobs.items():
        client.blob(digest, len(data))


def _raced(client: RegistryClient, tag: str, found: str | None) -> RegistryError:
    return RegistryError(
        f"{client.where.name}:{tag} now says {found or 'nothing'}: another release moved it",
        remedy="let one release finish, then begin again from what it published",
    )
