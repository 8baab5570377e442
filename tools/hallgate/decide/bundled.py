"""The policies of a bundle that comes without a repository: what `bundle build` made.

The catalog of the bundle says what it holds and from when; METADATA in its own sources says
the rest. Nothing of the repository around is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hallgate.decide.explain import TierLimit, limits_told
from hallgate.decide.kept_answers import KeptModules, kept_answer
from hallgate.decide.metadata import inspected
from hallgate.decide.policies import PolicySet
from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import PINNED, Opa
from hallgate.intake.catalog import read_catalog
from hallgate.intake.families import read_families
from hallgate.intake.narrow import a_list, a_text, an_integer, an_object
from hallgate.intake.schema import Schemas
from hallgate.model.errors import InvalidDocument
from hallgate.model.values import JsonObject, Tier

_QUERY = (
    '{"catalog": data.promotion.generated.catalog.policies,'
    ' "track": object.get(data.promotion.generated, ["track", "track"], {}),'
    ' "schemas": data.promotion.generated.schemas,'
    ' "law": object.get(data.promotion.generated, ["law", "controls"], {}),'
    ' "limits": {id: limits | some id, one in data.promotion.generated.catalog.policies;'
    " limits := data.promotion.rules[one.family][one.name].limits}}"
)


def policies_of(
    bundle: Bundle,
    sources: Mapping[str, bytes],
    schemas: Schemas,
    engine: Opa,
    cache: Path | None,
    known: JsonObject | None = None,
    modules: KeptModules | None = None,
) -> PolicySet:
    """Catalog and rules of a built bundle; sources are its .rego entries by path.

    cache keeps OPA's answers under the bundle's digest, None asks afresh. known is what
    constants_of() says of it, where it was asked; modules keeps what OPA says of single
    ones (None: cache does). Raises
    InvalidDocument where catalog and rules of the bundle do not match.
    """
    if modules is None and cache is not None:
        modules = KeptModules(cache)
    key = f"{PINNED}-{bundle.digest.removeprefix('sha256:')}"
    said = an_object(
        kept_answer(cache, "bundles", key, lambda: _ask(bundle, sources, engine, known, modules))
    )
    entries = an_object(said["catalog"])
    described = {one.id: one for one in read_catalog(said["annotations"], schemas)}
    if described.keys() != entries.keys():
        strange = sorted(described.keys() ^ entries.keys())
        raise InvalidDocument.one(
            f"catalog and rules of the bundle disagree about {', '.join(strange)}",
            remedy="do not use it; take the bundle from where it was published",
        )
    catalog = tuple(
        replace(described[name], effective_from=an_integer(an_object(entry)["effective_from"]))
        for name, entry in sorted(entries.items())
    )
    digests = {name: a_text(an_object(one)["rule_digest"]) for name, one in entries.items()}
    families = read_families(said["annotations"], schemas)
    return PolicySet(catalog, bundle, digests, families=families)


def constants_of(bundle: Bundle, engine: Opa) -> JsonObject:
    """What `bundle build` generated (catalog, track, schemas, law; {} for none), and limits."""
    return an_object(engine.evaluate([bundle], _QUERY, {}))


def limits_in_force(policies: PolicySet, constants: JsonObject) -> dict[str, tuple[TierLimit, ...]]:
    """Limits by policy as the bundle applies them: the house's, tightened by its track.

    constants are those of the bundle. Raises InvalidDocument as tier_limits().
    """
    found = limits_told(policies.catalog, an_object(constants["limits"]))
    track = an_object(constants["track"])
    for one in map(an_object, a_list(track.get("limits") or [])):
        name, tier = a_text(one["policy"]), Tier(a_text(one["tier"]))
        found[name] = tuple(
            _with(entry, tier, an_integer(one["limit"]))
            if entry.quantity.name == one["quantity"]
            else entry
            for entry in found[name]
        )
    return found


def _with(entry: TierLimit, tier: Tier, value: int) -> TierLimit:
    table = {**dict(entry.values), tier: value}
    return TierLimit(entry.quantity, tuple((one, table[one]) for one in Tier if one in table))


def _ask(
    bundle: Bundle,
    sources: Mapping[str, bytes],
    engine: Opa,
    known: JsonObject | None,
    modules: KeptModules | None,
) -> JsonObject:
    annotations = inspected(sources, engine, modules)
    constants = known if known is not None else constants_of(bundle, engine)
    return {"annotations": annotations, "catalog": constants["catalog"]}
