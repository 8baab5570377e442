"""Signatures as OPA makes and reads them; every hostile variant is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallgate.engine.bundle import Bundle, build_bundle
from hallgate.engine.opa import Opa
from hallgate.model.errors import HallgateError, InvalidDocument, NotProven, UsageError
from hallgate.model.trust import Identity, Key, Role, RoleHeld, Trust
from hallgate.publish.bundle.archive import MANIFEST, SIGNATURES, pack, unpack
from hallgate.publish.bundle.signatures import file_digests, make_signatures
from hallgate.publish.bundle.signing import refuse_deciders, sign_bundle, verify_bundle
from hallgate.record.keys import key_id, private_pem, public_pem, sign

from .conftest import FILES, METADATA

Private = ec.EllipticCurvePrivateKey
Entries = dict[str, bytes]


def _parts(data: bytes) -> list[str]:
    (token,) = json.loads(unpack(data)[SIGNATURES])["signatures"]
    return str(token).split(".")


def _decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _encoded(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _with_token(data: bytes, token: object) -> bytes:
    return pack({**unpack(data), SIGNATURES: json.dumps({"signatures": [token]}).encode()})


def _forged(data: bytes, header: object, payload: object, key: Private) -> bytes:
    """A token of other contents, properly signed by the key."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    text = f"{_encoded(header)}.{_encoded(payload)}"
    left, right = decode_dss_signature(sign(key, text.encode()))
    raw = left.to_bytes(32, "big") + right.to_bytes(32, "big")
    return _with_token(data, f"{text}.{_encoded(raw)}")


def test_signed_twice_the_bytes_are_the_same(built: Bundle, key: Private, signed: bytes) -> None:
    assert sign_bundle(built.data, "mlops", key).data == signed
    assert sign_bundle(signed, "mlops", key).data == signed


def test_it_verifies(signed: bytes, key: Private, pem: str) -> None:
    verified = verify_bundle(signed, [pem], "mlops")
    assert verified.key_id == key_id(key)
    assert verified.digest == f"sha256:{hashlib.sha256(signed).hexdigest()}"
    assert verified.manifest.track == "mlops"


def test_opa_loads_it_and_only_for_its_scope_and_key(
    signed: bytes, key: Private, other_key: Private,
    accepted: Callable[[bytes, Private, str], bool],
) -> None:  # fmt: skip
    assert accepted(signed, key, "mlops")
    assert not accepted(signed, key, "security")
    assert not accepted(signed, other_key, "mlops")


def test_digests_are_those_of_opa_sign(
    built: Bundle, opa: Opa, key: Private, tmp_path: Path
) -> None:
    entries = unpack(built.data)
    entries[MANIFEST] = json.dumps(
        {**json.loads(entries[MANIFEST]), "metadata": METADATA}, indent=2
    ).encode()
    (tmp_path / "key.pem").write_bytes(private_pem(key))
    (tmp_path / "tree").mkdir()
    for path, data in entries.items():
        (tmp_path / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / path).write_bytes(data)
    subprocess.run(
        [opa.program, "sign", "--signing-key", "../key.pem", "--signing-alg", "ES256",
         "--bundle", ".", "--output-file-path", ".."],
        cwd=tmp_path / "tree", check=True, timeout=60, capture_output=True,
    )  # fmt: skip
    (token,) = json.loads((tmp_path / SIGNATURES).read_bytes())["signatures"]
    theirs = {one["name"]: one["hash"] for one in _decoded(token.split(".")[1])["files"]}
    assert theirs == file_digests(entries)


def test_numbers_and_texts_of_a_manifest_hash_as_written() -> None:
    texts = [b'{"b":9.0e-1,"a":12345678901234567890}', b'{"a":12345678901234567890, "b":9.0e-1}']
    assert len({file_digests({MANIFEST: text})[MANIFEST] for text in texts}) == 1
    wanted = hashlib.sha256(b'{"a":12345678901234567890,"b":9.0e-1}').hexdigest()
    assert file_digests({MANIFEST: texts[0]})[MANIFEST] == wanted


def _altered(path: str) -> Callable[[Entries], Entries]:
    def change(entries: Entries) -> Entries:
        assert path in entries
        return {**entries, path: entries[path] + b"\n# altered\n"}

    return change


def _manifest(**change: object) -> Callable[[Entries], Entries]:
    def spoil(entries: Entries) -> Entries:
        value = {**json.loads(entries[MANIFEST]), **change}
        text = json.dumps(value, sort_keys=True, separators=(",", ":"))
        return {**entries, MANIFEST: text.encode()}

    return spoil


