"""Fairness of a model's decisions, group by group, with intervals.

Counts per group come from one joint group_by; every other group is compared with the
reference of its attribute: selection ratio (group over reference), absolute gaps of true and
false positive rates. The reference, unless given, is the most selected group among those
that hold at least 2 % of the rows (29 CFR 1607.4 D measures against the highest rate and
leaves smaller groups out), so ratios above 1 belong to groups too small to be the yardstick
or to a reference that somebody chose. Choosing the best group by the same data makes ratios
look slightly lower than they are: against the model, never for it.
"""

from __future__ import annotations

from pathlib import Path

from hallgate.measure.consistency import NEIGHBOURS, consistency
from hallgate.measure.context import (
    Context,
    Origin,
    Population,
    Predicate,
    clip,
    measured,
    unmeasured,
)
from hallgate.measure.fairness_spec import UNKNOWN, Attribute, Outcomes
from hallgate.measure.fairness_table import Counts, GroupCounts, count_groups, open_table
from hallgate.measure.files import file_digest
from hallgate.measure.intervals import GAP_CAP_BP, RATIO_CAP_BP, Rate, gap, outward, ratio
from hallgate.model.errors import InvalidDocument, UsageError
from hallgate.model.values import JsonValue

METHOD = (
    "Wilson score intervals; differences by Newcombe 1998 (MOVER), ratios by MOVER on the log "
    "scale (Zou and Donner 2008); analytic, no correction for several comparisons"
)
_LEAST_SHARE = 50  # one fiftieth of the rows: 2 %


def measure_fairness(
    path: Path,
    outcomes: Outcomes,
    attributes: tuple[Attribute, ...],
    *,
    model_digest: str,
    context: Context,
    neighbours: tuple[str, ...] = (),
) -> Predicate:
    """A fairness_report of the predictions in a CSV or Parquet file.

    model_digest: sha256:<hex> of the model that made the predictions, as the caller knows it;
    the digest of the file is computed. neighbours: features for the consistency, none to leave
    it out. Rows without prediction or outcome are left out of the counts and show as
    completeness below expectation. A file without rows gives status not_run.

    Raises UsageError for a missing file, column, group or library, InvalidDocument for values
    that are not what they should be.
    """
    labels = [one.label for one in attributes]
    if not labels or len(set(labels)) < len(labels):
        raise UsageError("attributes must be named, each once", remedy="give --attribute sex")
    digest = file_digest(path)
    origin = _origin(path, outcomes, attributes, neighbours)
    definition = f"rows of {path.name} with a prediction and an outcome"
    frame = open_table(path) if path.stat().st_size else None
    if frame is None or not frame.collect_schema().names():
        nothing = Population(definition, 0, digest)
        return unmeasured(context, origin, nothing, "not_run", "the file has no rows")
    counts = count_groups(path, frame, outcomes, attributes)
    population = Population(definition, counts.complete, digest)
    if counts.complete == 0:
        reason = "no row has both a prediction and an outcome"
        return unmeasured(context, origin, population, "not_run", reason, expected=counts.rows)
    alike = consistency(path, frame, outcomes, neighbours) if neighbours else None
    result: dict[str, JsonValue] = {
        "model_digest": model_digest,
        "dataset_digest": digest,
        "favourable": clip(outcomes.words(), 300),
        "method": clip(METHOD, 300),
        "confidence_bp": 9500,
        "rows": counts.complete,
        "consistency_bp": alike.share_bp if alike else None,
        "attributes": [_attribute(one, counts) for one in attributes],
    }
    return measured(context, origin, population, result, expected=counts.rows)


def compare(group: GroupCounts, reference: GroupCounts) -> dict[str, JsonValue]:
    """One comparison in the shape of the schema; null where a rate has no denominator."""
    return {
        "group": clip(group.name, 100),
        "selection_ratio": outward(
            ratio(Rate(group.selected, group.rows), Rate(reference.selected, reference.rows)),
            RATIO_CAP_BP,
        ),
        "tpr_gap": outward(gap(_tpr(group), _tpr(reference)), GAP_CAP_BP),
        "fpr_gap": outward(gap(_fpr(group), _fpr(reference)), GAP_CAP_BP),
    }


def _tpr(group: GroupCounts) -> Rate:
    return Rate(group.true_positives, group.positives)


def _fpr(group: GroupCounts) -> Rate:
    return Rate(group.false_positives, group.rows - group.positives)


def _attribute(attribute: Attribute, counts: Counts) -> dict[str, JsonValue]:
    groups = counts.groups[attribute.label]
    reference = _reference(attribute, groups)
    shown = [clip(group.name, 100) for group in groups]
    if len(set(shown)) < len(shown):
        raise InvalidDocument.one(
            f"groups of {attribute.label!r} have names that differ only after 100 characters",
            remedy="shorten the names",
        )
    return {
        "name": clip(attribute.label, 60),
        "reference": clip(reference.name, 100),
        "groups": [
            {
                "name": clip(group.name, 100),
                "rows": group.rows,
                "positives": group.positives,
                "selected": group.selected,
                "true_positives": group.true_positives,
                "false_positives": group.false_positives,
            }
            for group in groups
        ],
        "comparisons": [compare(group, reference) for group in groups if group is not reference],
    }


def _reference(attribute: Attribute, groups: tuple[GroupCounts, ...]) -> GroupCounts:
    if attribute.reference is not None:
        for group in groups:
            if group.name == attribute.reference:
                return group
        raise UsageError(
            f"attribute {attribute.label!r} has no group {attribute.reference!r}",
            remedy="name one of: " + ", ".join(group.name for group in groups[:20]),
        )
    rows = sum(group.rows for group in groups)
    known = [group for group in groups if group.name != UNKNOWN] or list(groups)
    large = [group for group in known if group.rows * _LEAST_SHARE >= rows] or known
    return max(large, key=lambda group: (group.selected / group.rows, group.rows, group.name))


def _origin(
    path: Path,
    outcomes: Outcomes,
    attributes: tuple[Attribute, ...],
    neighbours: tuple[str, ...],
) -> Origin:
    parameters = {
        "prediction": outcomes.prediction,
        "outcome": outcomes.outcome,
        "selected": outcomes.words(),
        "reference": "as named, else the most selected group with at least 2 % of the rows",
        "attributes": "; ".join(
            one.label + (f": {', '.join(one.ranges())}" if one.cuts else "") for one in attributes
        ),
    }
    if neighbours:
        parameters["consistency"] = (
            f"{NEIGHBOURS} nearest neighbours by {', '.join(neighbours)}; up to 1,000 rows asked "
            "among up to 20,000, evenly spaced"
        )
    query = "count rows, positives, selected by " + ", ".join(one.label for one in attributes)
    return Origin(path.name, query, parameters)
