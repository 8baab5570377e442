"""RFC 3161 timestamps on checkpoints, so that what was logged outlives the keys.

The token is over the whole note, signatures included: it proves that the log had said so
by then. Verified offline against authorities the caller trusts; never against the web's.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from cryptography import x509

from hallgate.model.errors import InvalidDocument, Location, NotProven, UsageError
from hallgate.model.log import Authority

LARGEST_TOKEN = 1 << 20


class WrongAuthority(NotProven):
    """A timestamp that no trusted authority gave for this checkpoint."""


def certificate(pem: str) -> x509.Certificate:
    """The certificate in a PEM text; raises InvalidDocument."""
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise InvalidDocument.one(
            f"not a certificate in PEM: {error}", remedy="paste the one certificate, in PEM"
        ) from error


def timestamp_query(note: bytes) -> bytes:
    """The DER request for a timestamp on a checkpoint; its answer carries the certificate."""
    client = _client()
    request = (
        client.TimestampRequestBuilder()
        .data(note)
        .hash_algorithm(client.HashAlgorithm.SHA256)
        .cert_request(cert_request=True)
        .build()
    )
    return bytes(request.as_bytes())


def verify_timestamp(
    answer: bytes, note: bytes, authorities: Sequence[Authority], where: Location | None = None
) -> tuple[str, int]:
    """Name of the authority and its time (seconds), once it vouches for the note.

    Raises InvalidDocument when it is no answer of RFC 3161, WrongAuthority when no authority
    given here made it for this note, UsageError without the extra `timestamps`.
    """
    client = _client()
    if len(answer) > LARGEST_TOKEN:
        raise _malformed("too many bytes", where)
    try:
        parsed = client.decode_timestamp_response(answer)
        moment = int(parsed.tst_info.gen_time.timestamp())
    except (ValueError, TypeError, AttributeError) as error:
        raise _malformed(str(error), where) from error
    why = "no authority is trusted"
    for authority in authorities:
        # NOTE: rfc3161-client's builder shares its list of roots with its copies: a new one each.
        builder = client.VerifierBuilder(roots=[certificate(authority.root)])
        if authority.certificate is not None:
            builder = builder.tsa_certificate(certificate(authority.certificate))
        try:
            builder.build().verify_message(parsed, note)
        except (client.VerificationError, ValueError) as error:
            why = str(error)
            continue
        return authority.name, moment
    raise WrongAuthority(
        f"no trusted authority gave this timestamp for this checkpoint: {why}",
        remedy="ask an authority of trust/log.yaml for one, or have its root added there",
        where=where,
    )


def _client() -> ModuleType:
    try:
        import rfc3161_client
    except ImportError as error:
        raise UsageError(
            "timestamps need the extra `timestamps`",
            remedy="pip install 'hallgate[timestamps]'",
        ) from error
    return rfc3161_client


def _malformed(what: str, where: Location | None) -> InvalidDocument:
    return InvalidDocument.one(
        f"no timestamp answer of RFC 3161: {what}",
        remedy="use the answer (.tsr) as the authority sent it",
        where=where,
    )
