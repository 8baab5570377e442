"""A policy repository in Git, its archived decisions, and pull requests against it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hallgate.decide.policies import load_policies
from hallgate.engine.opa import Opa
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.shapes import APPROVAL_TYPE
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.statement import statement
from hallgate.testing.cast import Cast
from hallgate.testing.scenario import read_scenario
from hallgate.testing.stage import stage

from . import installed

ROOT = Path(__file__).parents[2]
OPA = ROOT / ".tools/bin/opa"
_PARTS = ("policies", "evidence-schemas", "frameworks")
_SCENARIOS = ("base", "denied-young-selected-less", "denied-critical-vulnerability")
_POLICIES = {
    "approvals_bound_and_recent",
    "emergencies_reviewed",
    "identifiers_within_limit",
    "quorum_reached",
    "rollback_rehearsed",
    "selection_ratio_within_limit",
    "vulnerabilities_fixed_in_time",
}
_FILES = {
    "CODEOWNERS": (
        "* @bank/releases\n/exceptions/ @bank/risk\n/policies/ @bank/risk\n/trust/ @bank/law\n"
    ),
    "Makefile": "test:\n\tpytest\n",
    "pyproject.toml": "[project]\nname = 'bank'\n",
    "tests/test_policies.py": "def test_nothing():\n    pass\n",
    "tools/hallgate/decide/judge.py": "# as released\n",
    ".github/workflows/review.yml": "on: pull_request\n",
    "exceptions/README.md": "How to ask.\n",
    "tracks/mlops.yaml": (
        "track: mlops\ntitle: All\nfamilies: [fairness]\nframeworks: []\nlimits: []\ndates: []\n"
        "rollout: []\nbaseline:\n"
        "  - models: [churn]\n    policies: [FAIR-001]\n"
        '    since: "2026-11-01T00:00:00Z"\n    until: "2027-05-01T00:00:00Z"\n'
        "    reason: Older than the policy.\n"
    ),
    "playbooks/credit-review.md": "A second officer decides on every denial.\n",
}


def at(days: float) -> str:
    """A time some days from now, RFC 3339."""
    moment = datetime.now(UTC) + timedelta(days=days)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Reviewed:
    """What one review said and answered; report is its JSON."""

    code: int
    text: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(self.text)  # type: ignore[no-any-return]

    def says(self, *words: str) -> bool:
        """Whether all of these stand in the report or on standard error."""
        return all(word in self.text + self.err for word in words)


@dataclass(frozen=True)
class Pull:
    """A clone with one commit on top of main."""

    folder: Path
    records: Path
    home: Path

    def git(self, *words: str, who: str = "stranger", stdin: bytes = b"") -> str:
        return git(self.folder, *words, who=who, stdin=stdin)

    def commit(self, who: str = "stranger") -> None:
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change.", who=who)

    def review(self, *words: str, form: str = "json", records: bool = True) -> Reviewed:
        """Review main..HEAD by the installed command."""
        command = ["--format", form, "--quiet", *words]
        if records:
            command += ["--records", str(self.records)]
        return self.run("review", "main..HEAD", *command)

    def run(self, *words: str) -> Reviewed:
        """A command of the installed tool about this clone."""
        command = [*words, "--repository", str(self.folder)]
        env = {
            **os.environ, "HALLGATE_OPA": str(OPA), "HOME": str(self.home),
            # What the engine said of the base; nothing of a head is ever kept there.
            "XDG_CACHE_HOME": str(self.records.parent / "cache"),
        }  # fmt: skip
        done = installed.run(command, cwd=self.home, env=env, timeout=300)
        return Reviewed(done.returncode, done.stdout.decode(), done.stderr.decode())


@dataclass(frozen=True)
class World:
    """The base repository, its records, and everybody's keys."""

    folder: Path
    cast: Cast

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    @property
    def digest(self) -> str:
        """Digest of the model whose promotion was denied by FAIR-001."""
        request = json.loads((self.folder / "denied" / "request.json").read_text())
        return str(request["model"]["digest"])

    def rule(self, policy: str) -> str:
        """What an approval of a waiver has to bind."""
        repository = Repository(self.repository)
        schemas = Schemas.load(repository.evidence_schemas)
        found = load_policies(repository, schemas, Opa(OPA), self.folder / "cache")
        return found.rule_digests[policy]

    def pull(self, folder: Path, change: Callable[[Path], object], who: str = "stranger") -> Pull:
        """A pull request that makes one change to the files."""
        target = folder / "clone"
        shutil.copytree(self.repository, target, symlinks=True)
        pull = Pull(target, self.folder / "records", folder)
        change(target)
        pull.commit(who)
        return pull

    def waiver(self, **changes: Any) -> dict[str, Any]:
        """A waiver of FAIR-001 for the denied model, moderate risk: two roles must sign."""
        base = read_scenario(ROOT / "tests/scenarios/finance/base.yaml").base["waiver"]
        document = json.loads(json.dumps(base))
        document["subject"]["digests"] = [self.digest]
        document["findings"] = ["age=under 26"]
        document["remediation"]["due"] = at(20)
        document.update(opened=at(-1), expires=at(30), **changes)
        return dict(document)

    def write(self, folder: Path, document: dict[str, Any], *, family: str = "fairness") -> Path:
        """Lay a waiver into a clone."""
        path = folder / "exceptions" / family / f"{document['id']}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document, indent=2))
        return path

    def approve(
        self, path: Path, document: dict[str, Any], who: str, *, role: str | None = None,
        signer: str | None = None, rule: str | None = None,
    ) -> Path:  # fmt: skip
        """Sign a waiver's approval and lay it beside the file."""
        predicate = {
            "action": "waiver", "role": role or who, "identity": who, "decision": "approve",
            "to_stage": None, "approved_at": at(-0.01), "valid_until": document["expires"],
            "reason": "Acceptable until the remedy is due.", "conditions": None,
            "rule_digest": rule,
        }  # fmt: skip
        digest = sha256_digest(canonical_bytes(document))
        word = self.cast.approve(
            signer or who, statement(document["id"], digest, APPROVAL_TYPE, predicate)
        )
        target = path.with_name(f"{document['id']}.{who}.approval.json")
        target.write_text(json.dumps(word))
        return target


