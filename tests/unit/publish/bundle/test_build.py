"""What is built is checked and tried once; a bundle that would let things through is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hallgate.decide.policies import PolicySet
from hallgate.engine.bundle import Bundle, build_bundle, rego_constants
from hallgate.engine.opa import Opa
from hallgate.intake.schema import Schemas
from hallgate.intake.tracks import read_track
from hallgate.model.errors import EngineAborted, Location
from hallgate.model.law import Control
from hallgate.model.policy import Policy
from hallgate.model.values import Severity
from hallgate.publish.bundle.archive import MANIFEST, unpack
from hallgate.publish.bundle.build import Origin, build_published

MAIN = b"""package promotion.main

default allowed := false

allowed if input.yes

decision := {"allowed": allowed}

deny contains "no" if not allowed
"""
RULE = b"package promotion.rules.fairness.%b\n\ndeny := set()\n"
ORIGIN = Origin("c" * 40, {"policies": "sha256:1", "track": None}, "1.2.3")
LAW = tuple(
    Control(framework, "1", "t", "binding", "in_force", since, None, None, "s", "v")
    for framework, since in (("gdpr", 7), ("slsa", None), ("uncited", None))
)
TRACK = {
    "track": "mlops", "title": "t", "families": ["fairness"], "frameworks": ["gdpr"], "limits": [],
    "dates": [{"policy": "FAIR-001", "effective_from": "1970-01-02T00:00:00Z", "reason": "r"}],
    "rollout": [{"policy": "FAIR-002", "enforce_from": "1970-01-05T00:00:00Z", "reason": "r"}],
    "baseline": None,
}  # fmt: skip
DAY = 86_400


def _policy(number: int, family: str, since: int) -> Policy:
    return Policy(
        f"FAIR-00{number}", family, f"one{number}", "t", "d", Severity.HIGH, (), (),
        ("fail",), None,
        ("gdpr:1", "slsa:1"), "r", since, Location("x.rego"),
    )  # fmt: skip


CATALOG = (_policy(1, "fairness", 3 * DAY), _policy(2, "fairness", 3 * DAY), _policy(3, "o", 0))


def _house(**files: bytes) -> PolicySet:
    entries: dict[str, Any] = {
        one.id: {"family": one.family, "name": one.name, "effective_from": one.effective_from}
        for one in CATALOG
    }
    whole = {
        "promotion/main/main.rego": MAIN,
        "promotion/generated/catalog.rego": rego_constants(
            "promotion.generated.catalog", {"policies": entries}
        ),
        "promotion/rules/fairness/one1/one1.rego": RULE % b"one1",
        "promotion/rules/fairness/one2/one2.rego": RULE % b"one2",
        "promotion/rules/o/one3/one3.rego": b"package promotion.rules.o.one3\n\ndeny := set()\n",
        **{path.replace("_", "/") + ".rego": data for path, data in files.items()},
    }
    return PolicySet(CATALOG, build_bundle(whole, ("promotion",), {}))


def _asked(opa: Opa, bundle: Bundle, query: str) -> Any:
    return opa.evaluate([bundle], f"data.promotion.generated.{query}", {})


def test_everything_without_a_track(opa: Opa) -> None:
    bundle = build_published(_house(), LAW, None, ORIGIN, opa)
    assert json.loads(unpack(bundle.data)[MANIFEST])["metadata"] == {
        "track": "all", "commit": "c" * 40, "hallgate": "1.2.3", "opa": "1.22.0",
        "inputs": {"policies": "sha256:1", "track": None},
    }  # fmt: skip
    assert sorted(_asked(opa, bundle, "catalog.policies")) == ["FAIR-001", "FAIR-002", "FAIR-003"]
    assert _asked(opa, bundle, "law.controls")["gdpr:1"]["since"] == 7
    assert sorted(_asked(opa, bundle, "law.controls")) == ["gdpr:1", "slsa:1"]  # cited alone
    assert _asked(opa, bundle, "track.track.name") == "all"


def test_a_track_narrows_families_law_and_moves_dates(opa: Opa, tmp_path: Path) -> None:
    (tmp_path / "mlops.yaml").write_text(json.dumps(TRACK, indent=1))
    track = read_track(tmp_path, "mlops", Schemas.load(None))
    bundle = build_published(_house(), LAW, track, ORIGIN, opa)
    policies = _asked(opa, bundle, "catalog.policies")
    assert {name: entry["effective_from"] for name, entry in policies.items()} == {
        "FAIR-001": DAY, "FAIR-002": 3 * DAY,
    }  # fmt: skip
    # A policy that nothing observes has the entry it always had.
    assert "observed" not in policies["FAIR-001"]
    assert policies["FAIR-002"]["observed"] == [
        {"by": "rollout", "model": None, "since": 3 * DAY, "until": 4 * DAY}
    ]
    assert "baseline" not in _asked(opa, bundle, "track.track")
    assert sorted(_asked(opa, bundle, "law.controls")) == ["gdpr:1"]
    assert _asked(opa, bundle, "track.track.rollout") == [{"policy": "FAIR-002", "since": 4 * DAY}]
    assert not [path for path in unpack(bundle.data) if "/o/" in path]


def test_a_baseline_ships_by_model_and_an_empty_one_says_so(opa: Opa, tmp_path: Path) -> None:
    entry = {
        "models": ["b", "a"], "policies": ["FAIR-001"], "reason": "r",
        "since": "1970-01-01T00:00:00Z", "until": "1970-01-03T00:00:00Z",
    }  # fmt: skip
    for baseline, models in (([entry], ("a", "b")), ([], ())):
        (tmp_path / "mlops.yaml").write_text(json.dumps({**TRACK, "baseline": baseline}, indent=1))
        track = read_track(tmp_path, "mlops", Schemas.load(None))
        bundle = build_published(_house(), LAW, track, ORIGIN, opa, frozenset({"a", "b"}))
        said = _asked(opa, bundle, "catalog.policies")["FAIR-001"].get("observed", [])
        assert said == [
            {"by": "baseline", "model": one, "since": 0, "until": 2 * DAY} for one in models
        ]
        assert _asked(opa, bundle, "track.track.baseline") == [
            {"policy": "FAIR-001", "model": one, "since": 0, "until": 2 * DAY} for one in models
        ]


@pytest.mark.parametrize(
    ("main", "words"),
    [
        (MAIN.replace(b"allowed := false", b"allowed := true"), "does not deny an empty"),
        (MAIN.replace(b'{"allowed": allowed}', b'{"allowed": true}'), "does not deny an empty"),
        (MAIN.replace(b"if not allowed", b"if allowed"), "does not deny an empty"),
        (MAIN + b"\nimport data.promotion.unused\n", "not strict Rego"),
        (MAIN + b"\ndeny contains missing(1)\n", "undefined function"),
    ],
)
def test_a_bundle_that_would_let_through_is_not_published(
    opa: Opa, main: bytes, words: str
) -> None:
    with pytest.raises(EngineAborted, match=words):
        build_published(_house(promotion_main_main=main), LAW, None, ORIGIN, opa)


def test_a_catalog_without_its_rule_is_not_published(opa: Opa) -> None:
    other = b"package promotion.rules.o.other\n"
    with pytest.raises(EngineAborted, match="FAIR-003"):
        build_published(_house(promotion_rules_o_one3_one3=other), LAW, None, ORIGIN, opa)
