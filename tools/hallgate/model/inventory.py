"""The register of models, and what is deployed. Times in seconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the inventory: made here or bought, gated or not, active or retired."""

    name: str
    title: str
    owner: str
    origin: str
    vendor: str | None
    sector: str
    use: str
    gated: bool
    why_ungated: str | None
    retired_at: int | None
    file: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """One thing that is live; digest is None where the platform cannot say."""

    name: str
    digest: str | None
    stage: str
    where: str


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a platform said; expected is its own count, None where it has none."""

    observed_at: int
    system: str
    query: str
    expected: int | None
    deployments: tuple[Deployment, ...]
    file: str
    digest: str
