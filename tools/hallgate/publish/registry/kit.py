"""The conformance kit beside its bundle: attached as it is, with a signed statement whose it is.

That a kit is attached proves nothing: a stranger's would call a changed consumer conforming. So
a statement about the bundle's digest names the kit's digest, signed by the bundle's publisher.
What is in a kit only `testing` knows; here it is bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hallgate.model.errors import InvalidDocument, NotProven
from hallgate.model.trust import Trust
from hallgate.publish.registry.client import BLOB_LIMIT, RegistryClient
from hallgate.publish.registry.referrers import Attachment, Referrer, content, referrers
from hallgate.record.canonical import canonical_bytes, parse_json, sha256_digest
from hallgate.record.dsse import sign_payload, verify_envelope
from hallgate.record.keys import PrivateKey
from hallgate.record.statement import parse_statement, statement

MEDIA_TYPE = "application/vnd.hallgate.conformance-kit.v1.tar+gzip"
STATEMENT_TYPE = "application/vnd.hallgate.conformance-kit.v1.statement+json"
PREDICATE = "urn:hallgate:conformance-kit:v1"
_LARGEST_STATEMENT = 1 << 16


def kit_statement(kit: bytes, track: str, bundle: str, key: PrivateKey) -> bytes:
    """The signed statement that a kit is the one of a track's bundle (its digest)."""
    predicate = {"kit": sha256_digest(kit)}
    return canonical_bytes(
        sign_payload(canonical_bytes(statement(track, bundle, PREDICATE, predicate)), key)
    )


def kit_attachments(kit: bytes, track: str, bundle: str, key: PrivateKey) -> list[Attachment]:
    """The kit and its statement, to be attached to the artifact of the bundle."""
    signed = kit_statement(kit, track, bundle, key)
    return [
        Attachment(MEDIA_TYPE, MEDIA_TYPE, kit),
        Attachment(STATEMENT_TYPE, "application/json", signed),
    ]


def published_kit(
    client: RegistryClient, artifact: str, bundle: str, track: str, trust: Trust, now: int
) -> bytes:
    """The kit attached to an artifact that a key of trust says is the one of its bundle.

    artifact and bundle are digests. Raises NotProven where there is none, or none that holds.
    """
    found = referrers(client, artifact)
    named, why = _named(client, found, bundle, track, trust, now)
    for one in found:
        if one.artifact_type != MEDIA_TYPE or len(one.layers) != 1:
            continue
        if one.layers[0].digest in named and one.layers[0].size <= BLOB_LIMIT:
            return content(client, one)
    raise NotProven(
        f"{client.where.at(artifact)} has no conformance kit that its publisher signed"
        f"{f' ({why})' if why else ''}",
        remedy="`hallgate bundle push --kit KIT` attaches it; or take the kit as a file",
    )


def _named(
    client: RegistryClient,
    found: tuple[Referrer, ...],
    bundle: str,
    track: str,
    trust: Trust,
    now: int,
) -> tuple[set[str], str]:
    named: set[str] = set()
    why = ""
    for data in _statements(client, found):
        try:
            value = parse_json(data)
            envelope = value if isinstance(value, Mapping) else {}
            said = parse_statement(verify_envelope(envelope, trust, now).payload)
        except (InvalidDocument, NotProven) as error:
            # What a stranger attached must not hide what is good.
            why = error.what
            continue
        if (said.predicate_type, said.name, said.digest) == (PREDICATE, track, bundle):
            named.add(str(said.predicate.get("kit")))
        else:
            why = f"a statement is about {said.name} {said.digest}"
    return named, why


def _statements(client: RegistryClient, found: tuple[Referrer, ...]) -> Iterator[bytes]:
    for one in found:
        small = sum(layer.size for layer in one.layers) <= _LARGEST_STATEMENT
        if one.artifact_type == STATEMENT_TYPE and small:
            yield content(client, one)
