"""How each waiver stands, as lib/waivers says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hallgate.decide.compose import waiver_constant
from hallgate.decide.standings import ask_beside
from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.intake.narrow import a_text, an_integer, an_object, texts
from hallgate.model.documents import Waiver
from hallgate.model.values import JsonObject, JsonValue

OVER = frozenset({"expired", "rejected", "renewed", "revoked", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A waiver's status with what it rests on, as lib/waivers' `standings` says it.

    status: proposed, approved, in_force, expiring, expired, revoked, rejected,
    withdrawn or renewed. versions are how many a range names (None: they cannot be counted)
    and may name; None for exact digests. document is the whole answer.
    """

    status: str
    band: str
    score: int
    needed: int
    matched: int
    tiers: tuple[str, ...]
    versions: tuple[int | None, int] | None
    document: JsonObject

    @property
    def is_open(self) -> bool:
        """Whether it may still come into force, or is."""
        return self.status not in OVER


def standings(
    engine: Opa, policies: Bundle, waivers: Sequence[Waiver], at: int
) -> Mapping[str, Standing]:
    """By id of the waiver, as of a time in seconds; raises EngineError."""
    return standings_beside(engine, policies, waivers, at, "null")[0]


def standings_beside(
    engine: Opa, policies: Bundle, waivers: Sequence[Waiver], at: int, query: str
) -> tuple[Mapping[str, Standing], JsonValue]:
    """As standings(), and the value of another query, in one engine run; None without waivers."""
    said = {one.id: waiver_constant(one) for one in waivers}
    answers, value = ask_beside(engine, policies, "waiver", said, at, query)
    return {name: _standing(answer) for name, answer in answers.items()}, value


def _standing(said: JsonObject) -> Standing:
    return Standing(
        status=a_text(said["status"]),
        band=a_text(said["band"]),
        score=an_integer(said["score"]),
        needed=an_integer(said["needed"]),
        matched=an_integer(said["matched"]),
        tiers=texts(said["tiers"]),
        versions=_versions(said["versions"]),
        document=said,
    )


def _versions(said: JsonValue) -> tuple[int | None, int] | None:
    if said is None:
        return None
    named, most = an_object(said)["named"], an_integer(an_object(said)["most"])
    return None if named is None else an_integer(named), most
