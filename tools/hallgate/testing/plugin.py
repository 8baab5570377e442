"""pytest collects policies, scenarios and schema fixtures as tests of their own.

In a policy repository (a root with policies/promotion) these are items:

- every `test_…` rule of a `*_test.rego`, run by one `opa test` over built constants;
- every scenario `tests/scenarios/<sector>/*.yaml`, once through OPA and once
  through conftest;
- every step of a story `tests/scenarios/stories/*.yaml`, all decided in one batch;
- every fixture `tests/schemas/<type>/{valid,invalid}/*.json`.

`pytest -k FAIR-001` selects what concerns one policy, `-k healthcare` a sector.
Python tests share the same keys, policies and decisions by the fixture `harness`.

With pytest-xdist (`-n 3 --dist loadscope`) all that share them stay in one process, and
so do the tests of one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hallgate.testing.session import Session

_Info = pytest.ExceptionInfo[BaseException]

_TEST = re.compile(r"^((?:todo_)?test_\w+)\b", re.MULTILINE)
_ID = re.compile(r"^#\s+id:\s*([A-Z]{3,4}-\d{3})\s*$", re.MULTILINE)
_PACKAGE = re.compile(r"^package\s+(\S+)", re.MULTILINE)
_SESSION = pytest.StashKey["Session"]()


class Unexpected(Exception):
    """A harness test came out otherwise than its file says."""


@pytest.fixture(scope="session")
def harness(request: pytest.FixtureRequest) -> Session:
    """Keys, policies and decisions that all harness items of this run share."""
    return _session(request.config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Make collectors for Rego tests, scenarios and schema fixtures."""
    root = parent.config.rootpath
    if not (root / "policies" / "promotion").is_dir() or not file_path.is_relative_to(root):
        return None
    parts = file_path.relative_to(root).parts
    if parts[0] == "policies" and file_path.name.endswith("_test.rego"):
        return RegoFile.from_parent(parent, path=file_path)
    if parts[:2] == ("tests", "scenarios"):
        from hallgate.testing.scenario import is_scenario
        from hallgate.testing.story import is_story

        if is_scenario(file_path, root / "tests" / "scenarios"):
            return ScenarioFile.from_parent(parent, path=file_path)
        if is_story(file_path, root / "tests" / "scenarios"):
            return StoryFile.from_parent(parent, path=file_path)
    if parts[:2] == ("tests", "schemas") and file_path.suffix == ".json":
        return FixtureFile.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """For `--dist loadscope`: keep together what shares expensive things.

    All that uses the harness is one scope, every other file one of its own.
    """
    if config.getvalue("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped, unused-ignore]

    class Together(LoadScopeScheduling):  # type: ignore[misc, unused-ignore]
        """Scopes by file, and one for the harness."""

        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "harness" if _shares(config.rootpath / file) else file

    return Together(config, log)


@lru_cache(maxsize=10_000)
def _shares(file: Path) -> bool:
    """Whether the tests of a file use what the session shares: by its words."""
    return file.suffix != ".py" or "harness" in file.read_text(encoding="utf-8")


def _session(config: pytest.Config) -> Session:
    """What all items of one run share; made when the first item runs."""
    if _SESSION not in config.stash:
        from hallgate.testing.session import Session

        config.stash[_SESSION] = Session.open(config.rootpath)
    return config.stash[_SESSION]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Stage no scenario that this run does not ask for; Python tests may ask for any."""
    if not session.items or any("harness" in _fixtures(one) for one in session.items):
        return
    chosen = frozenset(one.path for one in session.items if isinstance(one, ScenarioItem))
    if chosen:
        _session(session.config).chosen = chosen


def _fixtures(item: pytest.Item) -> tuple[str, ...]:
    return tuple(getattr(item, "fixturenames", ()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Drop keys and files; at this moment, because a process of pytest-xdist has no later one."""
    if _SESSION in session.config.stash:
        session.config.stash[_SESSION].close()


class HarnessItem(pytest.Item):
    """An item whose failure is told in words, without a Python stack."""

    def trouble(self, session: Session) -> str:
        """Why the test fails, or nothing."""
        raise NotImplementedError

    def runtest(self) -> None:
        """Fail with what trouble() says."""
        words = self.trouble(_session(self.config))
        if words:
            raise Unexpected(words)

    def repr_failure(self, excinfo: _Info, style: object = None) -> str:
        """The words alone; a stack only for what was not foreseen."""
        if isinstance(excinfo.value, Unexpected):
            return str(excinfo.value)
        return str(excinfo.getrepr(style="short"))


class RegoFile(pytest.File):
    """A Rego test file; its items are named as its rules."""

    def collect(self) -> Iterator[pytest.Item]:
        """Every test rule of the file; a file without any is a failure."""
        text = self.path.read_text(encoding="utf-8")
        package = _PACKAGE.search(text)
        tested = self.path.with_name(self.path.name.replace("_test.rego", ".rego"))
        name = _ID.search(tested.read_text(encoding="utf-8")) if tested.is_file() else None
        for rule in dict.fromkeys(_TEST.findall(text)) or ("no_test_rule",):
            item = RegoItem.from_parent(self, name=rule)
            item.package = package.group(1) if package else ""
            if name:
                item.extra_keyword_matches.add(name.group(1))
            yield item


class RegoItem(HarnessItem):
    """One test rule."""

    package: str

    def trouble(self, session: Session) -> str:
        """OPA's words and the Rego line."""
        return session.rego_trouble(self.package, self.name)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the rule stands."""
        lines = self.path.read_text(encoding="utf-8").splitlines()
        row = next((i for i, line in enumerate(lines) if line.startswith(self.name)), 0)
        return self.path, row, f"{self.package}.{self.name}"


class ScenarioFile(pytest.File):
    """A scenario; decided by OPA, and denied alike by conftest."""

    def collect(self) -> Iterator[pytest.Item]:
        """Two items: opa and conftest. A broken file has them too, and they fail."""
        from hallgate.model.errors import HallgateError
        from hallgate.testing.scenario import read_scenario

        keywords = {self.path.parent.name, self.path.stem}
        try:
            scenario = read_scenario(self.path)
            keywords |= {name for name, _, _ in scenario.expected.verdicts}
            keywords |= {*scenario.own, *scenario.proves}
        except HallgateError:
            pass
        for engine in ("opa", "conftest"):
            item = ScenarioItem.from_parent(self, name=engine)
            item.extra_keyword_matches.update(keywords)
            yield item


class ScenarioItem(HarnessItem):
    """One scenario through the engine that gives it its name."""

    def trouble(self, session: Session) -> str:
        """What was expected and what was decided."""
        if self.name == "opa":
            return session.scenario_trouble(self.path)
        return session.parity_trouble(self.path)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The scenario file."""
        return self.path, 0, f"{self.path.parent.name}/{self.path.stem}[{self.name}]"


class StoryFile(pytest.File):
    """A story; its items are its steps, named by their dates and titles."""

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each step. A broken file has one, and it fails."""
        from hallgate.model.errors import HallgateError
        from hallgate.testing.story import read_story

        names, keywords = ["cannot be read"], [{self.path.stem}]
        try:
            story = read_story(self.path)
            names = [f"{step.day} {step.scenario.title}" for step in story.steps]
            keywords = [{self.path.stem, *step.scenario.own} for step in story.steps]
        except HallgateError:
            pass
        for number, name in enumerate(names):
            item = StoryItem.from_parent(self, name=name)
            item.number = number
            item.extra_keyword_matches.update(keywords[number])
            yield item


class StoryItem(HarnessItem):
    """One step of a story."""

    number: int

    def trouble(self, session: Session) -> str:
        """What was expected and what was decided, and where the law stands otherwise."""
        return session.story_trouble(self.path, self.number)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The story, and the step in words."""
        return self.path, 0, f"{self.path.stem}: {self.name}"


class FixtureFile(pytest.File):
    """A document that must, or must not, pass its schema."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item."""
        item = FixtureItem.from_parent(self, name=self.path.parent.name)
        item.extra_keyword_matches.add(self.path.parent.parent.name)
        yield item


class FixtureItem(HarnessItem):
    """One schema fixture."""

    def trouble(self, session: Session) -> str:
        """Where the schema says otherwise than the folder."""
        return session.fixture_trouble(self.path)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The fixture file."""
        return self.path, 0, "/".join(self.path.parts[-3:])
