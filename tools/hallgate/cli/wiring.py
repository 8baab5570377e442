"""Puts the adapters together from a command's options.

Each is imported where it is made: a command that only wants the clock pays for no engine.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.intake.rfc3339 import seconds
from hallgate.model.errors import UsageError

if TYPE_CHECKING:
    from hallgate.decide.explain import TierLimit
    from hallgate.decide.policies import PolicySet
    from hallgate.engine.opa import Opa
    from hallgate.intake.history import History
    from hallgate.intake.repository import Repository
    from hallgate.intake.schema import Schemas
    from hallgate.intake.tracks import Track
    from hallgate.model.documents import Override, Waiver
    from hallgate.model.trust import Trust
    from hallgate.publish.consumers.chosen import Chosen


def add_repository_options(parser: argparse.ArgumentParser) -> None:
    """Options that say where policies, trust and waivers are, and which engine decides."""
    group = parser.add_argument_group("where things are")
    group.add_argument(
        "--repository",
        type=Path,
        metavar="DIR",
        help="policy repository (default: the one around this folder)",
    )
    group.add_argument(
        "--trust", type=Path, metavar="DIR", help="trusted identities (default: its trust/)"
    )
    group.add_argument(
        "--waivers", type=Path, metavar="DIR", help="waivers (default: its exceptions/)"
    )
    group.add_argument(
        "--timeout", type=float, default=60.0, metavar="SECONDS", help="for one engine run (60)"
    )
    group.add_argument(
        "--no-cache", action="store_true", help="ask the engine about sources afresh"
    )


def now() -> int:
    """Whole seconds since 1970 by this machine's clock."""
    return int(time.time())


def time_option(text: str) -> int:
    """An RFC 3339 time with zone, as seconds since 1970; for argparse's type=."""
    try:
        return seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no RFC 3339 time with zone: {error}"
        ) from error


def cache_folder() -> Path:
    """Where answers about sources are kept: the user's cache directory."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "hallgate"


@dataclass(frozen=True)
class Workplace:
    """Everything a command needs, made when it is first asked for."""

    options: argparse.Namespace

    @cached_property
    def repository(self) -> Repository:
        """The policy repository, with trust and waivers where the options say."""
        options = self.options
        for option, folder in (("--trust", options.trust), ("--waivers", options.waivers)):
            if folder is not None and not folder.is_dir():
                raise UsageError(
                    f"{option}: there is no folder {folder}", remedy="name a folder that exists"
                )
        log = getattr(options, "log", None) or os.environ.get("HALLGATE_LOG")
        return replace(
            self._found(),
            trust_elsewhere=options.trust,
            exceptions_elsewhere=options.waivers,
            log_elsewhere=None if log is None else Path(log),
        )

    def _found(self) -> Repository:
        from hallgate.intake.repository import Repository

        try:
            return Repository.find(self.options.repository or Path.cwd())
        except UsageError:
            # Who decides by a bundle needs trust of their own, and no policies.
            if self.chosen is None or self.options.trust is None:
                raise
            return Repository(self.options.repository or Path.cwd())

    @cached_property
    def chosen(self) -> Chosen | None:
        """The published bundle that decides; None where it is the repository's policies."""
        from hallgate.cli.bundle_source import chosen_bundle

        return chosen_bundle(self.options, now())

    @cached_property
    def schemas(self) -> Schemas:
        """The closed registry of schemas: the bundle's own where one decides."""
        from hallgate.intake.schema import Schemas

        if self.chosen is not None:
            from hallgate.decide.policies import schemas_of

            return schemas_of(self.chosen.sources, self.chosen.address)
        return Schemas.load(self.repository.evidence_schemas)

    @cached_property
    def engine(self) -> Opa:
        """The engine, at the pinned version."""
        from hallgate.engine.opa import Opa, find_opa

        return Opa(find_opa(self.repository.root), timeout=self.options.timeout)

    @cached_property
    def engine_version(self) -> str:
        """The engine's version, once it is known to be the pinned one."""
        return self.engine.version()

    @cached_property
    def trust(self) -> Trust:
        """Who may sign what."""
        from hallgate.intake.trust import read_trust

        return read_trust(self.trust_folder, self.schemas)

    @property
    def trust_folder(self) -> Path:
        """The folder of identities, roles and sources."""
        return self.repository.trust

    @cached_property
    def policies(self) -> PolicySet:
        """Catalog and policy bundle."""
        cache = None if self.options.no_cache else cache_folder()
        if self.chosen is not None:
            from hallgate.cli.registry_access import read_pems
            from hallgate.decide.bundled import policies_of

            self.chosen.refuse_deciders(self.trust, read_pems(self.options.trusted))
            bundle, sources = self.chosen.bundle, self.chosen.sources
            return policies_of(bundle, sources, self.schemas, self.engine, cache)
        from hallgate.decide.policies import load_policies

        return load_policies(self.repository, self.schemas, self.engine, cache)

    @cached_property
    def limits(self) -> Mapping[str, tuple[TierLimit, ...]]:
        """Limits of every policy by id."""
        from hallgate.decide.explain import tier_limits

        cache = None if self.options.no_cache else cache_folder()
        return tier_limits(self.engine, self.policies, self.policies.catalog, cache)

    @cached_property
    def logged(self) -> Mapping[str, int] | None:
        """When the log first published each record, by digest; None without a log."""
        if not self.repository.log_file.exists():
            return None
        from hallgate.intake.publication import logged_times  # cryptography takes its time

        return logged_times(self.repository, self.schemas)

    @cached_property
    def history(self) -> History:
        """Who touched the waivers, and when their approvals were published."""
        from hallgate.intake.commit_signatures import commit_check
        from hallgate.intake.history import History

        check = commit_check(self.repository, self.schemas)
        return History.read(self.repository.exceptions, self.logged, check)

    def waivers(self, at: int) -> tuple[Waiver, ...]:
        """Waivers with their verified approvals; at is when signatures are judged."""
        from hallgate.intake.waivers import read_waivers

        live = self.policies.live
        return read_waivers(
            self.repository.exceptions,
            self.trust,
            self.schemas,
            history=self.history,
            live=live,
            at=at,
        )

    def models_for(self, track: Track | None) -> frozenset[str]:
        """Active models of the inventory, which is read where a track's baseline names some."""
        if track is None or not track.baseline:
            return frozenset()
        from hallgate.intake.inventory import active_models

        return active_models(self.repository.inventory, self.trust, self.schemas)

    def overrides(self) -> tuple[Override, ...]:
        """Emergency overrides with their verified words, however old."""
        from hallgate.intake.overrides import read_overrides

        folder = self.repository.exceptions
        return read_overrides(folder, self.trust, self.schemas, history=self.history)
