"""How exceptions stand: asked of the libraries of policies once for all, never computed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.intake.narrow import an_object
from hallgate.model.errors import EngineError
from hallgate.model.values import JsonObject


def ask_standings(
    engine: Opa,
    policies: Bundle,
    kind: Literal["waiver", "override"],
    said: Mapping[str, JsonObject],
    at: int,
) -> dict[str, JsonObject]:
    """By id how each stands as of a time in seconds, as the library of its kind says it.

    said is what the library is told of each. Raises EngineError, also where one has no answer.
    """
    if not said:
        return {}
    query = (
        f"data.promotion.lib.{kind}s.standings(input.asked) "
        "with time.now_ns as input.now * 1000000000"
    )
    question: JsonObject = {"now": at, "asked": list(said.values())}
    answer = an_object(engine.evaluate([policies], query, question))
    missing = sorted(said.keys() - answer.keys())
    if missing:
        raise EngineError(
            f"the policies do not say how {missing[0]} stands",
            remedy=f"report this: every {kind} that was read has a standing",
        )
    return {name: an_object(answer[name]) for name in sorted(answer)}
