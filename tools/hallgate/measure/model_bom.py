"""A CycloneDX 1.6 bill of materials for a model: model, datasets, and its environment's packages.

Plain JSON, for cyclonedx-python-lib drops model cards when it loads and saves. Everything that
could differ between two runs (serial number, time) is given by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hallgate.model.errors import InvalidDocument
from hallgate.model.values import JsonValue


@dataclass(frozen=True, slots=True)
class Part:
    """A model or dataset: digest sha256:<hex> or None, licence an SPDX id or a name or None."""

    name: str
    version: str | None
    digest: str | None
    licence: str | None
    description: str = ""


def make_model_bom(
    model: Part,
    datasets: Sequence[Part],
    *,
    serial: str,
    timestamp: str,
    tool_version: str,
    task: str | None = None,
    environment: JsonValue = None,
    package_digests: Mapping[str, str] | None = None,
) -> dict[str, JsonValue]:
    """The bill of materials as a JSON object.

    serial: `urn:uuid:…`; timestamp: RFC 3339. environment: the JSON of cyclonedx-bom, whose
    components and dependencies are taken over. package_digests: `name==version` (lower case)
    to sha256:<hex> for packages whose SHA-256 the environment does not name. Raises
    InvalidDocument where the environment is no CycloneDX JSON.
    """
    packages, edges = _environment(environment)
    own = [_part(one, "data") for one in datasets]
    described = _part(model, "machine-learning-model")
    described["modelCard"] = {
        "modelParameters": {
            **({"task": task} if task else {}),
            "datasets": [{"ref": one["bom-ref"]} for one in own],
        }
    }
    for package in packages:
        _add_digest(package, package_digests or {})
    direct = [str(one["bom-ref"]) for one in (*own, *packages) if "bom-ref" in one]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial,
        "version": 1,
        "metadata": {
            "timestamp": timestamp,
            "tools": {
                "components": [{"type": "application", "name": "hallgate", "version": tool_version}]
            },
        },
        "components": [described, *own, *packages],
        "dependencies": [{"ref": described["bom-ref"], "dependsOn": sorted(direct)}, *edges],
    }


def _part(one: Part, kind: str) -> dict[str, JsonValue]:
    made: dict[str, JsonValue] = {"type": kind, "bom-ref": f"{kind}:{one.name}", "name": one.name}
    if one.version:
        made["version"] = one.version
    if one.description:
        made["description"] = one.description
    if one.digest:
        made["hashes"] = [{"alg": "SHA-256", "content": one.digest.removeprefix("sha256:")}]
    if one.licence:
        made["licenses"] = [{"license": {"name": one.licence}}]
    return made


def _environment(
    document: JsonValue,
) -> tuple[list[dict[str, JsonValue]], list[dict[str, JsonValue]]]:
    if document is None:
        return [], []
    if not isinstance(document, Mapping) or document.get("bomFormat") != "CycloneDX":
        raise InvalidDocument.one(
            "the environment's bill of materials is no CycloneDX JSON",
            remedy="make it with: cyclonedx-py environment --of JSON",
        )
    packages = _objects(document.get("components"))
    known = {str(one.get("bom-ref")) for one in packages}
    edges = [one for one in _objects(document.get("dependencies")) if one.get("ref") in known]
    return packages, edges


def _objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [dict(one) for one in value if isinstance(one, Mapping)]


def _add_digest(package: dict[str, JsonValue], digests: Mapping[str, str]) -> None:
    key = f"{package.get('name')}=={package.get('version')}".lower()
    if key in digests and not package.get("hashes"):
        package["hashes"] = [{"alg": "SHA-256", "content": digests[key].removeprefix("sha256:")}]
