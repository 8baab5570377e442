"""Signatures that `cosign verify --key` accepts: Sigstore bundles attached to the artifact.

Format: https://docs.sigstore.dev/about/bundle/, version 0.3: a DSSE envelope about the digest of
the manifest, with the hint of a public key in place of a certificate. `make proof` shows it to a
real cosign. Nothing is written to a public log: cosign is told so (--insecure-ignore-tlog).
"""

from __future__ import annotations

from collections.abc import Mapping

from hallgate.intake.narrow import a_list
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.registry.referrers import Attachment
from hallgate.record.canonical import canonical_bytes
from hallgate.record.dsse import sign_payload
from hallgate.record.keys import PrivateKey, key_id
from hallgate.record.statement import statement

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIGNATURE = "https://sigstore.dev/cosign/sign/v1"


def signed_attachment(
    name: str, digest: str, predicate_type: str, predicate: JsonObject, key: PrivateKey
) -> Attachment:
    """A signed statement about the manifest of this digest; name says which it is.

    For predicate_type SIGNATURE the predicate is empty: the statement is the signature.
    """
    payload = canonical_bytes(statement(name, digest, predicate_type, predicate))
    envelope = _without_key_id(sign_payload(payload, key))
    bundle: JsonObject = {
        "mediaType": BUNDLE,
        "verificationMaterial": {"publicKey": {"hint": key_id(key)}},
        "dsseEnvelope": envelope,
    }
    notes = (
        ("dev.sigstore.bundle.content", "dsse-envelope"),
        ("dev.sigstore.bundle.predicateType", predicate_type),
    )
    return Attachment(BUNDLE, BUNDLE, canonical_bytes(bundle), notes)


def _without_key_id(envelope: JsonObject) -> JsonObject:
    # Sigstore's verifiers pass over a signature whose keyid is not the one they would compute
    # themselves; the hint above says whose it is.
    signatures: list[JsonValue] = [
        {"sig": one["sig"]} for one in a_list(envelope["signatures"]) if isinstance(one, Mapping)
    ]
    return {**envelope, "signatures": signatures}
