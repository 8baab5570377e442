"""The policy set of a repository: its catalog and the bundle that decides.

Only built bundles are evaluated, never a loose tree. What OPA says of the
sources (annotations, strict check) is kept under the digest of the sources and
of the schemas, so that a second run need not ask again.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from hallgate.decide.judge import Rules
from hallgate.decide.kept_answers import KeptModules, kept_answer
from hallgate.decide.metadata import inspected
from hallgate.decide.rule_digest import rule_digests
from hallgate.decide.upstream import (
    joined_sources,
    read_upstream,
    require_schemas,
    told_sources,
)
from hallgate.engine.bundle import Bundle, build_bundle, rego_constants
from hallgate.engine.opa import PINNED, Opa
from hallgate.intake.catalog import read_catalog
from hallgate.intake.families import read_families
from hallgate.intake.narrow import a_text, an_object
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.policy import Family, Policy
from hallgate.model.values import JsonObject, JsonValue

log = logging.getLogger(__name__)

_GENERATED = "promotion/generated"
_DOCUMENTS = re.compile(r"^evidence_schemas := object\.union\((\{.*\}), \{\}\)$", re.MULTILINE)
_TEST_PACKAGE = re.compile(rb"^package \S+_test\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Catalog in order of id, and the bundle with generated constants.

    rule_digests: by policy id, what an approval of a waiver binds of the rule.
    told_sources: a line about each source, where an organisation adds to an upstream.
    families: those that have METADATA; `hallgate check` asks it of each.
    """

    catalog: tuple[Policy, ...]
    bundle: Bundle
    rule_digests: Mapping[str, str] = field(default_factory=dict)
    told_sources: tuple[str, ...] = ()
    families: tuple[Family, ...] = ()

    @property
    def rules(self) -> Rules:
        """What the judge needs."""
        return Rules(self.bundle, tuple((one.id, one.family, one.name) for one in self.catalog))

    def policy(self, name: str) -> Policy | None:
        """The policy with this id, or that had it before; None where there is none."""
        return next((one for one in self.catalog if name in (one.id, *one.aliases)), None)

    @property
    def live(self) -> frozenset[str]:
        """Ids that a waiver may name: those of today, and those they had before."""
        return frozenset(name for one in self.catalog for name in (one.id, *one.aliases))


def load_policies(
    repository: Repository,
    schemas: Schemas,
    engine: Opa,
    cache: Path | None,
    modules: KeptModules | None = None,
) -> PolicySet:
    """Read, check and bundle the policies of a repository.

    cache is the folder for OPA's answers, or None to ask afresh; save of single modules, of
    which is believed what `modules` keeps (None: what cache does). Raises
    InvalidDocument naming every fault that `opa check --strict` or the METADATA
    schema finds.
    """
    sources, told = _all_sources(repository, schemas)
    constants = _schema_constants(schemas)
    if modules is None and cache is not None:
        modules = KeptModules(cache)
    annotations = _annotations(sources, constants, schemas, engine, cache, modules)
    catalog = read_catalog(annotations, schemas)
    families = read_families(annotations, schemas)
    if not catalog:
        raise InvalidDocument.one(
            "there are no policies below rules/",
            where=Location(str(repository.policies)),
            remedy="a gate without policies decides nothing; add one with `hallgate new policy`",
        )
    found = kept_answer(
        cache, "rules", _key(sources), lambda: rule_digests(sources, engine, modules)
    )
    by_package = an_object(found)
    digests = {
        one.id: a_text(by_package[f"promotion.rules.{one.family}.{one.name}"]) for one in catalog
    }
    files = {
        **sources,
        f"{_GENERATED}/schemas.rego": constants,
        f"{_GENERATED}/documents.rego": _documents(schemas),
        f"{_GENERATED}/catalog.rego": rego_constants(
            "promotion.generated.catalog", {"policies": _entries(catalog, digests)}
        ),
    }
    known = {name: digests[one.id] for one in catalog for name in (one.id, *one.aliases)}
    bundle = build_bundle(files, ("promotion",), {})
    return PolicySet(catalog, bundle, known, told, families)


