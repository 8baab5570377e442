"""What METADATA says of a policy, an entry of the catalog, and of a family of policies."""

from __future__ import annotations

from dataclasses import dataclass

from hallgate.model.errors import Location
from hallgate.model.values import Severity


@dataclass(frozen=True, slots=True)
class Limit:
    """A limited quantity; name is empty where it is the only one, sense minimum or maximum."""

    name: str
    unit: str
    sense: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy of the catalog.

    family and name are the last two parts of its package; effective_from is in
    seconds since 1970, 0 where it was always in force; waivable holds kinds of
    findings (fail, insufficient, evidence), with why_not where it is empty. overridable
    says whether an emergency override may let it pass; aliases are ids it had before.
    """

    id: str
    family: str
    name: str
    title: str
    description: str
    severity: Severity
    evidence: tuple[str, ...]
    limits: tuple[Limit, ...]
    waivable: tuple[str, ...]
    why_not: str | None
    controls: tuple[str, ...]
    remediation: str
    effective_from: int
    where: Location
    overridable: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """A family of policies: name is the third part of their packages, owner a role."""

    name: str
    title: str
    description: str
    owner: str
    where: Location
