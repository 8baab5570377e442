"""What a report is made of, and its entries in the order in which they matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from hallgate.decide.producers import remedy_of_gap
from hallgate.model.decision import Decision, Finding, Verdict
from hallgate.model.documents import Request
from hallgate.model.law import Control
from hallgate.model.policy import Policy
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject, Outcome, Severity
from hallgate.publish.report.text import listed, measured, utc, visible

ORDER = (
    Outcome.ERROR,
    Outcome.FAIL,
    Outcome.INSUFFICIENT,
    Outcome.OVERRIDDEN,
    Outcome.WAIVED,
    Outcome.PENDING,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
)
_SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM)
_GAP = "evidence:"


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision and what is needed to say why.

    trust names the roles that could close a gap; ignored are foreign files as
    (file, why). what_if_at is the time of a question that promotes nothing,
    None for a decision made now. Digests and version are None where unknown.
    bundle holds the facts of the published bundle that decided, None where the repository's
    own policies did; sources has a line about each, where an organisation adds to an upstream.
    law is the register.
    """

    decision: Decision
    catalog: tuple[Policy, ...]
    request: Request
    trust: Trust | None = None
    ignored: tuple[tuple[str, str], ...] = ()
    what_if_at: int | None = None
    engine_version: str | None = None
    policies_digest: str | None = None
    waivers_digest: str | None = None
    bundle: JsonObject | None = None
    law: tuple[Control, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def mode(self) -> str:
        """enforce, or what-if with its time."""
        return "enforce" if self.what_if_at is None else f"what-if at {utc(self.what_if_at)}"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to say of a verdict, safe to show on one line.

    key is the finding's own, empty for a plain reason; covered is the waiver's
    sentence, None where nothing covers the finding.
    """

    key: str
    message: str
    measured: str | None
    remedy: str | None
    covered: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One policy in a report; left_off counts findings beyond the cap.

    emergency is the sentence of the override that lets the findings pass, or None; observed
    that of the rollout or baseline by which they do not block yet.
    """

    verdict: Verdict
    title: str
    lines: tuple[Line, ...]
    left_off: int
    emergency: str | None = None
    observed: str | None = None

    @property
    def notice(self) -> str | None:
        """Why findings that nothing waives do not block, or None."""
        return self.emergency or self.observed

    @property
    def id(self) -> str:
        """The policy's id, safe to show."""
        return visible(self.verdict.id)

    @property
    def outcome(self) -> Outcome:
        """The policy's outcome."""
        return self.verdict.outcome


def entries(view: DecisionView) -> tuple[Entry, ...]:
    """All policies: problems first, by severity and id, then waived, pending, the rest."""
    catalog = {policy.id: policy for policy in view.catalog}
    made = [
        _entry(view, catalog.get(verdict.id), index)
        for index, verdict in enumerate(view.decision.verdicts)
    ]
    return tuple(sorted(made, key=_rank))


def problems(found: Sequence[Entry]) -> tuple[Entry, ...]:
    """Those that block."""
    return tuple(entry for entry in found if entry.outcome.blocks)


def counts(view: DecisionView) -> tuple[tuple[Outcome, int], ...]:
    """Outcomes that occur, with their number, in order of importance."""
    found = Counter(verdict.outcome for verdict in view.decision.verdicts)
    return tuple((outcome, found[outcome]) for outcome in ORDER if found[outcome])


def headline(view: DecisionView) -> str:
    """One sentence: the answer, counts by outcome, tier; an emergency is never left out."""
    answer = "ALLOWED" if view.decision.allowed else "DENIED"
    if view.decision.allowed and (names := emergencies(view)):
        answer = f"ALLOWED BY EMERGENCY OVERRIDE {listed(names)}"
    if view.decision.allowed and (ids := observed(view)):
        answer += f" WITH {listed(ids) if len(ids) < 4 else f'{len(ids)} POLICIES'} ONLY OBSERVED"
    if view.what_if_at is not None:
        answer = f"WOULD BE {answer} at {utc(view.what_if_at)}"
    numbers = [f"{number} {outcome.value.replace('_', ' ')}" for outcome, number in counts(view)]
    tier = view.decision.tier
    said = tier.value if tier else "unknown"
    return f"{answer}: {listed(numbers) or 'no policy was judged'}; tier {said}."


def emergencies(view: DecisionView) -> tuple[str, ...]:
    """Ids of the overrides that let findings pass, sorted and safe to show."""
    marks = [one.override for one in view.decision.verdicts]
    return tuple(sorted({visible(mark.id) for mark in marks if mark is not None}))


def observed(view: DecisionView) -> tuple[str, ...]:
    """Policies whose findings do not block yet, by the track's rollout or baseline."""
    return tuple(visible(one.id) for one in view.decision.verdicts if one.observed is not None)


def subject(view: DecisionView) -> str:
    """The model and where it is to go, safe to show."""
    return visible(f"{view.request.model_name} to {view.request.to_stage}")


def bundle_words(view: DecisionView) -> tuple[str, ...]:
    """Which published bundle decided, and what it was made from; empty where none did."""
    facts = view.bundle
    if facts is None:
        return tuple(visible(f"source: {one}") for one in view.sources)
    said = f"decided by bundle {facts['digest']} of track {facts['track']}"
    said += f", commit {facts['commit'] or 'none'}"
    if facts["version"] is not None:
        said += f", version {facts['version']}"
    age = facts["age"]
    if isinstance(age, int):
        said += f", pulled {age // 86_400} d {age % 86_400 // 3600} h ago"
    return (visible(said), *(visible(f"source: {one}") for one in view.sources))


def next_steps(view: DecisionView, at_most: int = 3) -> tuple[str, ...]:
    """What to do first where denied: distinct remedies of what blocks, each with its policies."""
    if view.decision.allowed:
        return ()
    wanted: dict[str, list[str]] = {}
    for entry in problems(entries(view)):
        for line in entry.lines:
            if line.remedy is not None and line.covered is None:
                ids = wanted.setdefault(line.remedy, [])
                if entry.id not in ids:
                    ids.append(entry.id)
    steps = [f"{remedy.rstrip('.')} ({', '.join(ids)})" for remedy, ids in wanted.items()]
    if not steps:
        return ("run `hallgate check`: the decision names nothing that blocks",)
    return tuple(steps[:at_most])


def raw_verdicts(view: DecisionView) -> tuple[JsonObject, ...]:
    """Verdicts as the engine gave them, in the order of decision.verdicts."""
    return tuple(cast("list[JsonObject]", view.decision.body["verdicts"]))


def _rank(entry: Entry) -> tuple[int, int, str]:
    verdict = entry.verdict
    return ORDER.index(verdict.outcome), _SEVERITIES.index(verdict.severity), verdict.id


def _entry(view: DecisionView, policy: Policy | None, index: int) -> Entry:
    verdict = view.decision.verdicts[index]
    faults = _faults(raw_verdicts(view)[index])
    findings = tuple(
        _of_finding(view, policy, finding, faults[number] if number < len(faults) else "")
        for number, finding in enumerate(verdict.findings)
    )
    reasons = tuple(_of_reason(verdict, policy, reason) for reason in verdict.reasons)
    title = visible(policy.title) if policy else "not in the catalog"
    left_off = max(0, verdict.findings_total - len(verdict.findings))
    return Entry(
        verdict, title, reasons + findings, left_off, _emergency(verdict), _observed(verdict)
    )


def _emergency(verdict: Verdict) -> str | None:
    mark = verdict.override
    if mark is None:
        return None
    return visible(
        f"EMERGENCY: overridden by {mark.id}, owner {mark.owner}, until {utc(mark.expires)}; "
        f"a review is owed by {utc(mark.review_by)}"
    )


def _observed(verdict: Verdict) -> str | None:
    mark = verdict.observed
    if mark is None:
        return None
    return visible(
        f"NOT ENFORCED: only observed by the track's {mark.by} until {utc(mark.until)}; "
        "from then on it blocks"
    )


def _faults(raw: JsonObject) -> tuple[str, ...]:
    findings = cast("list[JsonObject]", raw["findings"])
    return tuple(str(finding.get("fault") or "") for finding in findings)


def _of_finding(view: DecisionView, policy: Policy | None, finding: Finding, fault: str) -> Line:
    if finding.kind == "evidence" and finding.key.startswith(_GAP):
        remedy: str | None = remedy_of_gap(finding.key.removeprefix(_GAP), fault, view.trust)
    else:
        remedy = policy.remediation if policy else None
    return Line(
        key=finding.key,
        message=visible(finding.message),
        measured=measured(policy, finding.observed, finding.limit),
        remedy=remedy and visible(" ".join(remedy.split())),
        covered=_covered(finding),
    )


def _covered(finding: Finding) -> str | None:
    mark = finding.waiver
    if mark is None:
        return None
    return visible(f"waived by {mark.id}, owner {mark.owner}, until {utc(mark.expires)}")


def _of_reason(verdict: Verdict, policy: Policy | None, reason: str) -> Line:
    remedy = None
    if verdict.outcome is Outcome.ERROR:
        place = policy.where if policy else verdict.id
        remedy = f"run `hallgate check` and tell the owners of {place}: no fault of the model"
    if verdict.outcome is Outcome.PENDING and verdict.observed is None and policy:
        reason = f"{reason}: in force from {utc(policy.effective_from)}"
    return Line("", visible(reason), None, remedy and visible(remedy), None)
