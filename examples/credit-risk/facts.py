"""What evidence and decisions say, in words for the story; nothing here is a number of its own."""

from __future__ import annotations

import json
from typing import Any

from organisation import APPROVERS, Organisation
from papers import STAGED
from release import Release
from staged import staged_papers
from story import Story

BLOCKING = ("fail", "insufficient", "error")


def evidence_rows(release: Release) -> list[tuple[str, ...]]:
    """Every type of evidence that will be asked for: measured, staged or missing."""
    rows = []
    staged = {**STAGED, **{one.kind: one.stands_in_for for one in staged_papers()}}
    for kind in (*MEASURED, *staged):
        if not (release.evidence / f"{kind}.json").is_file():
            rows.append((kind, "missing", ""))
        elif kind in staged:
            rows.append((kind, "staged", staged[kind]))
        else:
            rows.append((kind, "measured", MEASURED[kind](release.result(kind), release)))
    return [*rows, ("approval", "staged", f"{len(APPROVERS)} made-up officers sign")]


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.0%})"


def _evaluation(result: dict[str, Any], _: Release) -> str:
    found = {one["name"]: one for one in result["metrics"]}
    accuracy = found["accuracy"]
    low, high = accuracy["lower_bp"] / 100, accuracy["upper_bp"] / 100
    return (
        f"area under the curve {found['auc']['value_bp'] / 10_000:.3f}, "
        f"accuracy {accuracy['value_bp'] / 100:.1f} % ({low:.1f} to {high:.1f})"
    )


def _reasons(result: dict[str, Any], release: Release) -> str:
    named = release.outcome.denied_by("age", "sex")
    return (
        f"{result['denials']} denials, {result['lacking']} without specific reasons; "
        f"{named} name age or sex among the main ones"
    )


def _pii(result: dict[str, Any], _: Release) -> str:
    return f"{result['hits_total']} identifiers in {result['rows']} rows of training data"


def _profile(result: dict[str, Any], _: Release) -> str:
    empty = sum(one["nulls"] for one in result["columns"])
    return (
        f"{empty} empty cells, {result['duplicate_rows']} repeated rows, "
        f"{result['overlap']['shared']} rows tested by a fold that knew them; targets made up"
    )


def _bom(result: dict[str, Any], _: Release) -> str:
    return f"{result['components']} components: model, data, packages of this environment"


def _artifact(result: dict[str, Any], _: Release) -> str:
    formats = ", ".join(sorted({one["format"] for one in result["files"]}))
    return f"{len(result['files'])} file, {formats}; {len(result['findings'])} findings"


MEASURED = {
    "artifact_scan": _artifact,
    "calibration_report": lambda result, _: f"{result['rows']} people, by sex and age; see below",
    "data_profile": _profile,
    "evaluation_report": _evaluation,
    "explanation_test": lambda result, _: (
        f"the first reason moves the score in {result['moved']} of {result['rows']} rows"
    ),
    "fairness_report": lambda result, _: f"{result['rows']} people, by sex and age; see below",
    "ml_bom": _bom,
    "model_signature": lambda result, _: f"verified: {result['verified']}; key made in this run",
    "pii_scan": _pii,
    "reason_audit": _reasons,
    "secret_scan": lambda result, _: (
        f"{result['findings_total']} secrets in {result['files_total']} files of code"
    ),
}


def fairness_rows(release: Release) -> list[tuple[str, ...]]:
    """How each group fares: who is granted credit, and who repays and is denied all the same."""
    rows: list[tuple[str, ...]] = [("group", "", "of the group", "of the others", "95 % interval")]
    for attribute in release.result("fairness_report")["attributes"]:
        groups = {one["name"]: one for one in attribute["groups"]}
        others = groups[attribute["reference"]]
        for compared in attribute["comparisons"]:
            group = groups[compared["group"]]
            ratio, gap = compared["selection_ratio"], compared["tpr_gap"]
            first = (group["name"], "granted", _granted(group), _granted(others))
            second = ("", "repay, denied", _wronged(group), _wronged(others))
            rows.append((*first, f"ratio {_span(ratio, 10_000)}"))
            rows.append((*second, f"gap {_span(gap, 100)} points"))
    return rows


