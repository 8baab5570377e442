"""CycloneDX bills of materials, 1.4 to 1.7, as JSON.

CycloneDX' own schema lets references dangle and bom-refs occur twice; both are refused here, for
a bill whose parts cannot be told apart proves nothing. No components means that nothing was
looked at: not_run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hallgate.measure.context import Population, Predicate, clip, measured, unmeasured
from hallgate.measure.wrap.report import Report, as_digest, inner, text
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.values import JsonObject, JsonValue

_VERSIONS = frozenset({"1.4", "1.5", "1.6", "1.7"})
_KINDS = {"machine-learning-model": "models", "data": "datasets"}
_CAPS = {"models": 100, "datasets": 200}
_NAMED = 100
Component = Mapping[str, JsonValue]


def wrap(report: Report) -> Predicate:
    """An ml_bom. The component of `metadata` counts as a model where it is one.

    Raises InvalidDocument for another format or version, components without a name, duplicate
    bom-refs and dangling references, all of them at once (the first twenty).
    """
    document = report.object(report.document, "the bill of materials")
    version = text(document.get("specVersion"))
    if document.get("bomFormat") != "CycloneDX" or version not in _VERSIONS:
        raise report.wrong(
            "this is no CycloneDX JSON of version 1.4 to 1.7", "write it with --of JSON"
        )
    components = list(_walk(report, document.get("components")))
    root = inner(document, "metadata", "component")
    if isinstance(root, Mapping) and root.get("type") in _KINDS:
        components += [*_walk(report, inner(root, "pedigree", "ancestors")), root]
    _check_references(report, document, components, root)
    tool = _tool(document)
    origin = report.origin(tool[0], tool[1], spec_version=version)
    population = Population("components of the release", len(components), report.raw_digest)
    if not components:
        reason = "the bill lists no component"
        return unmeasured(report.context, origin, population, "not_run", reason)
    return measured(report.context, origin, population, _result(document, version, components))


def _result(document: Component, version: str, components: list[Component]) -> JsonObject:
    lacking: dict[str, list[str]] = {"version": [], "licence": [], "sha256": []}
    special: dict[str, list[JsonValue]] = {"models": [], "datasets": []}
    for one in components:
        facts = {
            "version": text(one.get("version")),
            "licence": licence(one),
            "sha256": sha256(one),
        }
        name = clip(str(one["name"]), 300)
        shown = clip(f"{name}@{facts['version']}", 300) if facts["version"] else name
        for field, value in facts.items():
            if value is None:
                lacking[field].append(shown)
        kind = _KINDS.get(str(one.get("type")))
        if kind:
            special[kind].append(
                {
                    "name": name,
                    **({"publisher": publisher(one)} if kind == "models" else {}),
                    "version": clip(facts["version"], 100) if facts["version"] else None,
                    "licence": facts["licence"],
                    "sha256": facts["sha256"],
                }
            )
    serial = text(document.get("serialNumber"))
    return {
        "format": "cyclonedx",
        "spec_version": version,
        "serial": clip(serial, 200) if serial else None,
        "components": len(components),
        "without": {field: sorted(names)[:_NAMED] for field, names in lacking.items()},
        "without_total": {field: len(names) for field, names in lacking.items()},
        **{kind: found[: _CAPS[kind]] for kind, found in special.items()},
    }


def licence(component: Component) -> str | None:
    """SPDX expression, ids or names of a component's licences joined by AND; None without."""
    entries = component.get("licenses")
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return None
    names = []
    for entry in entries:
        found = (
            text(inner(entry, "license", "id"))
            or text(inner(entry, "license", "name"))
            or text(inner(entry, "expression"))
        )
        if found and found not in names:
            names.append(found)
    return clip(" AND ".join(names), 200) if names else None


def publisher(component: Component) -> str | None:
    """Who published a component: publisher, supplier or manufacturer; None where unsaid."""
    found = (
        text(component.get("publisher"))
        or text(inner(component, "supplier", "name"))
        or text(inner(component, "manufacturer", "name"))
    )
    return clip(found, 200) if found else None


def sha256(component: Component) -> str | None:
    """sha256:<hex> of a component's hashes; None without a sound one."""
    hashes = component.get("hashes")
    if not isinstance(hashes, Sequence) or isinstance(hashes, str):
        return None
    for entry in hashes:
        if inner(entry, "alg") == "SHA-256":
            return as_digest(text(inner(entry, "content")) or "")
    return None


def _walk(report: Report, components: JsonValue) -> Iterator[Component]:
    """All components, nested ones and those they descend from included."""
    waiting = list(reversed(report.objects(components, "components")))
    while waiting:
        one = waiting.pop()
        if text(one.get("name")) is None:
            raise report.wrong("a component has no name")
        yield one
        ancestors = inner(one, "pedigree", "ancestors")
        for inside in (one.get("components"), ancestors):
            waiting += reversed(report.objects(inside, "components"))


def _check_references(
    report: Report, document: Component, components: list[Component], root: JsonValue
) -> None:
    faults: list[str] = []
    known: set[str] = set()
    declared = [*components, *report.objects(document.get("services"), "services")]
    if isinstance(root, Mapping) and root not in components[-1:]:
        declared.append(root)
    # What made the release depends on tools, which stand in metadata.
    for part in ("components", "services"):
        declared += report.objects(inner(document, "metadata", "tools", part), part)
    for one in declared:
        reference = one.get("bom-ref")
        if isinstance(reference, str):
            if reference in known:
                faults.append(f"bom-ref {reference!r} occurs twice")
            known.add(reference)
    for edge in report.objects(document.get("dependencies"), "dependencies"):
        onward = edge.get("dependsOn")
        targets = onward if isinstance(onward, Sequence) and not isinstance(onward, str) else ()
        for reference in (edge.get("ref"), *targets):
            if not isinstance(reference, str) or reference not in known:
                faults.append(f"dependency on {reference!r}, which is no component")
    if faults:
        where = Location(report.name)
        remedy = "make the bill of materials again"
        raise InvalidDocument(tuple(Fault(clip(one, 300), where, remedy) for one in faults[:20]))


def _tool(document: Component) -> tuple[str, str | None]:
    tools = inner(document, "metadata", "tools")
    entries = inner(tools, "components") if isinstance(tools, Mapping) else tools
    if isinstance(entries, Sequence) and entries and isinstance(entries[0], Mapping):
        return text(entries[0].get("name")) or "cyclonedx", text(entries[0].get("version"))
    return "cyclonedx", None
