"""Controls of laws and frameworks, dated. Times are seconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass

from hallgate.model.interval import within


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

    def standing_at(self, when: int) -> str:
        """in_force, pending, lapsed or draft at this time: dates say it, not today's status.

        What was superseded without a date is lapsed at every time.
        """
        if self.status == "draft":
            return "draft"
        begun = within(self.since, None, when)
        if not begun or (self.since is None and self.status == "pending"):
            return "pending"
        if self.until is None and self.status == "superseded":
            return "lapsed"
        return "in_force" if within(self.since, self.until, when) else "lapsed"

    def applies_at(self, when: int) -> bool:
        """Whether the control is law (or guidance) at this time."""
        return self.status != "draft" and within(self.since, self.until, when)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a framework the register holds, and how far policies can reach in it.

    whole: the register lists every control there is, in denominator's words; else only those
    that are used. automated: ids that policies decide entirely; manual: (id, by which people or
    records outside of policies). Every other cited control is automated in part at most.
    """

    framework: str
    whole: bool
    denominator: str
    automated: tuple[str, ...]
    manual: tuple[tuple[str, str], ...]
