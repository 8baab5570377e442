"""The catalog of policies, from what `opa inspect --annotations -f json` prints."""

from __future__ import annotations

from collections.abc import Iterator

from hallgate.intake.annotations import (
    Annotation,
    rule_annotations,
    rule_packages,
    shape_faults,
)
from hallgate.intake.narrow import a_text, an_object, text_or_none, texts
from hallgate.intake.rfc3339 import seconds
from hallgate.intake.schema import METADATA, Schemas
from hallgate.model.errors import Fault, InvalidDocument
from hallgate.model.policy import Limit, Policy
from hallgate.model.values import JsonObject, JsonValue, Severity


def read_catalog(annotations: JsonValue, schemas: Schemas) -> tuple[Policy, ...]:
    """Policies in order of id.

    Only package annotations below promotion.rules count; those of families are read by
    `read_families`. Raises
    InvalidDocument with every fault: a rules package without METADATA, unknown
    or missing keys, evidence types without a schema, ids or names used twice.
    """
    faults: list[Fault] = []
    policies: list[Policy] = []
    described = set()
    for one in rule_annotations(annotations):
        if one.scope == "package" or one.of_family:
            described.add(one.package)
        if one.scope != "package":
            continue
        problems = list(_problems(one, schemas))
        faults.extend(Fault(what, one.where, remedy) for what, remedy in problems)
        if not problems:
            policies.append(_policy(one))
    faults.extend(_undescribed(annotations, described))
    faults.extend(_repeated(policies))
    if faults:
        raise InvalidDocument(tuple(faults))
    return tuple(sorted(policies, key=lambda policy: policy.id))


def _problems(one: Annotation, schemas: Schemas) -> Iterator[tuple[str, str]]:
    if len(one.package) != 4:
        package = ".".join(one.package)
        yield f"the package {package} is no promotion.rules.<family>.<policy>", "move it"
        return
    shape = list(shape_faults(one.notes, schemas, METADATA))
    yield from shape
    if shape:
        return
    custom = an_object(one.notes["custom"])
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


def _policy(one: Annotation) -> Policy:
    notes, path = one.notes, one.package
    custom = an_object(notes["custom"])
    return Policy(
        id=a_text(custom["id"]),
        family=path[2],
        name=path[3],
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
        where=one.where,
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


def _undescribed(annotations: JsonValue, described: set[tuple[str, ...]]) -> Iterator[Fault]:
    """Rules packages nobody would ever evaluate, for want of METADATA."""
    for package, where in rule_packages(annotations):
        if package not in described:
            words = "put `# METADATA` with `# scope: package` above the package line"
            yield Fault(f"the package {'.'.join(package)} has no METADATA", where, words)


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
