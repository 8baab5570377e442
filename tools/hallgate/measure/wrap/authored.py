"""Cards and plans that a person writes: the document is the result, the common part is added.

Author in YAML; the schema of the evidence type judges the members, here only that it is an
object. Where the document counts rows or decisions, those are the population.
"""

from __future__ import annotations

from collections.abc import Callable

from hallgate.measure.context import Population, Predicate, measured
from hallgate.measure.wrap.report import Report

KINDS = (
    "calibration_report",
    "change_plan",
    "cryptographic_modules",
    "data_profile",
    "dataset_card",
    "evaluation_report",
    "explanation_test",
    "impact_assessment",
    "incident_plan",
    "leakage_test",
    "llm_configuration",
    "llm_evaluation",
    "model_card",
    "monitoring_plan",
    "oversight_exercise",
    "oversight_plan",
    "reason_audit",
    "robustness_report",
    "rollback_drill",
    "runtime_alerts",
    "transparency_notice",
    "validation_report",
)
_COUNTED = {
    "calibration_report": "rows",
    "data_profile": "rows",
    "evaluation_report": "rows",
    "explanation_test": "rows",
    "oversight_exercise": "cases",
    "reason_audit": "decisions",
}


def wrapper(kind: str) -> Callable[[Report], Predicate]:
    """The function that wraps an authored document of this type."""

    def wrap(report: Report) -> Predicate:
        result = report.object(report.document, f"the {kind}")
        if not result:
            raise report.wrong(f"the {kind} is empty", "write its members; see the schema")
        counted = _COUNTED.get(kind)
        count = result.get(counted) if counted else 1
        units = count if type(count) is int and count >= 0 else 0
        words = (
            f"{counted} the author counted" if counted else "the document, written by its author"
        )
        origin = report.origin("author", "1")
        return measured(report.context, origin, Population(words, units, report.raw_digest), result)

    return wrap
