"""Plays the auditor of an unpacked pack: verifies it, re-performs its sample, asks questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hallgate.decide.replay import replay_record
from hallgate.engine.opa import Opa
from hallgate.intake.document import Document
from hallgate.intake.narrow import a_list, a_text, an_object, text_or_none
from hallgate.model.errors import Fault, HallgateError, InvalidDocument
from hallgate.model.trust import Trust
from hallgate.publish.pack.answers import ANSWERS, Answer, View
from hallgate.publish.pack.rendered import differing
from hallgate.publish.pack.verifier.program import Roots, verify
from hallgate.publish.pack.verifier.state import BROKEN, Pack, Report
from hallgate.record.decision_proof import verify_record


@dataclass(frozen=True, slots=True)
class Reperformed:
    """A sampled decision judged again; trouble is empty where it came out byte for byte."""

    path: str
    trouble: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what answers it: a name of ANSWERS, or why it cannot be shown."""

    id: str
    asked_by: str
    text: str
    answered_by: str | None
    why: str


def verified(folder: Path, roots: Roots) -> Report:
    """What the pack's own program finds, by the auditor's roots; and its pages, made again."""
    report = Report()
    verify(Pack(folder), roots, report)
    _rendered(folder, report)
    return report


def _rendered(folder: Path, report: Report) -> None:
    """What is for reading, made again from the records."""
    try:
        other = differing(folder)
    except (HallgateError, *BROKEN) as error:
        report.wrong.append(f"pages and tables: cannot be made again: {error}")
        return
    if other is None:
        report.unchecked.append(
            "that pages, tables and OSCAL say what the records say: another version made them"
        )
        return
    report.wrong += [f"{path}: says other than the records do" for path in other]
    if not other:
        report.held.append("pages, tables and OSCAL say what the records say: made again alike")


def reperform(folder: Path, engine: Opa, trust: Trust, at: int) -> tuple[Reperformed, ...]:
    """Judge every sampled decision again, under its own rules at its own time; at is now."""
    try:
        results: list[dict[str, Any]] = Pack(folder).json("results.json")
        sampled = sorted({str(path) for one in results for path in one["sample"]})
        missing = [path for path in sampled if not Pack(folder).has(f"records/{path}")]
    except BROKEN as error:
        return (Reperformed("results.json", f"the sample cannot be read: {error}"),)
    if missing:
        return tuple(Reperformed(path, "is sampled, and not in the pack") for path in missing)
    return tuple(_again(folder / "records" / path, engine, trust, at) for path in sampled)


def _again(path: Path, engine: Opa, trust: Trust, at: int) -> Reperformed:
    try:
        same = replay_record(engine, verify_record(path, trust, at)).same
    except HallgateError as error:
        return Reperformed(path.name, str(error))
    return Reperformed(path.name, "" if same else "comes out otherwise than recorded")


def read_questions(document: Document) -> tuple[Question, ...]:
    """The questions of a validated document. Raises InvalidDocument for names without answer."""
    faults: list[Fault] = []
    found = []
    for index, value in enumerate(a_list(an_object(document.value)["questions"])):
        one = an_object(value)
        name, why = text_or_none(one["answered_by"]), text_or_none(one["why"])
        where = document.locate(("questions", index))
        if name is not None and name not in ANSWERS:
            words = f"there is no answer {name}"
            faults.append(Fault(words, where, f"one of {', '.join(ANSWERS)}, or null"))
        if (name is None) == (why is None):
            words = "needs either answered_by or why it cannot be shown"
            faults.append(Fault(words, where, "leave one of them null"))
        found.append(
            Question(a_text(one["id"]), a_text(one["asked_by"]), a_text(one["question"]),
                     name, why or "")
        )  # fmt: skip
    if faults:
        raise InvalidDocument(tuple(faults))
    return tuple(found)


def answered(folder: Path, questions: Sequence[Question]) -> tuple[tuple[Question, Answer], ...]:
    """Each question with its answer, from the pack alone."""
    view = View.of(folder)
    return tuple((one, _answer(one, view)) for one in questions)


def _answer(question: Question, view: View) -> Answer:
    if question.answered_by is None:
        return Answer(False, (f"cannot be shown: {question.why}",), ())
    try:
        return ANSWERS[question.answered_by](view)
    except BROKEN as error:
        return Answer(False, (f"cannot be shown: the pack cannot be read: {error}",), ())
