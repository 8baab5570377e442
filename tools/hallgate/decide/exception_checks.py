"""Waivers and overrides, read and governed: the part of a check that grows with their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hallgate.decide.checked import Part
from hallgate.decide.kept import next_time
from hallgate.decide.override_checks import override_faults
from hallgate.decide.policies import PolicySet
from hallgate.decide.waiver_checks import Decided, named_evidence, waiver_faults
from hallgate.engine.opa import Opa
from hallgate.intake.history import History
from hallgate.intake.narrow import scalars
from hallgate.intake.overrides import load_overrides
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.waiver_archive import Ended, read_ended
from hallgate.intake.waivers import WaiverSet, load_waivers
from hallgate.model.documents import Approval, Override, Waiver
from hallgate.model.errors import Fault, InvalidDocument
from hallgate.model.trust import Trust

# Times at which rules change their mind that stand in no document: days before a waiver's end
# from which it is expiring, and after the first approval of an override until its review is due.
NOTICE, REVIEW = 30 * 86_400, 7 * 86_400


@dataclass(frozen=True, slots=True)
class ExceptionQuestion:
    """What is asked about the exceptions of a repository, as of a time in seconds."""

    repository: Repository
    schemas: Schemas
    trust: Trust
    policies: PolicySet
    engine: Opa
    history: History
    at: int


@dataclass(frozen=True, slots=True)
class ExceptionAnswer:
    """What was found; until is the first later time at which it may differ, None for never.

    named are the files and digests that compensating controls give as evidence.
    """

    parts: tuple[Part, ...]
    findings: tuple[Fault, ...]
    until: int | None
    named: tuple[str, ...]


def check_exceptions(
    asked: ExceptionQuestion, decided: Callable[[], Decided] = tuple
) -> ExceptionAnswer:
    """Read and judge every waiver and override; decided gives what waiver_faults() takes.

    Raises EngineError or StorageError where a program or a file fails.
    """
    parts: list[Part] = []
    findings: list[Fault] = []
    folder = asked.repository.exceptions
    emergencies = load_overrides(folder, asked.trust, asked.schemas, history=asked.history)
    parts.append(Part("overrides", len(emergencies.overrides), emergencies.faults))
    findings += emergencies.not_counted
    if not emergencies.faults:
        findings += override_faults(
            asked.repository, asked.engine, asked.policies, emergencies.overrides, at=asked.at
        )
    found = load_waivers(
        folder, asked.trust, asked.schemas,
        history=asked.history, live=asked.policies.live, at=asked.at,
    )  # fmt: skip
    faults = list(found.faults)
    ended: tuple[Ended, ...] = ()
    try:
        ended = read_ended(folder, asked.schemas)
    except InvalidDocument as error:
        faults.extend(error.faults)
    parts.append(Part("waivers", len(found.waivers) + len(ended), tuple(faults)))
    findings += found.not_counted
    if not faults:
        findings += waiver_faults(
            asked.repository, asked.engine, asked.policies, found.waivers, ended,
            at=asked.at, decided=decided(),
        )  # fmt: skip
    until = next_time(_times(found, emergencies.overrides), asked.at)
    named = tuple(sorted(named_evidence(found.waivers)))
    return ExceptionAnswer(tuple(parts), tuple(findings), until, named)


def _times(found: WaiverSet, overrides: Sequence[Override]) -> Iterator[int]:
    """Every time that a rule compares with the clock; too many do no harm."""
    for end in found.ends:
        yield from (end, end - NOTICE)
    everything: tuple[Waiver | Override, ...] = (*found.waivers, *overrides)
    for one in everything:
        yield from (said for said in scalars(one.document) if type(said) is int)
        yield from _spoken(one)
    for override in overrides:
        if override.claimed_at is not None:
            yield from (override.claimed_at, override.claimed_at + REVIEW)


def _spoken(one: Waiver | Override) -> Iterator[int]:
    for word in one.approvals:
        yield from _of_word(word)


def _of_word(word: Approval) -> Iterator[int]:
    yield from (word.approved_at, word.valid_until)
    if word.published_at is not None:
        yield word.published_at