def _all_sources(
    repository: Repository, schemas: Schemas
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    own = read_sources(repository.policies)
    upstream = read_upstream(repository, schemas)
    if upstream is None:
        return own, ()
    carried = schemas_of(upstream.generated, str(repository.upstream))
    require_schemas(carried, schemas, str(repository.evidence_schemas))
    return joined_sources(upstream, own, repository), told_sources(upstream, own)


def schemas_of(sources: Mapping[str, bytes], where: str) -> Schemas:
    """The evidence schemas that a bundle carries; where names it in faults.

    Raises InvalidDocument where it carries none.
    """
    text = sources.get(f"{_GENERATED}/documents.rego", b"").decode()
    found = _DOCUMENTS.search(text)
    if found is None:
        raise InvalidDocument.one(
            "the bundle carries no evidence schemas",
            where=Location(where),
            remedy="take a newer bundle, or decide inside the policy repository",
        )
    documents = json.loads(a_text(an_object(json.loads(found[1]))["json"]))
    return Schemas.of_documents(an_object(documents), where)


def read_sources(folder: Path) -> dict[str, bytes]:
    """The .rego files of policies/promotion without tests, by path from its parent.

    Raises InvalidDocument where there are none, and for a file that is named like
    a test and is none: left out as a test, its policy would silently never run.
    """
    found: dict[str, bytes] = {}
    disguised: list[Fault] = []
    for path in sorted(folder.rglob("*.rego")):
        data = path.read_bytes()
        if not path.name.endswith("_test.rego"):
            found[path.relative_to(folder.parent).as_posix()] = data
        elif path.stem == path.parent.name or not _TEST_PACKAGE.search(data):
            remedy = "rename the policy; a test's package ends in _test too"
            disguised.append(Fault("named like a test, but is none", Location(str(path)), remedy))
    if disguised:
        raise InvalidDocument(tuple(disguised))
    if not found:
        raise InvalidDocument.one(
            "there are no policies here",
            where=Location(str(folder)),
            remedy="run in a Hallgate repository, or name it with --repository",
        )
    return found


def _schema_constants(schemas: Schemas) -> bytes:
    return rego_constants(
        "promotion.generated.schemas",
        {
            "request": schemas.request_constant(),
            "evidence": schemas.evidence_constants(),
            "frame": schemas.frame_constant(),
        },
    )


def _documents(schemas: Schemas) -> bytes:
    """Evidence schemas as they are written, for consumers who have the bundle alone.

    As one text: OPA reads a text in no time, and no rule reads this.
    """
    text = json.dumps(schemas.documents(), sort_keys=True, ensure_ascii=False)
    return rego_constants("promotion.generated.documents", {"evidence_schemas": {"json": text}})


def _entries(catalog: tuple[Policy, ...], digests: Mapping[str, str]) -> JsonObject:
    return {
        policy.id: {
            "family": policy.family,
            "name": policy.name,
            "severity": policy.severity.value,
            "evidence": list(policy.evidence),
            "waivable": list(policy.waivable),
            "overridable": policy.overridable,
            "aliases": list(policy.aliases),
            "effective_from": policy.effective_from,
            "rule_digest": digests[policy.id],
        }
        for policy in catalog
    }


def _annotations(
    sources: Mapping[str, bytes],
    constants: bytes,
    schemas: Schemas,
    engine: Opa,
    cache: Path | None,
    modules: KeptModules | None,
) -> JsonValue:
    schema = json.dumps(schemas.input_schema(), sort_keys=True).encode()
    key = _key(sources, constants, schema)

    def ask() -> JsonValue:
        _check(sources, constants, schema, engine)
        return inspected(sources, engine, modules)

    return kept_answer(cache, "annotations", key, ask)


def _check(sources: Mapping[str, bytes], constants: bytes, schema: bytes, engine: Opa) -> None:
    """Raises InvalidDocument with what `opa check --strict` finds in all of them together."""
    with tempfile.TemporaryDirectory(prefix="hallgate-") as name:
        folder = Path(name)
        files = {**sources, f"{_GENERATED}/schemas.rego": constants}
        for path, data in files.items():
            target = folder / "tree" / "policies" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        typed = folder / "input.schema.json"
        typed.write_bytes(schema)
        errors = engine.check(["policies"], cwd=folder / "tree", schema=typed)
        if errors:
            remedy = "mend the rule; `opa check --strict` says the same"
            raise InvalidDocument(tuple(Fault(error, None, remedy) for error in errors))


def _key(sources: Mapping[str, bytes], *others: bytes) -> str:
    total = sha256(PINNED.encode())
    for path in sorted(sources):
        total.update(f"{path}\0{sha256(sources[path]).hexdigest()}\n".encode())
    for data in others:
        total.update(sha256(data).digest())
    return total.hexdigest()
