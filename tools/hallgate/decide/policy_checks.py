"""Policies about policies (policies/checks), asked once about the parsed sources.

What the checks read is told in policies/checks/README.md; it is composed here.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from hallgate.decide.check_sources import check_sources, governs
from hallgate.decide.fingerprint import add_parts, code_digest, program_facts
from hallgate.decide.kept import faults_told, keep_until, kept_until, next_time, told_faults
from hallgate.decide.kept_answers import KeptModules
from hallgate.decide.module_facts import Asked, code, found_by, policy_sources
from hallgate.decide.policies import PolicySet
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

_LIMIT = 1024 * 1024
_TEST = "_test.rego"
_ABOUT = "lint"
# Over the checks that may see the clock. Whoever changes one looks whether it compares the clock
# with anything but the dates of controls and policies, and then writes the new digest here; a
# test says which it is.
_SEES = rb"\bnow\b|\btime\.|\b(?:input|checks)\b(?!\s*\.)|\bchecks\.(?:overrides|waivers)\b"
CLOCK_KNOWN = "sha256:672267f9691650185fb433ad46f760beaa42e525bf2c8fed7bb8460a69df8b7b"
_RETIRED = ("id", "name", "reason", "retired")


def policy_faults(
    repository: Repository,
    engine: Opa,
    policies: PolicySet,
    register: tuple[Control, ...],
    schemas: Schemas,
    *,
    at: int,
    cache: Path | None = None,
    modules: KeptModules | None = None,
) -> tuple[Fault, ...]:
    """What policies/checks find in the policies, in order of place.

    at (seconds) is when cited controls must apply. cache is the folder in which what stands
    in each source is kept, and the answer until a control or a policy begins or ends; None to
    have all asked afresh, save what `modules` keeps. A repository without checks, or without
    the list of retired ids, is itself at fault. Raises EngineError
    where OPA gives no answer.
    """
    checks = check_sources(repository)
    if not checks:
        folder = repository.root / "policies" / "checks"
        words = "take the folder over from Hallgate; nothing else lints the policies"
        return (Fault("there are no policies about policies", Location(str(folder)), words),)
    try:
        retired = _retired(repository.root / "policies" / "retired-ids.yaml")
    except InvalidDocument as error:
        return error.faults
    sources = policy_sources(repository)
    rest: JsonObject = {
        "catalog": [_entry(policy) for policy in policies.catalog],
        "retired": retired,
        "schemas": _known(schemas),
        "register": {control.name: _dates(control) for control in register},
    }
    key = _key(engine, checks, sources, rest)
    kept = kept_until(cache, _ABOUT, key, at) if cache is not None else None
    if kept is not None:
        with contextlib.suppress(TypeError, ValueError):
            return faults_told(kept)
    if modules is None and cache is not None:
        modules = KeptModules(cache)
    asked = Asked(sources, {**rest, "tests": _tests(sources), "now": at})
    answer = found_by(checks, asked, engine, modules)
    found = tuple(_fault(an_object(one)) for one in a_list(answer))
    if cache is not None and clock_digest(checks) == CLOCK_KNOWN:
        times = (*(one.effective_from for one in policies.catalog), *_turns(register))
        keep_until(cache, _ABOUT, key, at, next_time(times, at), told_faults(found))
    return found


def clock_digest(checks: Mapping[str, bytes]) -> str:
    """Over the checks that may see the clock, by path from policies/.

    To see it a module must name it, or the whole input, or a module that does. Checks of
    exceptions are no part: nobody asks them here.
    """
    left = {path: code(data) for path, data in checks.items() if not governs(path)}
    found: dict[str, bytes] = {}
    sees = _SEES
    while seen := {path: data for path, data in left.items() if re.search(sees, data)}:
        found |= seen
        left = {path: data for path, data in left.items() if path not in seen}
        names = b"|".join(re.escape(Path(path).parent.name.encode()) for path in found)
        sees = rb"\bchecks\.(?:" + names + rb")\b"
    total = sha256()
    add_parts(
        total.update, (f"{path} {sha256(checks[path]).hexdigest()}" for path in sorted(found))
    )
    return f"sha256:{total.hexdigest()}"


def _key(
    engine: Opa, checks: Mapping[str, bytes], sources: Mapping[str, bytes], rest: JsonObject
) -> str:
    """A digest over all that the answer rests on, the time apart."""
    total = sha256()
    parts = [code_digest(), program_facts(str(engine.program)), json.dumps(rest, sort_keys=True)]
    for files in (checks, sources):
        parts += [f"{path} {sha256(data).hexdigest()}" for path, data in sorted(files.items())]
    add_parts(total.update, parts)
    return total.hexdigest()


def _turns(register: tuple[Control, ...]) -> Iterator[int]:
    """When controls of the register begin and end."""
    for control in register:
        yield from (one for one in (control.since, control.until) if one is not None)


def _tests(sources: Mapping[str, bytes]) -> JsonObject:
    return {path: data.decode("utf-8") for path, data in sources.items() if path.endswith(_TEST)}


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
