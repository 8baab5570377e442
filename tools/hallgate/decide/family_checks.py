"""Families against policies and roles: each has METADATA, and an owner whom the forge asks."""

from __future__ import annotations

from collections.abc import Iterator

from hallgate.decide.policies import PolicySet
from hallgate.intake.codeowners import CodeOwners
from hallgate.intake.repository import Repository
from hallgate.model.errors import Fault, Location
from hallgate.model.policy import Family
from hallgate.model.trust import Trust


def family_faults(
    repository: Repository, policies: PolicySet, trust: Trust | None
) -> tuple[Fault, ...]:
    """What is wrong with the families of this repository; those of an upstream are its own matter.

    trust None: who owns them is not asked, because trust/ is at fault itself. Raises
    InvalidDocument where CODEOWNERS cannot be read.
    """
    own = {path.name for path in (repository.policies / "rules").glob("*") if path.is_dir()}
    families = {one.name: one for one in policies.families if one.name in own}
    faults = list(_without(policies, own - families.keys()))
    held = {policy.family for policy in policies.catalog}
    for name, family in sorted(families.items()):
        if name not in held:
            words = f"no policy belongs to the family {name}"
            faults.append(Fault(words, family.where, "add one, or take the folder out"))
        elif trust is not None:
            faults += _owner(repository, family, trust)
    return tuple(faults)


def _without(policies: PolicySet, nameless: set[str]) -> Iterator[Fault]:
    """One fault for each family without METADATA, at the first of its policies."""
    first = {policy.family: policy for policy in reversed(policies.catalog)}
    for name in sorted(nameless & first.keys()):
        file = f"rules/{name}/{name}.rego"
        remedy = (
            f"write {file}: `# METADATA` with `# scope: subpackages`, title, description, owner"
        )
        words = f"{first[name].id} belongs to the family {name}, which has no METADATA"
        yield Fault(words, Location(first[name].where.file), remedy)


def _owner(repository: Repository, family: Family, trust: Trust) -> Iterator[Fault]:
    role = next((one for one in trust.roles if one.role == family.owner), None)
    if role is None:
        words = f"{family.owner}, who owns the family {family.name}, is no role"
        yield Fault(words, family.where, "name a role of trust/roles.yaml")
        return
    path = repository.codeowners
    if not path.is_file() or all(one.team is None for one in trust.roles):
        return  # no forge asks anybody; a missing file is a finding of its own
    owners = CodeOwners.parse(path.read_bytes(), str(path))
    folder = f"policies/promotion/rules/{family.name}/"
    if role.team is None or role.team not in owners.owners_of(f"{folder}{family.name}.rego"):
        words = f"{family.owner} owns the family {family.name}, and nobody asks it about a change"
        remedy = (
            f"add /{folder} to what it owns in trust/roles.yaml, then `hallgate owners --write`"
        )
        yield Fault(words, family.where, remedy)
