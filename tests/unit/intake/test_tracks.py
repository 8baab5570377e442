"""A track's file: its shape, and every fault at its place."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.schema import Schemas
from hallgate.intake.tracks import Track, read_track, read_tracks
from hallgate.model.errors import InvalidDocument, UsageError
from hallgate.model.values import Tier

ROOT = Path(__file__).parents[3]
LIMIT: dict[str, Any] = {
    "policy": "FAIR-001", "quantity": None, "tier": "high", "limit": 9000, "reason": "We can.",
}  # fmt: skip
DATE: dict[str, Any] = {
    "policy": "FAIR-002", "effective_from": "1970-01-02T00:00:00Z", "reason": "Now.",
}  # fmt: skip
OBSERVED: dict[str, Any] = {
    "policy": "FAIR-003", "enforce_from": "1970-01-03T00:00:00+00:00", "reason": "Later.",
}  # fmt: skip
ENTRY: dict[str, Any] = {
    "models": ["credit-risk", "churn"], "policies": ["FAIR-001", "FAIR-002"],
    "since": "1970-01-01T00:00:00Z", "until": "1971-01-01T00:00:00Z", "reason": "Older than we.",
}  # fmt: skip
TRACK: dict[str, Any] = {
    "track": "mlops", "title": "MLOps", "families": ["fairness"], "frameworks": [],
    "limits": [LIMIT], "dates": [DATE], "rollout": [OBSERVED],
    "baseline": None,
}  # fmt: skip


def _read(folder: Path, schemas: Schemas, name: str = "mlops", **change: Any) -> Track:
    text = json.dumps({**copy.deepcopy(TRACK), **change}, indent=1)
    (folder / f"{name}.yaml").write_text(text)
    return read_track(folder, name, schemas)


def _fault(folder: Path, schemas: Schemas, name: str = "mlops", **change: Any) -> str:
    with pytest.raises(InvalidDocument) as caught:
        _read(folder, schemas, name, **change)
    (fault,) = caught.value.faults
    assert fault.where is not None
    assert fault.where.line is not None
    line = (folder / f"{name}.yaml").read_text().splitlines()[fault.where.line - 1].strip()
    return f"{line.rstrip(',')} | {fault.what}"


def test_a_track_with_its_times_in_seconds(tmp_path: Path, schemas: Schemas) -> None:
    track = _read(tmp_path, schemas)
    (limit,), (date,), (observed,) = track.limits, track.earlier, track.rollout
    assert (limit.policy, limit.quantity, limit.tier, limit.limit) == (
        "FAIR-001", "", Tier.HIGH, 9000,
    )  # fmt: skip
    assert (date.policy, date.since) == ("FAIR-002", 86400)
    assert (observed.policy, observed.since) == ("FAIR-003", 172800)


def test_a_baseline_names_each_model_with_each_policy(tmp_path: Path, schemas: Schemas) -> None:
    assert _read(tmp_path, schemas).baseline is None
    assert _read(tmp_path, schemas, baseline=[]).baseline == ()
    found = _read(tmp_path, schemas, baseline=[ENTRY]).baseline
    assert found is not None
    assert [(one.model, one.policy, one.since, one.until) for one in found] == [
        (model, policy, 0, 365 * 86400)
        for model in ENTRY["models"] for policy in ENTRY["policies"]
    ]  # fmt: skip


def test_all_tracks_and_all_their_faults(tmp_path: Path, schemas: Schemas) -> None:
    _read(tmp_path, schemas)
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("track: x\n")
    found, faults = read_tracks(tmp_path, schemas)
    assert list(found) == ["mlops"]
    assert {Path(str(one.where.file)).stem for one in faults if one.where} == {"one", "two"}


def test_our_tracks_are_sound(schemas: Schemas) -> None:
    names = {path.stem for path in (ROOT / "tracks").glob("*.yaml")}
    assert names == {"mlops", "security", "senior-platform", "architect", "llmops"}
    assert {read_track(ROOT / "tracks", name, schemas).name for name in names} == names


def test_no_such_track_names_the_others(tmp_path: Path, schemas: Schemas) -> None:
    _read(tmp_path, schemas)
    for name in ("mlop", "../mlops", "MLOPS"):
        with pytest.raises(UsageError, match="there is no track") as caught:
            read_track(tmp_path, name, schemas)
        assert "known are mlops" in caught.value.remedy


def test_a_link_is_not_followed(tmp_path: Path, schemas: Schemas) -> None:
    (tmp_path / "mlops.yaml").symlink_to(ROOT / "tracks/mlops.yaml")
    with pytest.raises(InvalidDocument, match="symbolic link"):
        read_track(tmp_path, "mlops", schemas)


_ENDS = '"until": "{}" | a baseline ends after it begins, and within 365 days'


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"track": "other"}, '"track": "other" | \'other\' is not the file\'s name'),
        ({"families": ["a", "b", "a"]}, '"a" | a stands here twice'),
        ({"frameworks": ["gdpr", "gdpr"]}, '"gdpr" | gdpr stands here twice'),
        ({"limits": [LIMIT, {**LIMIT, "limit": 9500}]}, '"tier": "high" | FAIR-001 has two limits'),
        ({"dates": [DATE, DATE]}, '"policy": "FAIR-002" | FAIR-002 has two dates'),
        (
            {"rollout": [{**OBSERVED, "policy": "FAIR-002"}]},
            '"policy": "FAIR-002" | FAIR-002 has two dates',
        ),
        ({"limits": [{**LIMIT, "tier": "extreme"}]}, '"tier": "extreme" | '),
        ({"limits": [{**LIMIT, "limit": "9000"}]}, '"limit": "9000" | '),
        ({"limits": [{**LIMIT, "limit": -1}]}, '"limit": -1 | '),
        ({"limits": [{**LIMIT, "limit": True}]}, '"limit": true | '),
        ({"dates": [{**DATE, "effective_from": "soon"}]}, '"effective_from": "soon" | '),
        ({"families": []}, '"families": [] | '),
        (
            {"baseline": [ENTRY, {**ENTRY, "models": ["churn"], "policies": ["FAIR-002"]}]},
            '"FAIR-002" | FAIR-002 stands here twice for churn',
        ),
        ({"baseline": [{**ENTRY, "until": ENTRY["since"]}]}, _ENDS.format(ENTRY["since"])),
        (
            {"baseline": [{**ENTRY, "until": "1971-01-01T00:00:01Z"}]},
            _ENDS.format("1971-01-01T00:00:01Z"),
        ),
        ({"baseline": [{**ENTRY, "until": None}]}, '"until": null | '),
        ({"baseline": [{**ENTRY, "models": []}]}, '"models": [], | '.replace(",", "")),
        ({"baseline": [{**ENTRY, "models": ["*"]}]}, '"*" | '),
        ({"baseline": [{**ENTRY, "policies": ["FAIR-*"]}]}, '"FAIR-*" | '),
        ({"baseline": [{**ENTRY, "reason": ""}]}, '"reason": "" | '),
        ({"baseline": [{**ENTRY, "forever": True}]}, '"forever": true | '),
    ],
)
def test_a_fault_at_its_line(
    tmp_path: Path, schemas: Schemas, change: dict[str, Any], words: str
) -> None:
    assert _fault(tmp_path, schemas, **change).startswith(words)


def test_no_track_is_called_all(tmp_path: Path, schemas: Schemas) -> None:
    assert "no track narrows" in _fault(tmp_path, schemas, "all", track="all")
