"""Judges mutants that passed every unit test by what the scenarios see of them.

A scenario sees outcome, reasons and keys of findings, as `hallgate.testing.runner` compares
them. A mutant of a policy is one more policy of a catalog made for it, so that one run of main
judges many; no waiver covers such a policy, which hides nothing. A mutant of main or of a library
stands in the place of the original, one run for each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from hallgate.engine.bundle import Bundle, build_bundle, rego_constants
from hallgate.engine.opa import Opa
from hallgate.engine.served import served
from hallgate.model.errors import EngineAborted, EngineError
from hallgate.model.policy import Policy
from hallgate.model.values import JsonObject, JsonValue
from hallgate.testing.mutants.corpus import Corpus
from hallgate.testing.mutants.mutant import Mutant

_CATALOG = "promotion/generated/catalog.rego"
_FAMILY = re.compile(r"promotion/rules/mutant_(\d+)/")
_DECISION = "promotion/replay/decision"


@dataclass(frozen=True, slots=True)
class Staged:
    """Documents of all scenarios with the one bundle of all their waivers."""

    documents: tuple[JsonObject, ...]
    waivers: Bundle


def killed_among_policies(
    mutants: Sequence[Mutant], policy: Policy, corpus: Corpus, staged: Staged, engine: Opa
) -> frozenset[int]:
    """Numbers of mutants of one policy that some scenario tells from the original."""
    killed: set[int] = set()
    while True:
        alive = [number for number in range(len(mutants)) if number not in killed]
        if not alive:
            return frozenset(killed)
        bundle = _beside(mutants, alive, policy, corpus)
        try:
            seen = _verdicts(bundle, staged, engine)
        except EngineAborted as error:
            culprit = _FAMILY.search(error.policy_file or "")
            if culprit is None:
                raise
            # main would report it as error, which blocks: everybody sees that.
            killed.add(int(culprit[1]))
            continue
        original = seen.get(_id(-1))
        return frozenset(killed | {one for one in alive if seen.get(_id(one)) != original})


def _verdicts(bundle: Bundle, staged: Staged, engine: Opa) -> dict[str, list[Any]]:
    """By policy: outcome, reasons and keys of each document; by eval where the server errs."""
    bundles = [bundle, staged.waivers]
    try:
        with served(engine, bundles) as server:
            answers = [server.value(_DECISION, one) for one in staged.documents]
    except EngineAborted:
        query = f"[data.{_DECISION.replace('/', '.')} with input as one | some one in input.batch]"
        found = engine.evaluate(bundles, query, {"batch": list(staged.documents)})
        answers = cast("list[JsonValue]", found)
    seen: dict[str, list[Any]] = {}
    for answer in answers:
        for one in cast("dict[str, Any]", answer)["verdicts"]:
            keys = sorted({found["key"] for found in one["findings"]})
            seen.setdefault(one["id"], []).append((one["outcome"], one["reasons"], keys))
    return seen


def _id(number: int) -> str:
    return f"MUTANT-{number + 1:05d}"


def _beside(
    mutants: Sequence[Mutant], numbers: Sequence[int], policy: Policy, corpus: Corpus
) -> Bundle:
    """main and what it needs, the original, and each mutant as a policy of its own."""
    package = f"promotion.rules.{policy.family}.{policy.name}"
    roots = frozenset({"promotion.main", "promotion.replay", package})
    taken = corpus.sources_of(roots | corpus.needed_by(roots))
    files = {one.path: one.text.encode() for one in taken if one.path != _CATALOG}
    entries = {_id(-1): _entry(policy, policy.family)}
    for number in numbers:
        mutant, family = mutants[number], f"mutant_{number}"
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
    mutant: Mutant | None, corpus: Corpus, staged: Staged, engine: Opa
) -> list[Any] | None:
    """What scenarios see of the whole tree with a mutant in it, or None where OPA stops."""
    files: Mapping[str, bytes] = {
        one.path: one.text.encode() for one in corpus.modules.values() if not one.is_test
    }
    if mutant is not None:
        text = corpus.modules[mutant.path].text
        files = {**files, mutant.path: mutant.apply(text).encode()}
    bundles = [build_bundle(files, ("promotion",), {}), staged.waivers]
    try:
        with served(engine, bundles) as server:
            return [_seen(server.value("promotion/replay", one)) for one in staged.documents]
    except EngineError:
        if mutant is None:
            raise
        return None


def _seen(answer: JsonValue) -> Any:
    """Of the decision what scenarios compare, and what conftest would be told."""
    said = cast("dict[str, Any]", answer)
    decision = said["decision"]
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
        sorted((one["id"], one["outcome"], one["key"]) for one in said[name])
        for name in ("deny", "warn")
    ]
    return decision["allowed"], decision["tier"], verdicts, messages
