"""Controls of laws and frameworks, dated. Times are seconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Control:
    """One requirement, `<framework>:<id>`.

    force is binding, guidance, contract or house; status in_force, pending,
    superseded or draft; verified says how and when its source was read, or
    `unverified`.
    """

    framework: str
    id: str
    title: str
    force: str
    status: str
    since: int | None
    until: int | None
    superseded_by: str | None
    source: str
    verified: str

    @property
    def name(self) -> str:
        """`<framework>:<id>`, as policies cite it."""
        return f"{self.framework}:{self.id}"

    def applies_at(self, when: int) -> bool:
        """Whether the control is law (or guidance) at this time."""
        begun = self.since is None or self.since <= when
        return begun and (self.until is None or when < self.until) and self.status != "draft"
