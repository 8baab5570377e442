"""A track narrows, tightens and dates; whatever else it says is a fault at its line."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from hallgate.decide.explain import TierLimit
from hallgate.engine.bundle import build_bundle
from hallgate.engine.opa import Opa
from hallgate.intake.rfc3339 import text
from hallgate.intake.schema import Schemas
from hallgate.intake.tracks import read_track
from hallgate.model.errors import EngineAborted, Fault, InvalidDocument, Location
from hallgate.model.policy import Limit, Policy
from hallgate.model.values import Severity, Tier
from hallgate.publish.bundle.overlay import Observation, Overlay, overlaid, read_overlay

ROOT = Path(__file__).parents[4]
REPLAY = (ROOT / "policies/promotion/replay/replay.rego").read_bytes()
DAY = 86_400


def _policy(
    name: str, family: str, limits: tuple[Limit, ...], since: int, *, waivable: bool = True
) -> Policy:
    return Policy(
        name, family, name.lower().replace("-", "_"), "t", "d", Severity.HIGH, (), limits,
        ("fail",) if waivable else (), None, (), "r", since, Location("x.rego"),
    )  # fmt: skip


MINIMUM, MAXIMUM = Limit("", "bp", "minimum"), Limit("", "days", "maximum")
ROWS, SHARE = Limit("rows", "rows", "minimum"), Limit("share", "bp", "maximum")
CATALOG = (
    _policy("FAIR-001", "fairness", (MINIMUM,), 100 * DAY),
    _policy("FAIR-002", "fairness", (ROWS, SHARE), 0),
    _policy("FAIR-003", "fairness", (), 100 * DAY),
    _policy("SUP-001", "supply", (MAXIMUM,), 0),
    _policy("OTH-001", "other", (MINIMUM,), 0),
    _policy("SUP-002", "supply", (), 100 * DAY, waivable=False),
)


def _tiers(limit: Limit, low: int, medium: int, high: int) -> TierLimit:
    return TierLimit(limit, ((Tier.LOW, low), (Tier.MEDIUM, medium), (Tier.HIGH, high)))


LIMITS = {
    "FAIR-001": (_tiers(MINIMUM, 70, 80, 80),),
    "FAIR-002": (
        _tiers(ROWS, 10, 20, 30),
        TierLimit(SHARE, ((Tier.MEDIUM, 50), (Tier.HIGH, 50))),
    ),
    "FAIR-003": (),
    "SUP-001": (_tiers(MAXIMUM, 30, 7, 1),),
    "OTH-001": (_tiers(MINIMUM, 1, 1, 1),),
}
TRACK: dict[str, Any] = {
    "track": "mlops", "title": "MLOps", "families": ["fairness", "supply"],
    "frameworks": ["gdpr"], "limits": [], "dates": [], "rollout": [], "baseline": None,
}  # fmt: skip


def _limit(policy: str, tier: str, limit: int, quantity: str | None = None) -> dict[str, Any]:
    return {"policy": policy, "quantity": quantity, "tier": tier, "limit": limit, "reason": "r"}


def _date(policy: str, day: int, member: str = "effective_from") -> dict[str, Any]:
    return {"policy": policy, member: text(day * DAY), "reason": "r"}


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas.load(None)


def _read(folder: Path, schemas: Schemas, **change: Any) -> Overlay:
    written = json.dumps({**copy.deepcopy(TRACK), **change}, indent=1)
    (folder / "mlops.yaml").write_text(written)
    track = read_track(folder, "mlops", schemas)
    models = frozenset({"churn", "credit-risk"})
    return read_overlay(track, CATALOG, LIMITS, frozenset({"gdpr", "slsa"}), models)


def _faults(folder: Path, schemas: Schemas, **change: Any) -> tuple[Fault, ...]:
    with pytest.raises(InvalidDocument) as caught:
        _read(folder, schemas, **change)
    assert caught.value.exit_code == 3
    return caught.value.faults


def test_a_track_that_only_narrows(tmp_path: Path, schemas: Schemas) -> None:
    overlay = _read(tmp_path, schemas)
    assert overlay == Overlay(frozenset({"fairness", "supply"}), {}, {}, {})


def test_tighter_limits_give_the_whole_table(tmp_path: Path, schemas: Schemas) -> None:
    limits = [
        _limit("FAIR-001", "low", 80),
        _limit("SUP-001", "low", 14),
        _limit("FAIR-002", "high", 40, "share"),
        _limit("FAIR-002", "medium", 30, "rows"),
    ]
    assert _read(tmp_path, schemas, limits=limits).limits == {
        ("fairness", "fair_001"): {"low": 80, "medium": 80, "high": 80},
        ("supply", "sup_001"): {"low": 14, "medium": 7, "high": 1},
        ("fairness", "fair_002"): {
            "rows": {"low": 10, "medium": 30, "high": 30},
            "share": {"medium": 50, "high": 40},
        },
    }


def _old(*policies: str, models: tuple[str, ...] = ("churn",)) -> dict[str, Any]:
    return {
        "models": list(models), "policies": list(policies),
        "since": text(50 * DAY), "until": text(150 * DAY), "reason": "r",
    }  # fmt: skip


def test_a_date_brought_forward_is_one_and_a_rollout_observes(
    tmp_path: Path, schemas: Schemas
) -> None:
    late = [_date("FAIR-003", 120, "enforce_from")]
    overlay = _read(tmp_path, schemas, dates=[_date("FAIR-001", 20)], rollout=late)
    assert overlay.dates == {"FAIR-001": 20 * DAY}
    rolled = Observation("rollout", None, 100 * DAY, 120 * DAY)
    assert overlay.observed == {"FAIR-003": (rolled,)}


def test_a_baseline_stands_beside_a_rollout(tmp_path: Path, schemas: Schemas) -> None:
    late = [_date("FAIR-003", 120, "enforce_from")]
    entries = [_old("FAIR-003", "FAIR-001", models=("credit-risk", "churn"))]
    overlay = _read(tmp_path, schemas, rollout=late, baseline=entries)
    churn, credit = (
        Observation("baseline", one, 50 * DAY, 150 * DAY) for one in ("churn", "credit-risk")
    )
    rolled = Observation("rollout", None, 100 * DAY, 120 * DAY)
    assert overlay.observed == {
        "FAIR-001": (churn, credit),
        "FAIR-003": (churn, credit, rolled),
    }


def test_every_name_of_a_baseline_is_told_once(tmp_path: Path, schemas: Schemas) -> None:
    entries = [_old("FAIR-009", "SUP-002", models=("churn", "nobody", "ghost"))]
    faults = _faults(tmp_path, schemas, baseline=entries)
    assert sorted(one.what for one in faults) == [
        "FAIR-009 is no policy of the families taken",
        "SUP-002 may never be waived, so it cannot be observed only",
        "ghost is no active model of inventory/",
        "nobody is no active model of inventory/",
    ]
    lines = (tmp_path / "mlops.yaml").read_text().splitlines()
    for one in faults:
        assert one.where is not None
        assert one.where.line is not None
        assert one.what.split()[0] in lines[one.where.line - 1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"limits": [_limit("FAIR-001", "high", 79)]}, "79 would loosen FAIR-001: its minimum is"),
        ({"limits": [_limit("SUP-001", "low", 31)]}, "31 would loosen SUP-001: its maximum is 30"),
        ({"limits": [_limit("FAIR-002", "high", 51, "share")]}, "51 would loosen FAIR-002"),
        ({"limits": [_limit("FAIR-009", "high", 1)]}, "FAIR-009 is no policy of the families"),
        ({"limits": [_limit("OTH-001", "high", 1)]}, "OTH-001 is no policy of the families"),
        ({"limits": [_limit("FAIR-003", "high", 1)]}, "FAIR-003 does not limit a single quantity"),
        ({"limits": [_limit("FAIR-002", "high", 1)]}, "FAIR-002 does not limit a single quantity"),
        ({"limits": [_limit("FAIR-002", "high", 1, "cats")]}, "FAIR-002 does not limit cats"),
        ({"limits": [_limit("FAIR-002", "low", 1, "share")]}, "no limit for tier low"),
        ({"limits": [_limit("FAIR-001", "low", 90)]}, "laxer for medium than for low"),
        ({"dates": [_date("FAIR-001", 100)]}, "FAIR-001 is not brought forward"),
        ({"dates": [_date("FAIR-002", 1)]}, "FAIR-002 is not brought forward"),
        ({"dates": [_date("FAIR-009", 1)]}, "FAIR-009 is no policy"),
        ({"rollout": [_date("FAIR-001", 100, "enforce_from")]}, "at most 180 days after its date"),
        ({"rollout": [_date("FAIR-001", 281, "enforce_from")]}, "at most 180 days after its date"),
        ({"rollout": [_date("OTH-001", 50, "enforce_from")]}, "OTH-001 is no policy"),
        ({"rollout": [_date("SUP-002", 120, "enforce_from")]}, "SUP-002 may never be waived"),
        ({"baseline": [_old("SUP-002")]}, "SUP-002 may never be waived"),
        ({"baseline": [_old("OTH-001")]}, "OTH-001 is no policy"),
        ({"families": ["fairness", "supply", "fun"]}, "'fun' is none of the families"),
        ({"frameworks": ["gdpr", "lex"]}, "'lex' is none of the frameworks"),
    ],
)
def test_a_fault_with_file_and_line(
    tmp_path: Path, schemas: Schemas, change: dict[str, Any], words: str
) -> None:
    fault = _faults(tmp_path, schemas, **change)[0]
    assert words in fault.what
    assert fault.where is not None
    assert fault.where.file.endswith("mlops.yaml")
    assert fault.where.line is not None
    assert fault.where.line > 1


def test_a_rollout_of_180_days_is_the_longest(tmp_path: Path, schemas: Schemas) -> None:
    overlay = _read(tmp_path, schemas, rollout=[_date("FAIR-001", 280, "enforce_from")])
    longest = Observation("rollout", None, 100 * DAY, 280 * DAY)
    assert overlay.observed == {"FAIR-001": (longest,)}


def test_every_fault_is_named_in_one_run(tmp_path: Path, schemas: Schemas) -> None:
    limits = [_limit("FAIR-001", "high", 1), _limit("SUP-001", "low", 99)]
    assert len(_faults(tmp_path, schemas, limits=limits, frameworks=["lex"])) == 3


MAIN = b"""package promotion.main

