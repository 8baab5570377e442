"""Validates every document of a repository in one pass and keeps every fault.

Each part is read by the same code that reads it for a decision; nothing is
checked twice in two ways. Policies about policies are Rego (policies/checks),
asked once about the parsed sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from hallgate.decide.checked import Checked, Part
from hallgate.decide.corpus import read_archive
from hallgate.decide.exception_checks import (
    ExceptionAnswer,
    ExceptionQuestion,
    check_exceptions,
)
from hallgate.decide.family_checks import family_faults
from hallgate.decide.kept_check import kept_exceptions
from hallgate.decide.policies import PolicySet, load_policies
from hallgate.decide.policy_checks import policy_faults
from hallgate.decide.waiver_checks import Decided
from hallgate.engine.opa import Opa
from hallgate.intake.codeowners import CodeOwners
from hallgate.intake.commit_signatures import commit_check
from hallgate.intake.frameworks import read_extents, read_frameworks
from hallgate.intake.history import History, unsigned_faults
from hallgate.intake.inventory import read_inventory
from hallgate.intake.publication import logged_times
from hallgate.intake.repository import Repository
from hallgate.intake.retention import FILE as RETENTION
from hallgate.intake.retention import read_classes, read_holds
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.model.errors import Fault, HallgateError, InvalidDocument
from hallgate.model.law import Control
from hallgate.model.trust import Trust

Found = TypeVar("Found")


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
        asked = ExceptionQuestion(
            self._repository, schemas, trust, policies, self._engine, history, self._at
        )
        found = self._exceptions(asked)
        self._parts += found.parts
        self._not_counted += found.findings

    def _exceptions(self, asked: ExceptionQuestion) -> ExceptionAnswer:
        records = self._records
        if records is None:
            return kept_exceptions(self._cache, asked)

        def decided() -> Decided:
            return read_archive(records, asked.trust, asked.trust, self._at, self._say).decided

        return check_exceptions(asked, decided)

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
            self._repository, self._engine, policies, register, schemas,
            at=self._at, cache=self._cache,
        )  # fmt: skip


def _schemas(found: Schemas) -> int:
    return len(found.evidence_types)


def _identities(found: Trust) -> int:
    return len(found.identities) + len(found.roles)


def _register(repository: Repository, schemas: Schemas) -> tuple[Control, ...]:
    """The controls, once what is said of their coverage holds too."""
    controls = read_frameworks(repository.frameworks, schemas)
    read_extents(repository.frameworks, schemas, controls)
    return controls
