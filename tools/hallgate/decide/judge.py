"""Asks the engine and believes nothing but a complete answer.

One request or many in one run. Where a batch errs it is asked one by one; where
a policy makes the engine abort, it is asked again with that policy quarantined,
which main reports as error. Whatever is left is an EngineError, never an allow.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from hallgate.decide.compose import quarantine
from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.model.decision import (
    Decision,
    Finding,
    ObservedMark,
    OverrideMark,
    Verdict,
    WaiverMark,
)
from hallgate.model.errors import EngineAborted, EngineError
from hallgate.model.values import JsonObject, JsonValue, Outcome, Severity, Tier

if TYPE_CHECKING:
    from hallgate.engine.served import ServedOpa  # it brings HTTP, which one decision needs not


@dataclass(frozen=True, slots=True)
class Rules:
    """A policy bundle and its (id, family, name), in order of id."""

    bundle: Bundle
    index: tuple[tuple[str, str, str], ...]


_BROKEN = "report this: the bundle answered in another shape than it should"


def judge(
    engine: Opa, rules: Rules, waivers: Bundle | None, document: JsonObject, *, replay: bool
) -> Decision:
    """The decision about one input document.

    replay takes the time from input.now, otherwise it is OPA's clock. Raises
    EngineError where there is no complete answer.
    """
    quarantined: set[str] = set()
    while True:
        asked = quarantine(document, sorted(quarantined)) if quarantined else document
        try:
            answer = _ask(engine, rules, waivers, [asked], replay=replay)
            break
        except EngineAborted as error:
            culprit = _policy_of(rules, error.policy_file)
            if culprit is None or culprit in quarantined:
                raise
            quarantined.add(culprit)
    return _decision(answer.get(0), rules)


def rules_of(engine: Opa, bundle: Bundle) -> Rules:
    """The rules of a bundle that comes without its sources, by its own catalog."""
    value = engine.evaluate([bundle], "data.promotion.generated.catalog.policies", {})
    entries = cast("dict[str, dict[str, str]]", value)
    index = [(name, one["family"], one["name"]) for name, one in sorted(entries.items())]
    return Rules(bundle, tuple(index))


def judge_many(
    engine: Opa,
    rules: Rules,
    waivers: Bundle | None,
    documents: Sequence[JsonObject],
    *,
    replay: bool,
) -> tuple[Decision | EngineError, ...]:
    """Decisions about many input documents in their order, by one engine run if it holds."""
    if not documents:
        return ()
    try:
        answers = _ask(engine, rules, waivers, documents, replay=replay)
        return tuple(_decision(answers.get(i), rules) for i in range(len(documents)))
    except EngineError:
        return tuple(_alone(engine, rules, waivers, one, replay) for one in documents)


def judge_served(
    server: ServedOpa, rules: Rules, documents: Sequence[JsonObject], *, replay: bool
) -> tuple[Decision | EngineError, ...]:
    """As judge_many(), by a running server that holds the bundles; several at a time.

    For long loops. A policy that makes the engine stop is not quarantined: its request errs.
    """
    path = f"promotion/{'replay' if replay else 'main'}/decision"

    def ask(document: JsonObject) -> Decision | EngineError:
        try:
            return _decision(server.value(path, document), rules)
        except EngineError as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return tuple(pool.map(ask, documents))


def _alone(
    engine: Opa, rules: Rules, waivers: Bundle | None, document: JsonObject, replay: bool
) -> Decision | EngineError:
    try:
        return judge(engine, rules, waivers, document, replay=replay)
    except EngineError as error:
        return error


def _ask(
    engine: Opa,
    rules: Rules,
    waivers: Bundle | None,
    documents: Sequence[JsonObject],
    *,
    replay: bool,
) -> dict[int, JsonValue]:
    entrypoint = "replay" if replay else "main"
    query = (
        "[[i, answer] | some i, one in input.batch; "
        f"answer := data.promotion.{entrypoint}.decision with input as one]"
    )
    bundles = [rules.bundle, *([waivers] if waivers else [])]
    value = engine.evaluate(bundles, query, {"batch": list(documents)})
    return {int(cast(int, i)): answer for i, answer in cast("list[list[JsonValue]]", value)}


def _policy_of(rules: Rules, file: str | None) -> str | None:
    if file is None:
        return None
    parts = file.split("/")
    family, name = (parts[2], parts[3]) if len(parts) > 4 else ("", "")
    return next((found for found, *place in rules.index if place == [family, name]), None)


def _decision(answer: JsonValue, rules: Rules) -> Decision:
    """Read the body strictly: one verdict per policy, and allowed only if none blocks."""
    if answer is None:
        raise EngineError("the engine gave no decision", remedy=_BROKEN)
    try:
        decision = read_decision(cast(JsonObject, answer))
    except (KeyError, TypeError, ValueError) as error:
        raise EngineError(f"the decision cannot be read: {error!r}", remedy=_BROKEN) from error
    expected = [name for name, _, _ in rules.index]
    if [verdict.id for verdict in decision.verdicts] != expected:
        raise EngineError("the decision lacks verdicts, or has strange ones", remedy=_BROKEN)
    return decision


def read_decision(body: JsonObject) -> Decision:
    """A Decision from promotion.main's answer.

    Raises KeyError, TypeError or ValueError for any other shape, and ValueError
    where `allowed` contradicts the verdicts.
    """
    verdicts = tuple(_verdict(one) for one in cast("list[JsonObject]", body["verdicts"]))
    allowed = body["allowed"]
    decided_at = body["decided_at"]
    if not isinstance(allowed, bool) or type(decided_at) is not int:
        raise TypeError("allowed or decided_at has the wrong type")
    tier = None if body["tier"] is None else Tier(str(body["tier"]))
    if allowed and (not verdicts or tier is None or any(v.outcome.blocks for v in verdicts)):
        raise ValueError("allowed although a verdict blocks")
    return Decision(allowed, decided_at, tier, verdicts, body)


def _verdict(body: JsonObject) -> Verdict:
    findings = tuple(_finding(one) for one in cast("list[JsonObject]", body["findings"]))
    reasons = tuple(str(reason) for reason in cast("list[JsonValue]", body["reasons"]))
    total = body["findings_total"]
    if type(total) is not int or total < len(findings):
        raise ValueError("findings_total is wrong")
    outcome, override = Outcome(str(body["outcome"])), _override(body)
    if (outcome is Outcome.OVERRIDDEN) != (override is not None):
        raise ValueError("overridden without an override, or the other way round")
    observed = _observed(body)
    if observed is not None and outcome is not Outcome.PENDING:
        raise ValueError("observed, and yet not pending")
    return Verdict(
        id=str(body["id"]),
        outcome=outcome,
        severity=Severity(str(body["severity"])),
        reasons=reasons,
        findings=findings,
        findings_total=total,
        override=override,
        observed=observed,
    )


def _override(body: JsonObject) -> OverrideMark | None:
    """The mark of a verdict; decisions of older policies do not have the member."""
    mark = cast("JsonObject | None", body.get("override"))
    if mark is None:
        return None
    expires, review_by = (int(cast(int, mark[name])) for name in ("expires", "review_by"))
    return OverrideMark(str(mark["id"]), str(mark["owner"]), expires, review_by)


def _observed(body: JsonObject) -> ObservedMark | None:
    """The mark of a verdict that a track only observes; older decisions lack the member."""
    mark = cast("JsonObject | None", body.get("observed"))
    return None if mark is None else ObservedMark(str(mark["by"]), int(cast(int, mark["until"])))


def _finding(body: JsonObject) -> Finding:
    mark = cast("JsonObject | None", body["waiver"])
    waiver = (
        None
        if mark is None
        else WaiverMark(str(mark["id"]), str(mark["owner"]), int(cast(int, mark["expires"])))
    )
    return Finding(
        key=str(body["key"]),
        kind=str(body["kind"]),
        message=str(body["message"]),
        observed=body["observed"],
        limit=body["limit"],
        waiver=waiver,
    )
