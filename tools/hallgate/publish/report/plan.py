"""A plan as table or JSON."""

from __future__ import annotations

import json

from hallgate.decide.plan import DayLimit, Need, Plan, Problem
from hallgate.model.errors import UsageError
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.report.table import WIDTH, table
from hallgate.publish.report.text import counted, listed, utc, visible, wrapped

PLAN_FORMATS = ("table", "json")
_TYPE = 21
_AGE = 27
_WORDS = WIDTH - _TYPE - _AGE - 4


def render_plan(plan: Plan, format: str) -> str:
    """The plan as table or json; raises UsageError for any other format."""
    if format == "table":
        return _table(plan)
    if format == "json":
        return json.dumps(_document(plan), indent=2, sort_keys=True, allow_nan=False) + "\n"
    raise UsageError(f"there is no format {format!r}", remedy="use table or json")


def _table(plan: Plan) -> str:
    model = visible(f"{plan.request.model_name} to {plan.request.to_stage}")
    tier = plan.tier.value if plan.tier else "unknown"
    blocks = [wrapped(f"{model}; tier {tier}; asked {utc(plan.asked_at)}", WIDTH)]
    if plan.problems:
        blocks.append("\n".join(["Denied on the request alone:", *map(_problem, plan.problems)]))
    if plan.needs:
        rows = [_row(need, plan.approvals) for need in plan.needs]
        blocks.append(table(("evidence", "how fresh", "where from, and for which policies"), rows))
    later = [
        f"{one.policy} {one.title}: from {utc(one.effective_from)}"
        + (f", asks for {listed(one.evidence)}" if one.evidence else "")
        for one in plan.later
    ]
    exempt = [f"{policy}: {reason}" for policy, reason in plan.exempt]
    for title, lines in (("Not yet in force:", later), ("Not applicable:", exempt)):
        if lines:
            shown = [wrapped(visible(line), WIDTH, "    ", "  ") for line in lines]
            blocks.append("\n".join([title, *shown]))
    blocks.append(wrapped(_end(plan), WIDTH))
    return "\n\n".join(blocks) + "\n"


def _problem(problem: Problem) -> str:
    words = f"{problem.policy} {problem.outcome.value}: {visible(problem.message)}"
    remedy = visible(" ".join(problem.remedy.split()))
    first = wrapped(words, WIDTH, "    ", "  ")
    return f"{first}\n{wrapped(f'do: {remedy}', WIDTH, '    ', '    ')}"


def _row(need: Need, approvals: int | None) -> tuple[str, str, str]:
    ages = [] if need.max_age_days is None else [f"{need.max_age_days:,} days at most"]
    ages += [_days(limit) for limit in need.limits]
    words = [need.supply, f"for {', '.join(need.policies)}"]
    if need.type == "approval" and approvals is not None:
        who = "1 person" if approvals == 1 else f"{approvals} people in different roles"
        words.insert(1, f"{who} must approve")
    return (
        wrapped(visible(need.type), _TYPE),
        "\n".join(wrapped(visible(age), _AGE, "  ") for age in ages) or "-",
        "\n".join(wrapped(visible(word), _WORDS, "  ") for word in words),
    )


def _days(limit: DayLimit) -> str:
    bound = "at least" if limit.sense == "minimum" else "at most"
    name = f" {limit.name.replace('_', ' ')}" if limit.name else ""
    return f"{limit.policy}{name}: {bound} {counted(limit.days, 'day')}"


def _end(plan: Plan) -> str:
    pieces = counted(len(plan.needs), "type") + " of evidence"
    made = sum(bool(need.commands) for need in plan.needs)
    said = f"Asked for: {pieces}, {made} made by a command, {len(plan.needs) - made} by people."
    return said if not plan.problems else f"{said} Mend the request first."


def _document(plan: Plan) -> JsonObject:
    needs: list[JsonValue] = [
        {
            "type": need.type,
            "policies": list(need.policies),
            "max_age_days": need.max_age_days,
            "limits": [
                {"policy": one.policy, "name": one.name, "sense": one.sense, "days": one.days}
                for one in need.limits
            ],
            "commands": list(need.commands),
            "roles": list(need.roles),
            "supply": need.supply,
        }
        for need in plan.needs
    ]
    return {
        "format": "urn:hallgate:plan:v1",
        "request": {"file": plan.request.file, "digest": plan.request.digest},
        "asked_at": plan.asked_at,
        "tier": plan.tier,
        "approvals": plan.approvals,
        "needs": needs,
        "problems": [
            {
                "policy": one.policy,
                "outcome": one.outcome.value,
                "message": one.message,
                "remedy": one.remedy,
            }
            for one in plan.problems
        ],
        "later": [
            {
                "policy": one.policy,
                "effective_from": one.effective_from,
                "evidence": list(one.evidence),
            }
            for one in plan.later
        ],
        "exempt": [{"policy": policy, "reason": reason} for policy, reason in plan.exempt],
    }
