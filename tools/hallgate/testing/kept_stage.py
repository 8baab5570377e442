"""Input documents of all scenarios, kept: staging one signs and verifies a score of papers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import cast

from hallgate.decide.compose import exceptions, exceptions_bundle
from hallgate.decide.kept_answers import kept_answer
from hallgate.decide.policies import PolicySet
from hallgate.engine.bundle import Bundle
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.model.values import JsonObject, JsonValue
from hallgate.testing.cast import Cast, make_cast
from hallgate.testing.once import once
from hallgate.testing.runner import prepare
from hallgate.testing.scenario import TRUST, read_scenario, scenario_files

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StagedScenario:
    """One scenario's input document, with the constants of its waivers and overrides."""

    file: Path
    document: JsonObject
    exceptions: Mapping[str, JsonObject]


@dataclass
class ScenarioStage:
    """Stages the scenarios of a repository; what did not change is taken from the cache."""

    repository: Repository
    schemas: Schemas
    policies: PolicySet
    cache: Path | None
    say: Say
    _folder: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="hallgate-stage-")
    )

    def close(self) -> None:
        """Drop the keys."""
        self._folder.cleanup()

    @property
    def _scenarios(self) -> Path:
        return self.repository.root / "tests" / "scenarios"

    @once
    def all(self) -> tuple[StagedScenario, ...]:
        """Every scenario; raises HallgateError for one that cannot be staged."""
        files = scenario_files(self._scenarios)
        common = _digest_of(self._trust, self.repository.evidence_schemas) + _code()
        rules = repr(sorted(self.policies.rule_digests.items()))
        staged = []
        for number, path in enumerate(files, start=1):
            if number % 50 == 0:
                self.say(f"staging scenarios: {number} of {len(files)}")
            staged.append(self._one(path, common, rules))
        return tuple(staged)

    def _one(self, path: Path, common: str, rules: str) -> StagedScenario:
        scenario = read_scenario(path)
        change = scenario.change
        bound = rules if change.get("waivers") or change.get("overrides") else ""
        said = repr((scenario.base, scenario.change, scenario.now, scenario.sector, scenario.name))
        key = sha256("\0".join([common, bound, said]).encode()).hexdigest()

        def ask() -> JsonObject:
            one = prepare(scenario, self._cast, self.schemas, self.policies)
            # What has expired is left in: main judges that, and main is under test.
            kept = exceptions(one.waivers, 0, overrides=one.overrides)
            return {"document": one.document, "exceptions": kept}

        answer = kept_answer(self.cache, "scenarios", key, ask)
        found = cast("Mapping[str, JsonObject]", answer)
        told = cast("Mapping[str, JsonObject]", found["exceptions"])
        return StagedScenario(path, found["document"], told)

    def bundle(self) -> Bundle:
        """One waiver bundle for all: each scenario with exceptions has a model of its own."""
        told: dict[str, dict[str, JsonValue]] = {}
        for one in self.all:
            for name, by_key in one.exceptions.items():
                told.setdefault(name, {}).update(by_key)
        return exceptions_bundle(told)

    @property
    def _trust(self) -> Path:
        own = self._scenarios / TRUST
        return own if own.is_dir() else self.repository.trust

    @once
    def _cast(self) -> Cast:
        return make_cast(Path(self._folder.name), read_trust(self._trust, self.schemas))


def _digest_of(*folders: Path) -> str:
    total = sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                total.update(path.relative_to(folder).as_posix().encode() + b"\0")
                total.update(sha256(path.read_bytes()).digest())
    return total.hexdigest()


@lru_cache(maxsize=1)
def _code() -> str:
    """Over the code that stages: another intake may give other documents."""
    root = Path(__file__).parents[1]
    floors = [root / name for name in ("model", "intake", "record")]
    total = sha256(_digest_of(*floors).encode())
    for path in (*sorted((root / "testing").glob("*.py")), root / "decide" / "compose.py"):
        total.update(sha256(path.read_bytes()).digest())
    return total.hexdigest()
