"""What all harness items of one pytest run share: keys, policies, one batch of decisions."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hallgate.decide.policies import PolicySet, load_policies
from hallgate.engine.opa import Opa, find_opa
from hallgate.intake.json_strict import parse_json
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.model.decision import Decision
from hallgate.model.errors import EngineError, HallgateError, InvalidDocument
from hallgate.testing.cast import Cast, make_cast
from hallgate.testing.once import once
from hallgate.testing.parity import denials_by_conftest, denials_of
from hallgate.testing.rego import rego_results
from hallgate.testing.runner import Prepared, differences, prepare, run_all, unproven
from hallgate.testing.scenario import TRUST, read_scenario, scenario_files


@dataclass
class Session:
    """One run; everything is made when it is first asked for."""

    root: Path
    _folder: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="hallgate-tests-")
    )

    @classmethod
    def open(cls, root: Path) -> Session:
        """A session for the policy repository at root."""
        return cls(root)

    def close(self) -> None:
        """Drop the keys and files of the run."""
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
        own = self.scenarios / TRUST
        trust = own if own.is_dir() else self.repository.trust
        return make_cast(folder, read_trust(trust, self.schemas))

    @property
    def scenarios(self) -> Path:
        """Where scenarios lie."""
        return self.root / "tests" / "scenarios"

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
        """Every scenario of the repository staged, or the words of what went wrong."""
        staged: dict[Path, Prepared | str] = {}
        for path in scenario_files(self.scenarios):
            try:
                staged[path] = prepare(read_scenario(path), self.cast, self.schemas, self.policies)
            except HallgateError as error:
                staged[path] = str(error)
            except (KeyError, IndexError, TypeError, ValueError) as error:
                staged[path] = f"{path}: cannot be staged: {type(error).__name__}: {error}"
        return staged

    @once
    def decisions(self) -> dict[Path, Decision | EngineError]:
        """What OPA decided about each scenario that could be staged."""
        good = [one for one in self.prepared.values() if isinstance(one, Prepared)]
        return run_all(good, self.engine, self.policies)

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
    def _conftest(self) -> dict[Path, frozenset[tuple[str, str, str]] | str]:
        good = [one for one in self.prepared.values() if isinstance(one, Prepared)]
        return denials_by_conftest(good, self.root, self.policies, Path(self._folder.name))

    def parity_trouble(self, path: Path) -> str:
        """How conftest's denials differ from OPA's, or nothing."""
        staged = self.prepared[path]
        if isinstance(staged, str):
            return staged
        decision, denied = self.decisions[path], self._conftest[path]
        if isinstance(decision, EngineError) or isinstance(denied, str):
            return f"{path}: opa: {decision}; conftest: {denied}"
        expected = denials_of(decision)
        if denied == expected:
            return ""
        return "\n".join(
            [f"{path}: conftest denies otherwise than OPA"]
            + [f"  only conftest: {one}" for one in sorted(denied - expected)]
            + [f"  only OPA: {one}" for one in sorted(expected - denied)]
        )

    def fixture_trouble(self, path: Path) -> str:
        """Why a schema fixture is not what its folder says, or nothing."""
        kind, wanted = path.parent.parent.name, path.parent.name
        if kind not in self.schemas.evidence_types:
            return f"{path}: there is no evidence type {kind}"
        if wanted not in {"valid", "invalid"}:
            return f"{path}: lies in neither valid/ nor invalid/"
        try:
            self.schemas.validate(parse_json(path.read_bytes(), str(path)), f"evidence:{kind}")
        except InvalidDocument as error:
            return "" if wanted == "invalid" else str(error)
        return "" if wanted == "valid" else f"{path}: the schema of {kind} accepts it"
