"""Fairness reports: counts, groups, references, and files that are not what they should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from measure_support import CONTEXT, MODEL, check

from hallgate.measure.fairness import measure_fairness
from hallgate.measure.fairness_spec import Attribute, Outcomes
from hallgate.model.errors import InvalidDocument, UsageError

ROWS = {
    "sex": ["f"] * 40 + ["m"] * 60 + [None] * 10,
    "age": [20, 30] * 50 + [25] * 10,
    "predicted": [1] * 20 + [0] * 20 + [1] * 45 + [0] * 15 + [1] * 10,
    "truth": [1, 0] * 55,
}


def run(path: Path, *attributes: str, **named: Any) -> dict[str, Any]:
    outcomes = named.pop("outcomes", Outcomes("predicted", "truth"))
    specs = tuple(Attribute.parse(one) for one in attributes)
    return measure_fairness(path, outcomes, specs, model_digest=MODEL, context=CONTEXT, **named)


@pytest.fixture(params=["csv", "parquet"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"predictions.{request.param}"
    frame = pl.DataFrame(ROWS)
    if request.param == "csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


def test_counts_groups_and_comparisons(table: Path) -> None:
    result = check("fairness_report", run(table, "sex", "age<26"))
    assert result["rows"] == 110
    sex, age = result["attributes"]
    counts = {group["name"]: (group["rows"], group["selected"]) for group in sex["groups"]}
    assert counts == {"f": (40, 20), "m": (60, 45), "unknown": (10, 10)}
    assert sex["reference"] == "m"
    assert [one["group"] for one in sex["comparisons"]] == ["f", "unknown"]
    ratio = sex["comparisons"][0]["selection_ratio"]
    assert ratio["estimate_bp"] == 6667
    assert ratio["lower_bp"] < 6667 < ratio["upper_bp"]
    assert sex["comparisons"][1]["selection_ratio"]["estimate_bp"] == 13333
    assert [group["name"] for group in age["groups"]] == ["under 26", "26 and over"]
    assert sum(group["rows"] for group in age["groups"]) == 110
    women = sex["groups"][0]
    assert women["true_positives"] + women["false_positives"] == women["selected"]


def test_a_reference_can_be_named(table: Path) -> None:
    result = check("fairness_report", run(table, "sex@f"))
    comparison = result["attributes"][0]["comparisons"][0]
    assert comparison["group"] == "m"
    assert comparison["selection_ratio"]["estimate_bp"] == 15_000


def test_a_group_without_positives_has_no_rate(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("g,predicted,truth\na,1,1\na,0,0\nb,1,0\nb,0,0\n")
    comparison = check("fairness_report", run(path, "g"))["attributes"][0]["comparisons"][0]
    assert comparison["tpr_gap"] is None
    assert comparison["fpr_gap"] is not None


def test_scores_need_a_threshold_and_direction(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("g,score,truth\na,0.9,1\na,0.1,0\nb,0.6,1\nb,0.5,0\n")
    by_score = Outcomes("score", "truth", threshold=0.5)
    groups = check("fairness_report", run(path, "g", outcomes=by_score))["attributes"][0]["groups"]
    assert [group["selected"] for group in groups] == [1, 2]
    below = Outcomes("score", "truth", "0", threshold=0.5, favourable_below=True)
    groups = check("fairness_report", run(path, "g", outcomes=below))["attributes"][0]["groups"]
    assert [group["selected"] for group in groups] == [1, 0]
    with pytest.raises(InvalidDocument, match="4 values"):
        run(path, "g", outcomes=Outcomes("score", "truth"))


def test_rows_without_outcome_show_as_incomplete(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("g,predicted,truth\na,1,1\na,0,\nb,,0\nb,0,0\n")
    predicate = run(path, "g")
    assert check("fairness_report", predicate)["rows"] == 2
    assert predicate["completeness"] == {"expected": 4, "observed": 2}


@pytest.mark.parametrize("content", ["", "g,predicted,truth\n"])
def test_an_empty_file_was_not_measured(tmp_path: Path, content: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(content)
    predicate = run(path, "g")
    assert predicate["status"] == "not_run"
    check("fairness_report", predicate)


def test_wrong_names_are_told(table: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no column 'race'"):
        run(table, "race")
    with pytest.raises(UsageError, match="no group 'x'"):
        run(table, "sex@x")
    with pytest.raises(UsageError, match="neither as prediction nor as outcome"):
        run(table, "sex", outcomes=Outcomes("predicted", "truth", "7"))
    with pytest.raises(UsageError, match="cannot read"):
        run(tmp_path / "none.csv", "sex")
    with pytest.raises(UsageError, match="attributes"):
        run(table)
    with pytest.raises(UsageError, match="rising"):
        run(table, "age<30,20")
    with pytest.raises(InvalidDocument, match="cannot be read"):
        run(table, "sex<3")


def test_broken_files_are_told(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    path.write_bytes(b"PAR1 but no more")
    with pytest.raises(InvalidDocument, match="cannot be read"):
        run(path, "g")


def test_too_many_groups_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    rows = "".join(f"{at},{at % 2},1\n" for at in range(300))
    path.write_text("g,predicted,truth\n" + rows)
    with pytest.raises(InvalidDocument, match="300 groups"):
        run(path, "g")


def test_consistency_is_the_share_of_agreeing_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    rows = "".join(f"a,{int(at < 50)},1,{at}\n" for at in range(100))
    path.write_text("g,predicted,truth,x\n" + rows)
    result = check("fairness_report", run(path, "g", neighbours=("x",)))
    assert 9_500 < result["consistency_bp"] < 10_000
    assert check("fairness_report", run(path, "g"))["consistency_bp"] is None
    with pytest.raises(UsageError, match="no column 'y'"):
        run(path, "g", neighbours=("y",))


def test_the_same_file_gives_the_same_report(table: Path) -> None:
    assert run(table, "sex", neighbours=("age",)) == run(table, "sex", neighbours=("age",))
