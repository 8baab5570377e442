"""What all harness items of one pytest run share: keys, policies, one batch of decisions."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from conftest_py import Conftest
from hallgate.decide.compose import waiver_bundle
from hallgate.decide.judge import judge_served
from hallgate.decide.policies import PolicySet, load_policies
from hallgate.engine.opa import Opa, find_opa
from hallgate.engine.served import ServedOpa, served
from hallgate.intake.frameworks import read_frameworks
from hallgate.intake.json_strict import parse_json
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.model.decision import Decision
from hallgate.model.errors import EngineError, HallgateError, InvalidDocument
from hallgate.model.law import Control
from hallgate.model.values import JsonObject
from hallgate.testing.cast import Cast, make_cast
from hallgate.testing.once import once
from hallgate.testing.parity import Denial, denial_lines, denials_by_conftest, denials_of
from hallgate.testing.rego import rego_results, unpack
from hallgate.testing.runner import (
    Prepared,
    differences,
    prepare,
    run_all,
    run_together,
    unproven,
)
from hallgate.testing.scenario import TRUST, Scenario, read_scenario, scenario_files
from hallgate.testing.story import Step, Story, read_story

SCENARIOS = Path("tests/scenarios")
# What conftest denies as (policy, outcome, key), or what it says when it cannot.
Denied = frozenset[Denial] | str
Told = tuple[Prepared | str, Decision | EngineError | None, Denied | None]


def stage_all(
    repository: Repository, schemas: Schemas, policies: PolicySet, folder: Path
) -> tuple[Prepared | str, ...]:
    """Every scenario of a repository staged for a set of policies; keys are made in the folder.

    A text says what went wrong with one.
    """
    cast = cast_of(repository, schemas, folder)
    files = scenario_files(repository.root / SCENARIOS)
    return tuple(_staged(path, cast, schemas, policies) for path in files)


def cast_of(repository: Repository, schemas: Schemas, folder: Path) -> Cast:
    """Signers whose keys are made in a folder, for the roles that scenarios are staged with."""
    own = repository.root / SCENARIOS / TRUST
    return make_cast(folder, read_trust(own if own.is_dir() else repository.trust, schemas))


def _staged(path: Path, cast: Cast, schemas: Schemas, policies: PolicySet) -> Prepared | str:
    try:
        return _prepared(read_scenario(path), path, cast, schemas, policies)
    except HallgateError as error:
        return str(error)


def _prepared(
    scenario: Scenario, path: Path, cast: Cast, schemas: Schemas, policies: PolicySet
) -> Prepared | str:
    try:
        return prepare(scenario, cast, schemas, policies)
    except HallgateError as error:
        return str(error)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        return f"{path}: cannot be staged: {type(error).__name__}: {error}"


@dataclass
class Session:
    """One run; everything is made when it is first asked for."""

    root: Path
    # Scenarios of this run, None for all: one alone is decided in a moment, all in a minute.
    chosen: frozenset[Path] | None = None
    _folder: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="hallgate-tests-")
    )
    _open: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def open(cls, root: Path) -> Session:
        """A session for the policy repository at root."""
        return cls(root)

    def close(self) -> None:
        """Stop the server of the run; drop its keys and files."""
        self._open.close()
        self._folder.cleanup()

    @once
    def repository(self) -> Repository:
        """The repository under test."""
        return Repository.find(self.root)

    @once
    def engine(self) -> Opa:
        """The pinned engine."""
        return Opa(find_opa(self.root), timeout=300)

    @once
    def schemas(self) -> Schemas:
        """Its schemas."""
        return Schemas.load(self.repository.evidence_schemas)

    @once
    def policies(self) -> PolicySet:
        """Its policies, asked afresh: tests trust no cache."""
        return load_policies(self.repository, self.schemas, self.engine, None)

    @once
    def cast(self) -> Cast:
        """Signers for every role of tests/scenarios/trust, or of trust/ where that is missing."""
        folder = Path(self._folder.name) / "keys"
        folder.mkdir(mode=0o700)
        return cast_of(self.repository, self.schemas, folder)

    @property
    def scenarios(self) -> Path:
        """Where scenarios lie."""
        return self.root / SCENARIOS

    @once
    def _rego(self) -> dict[tuple[str, str], str]:
        return rego_results(self.repository, self.policies, self.engine)

    def rego_trouble(self, package: str, name: str) -> str:
        """Why a Rego test did not pass, or nothing."""
        found = self._rego.get((package, name))
        if found is None:
            return f"opa did not run {package}.{name}: is it a rule of this package, unskipped?"
        return found

    @once
    def prepared(self) -> dict[Path, Prepared | str]:
        """Every scenario of the run staged, or the words of what went wrong."""
        return {
            path: _staged(path, self.cast, self.schemas, self.policies)
            for path in scenario_files(self.scenarios)
            if self.chosen is None or path in self.chosen
        }

    @once
    def decisions(self) -> dict[Path, Decision | EngineError]:
        """What OPA decided about each scenario that could be staged."""
        good = [one for one in self.prepared.values() if isinstance(one, Prepared)]
        return run_all(good, self.engine, self.policies)

    @once
    def _server(self) -> ServedOpa:
        nobody_exempt = waiver_bundle((), 0, overrides=())
        return self._open.enter_context(
            served(self.engine, [self.policies.rules.bundle, nobody_exempt])
        )

    def replayed(self, documents: Sequence[JsonObject]) -> tuple[Decision | EngineError, ...]:
        """Decisions about input documents at their own time, nobody having a waiver.

        By one server for the whole run, because there may be thousands.
        """
        return judge_served(self._server, self.policies.rules, documents, replay=True)

    def scenario_trouble(self, path: Path) -> str:
        """How OPA's decision differs from what the scenario expects, or nothing."""
        staged = self.prepared[path]
        if isinstance(staged, str):
            return staged
        decision = self.decisions[path]
        if isinstance(decision, EngineError):
            return f"{path}: {decision}"
        lines = [*differences(staged.scenario, decision)]
        lines += [
            f"proves {control}, which no policy it is about cites"
            for control in unproven(staged.scenario, self.policies.catalog)
        ]
        return "\n".join([f"{path}: {staged.scenario.title}", *lines]) if lines else ""

    @once
    def _stories(self) -> dict[Path, Told]:
        """Steps of stories that were already told, by the file of each step."""
        return {}

    def story_trouble(self, path: Path, number: int) -> str:
        """How the decision of a step, counted from 0, differs from what its story expects.

        And how conftest's denials differ from that decision.
        """
        try:
            story = read_story(path)
        except HallgateError as error:
            return str(error)
        if number >= len(story.steps):
            return f"{path}: there is no step {number + 1}"
        step = story.steps[number]
        if step.scenario.file not in self._stories:
            self._tell(story)
        staged, decision, denied = self._stories[step.scenario.file]
        if isinstance(staged, str):
            return staged
        if not isinstance(decision, Decision):
            return f"{path}: step {number + 1}: {decision}"
        lines = [*differences(staged.scenario, decision), *self._law_trouble(step)]
        if isinstance(denied, frozenset):
            lines += denial_lines(denials_of(decision), denied)
        else:
            lines.append(f"conftest: {denied}")
        if number == 0:
            cited = {
                control
                for policy in self.policies.catalog
                if policy.id in story.own
                for control in policy.controls
            }
            lines += [
                f"proves {control}, which no policy it is about cites"
                for control in sorted(set(story.proves) - cited)
            ]
        head = f"{path}: step {number + 1}: {step.scenario.title}"
        return "\n".join([head, *lines]) if lines else ""

    def _tell(self, story: Story) -> None:
        """Stage all steps of a story, and decide them in one batch, and by conftest."""
        scenarios = [step.scenario for step in story.steps]
        staged = [
            _prepared(one, story.file, self.cast, self.schemas, self.policies) for one in scenarios
        ]
        good = [one for one in staged if isinstance(one, Prepared)]
        answers = run_together(good, self.engine, self.policies)
        denied = self._by_conftest(good)
        for scenario, one in zip(scenarios, staged, strict=True):
            file = scenario.file
            self._stories[file] = (one, answers.get(file), denied.get(file))

    @once
    def _law(self) -> dict[str, Control]:
        controls = read_frameworks(self.repository.frameworks, self.schemas)
        return {control.name: control for control in controls}

    def _law_trouble(self, step: Step) -> list[str]:
        """Where the register says otherwise of the day of a step, as `hallgate law at` would."""
        lines = []
        for name, wanted in step.law:
            control = self._law.get(name)
            stands = control.standing_at(step.scenario.now) if control else "unknown"
            if stands != wanted:
                lines.append(f"law: {name} expected {wanted}, the register says {stands}")
        return lines

    @once
    def _conftest(self) -> dict[Path, Denied]:
        return self._by_conftest(
            [one for one in self.prepared.values() if isinstance(one, Prepared)]
        )

    def _by_conftest(self, prepared: Sequence[Prepared]) -> dict[Path, Denied]:
        tools = self.root / ".tools" / "bin"
        program = Conftest(tools / "conftest", opa=tools / "opa", timeout=300)
        return denials_by_conftest(prepared, program, self._tree, Path(self._folder.name))

    @once
    def _tree(self) -> Path:
        """The policies of the bundle as files, for conftest."""
        tree = Path(self._folder.name) / "conftest"
        unpack(self.policies.bundle.data, tree)
        return tree

    def parity_trouble(self, path: Path) -> str:
        """How conftest's denials differ from OPA's, or nothing."""
        staged = self.prepared[path]
        if isinstance(staged, str):
            return staged
        decision, denied = self.decisions[path], self._conftest[path]
        if isinstance(decision, EngineError) or isinstance(denied, str):
            return f"{path}: opa: {decision}; conftest: {denied}"
        lines = denial_lines(denials_of(decision), denied)
        head = f"{path}: conftest denies otherwise than OPA"
        return "\n".join([head, *(f"  {line}" for line in lines)]) if lines else ""

    def fixture_trouble(self, path: Path) -> str:
        """Why a schema fixture is not what its folder says, or nothing."""
        kind, wanted = path.parent.parent.name, path.parent.name
        schema = "common" if kind == "common" else f"evidence:{kind}"
        if kind != "common" and kind not in self.schemas.evidence_types:
            return f"{path}: there is no evidence type {kind}"
        if wanted not in {"valid", "invalid"}:
            return f"{path}: lies in neither valid/ nor invalid/"
        try:
            self.schemas.validate(parse_json(path.read_bytes(), str(path)), schema)
        except InvalidDocument as error:
            return "" if wanted == "invalid" else str(error)
        return "" if wanted == "valid" else f"{path}: the schema of {kind} accepts it"
