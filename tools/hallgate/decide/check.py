"""Validates every document of a repository in one pass and keeps every fault.

Each part is read by the same code that reads it for a decision; nothing is
checked twice in two ways. Policies about policies are Rego (policies/checks),
asked once about the parsed sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hallgate.decide.corpus import read_archive
from hallgate.decide.family_checks import family_faults
from hallgate.decide.override_checks import override_faults
from hallgate.decide.policies import PolicySet, load_policies
from hallgate.decide.policy_checks import policy_faults
from hallgate.decide.waiver_checks import Decided, waiver_faults
from hallgate.engine.opa import Opa
from hallgate.intake.codeowners import CodeOwners
from hallgate.intake.commit_signatures import commit_check
from hallgate.intake.frameworks import read_extents, read_frameworks
from hallgate.intake.history import History, unsigned_faults
from hallgate.intake.inventory import read_inventory
from hallgate.intake.overrides import load_overrides
from hallgate.intake.publication import logged_times
from hallgate.intake.repository import Repository
from hallgate.intake.retention import FILE as RETENTION
from hallgate.intake.retention import read_classes, read_holds
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.intake.waiver_archive import Ended, read_ended
from hallgate.intake.waivers import load_waivers
from hallgate.model.errors import Fault, HallgateError, InvalidDocument
from hallgate.model.law import Control
from hallgate.model.trust import Trust

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the repository: how many documents it has, and their faults.

    skipped says why a part could not be looked at, None where it was.
    """

    name: str
    documents: int
    faults: tuple[Fault, ...]
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that was looked at.

    findings are approvals that do not count, and what policies/checks refuse in waivers
    and policies.
    """

    parts: tuple[Part, ...]
    findings: tuple[Fault, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults of documents, in order of part."""
        return tuple(fault for part in self.parts for fault in part.faults)

    @property
    def clean(self) -> bool:
        """Whether every part was looked at and nothing was found."""
        return not self.findings and all(
            not part.faults and part.skipped is None for part in self.parts
        )


def check_repository(
    repository: Repository,
    engine: Opa,
    cache: Path | None,
    *,
    at: int,
    say: Callable[[str], None],
    records: Path | None = None,
) -> Checked:
    """Check all parts; at (seconds) is when signatures and laws are judged.

    records is a folder of decisions that show which findings waivers cover (None: not
    asked). say is told the name of each part before it is looked at. Raises EngineError
    where the engine itself fails.
    """
    return _Checker(repository, engine, cache, at, say, records).run()


