"""What measurements share: the repository's policies, made signers, bare `opa eval`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from hallgate.decide.compose import at, compose_input, waiver_bundle
from hallgate.decide.policies import PolicySet
from hallgate.decide.promotion import Materials
from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.engine.process import environment as engine_environment
from hallgate.intake.schema import Schemas
from hallgate.model.values import JsonObject
from hallgate.testing.cast import Cast
from hallgate.testing.scenario import Scenario, read_scenario
from hallgate.testing.session import Session
from hallgate.testing.stage import Staged, stage

ONE = "data.promotion.replay.decision"
MANY = (
    "[[i, answer] | some i, one in input.batch; "
    "answer := data.promotion.replay.decision with input as one]"
)
_MADE = "a" * 64


@dataclass(frozen=True)
class World:
    """The repository at root, and a folder for whatever is made."""

    root: Path
    folder: Path

    @cached_property
    def session(self) -> Session:
        """Keys and policies, made once."""
        return Session.open(self.root)

    @property
    def policies(self) -> PolicySet:
        """The repository's policies."""
        return self.session.policies

    @property
    def engine(self) -> Opa:
        """The pinned engine."""
        return self.session.engine

    @property
    def schemas(self) -> Schemas:
        """The repository's schemas."""
        return self.session.schemas

    @property
    def cast(self) -> Cast:
        """Made signers."""
        return self.session.cast

    @cached_property
    def base(self) -> Scenario:
        """The allowed base of the finance sector."""
        return read_scenario(self.root / "tests" / "scenarios" / "finance" / "base.yaml")

    @property
    def papers(self) -> str:
        """How much the base holds, in words."""
        papers = self.base.base
        return f"{len(papers['evidence'])} statements and {len(papers['approvals'])} approvals"

    @cached_property
    def families(self) -> dict[str, str]:
        """Family of each live policy."""
        return {one.id: one.family for one in self.policies.catalog}

    @cached_property
    def no_waivers(self) -> Bundle:
        """The waiver bundle of a repository without waivers."""
        return waiver_bundle((), self.base.now, overrides=())

    def variant(self, number: int) -> Scenario:
        """The base about a model of its own digest."""
        text = json.dumps(self.base.base).replace(_MADE, digest(number))
        return replace(self.base, base=json.loads(text))

    def stage(self, scenario: Scenario, folder: Path) -> Staged:
        """Documents of a scenario, signed and on disk in a new folder, and read back."""
        folder.mkdir(parents=True)
        return stage(scenario, self.cast, self.schemas, folder, self.policies)

    def document(self, staged: Staged) -> JsonObject:
        """The input document with the time of the base."""
        return at(compose_input(staged.request, staged.evidence, staged.trust), self.base.now)

    def materials(self, staged: Staged) -> Materials:
        """What decide_promotion asks for, without waivers."""
        return Materials(staged.request, staged.evidence, staged.trust, (), (), self.policies)

    def put(self, name: str, data: bytes) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def bundles(self, name: str, *bundles: Bundle) -> tuple[Path, ...]:
        """Bundles as files."""
        return tuple(
            self.put(f"{name}-{number}.tar.gz", one.data) for number, one in enumerate(bundles)
        )

    def bare(self, bundles: Sequence[Path], query: str, document: Path) -> Any:
        """Run the program itself, as hallgate.engine does, and read its answer whole."""
        command = [str(self.engine.program), "eval", "--strict-builtin-errors"]
        command += ["--format", "json", "--stdin-input", "--v1-compatible"]
        for bundle in bundles:
            command += ["--bundle", str(bundle)]
        with document.open("rb") as file:
            done = subprocess.run(
                [*command, query], stdin=file, capture_output=True, check=True, env=environment()
            )
        return done.stdout


def digest(number: int) -> str:
    """64 hex digits of a made model."""
    return f"{number:064x}"


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a child process gets: nothing that would make one side slower.

    The bare engine collects garbage as seldom as ours does, or it would lose by that alone.
    """
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "GOGC": engine_environment()["GOGC"], **(more or {})}


def answers(stdout: bytes) -> Any:
    """The value that `opa eval` printed."""
    return json.loads(stdout)["result"][0]["expressions"][0]["value"]


def expect(good: bool, what: str) -> None:
    """A measurement of something else than it says is worth nothing: stop."""
    if not good:
        raise SystemExit(f"bench: not as expected: {what}")