def make_world(folder: Path, bank: Any) -> World:
    """Main with trust, policies and a few scenarios; one denied and one allowed record."""
    outsider = folder / "outsider"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "outsider", "-f", outsider],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    world = World(folder, replace(bank.cast, people={**bank.cast.people, "outsider": outsider}))
    make_repository(world.repository, bank.trust)
    for name, code in (("base", 0), ("denied-young-selected-less", 1)):
        scenario = read_scenario(ROOT / "tests/scenarios/finance" / f"{name}.yaml")
        digest = sha256_digest(name.encode())
        told = json.dumps([scenario.base, scenario.change]).replace("sha256:" + "a" * 64, digest)
        base, change = json.loads(_moved(told, int(time.time()) - scenario.now))
        place = folder / ("allowed" if code == 0 else "denied")
        place.mkdir()
        staged = replace(scenario, base=base, change=change, now=int(time.time()))
        stage(staged, bank.cast, Schemas.load(ROOT / "evidence-schemas"), place, None)
        _decide(world, bank, place, code)
    return world


def make_repository(repository: Path, trust: Path) -> None:
    """Main with trust, a few policies and a few scenarios; and a branch for a change."""
    for name in _PARTS:
        shutil.copytree(ROOT / name, repository / name)
    _keep_few(repository / "policies/promotion/rules")
    shutil.copytree(trust, repository / "trust")
    for name in _SCENARIOS:
        source = ROOT / "tests/scenarios/finance" / f"{name}.yaml"
        target = repository / "tests/scenarios/finance" / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    shutil.copytree(ROOT / "tests/scenarios/trust", repository / "tests/scenarios/trust")
    for name, text in _FILES.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)
    git(repository, "init", "--quiet", "--initial-branch", "main")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "As released.", who="founder")
    git(repository, "checkout", "--quiet", "-b", "change")


def _keep_few(rules: Path) -> None:
    """What an attack needs; the others would be parsed and compiled a hundred times for nothing."""
    for policy in rules.glob("*/*/"):
        if policy.name not in _POLICIES:
            shutil.rmtree(policy)
    for family in rules.iterdir():
        if not any(path.is_dir() for path in family.iterdir()):
            shutil.rmtree(family)
    left = {path.name for path in rules.glob("*/*/")}
    assert left == _POLICIES, left ^ _POLICIES


def _moved(text: str, seconds: int) -> str:
    """A text with every RFC 3339 time moved."""

    def move(found: re.Match[str]) -> str:
        moment = datetime.strptime(found[0], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return (moment + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", move, text)


def _decide(world: World, bank: Any, place: Path, code: int) -> None:
    done = subprocess.run(
        [
            installed.COMMAND, "decide", place / "request.json", "--evidence", place / "evidence",
            "--repository", world.repository, "--record", world.folder / "records",
            "--key", bank.key,
        ],
        capture_output=True, text=True, env={**os.environ, "HALLGATE_OPA": str(OPA)},
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr


def git(folder: Path, *words: str, who: str = "stranger", stdin: bytes = b"") -> str:
    people = {
        f"GIT_{kind}_{name}": value
        for kind in ("AUTHOR", "COMMITTER")
        for name, value in (("NAME", who), ("EMAIL", f"{who}@example.org"))
    }
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull, **people,
    }  # fmt: skip
    done = subprocess.run(
        ["git", "-c", "commit.gpgsign=false", "-c", "gc.auto=0", *words],
        cwd=folder, env=environment, input=stdin, capture_output=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "replace").strip()
