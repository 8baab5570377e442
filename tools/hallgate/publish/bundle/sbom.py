"""What is in a bundle, as a CycloneDX 1.6 bill of materials; the same bundle, the same bytes.

Specification: https://cyclonedx.org/docs/1.6/json/. Every file is a component of type file with
its SHA-256; no time and no random serial number, so that it can be made again and compared.
"""

from __future__ import annotations

import uuid

from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.bundle.archive import unpack
from hallgate.publish.bundle.signing import read_manifest
from hallgate.record.canonical import canonical_bytes, sha256_digest

MEDIA_TYPE = "application/vnd.cyclonedx+json"


def bundle_sbom(bundle: bytes, version: str) -> bytes:
    """The bill of materials of a bundle; raises InvalidDocument where it is no published one."""
    entries = unpack(bundle)
    manifest = read_manifest(entries)
    about = f"bundle:{manifest.track}"
    files: list[JsonValue] = [
        {
            "type": "file",
            "bom-ref": f"file:{path}",
            "name": path,
            "hashes": [_hash(entries[path])],
        }
        for path in sorted(entries)
    ]
    engine: JsonObject = {
        "type": "application",
        "bom-ref": "engine:opa",
        "name": "opa",
        "version": str(manifest.metadata.get("opa")),
        "scope": "excluded",
        "description": "evaluates the bundle; not part of it",
    }
    references: list[JsonValue] = [f"file:{path}" for path in sorted(entries)]
    bom: JsonObject = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, sha256_digest(bundle))}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "data",
                "bom-ref": about,
                "name": manifest.track,
                "version": version,
                "hashes": [_hash(bundle)],
                "description": f"policy bundle, revision {manifest.revision}",
            },
            "tools": {
                "components": [
                    {
                        "type": "application",
                        "name": "hallgate",
                        "version": str(manifest.metadata.get("hallgate")),
                    }
                ]
            },
        },
        "components": [*files, engine],
        "dependencies": [{"ref": about, "dependsOn": references}],
    }
    return canonical_bytes(bom)


def _hash(data: bytes) -> JsonObject:
    return {"alg": "SHA-256", "content": sha256_digest(data).removeprefix("sha256:")}
