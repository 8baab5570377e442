"""Holds what is live against the records: everything without a valid one is named.

Whether a record permits is asked of `verify_subject`, as at the step before an alias moves.
Then: does it stand on a waiver, override or baseline that is over, and would today's policies
still allow it, at the time it was decided and on what was known then?
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hallgate.decide.compose import at as timed
from hallgate.decide.judge import judge, read_decision
from hallgate.decide.policies import PolicySet
from hallgate.decide.waiver_status import OVER, Standing
from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.intake.narrow import an_object, texts
from hallgate.intake.rfc3339 import text as time_text
from hallgate.model.decision import Decision
from hallgate.model.errors import EngineError, HallgateError
from hallgate.model.inventory import Deployed, Deployment, Model
from hallgate.model.trust import Trust
from hallgate.model.values import Outcome
from hallgate.record.canonical import file_digest
from hallgate.record.decision_proof import VerifiedRecord
from hallgate.record.files import read_blob
from hallgate.record.promotions import verify_subject

UNREGISTERED = "unregistered"
RETIRED = "retired"
UNGATED = "ungated"
NO_DIGEST = "no_digest"
NO_VALID_RECORD = "no_valid_record"
NOT_LOGGED = "not_logged"
LAPSED_WAIVER = "lapsed_waiver"
LAPSED_OVERRIDE = "lapsed_override"
LAPSED_OBSERVATION = "lapsed_observation"
TIGHTENED = "policy_tightened"
NOT_JUDGED = "not_judged"
INCOMPLETE = "incomplete"

_TRACK = 'object.get(data.promotion.generated, ["track", "track"], {})'


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing wrong with a deployment (None: with the list itself)."""

    code: str
    deployment: Deployment | None
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The answer: live counts deployments, valid those without a finding.

    not_live names active models of the register of which nothing is deployed.
    """

    live: int
    valid: int
    registered: int
    not_live: tuple[str, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Today:
    """What counts today: policies, how waivers stand, and the bundle to judge with.

    bundle makes the waiver bundle for (model, digest, time); logged are digests of records in
    the log, None where the repository has none.
    """

    engine: Opa
    policies: PolicySet
    standings: Mapping[str, Standing]
    bundle: Callable[[str, str, int], Bundle]
    logged: Mapping[str, int] | None


def reconcile(
    deployed: Deployed,
    models: Sequence[Model],
    records: Path,
    trust: Trust,
    today: Today,
    at: int,
) -> Reconciled:
    """Hold a list against register and records, at a time (seconds).

    Raises UsageError where there is no folder of records, EngineError only where the engine
    cannot even start; a decision it could not repeat is a finding.
    """
    register = {one.name: one for one in models}
    facts: list[Fact] = list(_counted(deployed))
    checked: dict[tuple[str, str, str], list[tuple[str, str, str]]] = {}
    for one in deployed.deployments:
        found = _registered(one, register.get(one.name), at)
        if one.digest is not None and not any(code == UNGATED for code, _, _ in found):
            key = one.name, one.digest, one.stage
            if key not in checked:
                checked[key] = list(_recorded(one, one.digest, records, trust, today, at))
            found += checked[key]
        facts += [Fact(code, one, what, remedy) for code, what, remedy in found]
    bad = {id(fact.deployment) for fact in facts}
    live = {one.name for one in deployed.deployments}
    return Reconciled(
        live=len(deployed.deployments),
        valid=sum(id(one) not in bad for one in deployed.deployments),
        registered=len(register),
        not_live=tuple(
            sorted(one.name for one in models if one.retired_at is None and one.name not in live)
        ),
        facts=tuple(facts),
    )


def _counted(deployed: Deployed) -> list[Fact]:
    listed = len(deployed.deployments)
    if deployed.expected == listed:
        return []
    known = "has no count of its own" if deployed.expected is None else f"has {deployed.expected}"
    what = f"{deployed.system} {known}, and {listed} are listed"
    return [Fact(INCOMPLETE, None, what, "have the platform count, and list everything")]


def _registered(one: Deployment, model: Model | None, at: int) -> list[tuple[str, str, str]]:
    found = []
    if model is None:
        words = "register it: inventory/<model>.yaml"
        found.append((UNREGISTERED, "is live and stands in no register", words))
    elif model.retired_at is not None and model.retired_at <= at:
        found.append((RETIRED, "is live although it was retired", "stop it, or un-retire it"))
    if model is not None and not model.gated:
        what = f"is live without a gate: {model.why_ungated}"
        found.append((UNGATED, what, "have its promotion decided, or accept it knowingly"))
    elif one.digest is None:
        words = "have the platform say which artifact runs"
        found.append((NO_DIGEST, "nobody can say which artifact this is", words))
    return found


def _recorded(
    one: Deployment, digest: str, records: Path, trust: Trust, today: Today, at: int
) -> list[tuple[str, str, str]]:
    try:
        record = verify_subject(records, trust, digest, one.stage, at, model=one.name)
    except HallgateError as error:
        return [(NO_VALID_RECORD, error.what, error.remedy)]
    found = []
    if today.logged is not None and file_digest(record.path) not in today.logged:
        words = "publish it: hallgate log append"
        found.append((NOT_LOGGED, f"its record {record.path.name} is not in the log", words))
    decision = read_decision(record.claims.body)
    found += _lapsed(decision, today.standings, at)
    if record.claims.policies != today.policies.bundle.digest:
        found += _tightened(record, decision, today)
    return found


def _lapsed(
    decision: Decision, standings: Mapping[str, Standing], at: int
) -> list[tuple[str, str, str]]:
    words = "mend the finding, or have it excepted again, and decide anew"
    found: dict[tuple[str, str], tuple[str, str, str]] = {}
    for verdict in decision.verdicts:
        for one in verdict.findings:
            waiver = one.waiver
            if waiver is not None:
                now = standings.get(waiver.id)
                why = "has expired" if waiver.expires <= at else ""
                if not why and (now is None or now.status in OVER):
                    why = "is gone" if now is None else f"is {now.status}"
                if why:
                    what = f"{verdict.id} rests on the waiver {waiver.id}, which {why}"
                    found[verdict.id, waiver.id] = (LAPSED_WAIVER, what, words)
        override = verdict.override
        if override is not None and override.expires <= at:
            what = f"{verdict.id} rests on the override {override.id}, which has expired"
            found[verdict.id, override.id] = (LAPSED_OVERRIDE, what, words)
        mark = verdict.observed
        if mark is not None and mark.until <= at:
            what = f"{verdict.id} was only observed, by the track's {mark.by} until "
            what += f"{time_text(mark.until)}, and binds since"
            found[verdict.id, mark.by] = (LAPSED_OBSERVATION, what, words)
    return list(found.values())


def _tightened(record: VerifiedRecord, then: Decision, today: Today) -> list[tuple[str, str, str]]:
    """Policies that allowed it then and would not today, all else being equal.

    What a waiver or override let pass, or the track only observed, did not hold then either:
    it is named when that is over. Families that the track does not take were never asked.
    """
    claims = record.claims
    document = timed(record.input, claims.decided_at)
    waivers = today.bundle(claims.model, claims.digest, claims.decided_at)
    try:
        now = judge(today.engine, today.policies.rules, waivers, document, replay=True)
    except EngineError as error:
        return [(NOT_JUDGED, f"today's policies gave no answer: {error.what}", error.remedy)]
    let_pass = {Outcome.WAIVED, Outcome.OVERRIDDEN}
    excepted = {
        one.id for one in then.verdicts if one.outcome in let_pass or one.observed is not None
    }
    tighter = [one.id for one in now.verdicts if one.outcome.blocks and one.id not in excepted]
    if tighter:
        taken = _taken(record, today)
        tighter = [name for name in tighter if taken is None or name in taken]
    if not tighter:
        return []
    what = f"today's policies would deny it: {', '.join(tighter)}"
    return [(TIGHTENED, what, "decide it anew with today's evidence, or replace it")]


def _taken(record: VerifiedRecord, today: Today) -> frozenset[str] | None:
    """Today's policies of the families that the record's track took; None where it took all.

    Policies of then that say nothing to today's engine count as all: too much is named then.
    """
    data = read_blob(record.path.parent, record.claims.policies)
    try:
        said = today.engine.evaluate([Bundle(data, record.claims.policies)], _TRACK, {})
    except EngineError:
        return None
    families = texts(an_object(said).get("families") or [])
    if not families:
        return None
    return frozenset(one.id for one in today.policies.catalog if one.family in families)
