"""What can be wrong with a signature."""

from __future__ import annotations

from hallgate.model.errors import Location, NotProven

BAD_SIGNATURE = "bad_signature"
UNKNOWN_SIGNER = "unknown_signer"
REVOKED = "revoked"

_REMEDIES = {
    BAD_SIGNATURE: "have the signer sign the unaltered content again",
    UNKNOWN_SIGNER: "sign with a key that stands in trust/, or have the key added there",
    REVOKED: "sign again with a key that counts at that time",
}


class SignatureFault(NotProven):
    """A signature that does not count.

    fault is bad_signature (forged, or over other content), unknown_signer (no key of
    trust/) or revoked (a key of trust/ that does not count at that time).
    """

    def __init__(self, fault: str, what: str, *, where: Location | None = None) -> None:
        super().__init__(what, remedy=_REMEDIES[fault], where=where)
        self.fault = fault
