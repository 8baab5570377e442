"""A bank with keys of its own: the finance base, dated today, for the installed command."""

import copy
import io
import json
import os
import re
import shutil
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.record.keys import load_private_key
from hallgate.testing import sshkeys
from hallgate.testing.cast import Cast
from hallgate.testing.scenario import read_scenario
from hallgate.testing.stage import stage

from . import installed
from .pack_world import Office

ROOT = Path(__file__).parents[2]
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True)
class Answer:
    """What the command printed."""

    code: int
    out: str
    err: str


def hallgate(*words, cwd=ROOT, code=0, env=None):
    """Run the installed command and require its exit code."""
    environment = {**os.environ, **(env or {})}
    done = installed.run([*map(str, words)], cwd=cwd, env=environment, timeout=120)
    out, err = (_lines(text) for text in (done.stdout, done.stderr))
    assert done.returncode == code, f"{words}: {done.returncode}\n{out}\n{err}"
    return Answer(done.returncode, out, err)


def _lines(data):
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8").read()


def shifted(document, seconds):
    """The same document with every RFC 3339 time moved."""

    def move(match):
        moment = datetime.strptime(match[0], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return (moment + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    return json.loads(_TIME.sub(move, json.dumps(document)))


@dataclass(frozen=True)
class Bank:
    """Folders of one adopter: trust, keys, and a promotion with everything in order."""

    folder: Path
    cast: Cast

    @property
    def trust(self):
        return self.folder / "trust"

    @property
    def request(self):
        return self.folder / "work" / "request.json"

    @property
    def evidence(self):
        return self.folder / "work" / "evidence"

    @property
    def key(self):
        return self.folder / "keys" / "decision-service.pem"

    def options(self):
        return ("--trust", self.trust, "--waivers", self.folder / "exceptions")

    def decide(self, *words, code=0):
        return hallgate(
            "decide", self.request, "--evidence", self.evidence, *self.options(), *words, code=code
        )


def _trust(folder):
    """Trust made by `hallgate init`, one identity per role of the scenarios."""
    shutil.copytree(ROOT / "tests/scenarios/trust", folder / "trust")
    roles = read_trust(folder / "trust", Schemas.load(ROOT / "evidence-schemas")).roles
    words, people = [], {}
    (folder / "people").mkdir()
    for role in roles:
        if role.approves or not (role.evidence or role.decides):
            people[role.role] = sshkeys.make_key(folder / "people", role.role)
            words += ["--person", f"{role.role}={role.role}:{people[role.role]}.pub"]
        else:
            words += ["--machine", f"{role.role}={role.role}"]
        words += ["--email", f"{role.role}={role.role}@example.org"]
    hallgate("init", "--trust", folder / "trust", "--keys", folder / "keys", *words)
    for path in (folder / "trust/identities").iterdir():
        # Made a moment ago, but the base was signed hours before.
        path.write_text(_TIME.sub("2020-01-01T00:00:00Z", path.read_text()))
    trust = read_trust(folder / "trust", Schemas.load(ROOT / "evidence-schemas"))
    machines = {path.stem: load_private_key(path) for path in (folder / "keys").glob("*.pem")}
    return Cast(trust, machines, people)


@pytest.fixture(scope="session", autouse=True)
def _one_run(request, tmp_path_factory):
    base = tmp_path_factory.getbasetemp()
    # A process of pytest-xdist has a folder of its own below that of the run.
    installed.within(base.parent if hasattr(request.config, "workerinput") else base)
    yield
    installed.end()


@pytest.fixture(scope="session")
def made_bank(tmp_path_factory):
    return adopter(tmp_path_factory.mktemp("bank"), "finance")


@pytest.fixture(scope="session")
def make_adopter():
    return adopter


def adopter(folder, sector):
    """Folders of an adopter of this sector, its base dated now."""
    folder.mkdir(exist_ok=True)
    cast = _trust(folder)
    base = read_scenario(ROOT / "tests/scenarios" / sector / "base.yaml")
    moved = shifted(base.base, int(time.time()) - base.now)
    (folder / "work").mkdir()
    (folder / "exceptions").mkdir()
    scenario = replace(base, base=moved, now=int(time.time()))
    stage(scenario, cast, Schemas.load(ROOT / "evidence-schemas"), folder / "work", None)
    return Bank(folder, cast)


@pytest.fixture
def bank(made_bank, tmp_path):
    """A copy to spoil."""
    shutil.copytree(made_bank.folder, tmp_path / "bank")
    return replace(made_bank, folder=tmp_path / "bank")


@pytest.fixture(scope="session")
def run():
    return hallgate


@pytest.fixture
def edited():
    """Change a JSON file in place by a function."""

    def edit(path, change):
        document = json.loads(path.read_text())
        document = change(copy.deepcopy(document)) or document
        path.write_text(json.dumps(document))

    return edit


@pytest.fixture(scope="session")
def office(made_bank, run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("office") / "bank"
    shutil.copytree(made_bank.folder, folder)
    return Office(replace(made_bank, folder=folder), run)


@pytest.fixture(scope="session")
def built(office, tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs") / "pack"
    told = office.pack(folder, "--archive", folder.with_suffix(".tar.gz"))
    assert "2 decisions" in told.out
    return folder
