"""One side of a change, read whole: every document, every fault, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hallgate.decide.explain import TierLimit, tier_limits
from hallgate.decide.kept_answers import KeptModules
from hallgate.decide.module_facts import kept_modules
from hallgate.decide.policies import PolicySet, load_policies
from hallgate.engine.opa import Opa
from hallgate.intake.codeowners import CodeOwners
from hallgate.intake.files import read_file
from hallgate.intake.frameworks import read_frameworks
from hallgate.intake.history import History
from hallgate.intake.overrides import OverrideSet, load_overrides
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.tree import OWNER_FILES, Tree
from hallgate.intake.tree_objects import Objects
from hallgate.intake.trust import read_trust
from hallgate.intake.waiver_archive import Ended, read_ended
from hallgate.intake.waivers import WaiverSet, load_waivers
from hallgate.model.documents import Waiver
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.law import Control
from hallgate.model.trust import Trust

_OWNERS_LIMIT = 3 * 1024 * 1024

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Contents:
    """A policy repository at a commit; waivers are proven under its own trust.

    limits are by policy; modules says where it is kept what OPA said of single ones, if anywhere.
    """

    tree: Tree
    objects: Objects
    repository: Repository
    engine: Opa
    schemas: Schemas
    trust: Trust
    register: tuple[Control, ...]
    policies: PolicySet
    limits: Mapping[str, tuple[TierLimit, ...]]
    waivers: WaiverSet
    owners: CodeOwners | None
    history: History
    ended: tuple[Ended, ...]
    overrides: OverrideSet
    modules: KeptModules | None

    def path(self, file: str) -> str:
        """A file's path in the repository."""
        return relative(file, self.repository.root)

    def waivers_by(self, trust: Trust, at: int) -> WaiverSet:
        """The same waivers, their approvals proven under another trust."""
        live = self.policies.live
        return load_waivers(
            self.repository.exceptions, trust, self.schemas,
            history=self.history, live=live, at=at,
        )  # fmt: skip

    def overrides_by(self, trust: Trust) -> OverrideSet:
        """The same overrides, their words proven under another trust."""
        return load_overrides(self.repository.exceptions, trust, self.schemas, history=self.history)

    def by_id(self) -> dict[str, Waiver]:
        """Waivers by id."""
        return {one.id: one for one in self.waivers.waivers}


def read_contents(
    tree: Tree,
    objects: Objects,
    root: Path,
    engine: Opa,
    history: History,
    at: int,
    cache: Path | None,
    *,
    base: Contents | None = None,
) -> Contents:
    """Read a materialised tree; at (seconds) is when approvals are judged.

    Where schemas, trust, frameworks or policies are those of a base that is given, byte for
    byte, what was read of them there is taken over; so is what is kept of a single module of
    the base. Raises InvalidDocument with every fault of every part, by path in the repository.
    """
    repository, faults = Repository(root), _Faults(root)
    old = _Old(base, tree)
    schemas = old.schemas or faults.of(lambda: Schemas.load(repository.evidence_schemas))
    if schemas is None:
        raise InvalidDocument(tuple(faults.found))
    trust = old.trust or faults.of(lambda: read_trust(repository.trust, schemas))
    register = old.register
    if register is None:
        register = faults.of(lambda: read_frameworks(repository.frameworks, schemas))
    policies, limits = old.policies
    if policies is None:
        modules = None if base is None else base.modules
        policies = faults.of(lambda: load_policies(repository, schemas, engine, cache, modules))
    if policies is not None and limits is None:
        limits = faults.of(lambda: tier_limits(engine, policies, policies.catalog, cache))
    owners = faults.of(lambda: _owners(root))
    waivers, overrides = None, None
    if trust is not None:
        live = policies.live if policies else None
        waivers = load_waivers(
            repository.exceptions, trust, schemas, history=history, live=live, at=at
        )
        faults.add(waivers.faults)
        overrides = load_overrides(repository.exceptions, trust, schemas, history=history)
        faults.add(overrides.faults)
    ended = faults.of(lambda: read_ended(repository.exceptions, schemas))
    if faults.found or trust is None or policies is None or waivers is None or overrides is None:
        raise InvalidDocument(tuple(faults.found))
    return Contents(
        tree, objects, repository, engine, schemas, trust, register or (), policies, limits or {},
        waivers, owners, history, ended or (), overrides,
        None if cache is None else kept_modules(cache, repository),
    )  # fmt: skip


def relative(file: str, root: Path) -> str:
    """A path in the repository from one in the folder it was laid into."""
    return file.removeprefix(f"{root}/")


def placed(fault: Fault, root: Path) -> Fault:
    """A fault by path in the repository."""
    what, remedy = (text.replace(f"{root}/", "") for text in (fault.what, fault.remedy))
    if fault.where is None:
        return Fault(what, None, remedy)
    place = fault.where
    return Fault(what, Location(relative(place.file, root), place.line, place.column), remedy)


@dataclass(frozen=True, slots=True)
class _Old:
    """What a tree has of a base byte for byte, as it was read there; None for what it alters."""

    base: Contents | None
    tree: Tree

    @property
    def schemas(self) -> Schemas | None:
        base = self._same("evidence-schemas")
        return None if base is None else base.schemas

    @property
    def trust(self) -> Trust | None:
        base = self._same("trust")
        return None if base is None else base.trust

    @property
    def register(self) -> tuple[Control, ...] | None:
        base = self._same("frameworks")
        return None if base is None else base.register

    @property
    def policies(self) -> tuple[PolicySet | None, Mapping[str, tuple[TierLimit, ...]] | None]:
        base = self._same("policies/promotion", "evidence-schemas")
        return (None, None) if base is None else (base.policies, base.limits)

    def _same(self, *folders: str) -> Contents | None:
        base = self.base
        return base if base is not None and base.tree.same(self.tree, *folders) else None


class _Faults:
    def __init__(self, root: Path) -> None:
        self._root = root
        self.found: list[Fault] = []

    def of(self, read: Callable[[], Found]) -> Found | None:
        try:
            return read()
        except InvalidDocument as error:
            self.add(error.faults)
            return None

    def add(self, faults: tuple[Fault, ...]) -> None:
        self.found.extend(placed(fault, self._root) for fault in faults)


def _owners(root: Path) -> CodeOwners | None:
    """The file the forge would take: the first of those it looks for."""
    for name in (".github/CODEOWNERS", *OWNER_FILES):
        path = root / name
        if path.exists():
            return CodeOwners.parse(read_file(path, _OWNERS_LIMIT), str(path))
    return None
