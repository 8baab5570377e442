"""Documents after intake: requests, evidence, approvals, waivers.

`document` members are JSON values that passed their schema, with every
date-time turned into whole seconds since 1970: what goes into OPA's input.
"""

from __future__ import annotations

from dataclasses import dataclass

from hallgate.model.values import JsonObject


@dataclass(frozen=True, slots=True)
class Request:
    """A promotion request; digest is that of the file's bytes."""

    document: JsonObject
    file: str
    digest: str

    @property
    def model_name(self) -> str:
        """Name of the model to promote."""
        return _text(self.document, "model", "name")

    @property
    def model_digest(self) -> str:
        """Digest of the model to promote, sha256:<hex>."""
        return _text(self.document, "model", "digest")

    @property
    def model_version(self) -> str:
        """Its version, as whoever asks says it."""
        return _text(self.document, "model", "version")

    @property
    def to_stage(self) -> str:
        """Stage the model is to reach."""
        return _text(self.document, "to_stage")


def _text(document: JsonObject, *path: str) -> str:
    value: object = document
    for name in path:
        if not isinstance(value, dict):
            raise TypeError(f"no object at {name}")
        value = value[name]
    return str(value)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One statement in the flat form of the input document (approvals as well).

    digest is that of the signed payload; file is relative to the evidence folder.
    """

    type: str
    document: JsonObject
    file: str
    digest: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file that could not be read or believed; type is None where it could be any.

    fault is one of unreadable, malformed, bad_signature, unknown_signer, revoked,
    wrong_role (an approval in a role its signer did not hold, or that may not approve).
    """

    file: str
    type: str | None
    fault: str
    message: str

    def document(self) -> JsonObject:
        """The form of the input document."""
        return {"file": self.file, "type": self.type, "fault": self.fault, "message": self.message}


@dataclass(frozen=True, slots=True)
class EvidenceSet:
    """Everything found in an evidence folder. ignored: (file, why), foreign or superseded;
    superseded are those of the latter, which count no more and are published all the same."""

    statements: tuple[Evidence, ...]
    rejections: tuple[Rejection, ...]
    ignored: tuple[tuple[str, str], ...]
    superseded: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """A verified word of one person; times in seconds since 1970.

    published_at is when it was merged, None where no Git history could tell;
    rule_digest is what it binds of the policy's rule.
    """

    identity: str
    role: str
    decision: str
    approved_at: int
    valid_until: int
    file: str
    rule_digest: str | None = None
    published_at: int | None = None
    reason: str = ""
    conditions: str | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """An emergency override with what was verified about it.

    touched_by as of a Waiver. claimed_at is the earliest time at which anybody says to have
    approved it, whatever that word is worth: the review is owed from then on. None where
    nobody says so.
    """

    id: str
    document: JsonObject
    file: str
    digest: str
    approvals: tuple[Approval, ...]
    touched_by: tuple[str, ...] | None
    claimed_at: int | None

    @property
    def model(self) -> str:
        """Name of the model it is about."""
        return _text(self.document, "subject", "name")


@dataclass(frozen=True, slots=True)
class Waiver:
    """A waiver with what was verified about it.

    touched_by: identities (or addresses no identity owns) that changed the file,
    None where no Git history could tell.
    """

    id: str
    document: JsonObject
    file: str
    digest: str
    approvals: tuple[Approval, ...]
    touched_by: tuple[str, ...] | None

    @property
    def digests(self) -> tuple[str, ...]:
        """Digests it names, each once; none where it names a range of versions."""
        named = self._subject.get("digests")
        if not isinstance(named, list | tuple):
            return ()
        return tuple(dict.fromkeys(str(one) for one in named))

    @property
    def ranged_model(self) -> str | None:
        """The model of which it names a range of versions; None where it names digests."""
        return str(self._subject["name"]) if "versions" in self._subject else None

    @property
    def _subject(self) -> JsonObject:
        subject = self.document["subject"]
        return subject if isinstance(subject, dict) else {}
