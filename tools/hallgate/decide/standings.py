"""How exceptions stand: asked of the libraries of policies once for all, never computed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.intake.narrow import a_list, an_object, texts
from hallgate.model.errors import EngineError
from hallgate.model.values import JsonObject, JsonValue

Kind = Literal["waiver", "override"]
# What stands is told without the files; brackets, so that nothing undefined is left out unseen.
_BESIDE = (
    "[[standings, value] | standings := data.promotion.lib.{kind}s.standings(input.asked) "
    "with time.now_ns as input.now * 1000000000; value := {query}][0]"
)
_GOVERNED = (
    "[[object.keys(standings), findings] | "
    'bare := [object.remove(one, ["file"]) | some one in input.{kind}s]; '
    "standings := data.promotion.lib.{kind}s.standings(bare) "
    "with time.now_ns as input.now * 1000000000; "
    "findings := data.checks.{kind}s.findings with input.standings as standings][0]"
)


def ask_standings(
    engine: Opa, policies: Bundle, kind: Kind, said: Mapping[str, JsonObject], at: int
) -> dict[str, JsonObject]:
    """By id how each stands as of a time in seconds, as the library of its kind says it.

    said is what the library is told of each. Raises EngineError, also where one has no answer.
    """
    return ask_beside(engine, policies, kind, said, at, "null")[0]


def ask_beside(
    engine: Opa,
    policies: Bundle,
    kind: Kind,
    said: Mapping[str, JsonObject],
    at: int,
    query: str,
) -> tuple[dict[str, JsonObject], JsonValue]:
    """As ask_standings(), and the value of another query, in one engine run.

    Where nothing is said nothing is asked, and the value is None.
    """
    if not said:
        return {}, None
    question: JsonObject = {"now": at, "asked": list(said.values())}
    asked = _BESIDE.format(kind=kind, query=query)
    stand, value = a_list(engine.evaluate([policies], asked, question))
    answer = an_object(stand)
    _require(kind, said, answer)
    return {name: an_object(answer[name]) for name in sorted(answer)}, value


def ask_governance(
    engine: Opa, policies: Bundle, checks: Bundle, kind: Kind, document: JsonObject
) -> list[JsonObject]:
    """What the checks of exceptions of a kind find, knowing how each stands, in one engine run.

    document is the input of the checks without `standings`; each exception in it has its `file`,
    which the library is not told. Raises EngineError as ask_standings().
    """
    answer = engine.evaluate([policies, checks], _GOVERNED.format(kind=kind), document)
    told, found = a_list(answer)
    asked = (str(an_object(one)["id"]) for one in a_list(document[f"{kind}s"]))
    _require(kind, asked, texts(told))
    return [an_object(one) for one in a_list(found)]


def _require(kind: Kind, asked: Iterable[str], told: Iterable[str]) -> None:
    missing = sorted(set(asked).difference(told))
    if missing:
        raise EngineError(
            f"the policies do not say how {missing[0]} stands",
            remedy=f"report this: every {kind} that was read has a standing",
        )
