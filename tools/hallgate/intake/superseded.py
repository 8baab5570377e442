"""Evidence that later evidence replaces.

A statement that says `supersedes` takes the place of one that lies beside it. Because it can
hide a bad result, it has to be of the same type, about the same subject, not older, and signed by
one whose role may sign the type. Where it is not, it counts for nothing and is a gap; what it
would have replaced still stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hallgate.intake.narrow import an_integer, an_object, text_or_none, texts
from hallgate.model.documents import Evidence, Rejection

_BESIDE = "put the statement that it replaces beside it, or leave supersedes out"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left: statements that count, gaps, and what was replaced, with (file, why) of it."""

    statements: tuple[Evidence, ...]
    rejections: tuple[Rejection, ...]
    superseded: tuple[Evidence, ...]
    ignored: tuple[tuple[str, str], ...]


def standing(statements: Sequence[Evidence]) -> Standing:
    """Hold every `supersedes` against what is there, and take away what was replaced."""
    there: dict[str, list[Evidence]] = {}
    for one in statements:
        there.setdefault(one.digest, []).append(one)
    rejections, bad = [], set()
    replaced: dict[str, str] = {}
    for one in statements:
        wanted = _replaces(one)
        if wanted is None:
            continue
        why = _fault(one, wanted, there)
        if why is None:
            replaced[wanted] = one.file
        else:
            bad.add(one.file)
            rejections.append(Rejection(one.file, one.type, "malformed", why))
    gone = tuple(one for one in statements if one.digest in replaced and one.file not in bad)
    files = bad | {one.file for one in gone}
    return Standing(
        tuple(one for one in statements if one.file not in files),
        tuple(rejections),
        gone,
        tuple((one.file, f"is superseded by {replaced[one.digest]}") for one in gone),
    )


def _replaces(one: Evidence) -> str | None:
    return text_or_none(one.document.get("supersedes"))


def _fault(one: Evidence, wanted: str, there: dict[str, list[Evidence]]) -> str | None:
    """Why a statement replaces nothing; None where it does."""
    said = f"says that it supersedes {wanted}"
    if wanted not in there:
        return f"{said}, which is not here: {_BESIDE}"
    if _in_a_circle(one.digest, there):
        return f"{said}, and is itself superseded by that: collect again, and say supersedes once"
    for other in there[wanted]:
        if other.type != one.type:
            return f"{said}, which is a {other.type}: supersede evidence of the same type"
        if other.document["subject"] != one.document["subject"]:
            return f"{said}, which is about another subject: collect evidence about this one"
        if an_integer(one.document["collected_at"]) < an_integer(other.document["collected_at"]):
            return f"{said}, which was collected later: leave supersedes out"
    signer = one.document["signer"]
    if signer is None or one.type not in texts(an_object(signer)["evidence_types"]):
        return f"{said}, and is not signed by one whose role may sign {one.type}: have it signed"
    return None


def _in_a_circle(start: str, there: dict[str, list[Evidence]]) -> bool:
    """Whether the chain of what is superseded comes back to where it began."""
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        for one in there.get(ahead.pop(), ()):
            wanted = _replaces(one)
            if wanted == start:
                return True
            if wanted is not None and wanted not in seen:
                seen.add(wanted)
                ahead.append(wanted)
    return False
