"""``conftest test``: stage, lint, run once with the guard, and reconcile every result."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conftest_py import guard, lint
from conftest_py.documents import Input
from conftest_py.errors import (
    IncompleteResultError,
    LostFindingError,
    NativeExceptionError,
    OutputError,
    UsageError,
)
from conftest_py.reader import RawCheck, RawResult
from conftest_py.results import CheckResult, Finding, RuleCount, Severity, TestReport

_NAMESPACE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run must answer for: every input in every namespace, and these rules."""

    inputs: Mapping[str, Input]
    namespaces: tuple[str, ...]
    rules: Mapping[str, Sequence[str]] | None
    expected_rules: frozenset[str]


def check_namespaces(namespaces: Sequence[str]) -> tuple[str, ...]:
    """Refuse no namespaces, patterns, and names conftest would split or misread."""
    if isinstance(namespaces, str) or not namespaces:
        raise UsageError("name at least one namespace, in a sequence")
    for name in namespaces:
        if not _NAMESPACE.match(name):
            raise UsageError(f"{name!r} is not a plain namespace; patterns are refused")
        if name == guard.NAMESPACE:
            raise UsageError(f"{name!r} is reserved")
    lowered = Counter(name.lower() for name in namespaces)
    if lowered.most_common(1)[0][1] > 1:
        raise UsageError("namespaces are repeated or differ only by case")
    return tuple(sorted(namespaces))


def stage_inputs(inputs: Sequence[Input], folder: Path) -> dict[str, Input]:
    """Write every input into a folder of its own; returns the staged path of each."""
    staged: dict[str, Input] = {}
    for number, item in enumerate(inputs):
        path = folder / f"{number:05d}" / item.filename
        path.parent.mkdir()
        path.write_bytes(item.text.encode("utf-8"))
        staged[str(path)] = item
    return staged


def reconcile(checks: Sequence[RawCheck], plan: Plan) -> TestReport:
    """Turn raw results into a report, or raise because something is missing or lost."""
    found: dict[tuple[str, str], RawCheck] = {}
    for check in checks:
        key = (check.filename, check.namespace)
        if key in found:
            raise OutputError(f"two results for {key}")
        found[key] = check
    wanted = {(path, name) for path in plan.inputs for name in (*plan.namespaces, guard.NAMESPACE)}
    if found.keys() != wanted:
        odd = sorted(found.keys() ^ wanted)
        raise IncompleteResultError(f"results are missing or unasked for: {odd}")
    results = []
    for path, item in plan.inputs.items():
        rows = _rows(found[path, guard.NAMESPACE])
        for namespace in plan.namespaces:
            counts = _counts(rows, namespace, plan)
            results.append(_result(found[path, namespace], item, counts))
    return TestReport(tuple(sorted(results)))


def _rows(check: RawCheck) -> tuple[RawResult, ...]:
    if check.failures or check.exceptions or not check.warnings:
        raise IncompleteResultError("the guard reported no rules")
    return check.warnings


def _counts(rows: Sequence[RawResult], namespace: str, plan: Plan) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        if row.field("namespace") != namespace:
            continue
        rule, members = str(row.field("rule")), row.field("members")
        where = f"data.{namespace}.{rule}"
        if row.field("type") not in {"set", "array"}:
            raise LostFindingError(f"{where} is of type {row.field('type')}; only sets are read")
        if row.field("unreadable") != 0:
            raise LostFindingError(f"{where} holds members without a message, dropped by conftest")
        if not isinstance(members, int) or rule in counts:
            raise OutputError(f"the guard's row for {where} cannot be read")
        if members and not lint.runs(rule):
            raise LostFindingError(f"{where} holds {members} findings, but conftest never runs it")
        counts[rule] = members
    wanted = set(plan.rules[namespace]) if plan.rules is not None else set()
    prefix = f"{namespace}."
    wanted |= {
        name.removeprefix(prefix)
        for name in plan.expected_rules
        if name.startswith(prefix) and "." not in name.removeprefix(prefix)
    }
    if not counts or not wanted <= counts.keys():
        names = ", ".join(sorted(wanted - counts.keys())) or "any rule"
        raise IncompleteResultError(f"data.{namespace} did not evaluate {names}")
    return counts


def _result(check: RawCheck, item: Input, counts: Mapping[str, int]) -> CheckResult:
    if check.exceptions:
        waived = "; ".join(sorted(result.message for result in check.exceptions))
        raise NativeExceptionError(f"{item.name}: {waived}")
    failures = _findings(check.failures, check.namespace, "failure")
    warnings = _findings(check.warnings, check.namespace, "warning")
    reported = Counter(finding.rule for finding in failures + warnings)
    for rule in sorted(counts.keys() | reported.keys()):
        if counts.get(rule) != reported[rule]:
            raise LostFindingError(
                f"{item.name}: data.{check.namespace}.{rule} holds {counts.get(rule)} findings, "
                f"conftest reported {reported[rule]}"
            )
    return CheckResult(
        input=item.name,
        namespace=check.namespace,
        rules=tuple(RuleCount(rule, count) for rule, count in sorted(counts.items())),
        failures=failures,
        warnings=warnings,
    )


def _findings(raw: Sequence[RawResult], namespace: str, severity: Severity) -> tuple[Finding, ...]:
    pattern = lint.FAILURE if severity == "failure" else lint.WARNING
    found = []
    for result in raw:
        rule = result.query.removeprefix(f"data.{namespace}.")
        if not pattern.match(rule):
            raise OutputError(f"a {severity} comes from the unexpected query {result.query!r}")
        found.append(
            Finding(
                namespace, rule, severity, result.message, result.metadata, result.file, result.line
            )
        )
    return tuple(sorted(found))