default allowed := false

allowed if count(deny) == 0

decision := {"allowed": allowed, "verdicts": verdicts}

verdicts := sort([name | some name, rule in data.promotion.rules[_]; count(rule.deny) > 0])

deny contains finding if some finding in data.promotion.rules[_][_].deny

warn contains "said"
"""
RULE = b"""package promotion.rules.%b.one

limits := {"low": %d}

deny contains {"limit": limits.low, "at": time.now_ns()} if input.x < limits.low
"""
FILES = {
    "promotion/main/main.rego": MAIN,
    "promotion/replay/replay.rego": REPLAY,
    "promotion/rules/fairness/one/one.rego": RULE % (b"fairness", 10),
    "promotion/rules/other/one/one.rego": RULE % (b"other", 1000),
}


def _ask(opa: Opa, overlay: Overlay, query: str, x: int) -> Any:
    bundle = build_bundle(overlaid(FILES, overlay), ("promotion",), {})
    return opa.evaluate([bundle], f"data.promotion.{query}", {"x": x, "now": 7})


def test_families_not_taken_are_not_shipped(opa: Opa) -> None:
    narrow = Overlay(frozenset({"fairness"}), {}, {}, {})
    assert sorted(overlaid(FILES, narrow)) == sorted(FILES)[:3]
    assert _ask(opa, narrow, "main.allowed", 10) is True
    assert (
        _ask(opa, Overlay(frozenset({"fairness", "other"}), {}, {}, {}), "main.allowed", 10)
        is False
    )


def test_main_and_replay_decide_under_the_tracks_limits(opa: Opa) -> None:
    tight = Overlay(frozenset({"fairness"}), {}, {("fairness", "one"): {"low": 20}}, {})
    assert _ask(opa, tight, "main.allowed", 20) is True
    assert _ask(opa, tight, "main.allowed", 19) is False
    assert _ask(opa, tight, "main.decision", 19) == {"allowed": False, "verdicts": ["one"]}
    assert _ask(opa, tight, "main.verdicts", 19) == ["one"]
    assert _ask(opa, tight, "main.warn", 19) == ["said"]
    (finding,) = _ask(opa, tight, "main.deny", 19)
    assert finding["limit"] == 20
    assert _ask(opa, tight, "replay.deny", 19) == [{"limit": 20, "at": 7_000_000_000}]
    assert _ask(opa, tight, "replay.decision.allowed", 20) is True


def test_a_batch_is_decided_one_by_one_under_the_tracks_limits(opa: Opa) -> None:
    tight = Overlay(frozenset({"fairness"}), {}, {("fairness", "one"): {"low": 20}}, {})
    bundle = build_bundle(overlaid(FILES, tight), ("promotion",), {})
    for entrypoint in ("main", "replay"):
        query = (
            "[answer.allowed | some one in input.batch; "
            f"answer := data.promotion.{entrypoint}.decision with input as one]"
        )
        batch = [{"x": x, "now": 7} for x in (19, 20, 9, 21)]
        assert opa.evaluate([bundle], query, {"batch": batch}) == [False, True, False, True]


def test_the_policy_that_stops_the_engine_is_still_named(opa: Opa) -> None:
    path = "promotion/rules/fairness/one/one.rego"
    broken = {**FILES, path: FILES[path].replace(b"input.x <", b"to_number(input.x) <")}
    tight = Overlay(frozenset({"fairness"}), {}, {("fairness", "one"): {"low": 20}}, {})
    bundle = build_bundle(overlaid(broken, tight), ("promotion",), {})
    with pytest.raises(EngineAborted) as caught:
        opa.evaluate([bundle], "data.promotion.main.decision", {"x": "no number"})
    assert caught.value.policy_file == path


def test_rules_are_shipped_byte_for_byte(opa: Opa) -> None:
    tight = Overlay(frozenset({"fairness"}), {}, {("fairness", "one"): {"low": 20}}, {})
    files = overlaid(FILES, tight)
    for path in ("promotion/rules/fairness/one/one.rego", "promotion/replay/replay.rego"):
        assert files[path] == FILES[path]
    assert files["promotion/house/main.rego"] == MAIN.replace(b"promotion.main", b"promotion.house")


def test_silence_of_the_house_is_a_denial(opa: Opa) -> None:
    # `decision` has no value, so nothing was said at all.
    mute = {
        **FILES,
        "promotion/main/main.rego": MAIN.replace(
            b"verdicts := sort", b"verdicts := 1 if false\n\n_other := sort"
        ),
    }
    tight = Overlay(frozenset({"fairness"}), {}, {("fairness", "one"): {"low": 20}}, {})
    bundle = build_bundle(overlaid(mute, tight), ("promotion",), {})
    query = '{"allowed": data.promotion.main.allowed, "deny": count(data.promotion.main.deny)}'
    assert opa.evaluate([bundle], query, {"x": 99}) == {"allowed": False, "deny": 1}


def test_a_main_of_another_name_is_not_guessed_at() -> None:
    tight = Overlay(frozenset({"fairness"}), {}, {("fairness", "one"): {"low": 20}}, {})
    with pytest.raises(ValueError, match=r"does not say `package promotion\.main` once"):
        overlaid({**FILES, "promotion/main/more.rego": b"package promotion.more\n"}, tight)
