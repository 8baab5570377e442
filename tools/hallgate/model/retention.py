"""How long records are kept, and who may keep them longer. Times in seconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PUBLICATION = "publication"
LAST_IN_EFFECT = "last_in_effect"
DISPOSAL = "disposal"


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """A period that a law or the house asks for, and for which records.

    kinds, sectors, jurisdictions and data: any of these; None: all. minimum and maximum are in
    months, None where there is none; counted_from is publication or last_in_effect.
    """

    id: str
    title: str
    kinds: tuple[str, ...] | None
    sectors: tuple[str, ...] | None
    jurisdictions: tuple[str, ...] | None
    data: tuple[str, ...] | None
    minimum: int | None
    maximum: int | None
    counted_from: str
    basis: str
    source: str
    verified: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: whatever it covers is kept. record is a digest; None asks nothing.

    lifted is True once a proven word released it. A hold nobody proved still holds.
    """

    id: str
    matter: str
    model: str | None
    digest: str | None
    record: str | None
    since: int | None
    until: int | None
    proven: bool
    lifted: bool
    file: str


class Standing(StrEnum):
    """How a record stands under retention, in order of precedence."""

    ERASED = "erased"
    HELD = "held"
    UNASSIGNED = "unassigned"
    CONFLICT = "conflict"
    IN_EFFECT = "in_effect"
    KEPT = "kept"
    DISPOSABLE = "disposable"
    OVERDUE = "overdue"
