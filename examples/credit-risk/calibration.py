"""Whether a score means the same for every group: a calibration_report of the training rows.

Every person is scored by the fold model that never saw them. The interval of a gap is Wilson's of
the share that repaid, less the mean score, which is taken as known.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import numpy as np
from reports import Outcome

from hallgate.measure.intervals import Rate, wilson

# As `hallgate measure fairness --attribute sex --attribute age<26` names them.
GROUPS = {
    "age": lambda row: "under 26" if float(row["age"]) < 26 else "26 and over",
    "sex": lambda row: row["sex"],
}


def calibration_report(outcome: Outcome, predictions_digest: str) -> dict[str, Any]:
    """Scored and true share of every group, with the interval of their difference."""
    return {
        "model_digest": outcome.digest,
        "dataset_digest": predictions_digest,
        "outcome": "the credit was repaid",
        "method": "Wilson score interval of the true share, less the mean score",
        "confidence_bp": 9500,
        "rows": len(outcome.table.rows),
        "attributes": [
            {"name": name, "groups": _groups(outcome, [group(row) for row in outcome.table.rows])}
            for name, group in GROUPS.items()
        ],
    }


def _groups(outcome: Outcome, names: list[str]) -> list[dict[str, Any]]:
    of = np.array(names)
    return [
        _group(name, outcome.table.target[of == name], outcome.scores[of == name])
        for name in sorted(set(names))
    ]


def _group(name: str, target: np.ndarray, scores: np.ndarray) -> dict[str, Any]:
    rows, positives = len(target), int(target.sum())
    expected = round(float(scores.sum()) * 10_000)
    true = wilson(Rate(positives, rows))
    assert true is not None
    mean = expected / rows
    low, high = true.lower * 10_000 - mean, true.upper * 10_000 - mean
    gap = {
        "estimate_bp": round(abs(true.estimate * 10_000 - mean)),
        "lower_bp": 0 if low <= 0 <= high else floor(min(abs(low), abs(high))),
        "upper_bp": ceil(max(abs(low), abs(high))),
    }
    return {
        "name": name, "rows": rows, "positives": positives, "expected_bp": expected, "gap": gap,
    }  # fmt: skip
