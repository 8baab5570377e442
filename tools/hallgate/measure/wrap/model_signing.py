"""A model signature of OpenSSF Model Signing: a Sigstore bundle over per-file digests.

The caller verified the signature (`verified_signer`, None where it did not hold); here the
signed list is compared with the files walked: `verified` needs both, every file listed with
its digest and none left over. model-signing leaves `.git*` out, and so does the walk of `.git`.
"""

from __future__ import annotations

from hallgate.measure.context import Population, Predicate, clip, measured, unmeasured
from hallgate.measure.files import joint_digest
from hallgate.measure.wrap.attestation import statement
from hallgate.measure.wrap.report import Report, as_digest, inner, text
from hallgate.model.values import JsonValue

_TYPE = "https://model_signing/signature/v1.0"


def wrap(report: Report) -> Predicate:
    """A model_signature; not_run without the files. Raises InvalidDocument for another document."""
    document, form = statement(report)
    if document.get("predicateType") != _TYPE:
        raise report.wrong(f"predicate type is not {_TYPE}", "sign the model by model-signing")
    resources = report.objects(inner(document.get("predicate"), "resources"), "resources")
    signed: dict[str, str | None] = {}
    for one in resources:
        name, digest = text(one.get("name")), text(one.get("digest"))
        algorithm = text(one.get("algorithm"))
        if name is None or digest is None or name in signed:
            raise report.wrong("a signed resource has no name or digest, or occurs twice")
        signed[name] = as_digest(digest) if algorithm == "sha256" else None
    origin = report.origin(
        "model-signing", "1.0", form=form, verified_signer=report.verified_signer or "none"
    )
    walked = {one.path: one.digest for one in report.files}
    population = Population("files of the model", len(walked), report.raw_digest)
    if not walked:
        return unmeasured(
            report.context, origin, population, "not_run", "no file was compared with the signature"
        )
    whole = {path: digest for path, digest in signed.items() if digest} == walked
    whole = whole and len(signed) == len(walked)
    digests = sorted(walked.values())
    joint = joint_digest(digests)
    result: dict[str, JsonValue] = {
        "format": "oms",
        "verified": whole and report.verified_signer is not None,
        "signer": clip(report.verified_signer or "unverified", 300),
        "model_digest": report.subject if report.subject in {*digests, joint} else joint,
        "files": len(signed),
    }
    return measured(
        report.context, origin, population, result, expected=len(signed), observed=len(walked)
    )