def calibration_rows(release: Release) -> list[tuple[str, ...]]:
    """How far the scores of each group lie from what came true."""
    rows: list[tuple[str, ...]] = [("group", "repaid", "scored", "95 % interval of the gap")]
    for attribute in release.result("calibration_report")["attributes"]:
        for group in attribute["groups"]:
            scored = f"{group['expected_bp'] / group['rows'] / 100:.1f} %"
            repaid = f"{group['positives'] / group['rows']:.1%}".replace("%", " %")
            gap = f"{_span(group['gap'], 100)} points"
            rows.append((group["name"], repaid, scored, gap))
    return rows


def wronged(release: Release) -> tuple[str, str, str]:
    """People under 26 who repay and are denied, the same of the others, the gap in points."""
    (age,) = [
        one for one in release.result("fairness_report")["attributes"] if one["name"] == "age"
    ]
    groups = {one["name"]: one for one in age["groups"]}
    (compared,) = age["comparisons"]
    others = _wronged(groups[age["reference"]])
    return _wronged(groups[compared["group"]]), others, _span(compared["tpr_gap"], 100)


def _granted(group: dict[str, Any]) -> str:
    return _share(group["selected"], group["rows"])


def _wronged(group: dict[str, Any]) -> str:
    return _share(group["positives"] - group["true_positives"], group["positives"])


def _span(interval: dict[str, int], unit: int) -> str:
    estimate, low, high = (
        f"{interval[name] / unit:.2f}" for name in ("estimate_bp", "lower_bp", "upper_bp")
    )
    return f"{estimate} ({low} to {high})"


def numbers(first: Release, second: Release) -> str:
    """The numbers of this run as Markdown, without digests and times; the README quotes it."""
    columns = [_numbers(release) for release in (first, second)]
    lines = ["| | with age and sex | without |", "|---|---|---|"]
    lines += [f"| {name} | {columns[0][name]} | {columns[1][name]} |" for name in columns[0]]
    return "\n".join(lines) + "\n"


def _numbers(release: Release) -> dict[str, str]:
    reasons = release.result("reason_audit")
    told = {"evaluation": _evaluation(release.result("evaluation_report"), release)}
    name = ""
    for group, what, of_group, of_others, interval in fairness_rows(release)[1:]:
        name = group or name
        told[f"{name}: {what}"] = f"{of_group}, others {of_others}: {interval}"
    named = release.outcome.denied_by("age", "sex")
    told["denials that give age or sex as a main reason"] = f"{named} of {reasons['denials']}"
    by_outcome = sorted((outcome, policy) for policy, outcome in release.blocked.items())
    told["what blocks"] = ", ".join(f"{policy} {outcome}" for outcome, policy in by_outcome)
    return told


def decide(
    story: Story, lender: Organisation, release: Release, *more: Any, expect: int
) -> dict[str, Any]:
    """Show the decision, and return it as JSON for the story to check itself against."""
    words = ("hallgate", "decide", release.request, "--evidence", release.evidence,
             "--trust", lender.trust, "--waivers", lender.exceptions)  # fmt: skip
    told = story.run(*words, "--format", "json", expect=expect, shown=False, told=False)
    story.run(*words, *more, expect=expect)
    decision: dict[str, Any] = json.loads(told)
    return decision


def outcomes(decision: dict[str, Any], *wanted: str) -> dict[str, str]:
    """Policies with one of these outcomes, and which."""
    return {one["id"]: one["outcome"] for one in decision["verdicts"] if one["outcome"] in wanted}


def findings(decision: dict[str, Any], policy: str) -> list[dict[str, Any]]:
    """All findings of a policy."""
    (verdict,) = [one for one in decision["verdicts"] if one["id"] == policy]
    return list(verdict["findings"])


def keys(decision: dict[str, Any], policy: str) -> list[str]:
    """The keys of a policy's findings."""
    return [one["key"] for one in findings(decision, policy)]
