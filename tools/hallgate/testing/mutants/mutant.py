"""One small change of a policy, told as a diff and as the case that no test has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

_MISSING = {
    "compare": "no case where {old} and {new} differ: one exactly on the limit, one beyond it",
    "opposite": "no case that tells {old} from its opposite",
    "drop": "no case where only {old} decides: everything else as in a finding, this alone not",
    "negate": "no case that tells {old} from {new}",
    "number": "no case one step from {old}: the last value that passes and the first that does not",
    "rename": "no case that reads {old}, or compares what it says",
    "boolean": "no case that tells {old} from {new}",
    "empty": "no case that needs what is in {old}",
    "element": "no case of {old} by itself",
    "never": "no case where this branch of {rule} alone speaks",
    "or": "no case where one of {old} holds and the other does not",
    "every": "no case where one member holds and another does not: {old}",
    "operator": "no case where {old} and {new} differ",
    "widen": "no case in which {rule} must not apply although it could",
    "with": "no case that needs {old}",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A replacement of the characters start to end of a module by new ones."""

    path: str
    rule: str
    operator: str
    start: int
    end: int
    old: str
    new: str
    row: int

    def apply(self, text: str) -> str:
        """The changed text of the module."""
        return text[: self.start] + self.new + text[self.end :]

    def lines(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The lines that the change touches, before and after, without their indent."""
        first = text.rfind("\n", 0, self.start) + 1
        last = text.find("\n", self.end)
        last = len(text) if last < 0 else last
        before, after = (
            text[first:last],
            text[first : self.start] + self.new + text[self.end : last],
        )
        old, new = before.split("\n"), after.split("\n")
        while old and new and old[-1] == new[-1]:
            old.pop()
            new.pop()
        while old and new and old[0] == new[0]:
            old.pop(0)
            new.pop(0)
        return tuple(one.strip() for one in old), tuple(one.strip() for one in new)

    def name(self, text: str) -> str:
        """What the change is called in the list of equivalents: its lines, not its place."""
        old, new = self.lines(text)
        total = sha256("\0".join([self.path, self.rule, *old, "\1", *new]).encode())
        return f"M{total.hexdigest()[:10]}"

    def missing(self) -> str:
        """The case that no test has, in words."""
        words = _MISSING[self.operator]
        return words.format(old=_short(self.old), new=_short(self.new), rule=self.rule)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return f"`{flat}`" if len(flat) <= 60 else f"`{flat[:57]}…`"


def distinct(mutants: Iterable[Mutant], text: str) -> tuple[Mutant, ...]:
    """Mutants in order of place, each text once, none equal to the original."""
    seen = {text}
    kept = []
    for one in sorted(mutants, key=lambda one: (one.start, one.end, one.operator, one.new)):
        changed = one.apply(text)
        if changed not in seen:
            seen.add(changed)
            kept.append(one)
    return tuple(kept)
