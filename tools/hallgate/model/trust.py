"""Who may sign what: identities, roles, keys. All times are seconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass

from hallgate.model.interval import within


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its dates; public is SPKI PEM or one OpenSSH line."""

    public: str
    valid_from: int
    valid_until: int | None
    revoked_at: int | None
    compromised: bool

    def counts_at(self, when: int) -> bool:
        """Whether a signature made at this time counts."""
        return (
            not self.compromised
            and within(self.valid_from, self.valid_until, when)
            and within(self.valid_from, self.revoked_at, when)
        )


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A role an identity holds from since until just before until."""

    role: str
    since: int
    until: int | None

    def holds_at(self, when: int) -> bool:
        """Whether the role is held at this time."""
        return within(self.since, self.until, when)


@dataclass(frozen=True, slots=True)
class Identity:
    """A person (kind person, SSH keys) or machine (kind machine, PEM keys)."""

    id: str
    kind: str
    title: str
    emails: tuple[str, ...]
    roles: tuple[RoleHeld, ...]
    keys: tuple[Key, ...]

    def roles_at(self, when: int) -> tuple[str, ...]:
        """Roles held at this time, sorted."""
        return tuple(sorted({held.role for held in self.roles if held.holds_at(when)}))


@dataclass(frozen=True, slots=True)
class Role:
    """What a role may do."""

    role: str
    title: str
    evidence: tuple[str, ...]
    approves: tuple[str, ...]
    decides: bool
    owns: tuple[str, ...]
    team: str | None


@dataclass(frozen=True, slots=True)
class Builder:
    """A build service and the highest SLSA Build level believed of it."""

    id: str
    level: int


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A foreign model that may be built on, by its publisher, name and sha256:<hex>."""

    publisher: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Trust:
    """The whole of trust/."""

    identities: tuple[Identity, ...]
    roles: tuple[Role, ...]
    builders: tuple[Builder, ...]
    model_signers: tuple[str, ...]
    base_models: tuple[BaseModel, ...] = ()

    def identity(self, name: str) -> Identity | None:
        """The identity with this id, or None."""
        return next((one for one in self.identities if one.id == name), None)

    def evidence_types(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        """Evidence types that these roles may sign, sorted."""
        return tuple(
            sorted({kind for one in self.roles if one.role in roles for kind in one.evidence})
        )

    def roles_that_sign(self, kind: str) -> tuple[str, ...]:
        """Roles that may sign this evidence type, sorted."""
        return tuple(sorted(one.role for one in self.roles if kind in one.evidence))