class _Checker:
    def __init__(
        self,
        repository: Repository,
        engine: Opa,
        cache: Path | None,
        at: int,
        say: Callable[[str], None],
        records: Path | None,
    ) -> None:
        self._repository = repository
        self._engine = engine
        self._cache = cache
        self._at = at
        self._say = say
        self._records = records
        self._parts: list[Part] = []
        self._not_counted: tuple[Fault, ...] = ()

    def run(self) -> Checked:
        repository = self._repository
        schemas = self._part("schemas", lambda: Schemas.load(repository.evidence_schemas), _schemas)
        if schemas is None:
            for name in ("trust", "frameworks", "policies", "waivers"):
                self._parts.append(Part(name, 0, (), "the schemas are at fault"))
            return Checked(tuple(self._parts), ())
        trust = self._part("trust", lambda: read_trust(repository.trust, schemas), _identities)
        register = self._part("frameworks", lambda: _register(repository, schemas), len)
        policies = self._part(
            "policies",
            lambda: load_policies(repository, schemas, self._engine, self._cache),
            lambda found: len(found.catalog),
        )
        self._families(policies, trust)
        self._waivers(schemas, trust, policies)
        classes = repository.frameworks / RETENTION
        if classes.is_file():
            self._part("retention", lambda: read_classes(classes, schemas), len)
        if trust is not None and repository.inventory.is_dir():
            self._part(
                "inventory", lambda: read_inventory(repository.inventory, trust, schemas), len
            )
        if trust is not None and repository.holds.is_dir():
            self._part("holds", lambda: read_holds(repository.holds, trust, schemas), len)
        self._part("owners", self._owners, len)
        findings = self._findings(policies, register, schemas)
        return Checked(tuple(self._parts), (*self._not_counted, *findings))

    def _part(
        self, name: str, read: Callable[[], Found], count: Callable[[Found], int]
    ) -> Found | None:
        self._say(name)
        try:
            found = read()
        except InvalidDocument as error:
            self._parts.append(Part(name, 0, error.faults))
            return None
        self._parts.append(Part(name, count(found), ()))
        return found

    def _families(self, policies: PolicySet | None, trust: Trust | None) -> None:
        if policies is None:
            return
        self._say("families")
        try:
            faults = family_faults(self._repository, policies, trust)
        except InvalidDocument:
            faults = ()  # CODEOWNERS is a part of its own, which says what is wrong with it
        self._parts.append(Part("families", len(policies.families), faults))

    def _waivers(self, schemas: Schemas, trust: Trust | None, policies: PolicySet | None) -> None:
        if trust is None or policies is None:
            self._parts.append(Part("waivers", 0, (), "trust or policies are at fault"))
            return
        self._say("log")
        logged: Mapping[str, int] | None = None
        try:
            logged = logged_times(self._repository, schemas)
        except HallgateError as error:
            # Without its times no approval counts; what keeps them back is a fault of its own.
            self._parts.append(Part("log", 0, error.faults))
            logged = {}
        else:
            if logged is not None:
                self._parts.append(Part("log", len(logged), ()))
        self._say("waivers")
        folder = self._repository.exceptions
        check = None
        try:
            check = commit_check(self._repository, schemas)
        except InvalidDocument as error:
            self._parts.append(Part("commits", 0, error.faults))
        history = History.read(folder, logged, check)
        self._not_counted += unsigned_faults(history, folder)
        self._overrides(schemas, trust, policies, history)
        found = load_waivers(
            folder,
            trust,
            schemas,
            history=history,
            live=policies.live,
            at=self._at,
        )
        faults = list(found.faults)
        ended: tuple[Ended, ...] = ()
        try:
            ended = read_ended(folder, schemas)
        except InvalidDocument as error:
            faults.extend(error.faults)
        self._parts.append(Part("waivers", len(found.waivers) + len(ended), tuple(faults)))
        self._not_counted += found.not_counted
        if not faults:
            decided: Decided = ()
            if self._records is not None:
                decided = read_archive(self._records, trust, trust, self._at, self._say).decided
            self._not_counted += waiver_faults(
                self._repository,
                self._engine,
                policies,
                found.waivers,
                ended,
                at=self._at,
                decided=decided,
            )

    def _overrides(
        self, schemas: Schemas, trust: Trust, policies: PolicySet, history: History
    ) -> None:
        found = load_overrides(self._repository.exceptions, trust, schemas, history=history)
        self._parts.append(Part("overrides", len(found.overrides), found.faults))
        self._not_counted += found.not_counted
        if not found.faults:
            self._not_counted += override_faults(
                self._repository, self._engine, policies, found.overrides, at=self._at
            )

    def _owners(self) -> tuple[str, ...]:
        path = self._repository.codeowners
        if not path.is_file():
            return ()
        return tuple(rule.pattern for rule in CodeOwners.parse(path.read_bytes(), str(path)).rules)

    def _findings(
        self, policies: PolicySet | None, register: tuple[Control, ...] | None, schemas: Schemas
    ) -> tuple[Fault, ...]:
        if policies is None or register is None:
            return ()
        self._say("policies about policies")
        return policy_faults(
            self._repository, self._engine, policies, register, schemas, at=self._at
        )


def _schemas(found: Schemas) -> int:
    return len(found.evidence_types)


def _identities(found: Trust) -> int:
    return len(found.identities) + len(found.roles)


def _register(repository: Repository, schemas: Schemas) -> tuple[Control, ...]:
    """The controls, once what is said of their coverage holds too."""
    controls = read_frameworks(repository.frameworks, schemas)
    read_extents(repository.frameworks, schemas, controls)
    return controls
