"""CODEOWNERS from roles: who owns which paths, as the forge reads it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hallgate.intake.codeowners import CodeOwners
from hallgate.model.errors import Fault, Location
from hallgate.model.trust import Role
from hallgate.publish.release.placeholders import is_placeholder

_HEADER = "# From trust/roles.yaml by `hallgate owners --write`; change the roles, not this file.\n"


def codeowners_text(roles: Sequence[Role]) -> str:
    """Lines `<pattern> <teams>` in order of pattern; roles without a team own nothing here."""
    owners: dict[str, list[str]] = {}
    for role in roles:
        for pattern in role.owns:
            if role.team is not None:
                owners.setdefault(pattern, []).append(role.team)
    lines = [f"{pattern} {' '.join(sorted(set(owners[pattern])))}" for pattern in sorted(owners)]
    return _HEADER + "".join(f"{line}\n" for line in lines)


# Whoever changes these changes what is allowed, so somebody must be asked.
ALWAYS_OWNED = ("CODEOWNERS", "exceptions/a/b.yaml", "policies/a/b.rego", "trust/a.yaml")


def owner_faults(
    text: str, file: str, roles: Sequence[Role], *, release: bool
) -> tuple[Fault, ...]:
    """What is wrong with a CODEOWNERS file beyond its syntax (CodeOwners.parse says that).

    It must be what roles give, own what is always owned and, for a release, name real teams.
    """
    owners = CodeOwners.parse(text.encode(), file)
    found = list(owners.unknown_owners({role.team for role in roles if role.team is not None}))
    if text != codeowners_text(roles):
        found.append(
            Fault(
                "is not what trust/roles.yaml gives",
                Location(file),
                "run `hallgate owners --write`, and change owners in trust/roles.yaml",
            )
        )
    found += [
        Fault(f"nobody owns {path}", Location(file), "give a role that folder to own, and a team")
        for path in ALWAYS_OWNED
        if not owners.owners_of(path)
    ]
    if release:
        found += [
            Fault(
                f"{owner} is a placeholder",
                rule.where,
                "name your own teams: `hallgate init --team ROLE=@ORG/TEAM`",
            )
            for rule in owners.rules
            for owner in rule.owners
            if is_placeholder(owner)
        ]
    return tuple(found)


def owners_needed(owners: CodeOwners, paths: Iterable[str]) -> Mapping[tuple[str, ...], list[str]]:
    """Paths by those who own them (any one of a group has to agree); nobody is an empty group."""
    found: dict[tuple[str, ...], list[str]] = {}
    for path in sorted(paths):
        found.setdefault(owners.owners_of(path), []).append(path)
    return {group: found[group] for group in sorted(found)}
