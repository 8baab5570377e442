"""Builds what is published: the bundle that decides, with law, track and origin.

The same tree gives the same bytes, whoever builds it, where and when.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hallgate.decide.explain import TierLimit, tier_limits
from hallgate.decide.policies import PolicySet, read_sources
from hallgate.engine.bundle import Bundle, build_bundle, rego_constants
from hallgate.engine.opa import PINNED, Opa
from hallgate.intake.narrow import a_text, an_integer, an_object
from hallgate.intake.repository import Repository
from hallgate.intake.tracks import ALL, Baselined, Track
from hallgate.model.errors import EngineAborted, Fault, InvalidDocument
from hallgate.model.law import Control
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.bundle.archive import MANIFEST, unpack
from hallgate.publish.bundle.overlay import Overlay, overlaid, read_overlay
from hallgate.record.canonical import sha256_digest

_GENERATED = "promotion/generated"
_POLICIES = re.compile(r"^policies := object\.union\((\{.*\}), \{\}\)$", re.MULTILINE)
_SMOKE = (
    '{"allowed": data.promotion.main.allowed, "decided": data.promotion.main.decision.allowed,'
    ' "denials": count(data.promotion.main.deny),'
    ' "missing": [id | some id, one in data.promotion.generated.catalog.policies;'
    " not data.promotion.rules[one.family][one.name]]}"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a bundle comes from: commit (None: not exactly any), digests of what was read.

    sources: a line about each, where an organisation adds to an upstream.
    """

    commit: str | None
    inputs: Mapping[str, str | None]
    hallgate: str
    sources: tuple[str, ...] = ()


def build_published(
    policies: PolicySet,
    law: tuple[Control, ...],
    track: Track | None,
    origin: Origin,
    engine: Opa,
    models: frozenset[str] = frozenset(),
    limits: Mapping[str, tuple[TierLimit, ...]] | None = None,
) -> Bundle:
    """The bundle of a track, or of everything, checked by OPA and tried once.

    models: active models of the inventory, which a track's baseline may name. limits: those of
    the policies where they are known; None asks the engine. Raises
    InvalidDocument where the track does not fit the house, EngineAborted where the built
    bundle is not strict Rego or does not deny an empty request.
    """
    files = unpack(policies.bundle.data)
    del files[MANIFEST]
    catalog = _catalog(files[f"{_GENERATED}/catalog.rego"])
    if track is not None:
        if limits is None:
            limits = tier_limits(engine, policies, policies.catalog)
        overlay = read_overlay(
            track,
            policies.catalog,
            limits,
            frozenset(control.framework for control in law),
            models,
        )
        files = overlaid(files, overlay)
        catalog = _narrowed(catalog, overlay)
        law = tuple(control for control in law if control.framework in track.frameworks)
    cited = {name for policy in policies.catalog for name in policy.controls}
    constants: Mapping[str, JsonObject] = {
        "catalog": {"policies": catalog},
        "law": {"controls": {one.name: _law(one) for one in law if one.name in cited}},
        "track": {"track": _about(track)},
    }
    files |= {
        f"{_GENERATED}/{name}.rego": rego_constants(f"promotion.generated.{name}", _objects(value))
        for name, value in constants.items()
    }
    name = ALL if track is None else track.name
    said = origin_metadata(name, replace(origin, sources=policies.told_sources))
    bundle = build_bundle(files, ("promotion",), said)
    _try(bundle, engine)
    return bundle


def misfits(
    policies: PolicySet,
    law: tuple[Control, ...],
    tracks: Iterable[tuple[Track, frozenset[str]]],
    engine: Opa,
) -> tuple[Fault, ...]:
    """Every fault for which a track, with the active models it may name, could not be built."""
    limits = tier_limits(engine, policies, policies.catalog)
    frameworks = frozenset(control.framework for control in law)
    faults: list[Fault] = []
    for track, models in tracks:
        try:
            read_overlay(track, policies.catalog, limits, frameworks, models)
        except InvalidDocument as error:
            faults.extend(error.faults)
    return tuple(faults)


def input_digests(repository: Repository, track: Track | None) -> dict[str, str | None]:
    """Digests of what a bundle is made from, by name; the paths are those of the repository."""
    return {
        "policies": _digest(read_sources(repository.policies)),
        "schemas": _digest(_read(repository.evidence_schemas.glob("*.schema.json"))),
        "frameworks": _digest(_read(repository.frameworks.glob("*.yaml"))),
        **(
            {"upstream": sha256_digest(repository.upstream.read_bytes())}
            if repository.upstream.is_file()
            else {}
        ),
        "track": None if track is None else track.document.digest,
    }


