"""Policies about policies (policies/checks), asked once about the parsed sources.

What the checks read is told in policies/checks/README.md; it is composed here.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hallgate.decide.policies import PolicySet
from hallgate.engine.bundle import build_bundle
from hallgate.engine.opa import Opa
from hallgate.intake.files import read_file
from hallgate.intake.narrow import a_list, a_text, an_integer, an_object
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.law import Control
from hallgate.model.policy import Policy
from hallgate.model.values import JsonObject, JsonValue

_AT_ONCE = 4
_LIMIT = 1024 * 1024
_RETIRED = ("id", "name", "reason", "retired")


def policy_faults(
    repository: Repository,
    engine: Opa,
    policies: PolicySet,
    register: tuple[Control, ...],
    schemas: Schemas,
    *,
    at: int,
) -> tuple[Fault, ...]:
    """What policies/checks find in the policies, in order of place.

    at (seconds) is when cited controls must apply. A repository without checks,
    or without the list of retired ids, is itself at fault. Raises EngineError
    where OPA gives no answer.
    """
    folder = repository.root / "policies" / "checks"
    checks = {
        path.relative_to(folder.parent).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.rego"))
        if not path.name.endswith("_test.rego")
    }
    if not checks:
        words = "take the folder over from Hallgate; nothing else lints the policies"
        return (Fault("there are no policies about policies", Location(str(folder)), words),)
    try:
        retired = _retired(repository.root / "policies" / "retired-ids.yaml")
    except InvalidDocument as error:
        return error.faults
    document: JsonObject = {
        "modules": _modules(repository, engine),
        "tests": _tests(repository),
        "catalog": [_entry(policy) for policy in policies.catalog],
        "retired": retired,
        "schemas": _known(schemas),
        "register": {control.name: _dates(control) for control in register},
        "now": at,
    }
    bundle = build_bundle(checks, ("checks",), {})
    found = engine.evaluate([bundle], "data.checks.main.findings", document)
    return tuple(_fault(an_object(one)) for one in a_list(found))


def _modules(repository: Repository, engine: Opa) -> JsonObject:
    paths = [path for path in _sources(repository) if not path.name.endswith("_test.rego")]
    # opa parse takes one file; its time is mostly that of starting it.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        trees = pool.map(engine.parse, paths)
        return {
            _name(repository, path): _slim(tree) for path, tree in zip(paths, trees, strict=True)
        }


def _tests(repository: Repository) -> JsonObject:
    return {
        _name(repository, path): path.read_text(encoding="utf-8")
        for path in _sources(repository)
        if path.name.endswith("_test.rego")
    }


def _sources(repository: Repository) -> list[Path]:
    return sorted(repository.policies.rglob("*.rego"))


def _name(repository: Repository, path: Path) -> str:
    return path.relative_to(repository.root).as_posix()


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


def _entry(policy: Policy) -> JsonObject:
    return {
        "id": policy.id,
        "family": policy.family,
        "name": policy.name,
        "evidence": list(policy.evidence),
        "limits": [
            {"name": one.name, "unit": one.unit, "sense": one.sense} for one in policy.limits
        ],
        "waivable": list(policy.waivable),
        "controls": list(policy.controls),
        "effective_from": policy.effective_from,
        "file": policy.where.file,
        "row": policy.where.line,
    }


def _dates(control: Control) -> JsonObject:
    return {
        "status": control.status,
        "since": control.since,
        "until": control.until,
        "superseded_by": control.superseded_by,
    }


def _known(schemas: Schemas) -> JsonObject:
    fields = _properties(schemas.input_schema()) | _properties(schemas.schema("waiver"))
    for kind in schemas.evidence_types:
        fields |= schemas.reads(kind)
    return {"types": list(schemas.evidence_types), "fields": sorted(fields)}


def _properties(schema: JsonValue) -> frozenset[str]:
    """Names of all properties at any depth."""
    found: set[str] = set()
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            found.update(properties)
        found.update(*(_properties(one) for one in schema.values()))
    elif isinstance(schema, list):
        found.update(*(_properties(one) for one in schema))
    return frozenset(found)


def _retired(path: Path) -> list[JsonValue]:
    """The entries of policies/retired-ids.yaml; raises InvalidDocument."""
    if not path.is_file():
        raise InvalidDocument.one(
            "there is no list of retired ids",
            where=Location(str(path)),
            remedy="write `retired: []`; without it an id could be used again",
        )
    document = parse_yaml(read_file(path, _LIMIT), str(path))
    value = document.value
    entries = value.get("retired") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(entries, list) or not all(_is_entry(one) for one in entries):
        raise InvalidDocument.one(
            "is no list of retired ids",
            where=document.locate(()),
            remedy=f"write `retired:` and a list of {{{', '.join(_RETIRED)}}}, each a text",
        )
    return entries


def _is_entry(value: JsonValue) -> bool:
    return (
        isinstance(value, dict)
        and tuple(sorted(value)) == _RETIRED
        and all(isinstance(one, str) and one for one in value.values())
    )


def _fault(finding: JsonObject) -> Fault:
    row = an_integer(finding["row"])
    where = Location(a_text(finding["file"]), row or None)
    what = f"{a_text(finding['message'])} ({a_text(finding['check'])})"
    return Fault(what, where, a_text(finding["remedy"]))
