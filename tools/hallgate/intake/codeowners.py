"""CODEOWNERS, by the rules GitHub documents: the last pattern that matches a path wins.

A pattern without owners says "nobody". Not supported there, so refused here:
negation with !, ranges [ ], a pattern that begins with an escaped #. GitHub
skips a line with an owner it does not know and says nothing; here that is a fault.
Source: docs.github.com, "About code owners", CODEOWNERS syntax.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from hallgate.intake.json_strict import decode
from hallgate.model.errors import Fault, InvalidDocument, Location

_LARGEST = 3 * 1024 * 1024  # GitHub ignores a larger file
_OWNER = re.compile(
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?"
    r"|[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}"
)
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True)
class OwnerRule:
    """One line: pattern, owners as written, and where it stands."""

    pattern: str
    owners: tuple[str, ...]
    where: Location

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The pattern, for a path relative to the repository root, without leading slash."""
        return re.compile(_expression(self.pattern))


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """A parsed CODEOWNERS file, rules in file order."""

    rules: tuple[OwnerRule, ...]

    @classmethod
    def parse(cls, data: bytes, file: str) -> CodeOwners:
        """Read the file; raises InvalidDocument with every line GitHub would misread."""
        if len(data) > _LARGEST:
            raise InvalidDocument.one(
                "is larger than 3 MB, and GitHub ignores it",
                where=Location(file),
                remedy="use wider patterns",
            )
        rules: list[OwnerRule] = []
        faults: list[Fault] = []
        for number, line in enumerate(decode(data, file).splitlines(), start=1):
            rule = _rule(line, Location(file, number, 1))
            if rule is not None:
                rules.append(rule)
                faults.extend(_faults(rule))
        if faults:
            raise InvalidDocument(tuple(faults))
        return cls(tuple(rules))

    def owners_of(self, path: str) -> tuple[str, ...]:
        """Owners of a path relative to the root, with slashes; empty for nobody."""
        for rule in reversed(self.rules):
            if rule.expression.fullmatch(path):
                return rule.owners
        return ()

    def unknown_owners(self, known: Collection[str]) -> tuple[Fault, ...]:
        """Owners that are none of the known teams and people (compared without case)."""
        names = {name.casefold() for name in known}
        return tuple(
            Fault(
                f"{owner} is no known owner, and the forge would skip the line",
                rule.where,
                "name a team of trust/roles.yaml",
            )
            for rule in self.rules
            for owner in rule.owners
            if owner.casefold() not in names
        )


def _rule(line: str, where: Location) -> OwnerRule | None:
    words: list[str] = []
    for word in _WORD.findall(line):
        if word.startswith("#"):
            break
        words.append(word)
    return OwnerRule(words[0], tuple(words[1:]), where) if words else None


def _faults(rule: OwnerRule) -> list[Fault]:
    found = []
    pattern = rule.pattern
    if pattern.startswith("!"):
        found.append(Fault("negation does not work here", rule.where, "order the lines instead"))
    if pattern.startswith("\\#"):
        found.append(Fault("an escaped # does not work here", rule.where, "use a wider pattern"))
    if re.search(r"[\[\]]", pattern):
        found.append(Fault("ranges [ ] do not work here", rule.where, "write the patterns out"))
    if pattern.endswith("\\") or "***" in pattern or pattern.strip("/") == "":
        found.append(Fault(f"{pattern} is no pattern", rule.where, "mend it"))
    for owner in rule.owners:
        if _OWNER.fullmatch(owner) is None:
            words = "write @user, @org/team or an e-mail address"
            found.append(Fault(f"{owner} is no owner", rule.where, words))
    return found


def _expression(pattern: str) -> str:
    """A regular expression with gitignore's meaning of the pattern (gitignore(5))."""
    folder = pattern.endswith("/")
    body = pattern.strip("/")
    anchored = pattern.startswith("/") or "/" in body
    parts = []
    names = body.split("/")
    for index, name in enumerate(names):
        last = index == len(names) - 1
        if name == "**":
            parts.append(".*" if last else "(?:[^/]+/)*")
        else:
            parts.append(_segment(name) + ("" if last else "/"))
    start = "" if anchored else "(?:[^/]+/)*"
    # A name covers what lies below it, but docs/* covers the files of docs alone.
    if folder:
        end = "/.*"
    elif names[-1] == "**" or (anchored and names[-1] == "*"):
        end = ""
    else:
        end = "(?:/.*)?"
    return start + "".join(parts) + end


def _segment(name: str) -> str:
    found = []
    for match in re.finditer(r"\\(.)|(\*+)|(\?)|(.)", name, re.DOTALL):
        escaped, stars, single, plain = match.groups()
        if stars:
            found.append("[^/]*")
        elif single:
            found.append("[^/]")
        else:
            found.append(re.escape(escaped or plain))
    return "".join(found)
