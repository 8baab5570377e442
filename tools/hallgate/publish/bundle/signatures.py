"""`.signatures.json` as OPA defines it: one JWT (RFC 7519), ES256, over all files.

OPA's hashing (v1/bundle/hash.go): `.manifest` as canonical JSON, all else as raw bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from hallgate.model.errors import InvalidDocument, NotProven, UsageError
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.bundle.archive import MANIFEST, SIGNATURES
from hallgate.record.canonical import parse_json
from hallgate.record.keys import NamedPublicKey, PrivateKey, key_id, sign

_ALGORITHM = "SHA-256"
_SIZE = 32
_REMEDY = "do not use it; take the bundle from where it was published"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says: digests (hex) by file, scope, and the key that said it."""

    files: Mapping[str, str]
    scope: str
    key_id: str


def file_digests(entries: Mapping[str, bytes]) -> dict[str, str]:
    """Hex SHA-256 of every entry but the signatures, by OPA's rules."""
    return {
        path: hashlib.sha256(_hashed(path, data)).hexdigest()
        for path, data in entries.items()
        if path != SIGNATURES
    }


def make_signatures(entries: Mapping[str, bytes], scope: str, key: PrivateKey) -> bytes:
    """The bytes of `.signatures.json`; equal input gives equal bytes.

    Raises UsageError for a key that is not ECDSA P-256: ES256 is what every OPA reads.
    """
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise UsageError(
            "bundles are signed with ECDSA P-256, and this key is of another kind",
            remedy="make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        )
    digests = file_digests(entries)
    files: list[JsonValue] = [
        {"name": path, "hash": digests[path], "algorithm": _ALGORITHM} for path in sorted(digests)
    ]
    header = _part({"alg": "ES256", "kid": key_id(key), "typ": "JWT"})
    signed = f"{header}.{_part({'files': files, 'scope': scope})}"
    left, right = decode_dss_signature(sign(key, signed.encode()))
    raw = left.to_bytes(_SIZE, "big") + right.to_bytes(_SIZE, "big")
    return _compact({"signatures": [f"{signed}.{_encoded(raw)}"]})


def read_signatures(data: bytes, trusted: Mapping[str, NamedPublicKey]) -> Claims:
    """The claims of the token, once the trusted key it names has made it.

    Raises NotProven for anything but exactly one ES256 token of a trusted key.
    """
    whole = _json(data, "the signature file")
    tokens = whole.get("signatures")
    if set(whole) != {"signatures"} or not isinstance(tokens, list) or len(tokens) != 1:
        raise _refused("the signature file has not exactly one signature")
    parts = tokens[0].split(".") if isinstance(tokens[0], str) else ()
    if len(parts) != 3:
        raise _refused("the signature is no token of three parts")
    head, body, raw = (_decoded(part) for part in parts)
    header = _json(head, "the token's header")
    if set(header) != {"alg", "kid", "typ"} or header["alg"] != "ES256":
        raise _refused(f"the token is not ES256 with a key id, but {header.get('alg')!r}")
    key = trusted.get(str(header["kid"]))
    if key is None:
        raise _refused(f"it is signed by {header['kid']}, which is not trusted")
    if len(raw) != 2 * _SIZE or not _made_by(key, raw, f"{parts[0]}.{parts[1]}".encode()):
        raise _refused("the signature does not match: forged, or altered since")
    return _claims(_json(body, "the token's payload"), key.key_id)


def _made_by(key: NamedPublicKey, raw: bytes, message: bytes) -> bool:
    if not isinstance(key.key, ec.EllipticCurvePublicKey):
        return False
    left, right = int.from_bytes(raw[:_SIZE], "big"), int.from_bytes(raw[_SIZE:], "big")
    return key.verifies(encode_dss_signature(left, right), message)


def _claims(payload: JsonObject, key: str) -> Claims:
    files, scope = payload.get("files"), payload.get("scope")
    if set(payload) != {"files", "scope"} or not isinstance(scope, str):
        raise _refused("the token's payload has not files and scope, nothing else")
    found: dict[str, str] = {}
    for one in files if isinstance(files, list) else ():
        if not isinstance(one, Mapping) or set(one) != {"name", "hash", "algorithm"}:
            raise _refused("a file of the token's payload has not its three members")
        name, digest = one["name"], one["hash"]
        if one["algorithm"] != _ALGORITHM or not isinstance(digest, str):
            raise _refused(f"{name!r} is not hashed with {_ALGORITHM}")
        if not isinstance(name, str) or name in found:
            raise _refused(f"{name!r} is signed twice")
        found[name] = digest
    return Claims(found, scope, key)


def _hashed(path: str, data: bytes) -> bytes:
    return _canonical(data) if path == MANIFEST else data


class _Number(str):
    """The text of a number, kept as it was written."""

    __slots__ = ()


def _canonical(data: bytes) -> bytes:
    try:
        return _walk(json.loads(data, parse_int=_Number, parse_float=_Number)).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidDocument.one(f"{MANIFEST} is no JSON: {error}", remedy=_REMEDY) from error


def _walk(value: object) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        members = (f"{_text(name)}:{_walk(value[name])}" for name in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_walk(one) for one in value) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(value: str) -> str:
    # As Go writes it without escaping HTML.
    written = json.dumps(value, ensure_ascii=False)
    return written.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _part(value: JsonObject) -> str:
    return _encoded(_compact(value))


def _compact(value: JsonObject) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refused("the token is not base64url") from error
    if _encoded(data) != text:
        raise _refused("the token is not base64url in its one form")
    return data


def _json(data: bytes, what: str) -> JsonObject:
    try:
        value = parse_json(data)
    except InvalidDocument as error:
        raise _refused(f"{what} is {error.what}") from error
    if not isinstance(value, Mapping):
        raise _refused(f"{what} is no object")
    return value


def _refused(what: str) -> NotProven:
    return NotProven(what, remedy=_REMEDY)
