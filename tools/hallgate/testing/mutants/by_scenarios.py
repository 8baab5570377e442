"""Judges mutants that passed every unit test by what the scenarios see of them.

A scenario sees outcome, reasons and keys of findings, as `hallgate.testing.runner` compares
them. A mutant of a policy is one more policy of a catalog made for it, so that one run of main
judges many; no waiver covers such a policy, which hides nothing. A mutant of main or of a library
stands in the place of the original, one run for each.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from hallgate.engine.bundle import Bundle, build_bundle, rego_constants
from hallgate.engine.opa import Opa
from hallgate.engine.served import ServedOpa, served
from hallgate.model.errors import EngineAborted, EngineError
from hallgate.model.policy import Policy
from hallgate.model.values import JsonObject
from hallgate.testing.mutants.corpus import Corpus
from hallgate.testing.mutants.mutant import Mutant

ENTRIES = frozenset({"promotion.main", "promotion.replay"})
_CATALOG = "promotion/generated/catalog.rego"
_FAMILY = re.compile(r"promotion/rules/mutant_(\d+)/")
# What conftest is told costs twice the decision; only main and replay can change it alone.
ANSWERS = "promotion/replay"
DECISION = f"{ANSWERS}/decision"


@dataclass(frozen=True, slots=True)
class Staged:
    """Documents of all scenarios with the one bundle of all their waivers."""

    documents: tuple[JsonObject, ...]
    waivers: Bundle


def killed_among_policies(
    mutants: Sequence[Mutant], policy: Policy, corpus: Corpus, staged: Staged, engine: Opa
) -> frozenset[int]:
    """Numbers of mutants of one policy that some scenario tells from the original.

    Raises EngineError where OPA stops and names no mutant.
    """
    bundles = [beside(mutants, policy, corpus), staged.waivers]
    killed: set[int] = set()
    with served(engine, bundles) as server:
        for document in staged.documents:
            seen = _verdicts(document, killed, server, bundles, engine)
            original = seen.get(_id(-1))
            killed |= {one for one in range(len(mutants)) if seen.get(_id(one)) != original}
            if len(killed) == len(mutants):
                break
    return frozenset(killed)


def _verdicts(
    document: JsonObject, killed: set[int], server: ServedOpa, bundles: list[Bundle], engine: Opa
) -> dict[str, Any]:
    """By policy: outcome, reasons and keys. Adds to killed whoever makes OPA stop.

    Whoever was killed is quarantined, so that its rules run no more.
    """
    while True:
        asked = dict(document)
        if isinstance(before := document.get("quarantined"), list):
            asked["quarantined"] = [*before, *(_id(one) for one in sorted(killed))]
        try:
            answer = server.value(DECISION, asked)
        except EngineAborted:
            # The server does not say whose fault it was; eval does.
            try:
                answer = engine.evaluate(bundles, f"data.{DECISION.replace('/', '.')}", asked)
            except EngineAborted as error:
                culprit = _FAMILY.search(error.policy_file or "")
                if culprit is None or int(culprit[1]) in killed:
                    raise
                # main would report it as error, which blocks: everybody sees that.
                killed.add(int(culprit[1]))
                continue
        return {
            one["id"]: (one["outcome"], one["reasons"], sorted({f["key"] for f in one["findings"]}))
            for one in cast("dict[str, Any]", answer)["verdicts"]
        }


def _id(number: int) -> str:
    return f"MUTANT-{number + 1:05d}"


def beside(mutants: Sequence[Mutant], policy: Policy, corpus: Corpus) -> Bundle:
    """main and what it needs, the original, and each mutant as a policy of its own."""
    package = f"promotion.rules.{policy.family}.{policy.name}"
    roots = ENTRIES | {package}
    taken = corpus.sources_of(roots | corpus.needed_by(roots))
    files = {one.path: one.text.encode() for one in taken if one.path != _CATALOG}
    entries = {_id(-1): _entry(policy, policy.family)}
    for number, mutant in enumerate(mutants):
        family = f"mutant_{number}"
        module = corpus.modules[mutant.path]
        changed = mutant.apply(module.text).replace(
            f"promotion.rules.{policy.family}.", f"promotion.rules.{family}."
        )
        files[f"promotion/rules/{family}/{policy.name}.rego"] = changed.encode()
        entries[_id(number)] = _entry(policy, family)
    files[_CATALOG] = rego_constants("promotion.generated.catalog", {"policies": entries})
    return build_bundle(files, ("promotion",), {})


def _entry(policy: Policy, family: str) -> JsonObject:
    return {
        "family": family,
        "name": policy.name,
        "severity": policy.severity.value,
        "evidence": list(policy.evidence),
        "waivable": list(policy.waivable),
        "effective_from": policy.effective_from,
        "rule_digest": "sha256:" + "0" * 64,
    }


def seen_by_all(
    what: str, mutant: Mutant | None, corpus: Corpus, staged: Staged, engine: Opa
) -> Generator[Any, None, None]:
    """What each scenario sees of the tree with a mutant in it; what is DECISION or ANSWERS.

    Ends with None where OPA stops. Raises EngineError where OPA does not even start: that
    shows nothing about the mutant.
    """
    with served(engine, [whole(corpus, mutant), staged.waivers]) as server:
        for document in staged.documents:
            try:
                answer = server.value(what, document)
            except EngineError:
                if mutant is None or not server.answers():
                    raise
                yield None
                return
            yield _seen(cast("dict[str, Any]", answer))


def whole(corpus: Corpus, mutant: Mutant | None = None) -> Bundle:
    """The whole tree, with a mutant in it."""
    files: Mapping[str, bytes] = {
        one.path: one.text.encode() for one in corpus.modules.values() if not one.is_test
    }
    if mutant is not None:
        text = corpus.modules[mutant.path].text
        files = {**files, mutant.path: mutant.apply(text).encode()}
    return build_bundle(files, ("promotion",), {})


def _seen(said: dict[str, Any]) -> Any:
    """Of the decision what scenarios compare, and what conftest would be told."""
    decision = said.get("decision", said)
    verdicts = [
        (
            one["id"],
            one["outcome"],
            one["reasons"],
            one["findings_total"],
            sorted((found["key"], repr(found["waiver"])) for found in one["findings"]),
        )
        for one in decision["verdicts"]
    ]
    messages = [
        sorted((one["id"], one["outcome"], one["key"]) for one in said.get(name, ()))
        for name in ("deny", "warn")
    ]
    return decision["allowed"], decision["tier"], verdicts, messages