def folder_digest(folder: Path) -> str:
    """One digest over the names and contents of all files below a folder."""
    names = sorted(path for path in folder.rglob("*") if path.is_file())
    return _digest({path.relative_to(folder).as_posix(): path.read_bytes() for path in names})


def _catalog(module: bytes) -> JsonObject:
    """The policies of a generated module, which says nothing but this constant."""
    found = _POLICIES.search(module.decode())
    if found is None:
        raise ValueError("the catalog of the bundle is not as it was generated")
    return an_object(json.loads(found[1]))


def _objects(value: JsonObject) -> dict[str, JsonObject]:
    return {name: an_object(one) for name, one in value.items()}


def _narrowed(catalog: JsonObject, overlay: Overlay) -> dict[str, JsonValue]:
    kept: dict[str, JsonValue] = {}
    for name, value in catalog.items():
        entry = an_object(value)
        if a_text(entry["family"]) in overlay.families:
            since = overlay.dates.get(name, an_integer(entry["effective_from"]))
            observed = [asdict(one) for one in overlay.observed.get(name, ())]
            more = {"observed": observed} if observed else {}
            kept[name] = {**entry, "effective_from": since, **more}
    return kept


def _law(control: Control) -> JsonObject:
    return {
        "title": control.title,
        "force": control.force,
        "status": control.status,
        "since": control.since,
        "until": control.until,
        "superseded_by": control.superseded_by,
    }


def _about(track: Track | None) -> JsonObject:
    if track is None:
        return {"name": ALL, "families": [], "limits": [], "dates": [], "rollout": []}
    limits: list[JsonValue] = [
        {"policy": one.policy, "quantity": one.quantity, "tier": one.tier.value, "limit": one.limit}
        for one in track.limits
    ]
    return {
        "name": track.name,
        "families": sorted(track.families),
        "limits": limits,
        "dates": [{"policy": one.policy, "since": one.since} for one in track.earlier],
        "rollout": [{"policy": one.policy, "since": one.since} for one in track.rollout],
        # Absent where there never was one: a track without it says what it always said.
        **({} if track.baseline is None else {"baseline": _baselined(track.baseline)}),
    }


def _baselined(baseline: tuple[Baselined, ...]) -> list[JsonValue]:
    return [
        {"policy": one.policy, "model": one.model, "since": one.since, "until": one.until}
        for one in sorted(baseline, key=lambda one: (one.policy, one.model))
    ]


def origin_metadata(track: str, origin: Origin) -> JsonObject:
    """What the manifest says of a bundle's origin."""
    return {
        "track": track,
        "commit": origin.commit,
        "inputs": dict(origin.inputs),
        "hallgate": origin.hallgate,
        "opa": PINNED,
        **({"sources": list(origin.sources)} if origin.sources else {}),
    }


def check_built(bundle: Bundle, engine: Opa) -> None:
    """Raise EngineAborted where OPA does not take the built bundle as strict Rego."""
    with tempfile.TemporaryDirectory(prefix="hallgate-bundle-") as folder:
        (Path(folder) / "bundle.tar.gz").write_bytes(bundle.data)
        errors = engine.check(["--bundle", "bundle.tar.gz"], cwd=Path(folder))
    if errors:
        raise EngineAborted(
            f"the built bundle is not strict Rego: {'; '.join(errors)}",
            remedy="mend the policy it names, or report the fault if it is a generated file",
        )


def _try(bundle: Bundle, engine: Opa) -> None:
    try:
        said = an_object(engine.evaluate([bundle], _SMOKE, {}, strict=True))
    except EngineAborted:
        check_built(bundle, engine)
        raise
    if said["allowed"] is not False or said["decided"] is not False or not said["denials"]:
        raise EngineAborted(
            "the built bundle does not deny an empty request",
            remedy="do not publish it; run `hallgate check`",
        )
    if said["missing"] != []:
        raise EngineAborted(
            f"the built bundle lacks rules of its catalog: {said['missing']}",
            remedy="do not publish it; report this fault",
        )


def _read(paths: Iterable[Path]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in paths}


def _digest(files: Mapping[str, bytes]) -> str:
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\n".encode())
    return f"sha256:{total.hexdigest()}"
