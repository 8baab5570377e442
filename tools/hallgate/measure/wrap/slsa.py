"""SLSA provenance, v1 and v0.2.

The provenance names its builder, but anybody can write that name: it is believed only if the
caller verified the signature of exactly that builder (`verified_signer`, the builder id that
the verified identity stands for). Otherwise the builder is written `unverified:<id>`, which
no list of trusted builders holds, and the level is at most 1 (SLSA v1.1: Build L1 needs
provenance, L2 a signature by the build platform). The level is claimed by the caller, for
provenance does not state one; a verified signature alone gives 2.
"""

from __future__ import annotations

from hallgate.measure.context import Population, Predicate, clip, measured
from hallgate.measure.wrap.attestation import built_digest, statement
from hallgate.measure.wrap.report import Report, inner, sha256_of, text
from hallgate.model.values import JsonValue

_V1 = "https://slsa.dev/provenance/v1"
_V02 = "https://slsa.dev/provenance/v0.2"
_MAX = 1000


def wrap(report: Report) -> Predicate:
    """A build_provenance. Raises InvalidDocument for anything but provenance v1 and v0.2."""
    document, form = statement(report)
    kind, predicate = text(document.get("predicateType")), document.get("predicate")
    if kind == _V1:
        builder = inner(predicate, "runDetails", "builder", "id")
        build_type = inner(predicate, "buildDefinition", "buildType")
        materials = inner(predicate, "buildDefinition", "resolvedDependencies")
    elif kind == _V02:
        builder, build_type = inner(predicate, "builder", "id"), inner(predicate, "buildType")
        materials = inner(predicate, "materials")
    else:
        raise report.wrong(f"predicate type {kind} is neither SLSA provenance v1 nor v0.2")
    claimed, built_by = text(builder), text(build_type)
    if claimed is None or built_by is None:
        raise report.wrong("the provenance lacks builder id or build type")
    verified = report.verified_signer == claimed
    listed = report.objects(materials, "materials")
    result: dict[str, JsonValue] = {
        "predicate_type": clip(kind, 200),
        "builder": clip(claimed if verified else f"unverified:{claimed}", 500),
        "build_type": clip(built_by, 500),
        "level": _level(report, verified=verified),
        "model_digest": built_digest(report, document),
        "materials": [
            {
                "uri": clip(text(one.get("uri")) or text(one.get("name")) or "", 1000),
                "digest": sha256_of(one.get("digest")),
            }
            for one in listed[:_MAX]
        ],
    }
    origin = report.origin(
        "slsa-provenance",
        kind.rsplit("/", 1)[1],
        form=form,
        verified_signer=report.verified_signer or "none",
        materials=str(len(listed)),
    )
    population = Population("the provenance of one build", 1, report.raw_digest)
    return measured(report.context, origin, population, result)


def _level(report: Report, *, verified: bool) -> int:
    if report.level is None:
        return 2 if verified else 1
    if not 0 <= report.level <= 4:
        raise report.wrong(f"SLSA level {report.level} does not exist", "claim a level from 0 to 4")
    return report.level if verified else min(report.level, 1)
