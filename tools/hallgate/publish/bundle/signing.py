"""Signs bundles, and believes only what a trusted key signed for the scope asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hallgate.engine.bundle import Bundle, content_digest
from hallgate.intake.tracks import WAIVERS
from hallgate.model.errors import InvalidDocument, NotProven, UsageError
from hallgate.model.trust import Identity, Key, Trust
from hallgate.model.values import JsonObject
from hallgate.publish.bundle.archive import MANIFEST, SIGNATURES, pack, unpack
from hallgate.publish.bundle.signatures import file_digests, make_signatures, read_signatures
from hallgate.record.canonical import canonical_bytes, parse_json, sha256_digest
from hallgate.record.keys import PrivateKey, load_public_key

_REMEDY = "do not use it; take the bundle from where it was published"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself; track is the one it was built for."""

    track: str
    revision: str
    roots: tuple[str, ...]
    metadata: JsonObject


@dataclass(frozen=True, slots=True)
class Verified:
    """A bundle that holds: its digest, its manifest, and whose key signed it."""

    digest: str
    manifest: Manifest
    key_id: str


def artifact_trust(pems: Iterable[str]) -> Trust:
    """The keys that may sign artifacts, as machine identities of their own.

    Raises InvalidDocument for a text that is no public key.
    """
    found = {load_public_key(pem).key_id: pem for pem in pems}
    publishers = tuple(
        Identity(f"publisher-{number}", "machine", name, (), (), (_undated(found[name]),))
        for number, name in enumerate(sorted(found), 1)
    )
    return Trust(publishers, roles=(), builders=(), model_signers=())


def _undated(pem: str) -> Key:
    return Key(pem, valid_from=0, valid_until=None, revoked_at=None, compromised=False)


def refuse_deciders(trust: Trust, key_ids: Iterable[str]) -> None:
    """Raise UsageError where a key for artifacts is that of an identity which ever decides.

    A verifier of artifacts alone would otherwise take a signed denial for a release.
    """
    deciding = {role.role for role in trust.roles if role.decides}
    wanted = set(key_ids)
    for identity in trust.identities:
        if identity.kind != "machine" or deciding.isdisjoint(one.role for one in identity.roles):
            continue
        for key in identity.keys:
            if load_public_key(key.public).key_id in wanted:
                raise UsageError(
                    f"this key belongs to {identity.id}, which signs decisions",
                    remedy="sign artifacts with a key of their own",
                )


def sign_bundle(data: bytes, scope: str, key: PrivateKey) -> Bundle:
    """The same bundle with one signature; an older signature is replaced.

    Raises UsageError where the bundle was built for another track than the scope.
    """
    entries = unpack(data)
    entries.pop(SIGNATURES, None)
    built_for = read_manifest(entries).track
    if built_for != scope:
        raise UsageError(
            f"the bundle was built for {built_for!r}, not for {scope!r}",
            remedy=f"sign it with --scope {built_for}, or build the other one",
        )
    signed = pack({**entries, SIGNATURES: make_signatures(entries, scope, key)})
    return Bundle(signed, sha256_digest(signed))


def verify_bundle(data: bytes, trusted: Iterable[str], scope: str) -> Verified:
    """The bundle, once a trusted key (PEM) signed all of it for this scope.

    Raises InvalidDocument for an archive in any other form than the published one,
    NotProven where the signature, a file, the scope or the manifest does not hold.
    """
    entries = unpack(data)
    if SIGNATURES not in entries:
        raise _refused("the bundle is not signed")
    keys = {key.key_id: key for key in map(load_public_key, trusted)}
    claims = read_signatures(entries[SIGNATURES], keys)
    if claims.scope != scope:
        raise _refused(f"it is signed for {claims.scope!r}, not for {scope!r}")
    found = file_digests(entries)
    for path in sorted({*claims.files, *found}):
        if path not in found:
            raise _refused(f"{path} is signed and missing")
        if path not in claims.files:
            raise _refused(f"{path} is there and not signed")
        if claims.files[path] != found[path]:
            raise _refused(f"{path} was altered")
    manifest = read_manifest(entries)
    if manifest.track != scope:
        raise _refused(f"it was built for {manifest.track!r}, not for {scope!r}")
    return Verified(sha256_digest(data), manifest, claims.key_id)


def read_manifest(entries: Mapping[str, bytes]) -> Manifest:
    """The manifest; raises InvalidDocument unless it says of these files what we would."""
    value = parse_json(entries[MANIFEST])
    metadata = value.get("metadata") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or not isinstance(metadata, Mapping):
        raise _malformed("has no metadata")
    track = metadata.get("track")
    root = WAIVERS if track == WAIVERS else "promotion"
    if value.get("roots") != [root] or not isinstance(track, str):
        raise _malformed(f"has not the one root of such a bundle, {root}, and a track")
    files = {path: data for path, data in entries.items() if path not in (MANIFEST, SIGNATURES)}
    strangers = sorted(path for path in files if not path.startswith(f"{root}/"))
    if strangers:
        raise _malformed(f"does not cover {strangers[0]}, which lies outside {root}")
    revision = content_digest(files)
    ours: JsonObject = {
        "revision": revision, "roots": [root], "rego_version": 1, "metadata": metadata,
    }  # fmt: skip
    if canonical_bytes(value) != canonical_bytes(ours):
        raise _malformed("does not belong to these files: revision or members differ")
    return Manifest(track, revision, (root,), metadata)


def _malformed(what: str) -> InvalidDocument:
    return InvalidDocument.one(f"{MANIFEST} {what}", remedy=_REMEDY)


def _refused(what: str) -> NotProven:
    return NotProven(what, remedy=_REMEDY)