def _signatures(text: object) -> Callable[[Entries], Entries]:
    return lambda entries: {**entries, SIGNATURES: json.dumps(text).encode()}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_altered("promotion/main/main.rego"), "main.rego was altered"),
        (_altered("promotion/lib/a/a.rego"), "a.rego was altered"),
        (_manifest(revision="sha256:00"), ".manifest was altered"),
        (_manifest(metadata={"track": "mlops"}), ".manifest was altered"),
        (_manifest(roots=[""]), ".manifest was altered"),
        (lambda all: {**all, "promotion/b.rego": b"package b\n"}, "b.rego is there and not signed"),
        (
            lambda all: {path: data for path, data in all.items() if "lib" not in path},
            "a.rego is signed and missing",
        ),
        (
            lambda all: {path: data for path, data in all.items() if path != SIGNATURES},
            "is not signed",
        ),
        (_signatures({"signatures": []}), "not exactly one"),
        (_signatures({"signatures": ["a.b.c", "a.b.c"]}), "not exactly one"),
        (_signatures({"signatures": ["a.b.c"], "plugin": "custom"}), "not exactly one"),
        (_signatures({"signatures": [7]}), "three parts"),
        (_signatures({"signatures": ["a.b"]}), "three parts"),
        (_signatures({"signatures": ["\ud800.b.c"]}), "base64url"),
        (_signatures({"signatures": ["e30.e30.e30"]}), "not ES256"),
        (_signatures([]), "no object"),
        (lambda all: {**all, SIGNATURES: b'{"signatures":[],"signatures":["x"]}'}, "twice"),
    ],
)
def test_an_altered_bundle_is_refused(
    signed: bytes, pem: str, spoil: Callable[[Entries], Entries], words: str
) -> None:
    with pytest.raises(NotProven, match=words):
        verify_bundle(pack(spoil(unpack(signed))), [pem], "mlops")


def test_a_broken_signature_is_refused(signed: bytes, pem: str) -> None:
    head, body, raw = _parts(signed)
    spoiled = ("A" if raw[0] != "A" else "B") + raw[1:]
    for token in (f"{head}.{body}.{spoiled}", f"{head}.{body}.", f"{head}.{body}.{raw}AA"):
        with pytest.raises(NotProven, match="does not match"):
            verify_bundle(_with_token(signed, token), [pem], "mlops")
    with pytest.raises(NotProven, match="base64url"):
        verify_bundle(_with_token(signed, f"{head}.{body}.{raw}="), [pem], "mlops")


def test_another_key_is_refused(signed: bytes, other_key: Private) -> None:
    with pytest.raises(NotProven, match="not trusted"):
        verify_bundle(signed, [public_pem(other_key)], "mlops")
    with pytest.raises(NotProven, match="not trusted"):
        verify_bundle(signed, [], "mlops")


def test_anothers_signature_under_a_trusted_name_is_refused(
    signed: bytes, pem: str, other_key: Private
) -> None:
    head, body, _ = _parts(signed)
    forged = _forged(signed, _decoded(head), _decoded(body), other_key)
    with pytest.raises(NotProven, match="does not match"):
        verify_bundle(forged, [pem], "mlops")


@pytest.mark.parametrize(
    "change", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "RS256"}, {"jku": "https://x"}]
)
def test_another_header_is_refused(
    signed: bytes, pem: str, key: Private, change: dict[str, str]
) -> None:
    head, body, _ = _parts(signed)
    forged = _forged(signed, {**_decoded(head), **change}, _decoded(body), key)
    with pytest.raises(NotProven, match="not ES256"):
        verify_bundle(forged, [pem], "mlops")


def test_a_public_key_used_as_a_shared_secret_is_refused(signed: bytes, pem: str) -> None:
    head, body, _ = _parts(signed)
    text = f"{_encoded({**_decoded(head), 'alg': 'HS256'})}.{body}"
    made = hmac.digest(pem.encode(), text.encode(), "sha256")
    with pytest.raises(NotProven, match="not ES256"):
        verify_bundle(_with_token(signed, f"{text}.{_encoded(made)}"), [pem], "mlops")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scope": "security"}, "signed for 'security'"),
        ({"scope": None}, "files and scope"),
        ({"keyid": "x"}, "files and scope"),
        ({"exp": 1}, "files and scope"),
        ({"files": []}, "is there and not signed"),
        ({"files": [{"name": "a", "hash": "b", "algorithm": "MD5"}]}, "not hashed with SHA-256"),
        ({"files": [{"name": "a", "hash": "b"}]}, "three members"),
        ({"files": 2 * [{"name": "a", "hash": "b", "algorithm": "SHA-256"}]}, "signed twice"),
    ],
)
def test_another_payload_is_refused_though_signed(
    signed: bytes, pem: str, key: Private, change: dict[str, Any], words: str
) -> None:
    head, body, _ = _parts(signed)
    forged = _forged(signed, _decoded(head), {**_decoded(body), **change}, key)
    with pytest.raises(NotProven, match=words):
        verify_bundle(forged, [pem], "mlops")


