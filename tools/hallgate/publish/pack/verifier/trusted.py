"""The identities, keys and roles that the auditor believes, and what each may do when."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hallgate.publish.pack.verifier.state import BROKEN

SKEW = 300  # seconds that two clocks may be apart


class Unproven(Exception):
    """A signature that does not count, and why."""


class CannotTell(Exception):
    """A signature that nothing here can judge, and what is missing."""


@dataclass(frozen=True, slots=True)
class Held:
    """A key: its owner's id and kind, its id, its text and its dates."""

    owner: str
    kind: str
    id: str
    public: str
    dates: dict[str, Any]

    def must_count(self, at: int) -> None:
        """Return where a signature of that time (seconds since 1970) counts; else Unproven."""
        dates, when = self.dates, text(at)
        if dates["compromised"]:
            raise Unproven(f"signed with a key of {self.owner} that is compromised")
        if at < dates["valid_from"]:
            raise Unproven(f"signed with a key of {self.owner} that was not yet valid at {when}")
        if dates["revoked_at"] is not None and at >= dates["revoked_at"]:
            raise Unproven(f"signed with a key of {self.owner} that was revoked before {when}")
        if dates["valid_until"] is not None and at >= dates["valid_until"]:
            raise Unproven(f"signed with a key of {self.owner} that had expired at {when}")


class Trusted:
    """What the auditor's document says. Raises ValueError where it says it wrongly."""

    def __init__(self, document: Any) -> None:
        identities = document["identities"]
        self.people: dict[str, dict[str, Any]] = {one["id"]: one for one in identities}
        if len(self.people) != len(identities):
            raise ValueError("an identity stands there twice")
        self.keys: dict[str, Held] = {}
        for one in identities:
            for key in one["keys"]:
                self._take(one, key)
        roles = document.get("roles")
        self.roles: dict[str, dict[str, Any]] | None = (
            None if roles is None else {one["role"]: one for one in roles}
        )

    def _take(self, owner: dict[str, Any], key: dict[str, Any]) -> None:
        if owner["kind"] not in ("person", "machine"):
            raise ValueError(f"{owner['id']} is neither a person nor a machine")
        machine = key["public"].startswith("-----BEGIN PUBLIC KEY-----")
        if machine != (owner["kind"] == "machine"):
            raise ValueError(f"machines have PEM keys, people OpenSSH keys: {owner['id']}")
        name = pem_id(key["public"]) if machine else line_id(key["public"])
        other = self.keys.get(name)
        if other is not None:
            raise ValueError(f"one key stands with {other.owner} and {owner['id']}")
        dates = {member: key[member] for member in _DATES}
        for member, value in dates.items():
            wanted = bool if member == "compromised" else int
            if type(value) is not wanted and not (value is None and member in _OPEN):
                raise ValueError(f"{member} of a key of {owner['id']} is no {wanted.__name__}")
        self.keys[name] = Held(owner["id"], owner["kind"], name, key["public"], dates)

    def roles_of(self, name: str, at: int) -> set[str]:
        """Roles that an identity held at a time."""
        held = self.people[name]["roles"] if name in self.people else []
        return {
            one["role"]
            for one in held
            if one["since"] <= at and (one["until"] is None or at < one["until"])
        }

    def must_decide(self, name: str, at: int) -> None:
        """Return where a role of the identity decided then."""
        if not any(one["decides"] for one in self._held(name, at)):
            raise Unproven(f"signed by {name}, who held no role that decides at {text(at)}")

    def must_sign(self, name: str, kind: str, at: int) -> None:
        """Return where a role of the identity signed this type of evidence then."""
        if not any(kind in one["evidence"] for one in self._held(name, at)):
            raise Unproven(f"signed by {name}, who held no role that signs {kind} at {text(at)}")

    def must_hold(self, name: str, role: str, at: int) -> None:
        """Return where the identity held the role then."""
        if role not in self.roles_of(name, at):
            raise Unproven(f"{name} did not hold the role {role} at {text(at)}")

    def must_approve(self, role: str, action: str) -> None:
        """Return where the role may approve such things."""
        if action not in self._known().get(role, {"approves": ()})["approves"]:
            raise Unproven(f"the role {role} may not approve: {action}")

    def _held(self, name: str, at: int) -> list[dict[str, Any]]:
        known = self._known()
        return [known[one] for one in self.roles_of(name, at) if one in known]

    def _known(self) -> dict[str, dict[str, Any]]:
        if self.roles is None:
            raise CannotTell("what each role may do: --trust has no `roles`")
        return self.roles


_DATES = ("valid_from", "valid_until", "revoked_at", "compromised")
_OPEN = ("valid_until", "revoked_at")


def read_trusted(path: Path) -> Trusted:
    """The auditor's document; raises ValueError where it cannot be used."""
    try:
        return Trusted(json.loads(path.read_bytes()))
    except BROKEN as error:
        said = f"has no {error}" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"{path}: no document of identities as keys/trust.json is: {said}") from (
            error
        )


def pem_id(pem: str) -> str:
    """`sha256:<hex>` of the DER bytes in a PEM text."""
    body = "".join(pem.strip().splitlines()[1:-1])
    return f"sha256:{hashlib.sha256(base64.b64decode(body, validate=True)).hexdigest()}"


def line_id(line: str) -> str:
    """`ssh:<hex>` of the SHA-256 of the wire form in an OpenSSH line."""
    return ssh_id(base64.b64decode(line.split()[1], validate=True))


def ssh_id(public: bytes) -> str:
    """`ssh:<hex>` of the SHA-256 of a key's wire form."""
    return f"ssh:{hashlib.sha256(public).hexdigest()}"


def text(seconds: int) -> str:
    """A time as RFC 3339 has it."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(said: str) -> int:
    """Seconds since 1970 of an RFC 3339 time with a zone; raises ValueError."""
    found = datetime.datetime.fromisoformat(said)
    if found.tzinfo is None:
        raise ValueError(f"{said} has no zone")
    return int(found.timestamp())
