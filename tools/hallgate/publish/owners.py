"""CODEOWNERS from roles: who owns which paths, as the forge reads it."""

from __future__ import annotations

from collections.abc import Sequence

from hallgate.model.trust import Role

_HEADER = "# Generated from trust/roles.yaml by `hallgate init`; change the roles, not this file.\n"


def codeowners_text(roles: Sequence[Role]) -> str:
    """Lines `<pattern> <teams>` in order of pattern; roles without a team own nothing here."""
    owners: dict[str, list[str]] = {}
    for role in roles:
        for pattern in role.owns:
            if role.team is not None:
                owners.setdefault(pattern, []).append(role.team)
    lines = [f"{pattern} {' '.join(sorted(set(owners[pattern])))}" for pattern in sorted(owners)]
    return _HEADER + "".join(f"{line}\n" for line in lines)
