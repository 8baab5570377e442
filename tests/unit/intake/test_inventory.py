"""The register and the list of what is live: wrong ones are named with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.inventory import read_deployed, read_inventory
from hallgate.intake.schema import Schemas
from hallgate.model.errors import InvalidDocument, UsageError
from hallgate.model.trust import Trust

MODEL = {
    "name": "credit-risk", "title": "Scores credit", "owner": "head-of-model-risk",
    "origin": "in_house", "vendor": None, "sector": "finance", "use": "Scores credit.",
    "gated": True, "why_ungated": None, "status": "active",
    "since": "2026-01-01T00:00:00Z", "retired_at": None,
}  # fmt: skip
DEPLOYED = {
    "observed_at": "2026-11-01T00:00:00Z",
    "source": {"system": "cluster", "query": "kubectl get inferenceservices -A"},
    "completeness": {"expected": 1, "observed": 1},
    "deployments": [
        {"name": "credit-risk", "digest": None, "stage": "production", "where": "cluster a"}
    ],
}


def write(folder: Path, document: Any, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(json.dumps(document, indent=1))
    return path


def test_models_come_in_order(tmp_path: Path, trust: Trust, schemas: Schemas) -> None:
    assert read_inventory(tmp_path / "none", trust, schemas) == ()
    write(tmp_path, MODEL, "credit-risk.yaml")
    bought = {**MODEL, "name": "bought", "origin": "vendor", "vendor": "A vendor",
              "gated": False, "why_ungated": "It cannot be measured.",
              "status": "retired", "retired_at": "2026-06-01T00:00:00Z"}  # fmt: skip
    write(tmp_path, bought, "bought.yaml")
    found = read_inventory(tmp_path, trust, schemas)
    assert [(one.name, one.gated, one.retired_at) for one in found] == [
        ("bought", False, 1780272000), ("credit-risk", True, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"name": "other"}, "is not the file's name"),
        ({"owner": "nobody"}, "nobody is no identity"),
        ({"origin": "vendor"}, "vendor does not go with origin"),
        ({"vendor": "Somebody"}, "vendor does not go with origin"),
        ({"gated": False}, "why_ungated does not go with gated"),
        ({"why_ungated": "Too small."}, "why_ungated does not go with gated"),
        ({"status": "retired"}, "retired_at does not go with status"),
        ({"sector": "space"}, "space"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_wrong_model_is_named(
    tmp_path: Path, trust: Trust, schemas: Schemas, change: dict[str, Any], what: str
) -> None:
    path = write(tmp_path, {**MODEL, **change}, "credit-risk.yaml")
    with pytest.raises(InvalidDocument, match=what) as error:
        read_inventory(tmp_path, trust, schemas)
    assert f"{path}:" in str(error.value)


def test_a_model_by_another_ending_is_not_overlooked(
    tmp_path: Path, trust: Trust, schemas: Schemas
) -> None:
    write(tmp_path, MODEL, "credit-risk.yml")
    with pytest.raises(InvalidDocument, match="overlooked"):
        read_inventory(tmp_path, trust, schemas)


def test_what_is_live(tmp_path: Path, schemas: Schemas) -> None:
    found = read_deployed(write(tmp_path, DEPLOYED, "deployed.json"), schemas)
    assert (found.expected, len(found.deployments), found.deployments[0].digest) == (1, 1, None)
    cut = {**DEPLOYED, "completeness": {"expected": 2, "observed": 2}}
    with pytest.raises(InvalidDocument, match="cut short"):
        read_deployed(write(tmp_path, cut, "deployed.json"), schemas)
    with pytest.raises(InvalidDocument, match="source"):
        read_deployed(write(tmp_path, {**DEPLOYED, "source": None}, "deployed.json"), schemas)
    with pytest.raises(UsageError, match="no such file"):
        read_deployed(tmp_path / "none.json", schemas)
