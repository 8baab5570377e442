"""One side of a comparison: what a bundle demands, read from the bundle itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.decide.bundled import constants_of, limits_in_force, policies_of
from hallgate.decide.explain import TierLimit
from hallgate.decide.kept_answers import KeptModules
from hallgate.decide.policies import PolicySet
from hallgate.decide.rule_digest import parsed_modules
from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.intake.narrow import a_list, a_text, an_integer, an_object, text_or_none
from hallgate.intake.schema import Schemas
from hallgate.model.values import JsonObject
from hallgate.publish.bundle.archive import unpack
from hallgate.publish.versions.observed import Observed

MAIN, REPLAY = "promotion.main", "promotion.replay"
RULES, LIBRARY = "promotion.rules.", "promotion.lib."
_HOUSE = "promotion.house"
_SAID = "promotion/house/said.rego"


@dataclass(frozen=True, slots=True)
class Edition:
    """A bundle's catalog, limits as its track applies them, parsed modules and constants.

    modules: syntax trees by package, without package lines, comments and places. The main of
    the house is promotion.main here also where a track ships it under another name.
    """

    label: str
    engine: Opa
    policies: PolicySet
    limits: Mapping[str, tuple[TierLimit, ...]]
    modules: Mapping[str, tuple[JsonObject, ...]]
    constants: JsonObject
    sources: Mapping[str, bytes]

    @property
    def track(self) -> JsonObject:
        """What the bundle says of its track; empty where it says nothing."""
        return an_object(self.constants["track"])

    def observed(self, policy: str) -> Observed:
        """Where its track only observes a policy: [since, until) by kind and model."""
        entry = an_object(an_object(self.constants["catalog"])[policy])
        return {
            (a_text(one["by"]), text_or_none(one["model"])): (
                an_integer(one["since"]), an_integer(one["until"])
            )
            for one in map(an_object, a_list(entry.get("observed") or []))
        }  # fmt: skip


def read_edition(
    label: str, bundle: Bundle, schemas: Schemas, engine: Opa, kept: KeptModules | None
) -> Edition:
    """Read a built bundle; raises InvalidDocument where it is none, EngineError where OPA stops.

    kept is where what OPA says of single modules is kept, None for nowhere.
    """
    sources = {path: data for path, data in unpack(bundle.data).items() if path.endswith(".rego")}
    constants = constants_of(bundle, engine)
    policies = policies_of(bundle, sources, schemas, engine, None, constants, kept)
    return Edition(
        label=label,
        engine=engine,
        policies=policies,
        limits=limits_in_force(policies, constants),
        modules=_modules(sources, engine, kept),
        constants=constants,
        sources=sources,
    )


def _modules(
    sources: Mapping[str, bytes], engine: Opa, kept: KeptModules | None
) -> dict[str, tuple[JsonObject, ...]]:
    house = any(path.startswith("promotion/house/") for path in sources)
    # A track's own main is generated from its limits, which are compared as numbers.
    written = {
        path: data
        for path, data in sources.items()
        if not path.startswith("promotion/generated/")
        and path != _SAID
        and not (house and path.startswith("promotion/main/"))
    }
    found: dict[str, list[JsonObject]] = {}
    for package, tree in parsed_modules(written, engine, kept):
        name = MAIN if package == _HOUSE else package
        bare = {key: value for key, value in tree.items() if key != "package"}
        found.setdefault(name, []).append(bare)
    return {name: tuple(sorted(trees, key=_text)) for name, trees in found.items()}


def _text(tree: JsonObject) -> str:
    return json.dumps(tree, sort_keys=True)
