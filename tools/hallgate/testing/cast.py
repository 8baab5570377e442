"""Made-up signers: one identity for each role, keys made on the spot.

Nothing here is a secret: the keys live in a temporary folder and sign made
statements about made models.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hallgate.model.trust import Identity, Key, Role, RoleHeld, Trust
from hallgate.model.values import JsonObject
from hallgate.record.canonical import canonical_bytes
from hallgate.record.dsse import sign_payload
from hallgate.record.keys import PrivateKey, generate_key, public_pem
from hallgate.testing import sshkeys

_EARLY = 1_500_000_000
OUTSIDER = "outsider"


@dataclass(frozen=True, slots=True)
class Cast:
    """Trust in which each role is held by an identity of the same name.

    People have SSH keys, machines have PEM keys. OUTSIDER has both and is no
    identity of the trust.
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
        return {"statement": statement, "signature": sshkeys.sign(payload, self.people[person])}

    def revoked(self, name: str, at: int) -> Cast:
        """The same cast with all keys of one identity revoked at a time, in seconds."""
        return self._with_keys(name, revoked_at=at)

    def compromised(self, name: str) -> Cast:
        """The same cast with all keys of one identity known to others."""
        return self._with_keys(name, compromised=True)

    def _with_keys(self, name: str, **facts: Any) -> Cast:
        if self.trust.identity(name) is None:
            raise KeyError(f"nobody is called {name!r}")
        identities = tuple(
            replace(one, keys=tuple(replace(key, **facts) for key in one.keys))
            if one.id == name
            else one
            for one in self.trust.identities
        )
        return replace(self, trust=replace(self.trust, identities=identities))


def address(name: str) -> str:
    """The e-mail address under which an identity of the cast commits."""
    return f"{name}@example.org"


def make_cast(folder: Path, base: Trust) -> Cast:
    """Make keys in a folder for every role of a trust; identities it has are left out."""
    machines: dict[str, PrivateKey] = {OUTSIDER: generate_key()}
    people: dict[str, Path] = {OUTSIDER: sshkeys.make_key(folder, OUTSIDER)}
    identities = []
    for role in base.roles:
        if is_machine(role):
            machines[role.role] = generate_key()
            identities.append(_identity(role, "machine", public_pem(machines[role.role])))
        else:
            people[role.role] = sshkeys.make_key(folder, role.role)
            public = people[role.role].with_suffix(".pub").read_text(encoding="utf-8").strip()
            identities.append(_identity(role, "person", public))
    return Cast(replace(base, identities=tuple(identities)), machines, people)


def is_machine(role: Role) -> bool:
    """Whether a machine holds this role: it decides, or signs what people do not."""
    return role.decides or bool(set(role.evidence) - {"approval"})


def _identity(role: Role, kind: str, public: str) -> Identity:
    key = Key(public, valid_from=_EARLY, valid_until=None, revoked_at=None, compromised=False)
    held = RoleHeld(role.role, since=_EARLY, until=None)
    return Identity(role.role, kind, role.title, (address(role.role),), (held,), (key,))


def tampered(envelope: JsonObject) -> JsonObject:
    """The same envelope with one bit of a letter in its payload's last text changed."""
    payload = bytearray(base64.b64decode(str(envelope["payload"])))
    spot = next(i for i in range(len(payload) - 1, -1, -1) if chr(payload[i]).isalpha())
    payload[spot] ^= 1
    return {**envelope, "payload": base64.b64encode(payload).decode("ascii")}