def test_a_payload_without_scope_is_refused(signed: bytes, pem: str, key: Private) -> None:
    head, body, _ = _parts(signed)
    forged = _forged(signed, _decoded(head), {"files": _decoded(body)["files"]}, key)
    with pytest.raises(NotProven, match="files and scope"):
        verify_bundle(forged, [pem], "mlops")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_manifest(roots=["promotion", "system"]), "one root of such a bundle, promotion"),
        (_manifest(roots=[""]), "one root of such a bundle, promotion"),
        (_manifest(rego_version=0), "does not belong"),
        (_manifest(rego_version=True), "does not belong"),
        (_manifest(file_rego_versions={"*": 0}), "does not belong"),
        (_manifest(wasm=[]), "does not belong"),
        (_manifest(revision="v1"), "does not belong"),
        (_manifest(metadata={}), "a track"),
    ],
)
def test_a_manifest_we_never_write_is_refused_though_signed(
    built: Bundle, pem: str, key: Private, spoil: Callable[[Entries], Entries], words: str
) -> None:
    entries = spoil(unpack(built.data))
    data = pack({**entries, SIGNATURES: make_signatures(entries, "mlops", key)})
    with pytest.raises(InvalidDocument, match=words):
        verify_bundle(data, [pem], "mlops")


def test_the_bundle_of_another_track_is_refused(signed: bytes, pem: str, key: Private) -> None:
    with pytest.raises(NotProven, match="signed for 'mlops', not for 'security'"):
        verify_bundle(signed, [pem], "security")
    with pytest.raises(UsageError, match="built for 'mlops'"):
        sign_bundle(signed, "security", key)
    other = unpack(build_bundle(FILES, ("promotion",), {"track": "security"}).data)
    data = pack({**other, SIGNATURES: make_signatures(other, "mlops", key)})
    with pytest.raises(NotProven, match="built for 'security'"):
        verify_bundle(data, [pem], "mlops")


def test_a_delta_bundle_is_refused(signed: bytes, pem: str) -> None:
    patch = json.dumps({"data": [{"op": "upsert", "path": "/a", "value": 1}]}).encode()
    for entries in ({"patch.json": patch}, {**unpack(signed), "patch.json": patch}):
        with pytest.raises(HallgateError, match=r"patch\.json"):
            verify_bundle(pack(entries), [pem], "mlops")


def test_keys_change_without_a_gap(built: Bundle, key: Private, other_key: Private) -> None:
    old, new = public_pem(key), public_pem(other_key)
    by_old = sign_bundle(built.data, "mlops", key).data
    by_new = sign_bundle(by_old, "mlops", other_key).data
    assert verify_bundle(by_old, [old, new], "mlops").key_id == key_id(key)
    assert verify_bundle(by_new, [old, new], "mlops").key_id == key_id(other_key)
    with pytest.raises(NotProven, match="not trusted"):
        verify_bundle(by_old, [new], "mlops")


def test_only_p256_signs_bundles(built: Bundle) -> None:
    with pytest.raises(UsageError, match="P-256"):
        sign_bundle(built.data, "mlops", Ed25519PrivateKey.generate())


def test_a_key_that_decides_signs_no_artifact(key: Private, other_key: Private) -> None:
    roles = tuple(
        Role(name, name, (), (), name == "decider", (), None) for name in ("decider", "x")
    )
    trust = Trust(
        tuple(
            Identity(name, "machine", name, (), (RoleHeld(role, 0, 1),),
                     (Key(public_pem(one), 0, None, None, False),))
            for name, role, one in (("gate", "decider", key), ("scanner", "x", other_key))
        ),
        roles, (), (),
    )  # fmt: skip
    with pytest.raises(UsageError, match="belongs to gate"):
        refuse_deciders(trust, [key_id(other_key), key_id(key)])
    refuse_deciders(trust, [key_id(other_key)])
