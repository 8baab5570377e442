"""`hallgate check` asks of each family METADATA, an owner that is a role, and that it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hallgate.decide.family_checks import family_faults
from hallgate.decide.policies import PolicySet, load_policies
from hallgate.engine.opa import Opa
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.model.errors import Fault
from hallgate.model.trust import Trust

ROOT = Path(__file__).parents[3]
SECRETS = "policies/promotion/rules/secrets/secrets.rego"


@pytest.fixture(scope="module")
def policies(engine: Opa, schemas: Schemas) -> PolicySet:
    return load_policies(Repository(ROOT), schemas, engine, None)


@pytest.fixture(scope="module")
def trust(schemas: Schemas) -> Trust:
    return read_trust(ROOT / "trust", schemas)


@pytest.fixture
def asked(policies: PolicySet, trust: Trust) -> Callable[..., tuple[Fault, ...]]:
    """Faults of our own families, of which that of secrets is changed, or left out by None."""

    def ask(owner: str | None = "", roles: Trust | None = trust) -> tuple[Fault, ...]:
        families = tuple(
            replace(one, owner=owner or one.owner) if one.name == "secrets" else one
            for one in policies.families
            if one.name != "secrets" or owner is not None
        )
        return family_faults(Repository(ROOT), replace(policies, families=families), roles)

    return ask


def test_our_families_are_clean(
    asked: Callable[..., tuple[Fault, ...]], policies: PolicySet
) -> None:
    assert asked() == ()
    assert {one.name for one in policies.families} == {one.family for one in policies.catalog}


def test_a_policy_whose_family_has_no_metadata(asked: Callable[..., tuple[Fault, ...]]) -> None:
    (fault,) = asked(None)
    assert fault.what == "SEC-001 belongs to the family secrets, which has no METADATA"
    assert "no_literal_secrets.rego" in str(fault.where)
    assert "rules/secrets/secrets.rego" in str(fault.remedy)


def test_an_owner_that_is_no_role(asked: Callable[..., tuple[Fault, ...]]) -> None:
    (fault,) = asked("nobody")
    assert fault.what == "nobody, who owns the family secrets, is no role"
    assert str(fault.where).startswith(SECRETS)


@pytest.mark.parametrize("owner", ["model-risk", "scanner"])
def test_an_owner_whom_nobody_asks(owner: str, asked: Callable[..., tuple[Fault, ...]]) -> None:
    (fault,) = asked(owner)
    assert fault.what == f"{owner} owns the family secrets, and nobody asks it about a change"
    assert "/policies/promotion/rules/secrets/" in str(fault.remedy)


def test_roles_are_not_asked_where_they_cannot_be(
    asked: Callable[..., tuple[Fault, ...]], trust: Trust
) -> None:
    assert asked("nobody", None) == ()
    teamless = replace(trust, roles=tuple(replace(one, team=None) for one in trust.roles))
    assert asked("model-risk", teamless) == ()


def test_a_family_of_no_policy(
    asked: Callable[..., tuple[Fault, ...]], policies: PolicySet, trust: Trust
) -> None:
    catalog = tuple(one for one in policies.catalog if one.family != "secrets")
    (fault,) = family_faults(Repository(ROOT), replace(policies, catalog=catalog), trust)
    assert fault.what == "no policy belongs to the family secrets"


def test_families_of_an_upstream_are_not_asked(
    policies: PolicySet, trust: Trust, tmp_path: Path
) -> None:
    stranger = replace(policies.families[0], owner="nobody")
    (tmp_path / "policies/promotion/rules").mkdir(parents=True)
    found = replace(policies, families=(stranger,))
    assert family_faults(Repository(tmp_path), found, trust) == ()
