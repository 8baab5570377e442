"""Who built a bundle and from what: SLSA provenance v1 (https://slsa.dev/spec/v1.1/provenance).

It says no level: that is for who knows the build service. No times either: building and
publishing the same commit again gives the same statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.bundle.archive import unpack
from hallgate.publish.bundle.signing import read_manifest
from hallgate.record.canonical import is_digest

PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:hallgate:bundle-build:v1"
BY_HAND = "urn:hallgate:builder:by-hand"


@dataclass(frozen=True, slots=True)
class Builder:
    """Where a release runs: the builder's URI, the repository's, and the run, where known."""

    id: str = BY_HAND
    source: str | None = None
    run: str | None = None


def provenance(bundle: bytes, version: str, sbom_digest: str, builder: Builder) -> JsonObject:
    """The predicate about a published bundle; raises InvalidDocument where it is none."""
    manifest = read_manifest(unpack(bundle))
    metadata = manifest.metadata
    details: dict[str, JsonValue] = {
        "builder": {"id": builder.id, "version": {"hallgate": str(metadata.get("hallgate"))}},
        "byproducts": [
            {
                "name": "sbom",
                "digest": _digest(sbom_digest),
                "mediaType": "application/vnd.cyclonedx+json",
            }
        ],
    }
    if builder.run is not None:
        details["metadata"] = {"invocationId": builder.run}
    return {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {"track": manifest.track, "version": version},
            "internalParameters": {"opa": str(metadata.get("opa"))},
            "resolvedDependencies": _inputs(metadata, builder),
        },
        "runDetails": details,
    }


def _inputs(metadata: JsonObject, builder: Builder) -> list[JsonValue]:
    found: list[JsonValue] = []
    commit = metadata.get("commit")
    if isinstance(commit, str):
        source: dict[str, JsonValue] = {"name": "source", "digest": {"gitCommit": commit}}
        if builder.source is not None:
            source["uri"] = f"git+{builder.source}@{commit}"
        found.append(source)
    inputs = metadata.get("inputs")
    for name in sorted(inputs) if isinstance(inputs, Mapping) else ():
        digest = inputs[name] if isinstance(inputs, Mapping) else None
        if isinstance(digest, str) and is_digest(digest):
            found.append({"name": name, "digest": _digest(digest)})
    return found


def _digest(digest: str) -> JsonObject:
    return {"sha256": digest.removeprefix("sha256:")}
