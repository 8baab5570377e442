"""What stands in the policies, as policies/checks/facts says of each module.

It follows from the module's bytes and from the checks alone, so it is kept by them: of a tree
with one changed policy one module is parsed and walked.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from hallgate.decide.kept_answers import KeptModules
from hallgate.engine.bundle import build_bundle, content_digest
from hallgate.engine.opa import Opa
from hallgate.intake.narrow import a_list, an_object
from hallgate.intake.repository import Repository
from hallgate.model.errors import EngineAborted
from hallgate.model.values import JsonObject, JsonValue

_AT_ONCE = 4
_TEST = "_test.rego"
_ABOUT = "facts"
_SAYS = "checks/facts/"
_FINDINGS = "data.checks.main.findings"
_BOTH = f'{{"findings": {_FINDINGS}, "facts": data.checks.facts.of}}'
# A check that reads modules itself needs all of them; so does one that may: by the whole input.
_MODULES = re.compile(rb"\binput\b(?!\s*\.)|\binput\s*\.\s*modules\b")
_TEXT = re.compile(rb'"(?:[^"\\\n]|\\.)*"|`[^`]*`|#[^\n]*')


@dataclass(frozen=True, slots=True)
class Asked:
    """What the checks are asked about: all their input but modules and facts."""

    sources: Mapping[str, bytes]
    document: JsonObject


def policy_sources(repository: Repository) -> dict[str, bytes]:
    """Policies and their tests by path in the repository."""
    return {
        path.relative_to(repository.root).as_posix(): path.read_bytes()
        for path in sorted(repository.policies.rglob("*.rego"))
    }


def kept_modules(cache: Path, repository: Repository) -> KeptModules:
    """What is kept of the policies of a repository, and of nothing else."""
    digests = (sha256(data).hexdigest() for data in policy_sources(repository).values())
    return KeptModules(cache, frozenset(digests))


def found_by(
    checks: Mapping[str, bytes], asked: Asked, engine: Opa, kept: KeptModules | None
) -> JsonValue:
    """data.checks.main.findings about policies, asked once; checks are by path below policies/.

    Facts are handed over for the modules of which they are kept, and for all others their
    syntax. Where a check reads syntax itself it is handed over for all. Raises EngineError.
    """
    modules = {path: data for path, data in asked.sources.items() if not path.endswith(_TEST)}
    known: dict[str, JsonValue] = {}
    says = facts_serve(checks)
    salt = content_digest(checks).encode()
    if says and kept is not None:
        known = kept.known(_ABOUT, modules, salt)
    fresh = {path: data for path, data in modules.items() if path not in known}
    trees = _trees(fresh, engine)
    document: JsonObject = {**asked.document, "modules": dict(trees), "facts": known}
    bundle = build_bundle(checks, ("checks",), {})
    if not says:
        return engine.evaluate([bundle], _FINDINGS, document)
    said = an_object(engine.evaluate([bundle], _BOTH, document))
    facts = an_object(said["facts"])
    _all_told(trees, facts)
    if kept is not None:
        kept.keep(_ABOUT, fresh, facts, salt)
    return said["findings"]


def facts_serve(checks: Mapping[str, bytes]) -> bool:
    """Whether the facts of a module stand for it: there are some, and only they read modules."""
    others = (code(data) for path, data in checks.items() if not path.startswith(_SAYS))
    return any(path.startswith(_SAYS) for path in checks) and not any(
        _MODULES.search(one) for one in others
    )


def code(data: bytes) -> bytes:
    """A module without its texts and remarks."""
    return _TEXT.sub(b"", data)


def _all_told(trees: Mapping[str, JsonObject], facts: Mapping[str, JsonValue]) -> None:
    """What is not told of a module or a rule no check would see."""
    for path in trees.keys() | facts.keys():
        rules = a_list(trees.get(path, {}).get("rules") or [])
        told = an_object(facts.get(path) or {"rules": None})["rules"]
        if not isinstance(told, list) or len(told) != len(rules):
            raise EngineAborted(
                f"policies/checks/facts does not say what stands in {path}",
                remedy="take policies/checks over from Hallgate as it is",
            )


def _trees(sources: Mapping[str, bytes], engine: Opa) -> dict[str, JsonObject]:
    with tempfile.TemporaryDirectory(prefix="hallgate-") as name:

        def tree(number: int, data: bytes) -> JsonObject:
            # A copy is parsed: what is kept under a digest must be the syntax of those bytes.
            copy = Path(name) / f"{number}.rego"
            copy.write_bytes(data)
            return an_object(_slim(engine.parse(copy)))

        # opa parse takes one file; its time is mostly that of starting it.
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            trees = list(pool.map(tree, range(len(sources)), sources.values()))
    return dict(zip(sources, trees, strict=True))


def _slim(tree: JsonValue) -> JsonValue:
    """A syntax tree with rows instead of whole locations, without comments."""
    if isinstance(tree, dict):
        kept = {
            name: _slim(value)
            for name, value in tree.items()
            if name not in {"location", "comments", "annotations"}
        }
        place = tree.get("location")
        return {**kept, "row": place["row"]} if isinstance(place, dict) else kept
    return [_slim(one) for one in tree] if isinstance(tree, list) else tree
