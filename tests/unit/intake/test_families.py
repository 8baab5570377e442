"""METADATA of families: one home, a closed shape, and faults that say where."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hallgate.intake.catalog import read_catalog
from hallgate.intake.families import read_families
from hallgate.intake.schema import Schemas
from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.policy import Family

SAID: dict[str, Any] = {
    "title": "Fairness",
    "description": "why",
    "custom": {"owner": "model-risk"},
}


def family(
    package: str = "promotion.rules.fairness", scope: str = "subpackages", **said: Any
) -> str:
    whole = {key: value for key, value in {**SAID, **said}.items() if value is not ...}
    lines = "".join(f"# {key}: {json.dumps(value)}\n" for key, value in whole.items())
    return f"# METADATA\n# scope: {scope}\n{lines}package {package}\n"


def test_a_family_is_read_and_is_no_policy(inspect: Callable[..., Any], schemas: Schemas) -> None:
    said = inspect(family())
    where = Location("p0.rego", 6, 1)
    assert read_families(said, schemas) == (
        Family("fairness", "Fairness", "why", "model-risk", where),
    )
    assert read_catalog(said, schemas) == ()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"custom": {"owner": "Model risk"}}, "right form"),
        ({"custom": {"owner": "model-risk", "team": "x"}}, "'team' is no known field"),
        ({"custom": ...}, "custom is missing"),
        ({"title": ...}, "title is missing"),
        ({"description": "why " * 300}, "too long"),
        ({"authors": ["somebody"]}, "'authors' is no known field"),
        ({"package": "promotion.rules"}, "is no family's"),
        ({"package": "promotion.rules.fairness.close"}, "is no family's"),
    ],
)
def test_faults_of_families(
    change: dict[str, Any], what: str, inspect: Callable[..., Any], schemas: Schemas
) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read_families(inspect(family(**change)), schemas)
    (fault,) = caught.value.faults
    assert what in fault.what
    assert str(fault.where).startswith("p0.rego:")
    assert fault.remedy


def test_a_family_without_metadata_is_no_policy_either(
    inspect: Callable[..., Any], schemas: Schemas
) -> None:
    with pytest.raises(InvalidDocument, match=r"promotion\.rules\.fairness has no METADATA"):
        read_catalog(inspect("package promotion.rules.fairness\n"), schemas)
    with pytest.raises(InvalidDocument, match=r"no promotion\.rules\.<family>\.<policy>"):
        read_catalog(inspect(family(scope="package")), schemas)


def test_metadata_of_other_packages_is_nobody_s(
    inspect: Callable[..., Any], schemas: Schemas
) -> None:
    assert read_families(inspect(family("promotion.lib")), schemas) == ()
