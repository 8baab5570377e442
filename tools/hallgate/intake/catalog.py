"""The catalog of policies, from what `opa inspect --annotations -f json` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hallgate.intake.narrow import a_list, a_text, an_object, text_or_none, texts
from hallgate.intake.rfc3339 import seconds
from hallgate.intake.schema import METADATA, Schemas
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.policy import Limit, Policy
from hallgate.model.values import JsonObject, JsonValue, Severity

_RULES = ("data", "promotion", "rules")


def read_catalog(annotations: JsonValue, schemas: Schemas) -> tuple[Policy, ...]:
    """Policies in order of id.

    Only package annotations below promotion.rules count. Raises
    InvalidDocument with every fault: a rules package without METADATA, unknown
    or missing keys, evidence types without a schema, ids or names used twice.
    """
    said = _inspected(annotations)
    faults: list[Fault] = []
    policies: list[Policy] = []
    described = set()
    for entry in a_list(said.get("annotations") or []):
        found = an_object(entry)
        path = _path(found)
        notes = an_object(found["annotations"])
        if path[:3] != _RULES or notes.get("scope") != "package":
            continue
        described.add(path)
        where = _where(found)
        problems = list(_problems(notes, path, schemas))
        faults.extend(Fault(what, where, remedy) for what, remedy in problems)
        if not problems:
            policies.append(_policy(notes, path, where))
    faults.extend(_undescribed(said, described))
    faults.extend(_repeated(policies))
    if faults:
        raise InvalidDocument(tuple(faults))
    return tuple(sorted(policies, key=lambda policy: policy.id))


def _inspected(annotations: JsonValue) -> JsonObject:
    if isinstance(annotations, Mapping):
        return annotations
    raise InvalidDocument.one(
        "is not what `opa inspect --annotations -f json` prints",
        remedy="hand over its whole output",
    )


def _path(entry: JsonObject) -> tuple[str, ...]:
    return tuple(str(an_object(part)["value"]) for part in a_list(entry["path"]))


def _where(entry: JsonObject) -> Location:
    place = an_object(entry["location"])
    row: Any = place.get("row")
    column: Any = place.get("col")
    return Location(a_text(place["file"]), row, column)


def _problems(
    notes: JsonObject, path: tuple[str, ...], schemas: Schemas
) -> Iterator[tuple[str, str]]:
    if len(path) != 5:
        yield f"the package {'.'.join(path[1:])} is no promotion.rules.<family>.<policy>", "move it"
        return
    if not schemas.accepts(notes, METADATA):
        from hallgate.intake.faults import said_faults  # jsonschema is slow to import

        said = said_faults(notes, schemas.schema(METADATA))
        for pointer, at_key, what, remedy in said:
            place = ".".join(str(part) for part in (pointer[:-1] if at_key else pointer))
            yield f"METADATA {place}: {what}" if place else f"METADATA: {what}", remedy
        if said:
            return
    custom = an_object(notes["custom"])
    if "limit" in custom and "limits" in custom:
        yield "METADATA has both limit and limits", "keep one: limits where there are several"
    for key in ("evidence", "waivable", "controls"):
        values = texts(custom[key])
        if len(set(values)) != len(values):
            yield f"METADATA custom.{key} names something twice", "name each once"
    for kind in texts(custom["evidence"]):
        if kind not in schemas.evidence_types:
            yield f"{kind} is no evidence type", "name a type of evidence-schemas/"
    if not custom["waivable"] and not custom.get("why_not"):
        yield "METADATA does not say why nothing may be waived", "add why_not"
    if custom["waivable"] and custom.get("why_not"):
        yield "METADATA has why_not, yet something may be waived", "leave why_not out"


def _policy(notes: JsonObject, path: tuple[str, ...], where: Location) -> Policy:
    custom = an_object(notes["custom"])
    return Policy(
        id=a_text(custom["id"]),
        family=path[3],
        name=path[4],
        title=a_text(notes["title"]),
        description=a_text(notes["description"]),
        severity=Severity(a_text(custom["severity"])),
        evidence=texts(custom["evidence"]),
        limits=_limits(custom),
        waivable=texts(custom["waivable"]),
        why_not=text_or_none(custom.get("why_not")),
        controls=texts(custom["controls"]),
        remediation=a_text(custom["remediation"]),
        effective_from=seconds(a_text(custom["effective_from"])),
        where=where,
        overridable=bool(custom.get("overridable", bool(custom["waivable"]))),
        aliases=texts(custom.get("aliases", [])),
    )


def _limits(custom: JsonObject) -> tuple[Limit, ...]:
    several = {name: an_object(one) for name, one in an_object(custom.get("limits", {})).items()}
    if "limit" in custom:
        several[""] = an_object(custom["limit"])
    return tuple(
        Limit(name, a_text(one["unit"]), a_text(one["sense"]))
        for name, one in sorted(several.items())
    )


def _undescribed(said: JsonObject, described: set[tuple[str, ...]]) -> Iterator[Fault]:
    """Rules packages nobody would ever evaluate, for want of METADATA."""
    spaces = an_object(said.get("namespaces") or {})
    for name in sorted(spaces):
        path = tuple(name.split("."))
        if path[:3] == _RULES and path not in described and not name.endswith("_test"):
            files = texts(spaces[name])
            where = Location(files[0]) if files else None
            words = "put `# METADATA` with `# scope: package` above the package line"
            yield Fault(f"the package {name.removeprefix('data.')} has no METADATA", where, words)


def _repeated(policies: list[Policy]) -> Iterator[Fault]:
    ids: dict[str, Policy] = {}
    names: dict[str, Policy] = {}
    for policy in policies:
        first = ids.setdefault(policy.id, policy)
        if first is not policy:
            yield Fault(
                f"the id {policy.id} belongs to {first.where} already",
                policy.where,
                "take a free id",
            )
        for alias in policy.aliases:
            others = [one for one in policies if alias in (one.id, *one.aliases)]
            if len(others) > 1 or alias == policy.id or policy.aliases.count(alias) > 1:
                other = next((one for one in others if one is not policy), policy)
                what = f"the alias {alias} belongs to {other.id} already"
                yield Fault(what, policy.where, "an id means one policy, for ever")
        first = names.setdefault(policy.name, policy)
        if first is not policy:
            words = "names are what people say: make each unique"
            yield Fault(
                f"the name {policy.name} belongs to {first.id} already", policy.where, words
            )
