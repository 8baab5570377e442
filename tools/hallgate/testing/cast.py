"""Made-up signers: one identity for each role, keys made on the spot.

Nothing here is a secret: the keys live in a temporary folder and sign made
statements about made models.
"""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import cast

from hallgate.model.trust import Identity, Key, Role, RoleHeld, Trust
from hallgate.model.values import JsonObject, JsonValue
from hallgate.record.canonical import canonical_bytes
from hallgate.record.dsse import sign_payload
from hallgate.record.keys import PrivateKey, generate_key
from hallgate.record.sshsig import sign_ssh

_EARLY = 1_500_000_000
OUTSIDER = "outsider"


@dataclass(frozen=True, slots=True)
class Cast:
    """Trust in which each role is held by an identity of the same name.

    People (roles that approve) have SSH keys, machines have PEM keys. OUTSIDER
    has both and is no identity of the trust.
    """

    trust: Trust
    machines: Mapping[str, PrivateKey]
    people: Mapping[str, Path]

    def sign(self, role: str, statement: JsonObject) -> JsonObject:
        """A DSSE envelope over a statement by the machine that holds a role."""
        return sign_payload(canonical_bytes(statement), self.machines[role])

    def approve(self, person: str, statement: JsonObject) -> JsonObject:
        """An approval document by a person; equal statements are signed once."""
        payload = canonical_bytes(statement)
        return {"statement": statement, "signature": _signed(payload, self.people[person])}

    def revoked(self, name: str, at: int) -> Trust:
        """The same trust with all keys of one identity revoked at a time."""
        identities = tuple(
            replace(one, keys=tuple(replace(key, revoked_at=at) for key in one.keys))
            if one.id == name
            else one
            for one in self.trust.identities
        )
        return replace(self.trust, identities=identities)


@lru_cache(maxsize=4096)
def _signed(payload: bytes, key: Path) -> str:
    return sign_ssh(payload, key)


def make_cast(folder: Path, base: Trust) -> Cast:
    """Make keys for every role of a trust that has no identities of its own."""
    machines: dict[str, PrivateKey] = {OUTSIDER: generate_key()}
    people: dict[str, Path] = {OUTSIDER: _ssh_key(folder, OUTSIDER)}
    identities = []
    for role in base.roles:
        if role.approves:
            people[role.role] = _ssh_key(folder, role.role)
            public = people[role.role].with_suffix(".pub").read_text(encoding="utf-8").strip()
            identities.append(_identity(role, "person", public))
        else:
            machines[role.role] = generate_key()
            identities.append(_identity(role, "machine", machines[role.role].public_pem))
    return Cast(replace(base, identities=tuple(identities)), machines, people)


def _identity(role: Role, kind: str, public: str) -> Identity:
    key = Key(public, valid_from=_EARLY, valid_until=None, revoked_at=None, compromised=False)
    held = RoleHeld(role.role, since=_EARLY, until=None)
    return Identity(role.role, kind, role.title, (f"{role.role}@example.org",), (held,), (key,))


def _ssh_key(folder: Path, name: str) -> Path:
    path = folder / name
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=30)
    return path


def tampered(envelope: JsonObject) -> JsonObject:
    """The same envelope with one character of its payload changed."""
    payload = bytearray(base64.b64decode(str(envelope["payload"])))
    spot = payload.index(b'"measured"') + 1 if b'"measured"' in payload else len(payload) // 2
    payload[spot] ^= 1
    changed: dict[str, JsonValue] = {**envelope, "payload": base64.b64encode(payload).decode()}
    return cast(JsonObject, changed)
