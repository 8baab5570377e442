"""Policies about policies (policies/checks), asked once about the parsed sources."""

from __future__ import annotations

from hallgate.decide.policies import PolicySet
from hallgate.engine.opa import Opa
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.model.errors import Fault
from hallgate.model.law import Control


def policy_faults(
    repository: Repository,
    engine: Opa,
    policies: PolicySet,
    register: tuple[Control, ...],
    schemas: Schemas,
    *,
    at: int,
) -> tuple[Fault, ...]:
    """Faults that policies/checks find in the policies."""
    return ()
