"""In-toto statements as they come: plain, in a DSSE envelope, in a Sigstore bundle.

Digests are taken from the signed payload only. Signatures are not verified here: the caller
says whose signature it verified over this very document.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from hallgate.measure.json_text import strict_json
from hallgate.measure.wrap.report import Report, inner, sha256_of, text
from hallgate.model.values import JsonValue


def statement(report: Report) -> tuple[Mapping[str, JsonValue], str]:
    """The statement and its form: statement, dsse or sigstore. Raises InvalidDocument."""
    document = report.object(report.document, "the attestation")
    form, envelope = "dsse", document
    if "dsseEnvelope" in document:
        form, envelope = "sigstore", report.object(document["dsseEnvelope"], "dsseEnvelope")
    if "payload" in envelope:
        try:
            payload = base64.b64decode(text(envelope.get("payload")) or "", validate=True)
            document = report.object(strict_json(payload), "the payload")
        except (ValueError, binascii.Error) as error:
            raise report.wrong(f"the payload of the envelope cannot be read: {error}") from error
    else:
        form = "statement"
    if not str(document.get("_type", "")).startswith("https://in-toto.io/Statement/"):
        raise report.wrong("this is no in-toto statement")
    return document, form


def built_digest(report: Report, about: Mapping[str, JsonValue]) -> str:
    """The model's digest if it is among the subjects, else the only one; others are an error.

    A foreign digest is passed on as it is: the policy on identity then says that it differs.
    """
    subjects = report.objects(about.get("subject"), "subject")
    digests = [found for one in subjects if (found := sha256_of(inner(one, "digest")))]
    if report.subject in digests:
        return report.subject
    if len(digests) == 1:
        return digests[0]
    raise report.wrong(f"none of {len(subjects)} subjects has the model's SHA-256 digest")
