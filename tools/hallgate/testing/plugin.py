"""pytest collects policies, scenarios and schema fixtures as tests of their own.

In a policy repository (a root with policies/promotion) these are items:

- every `test_…` rule of a `*_test.rego`, run by one `opa test` over built constants;
- every scenario `tests/scenarios/<sector>/*.yaml`, once through OPA and once
  through conftest;
- every fixture `tests/schemas/<type>/{valid,invalid}/*.json`.

`pytest -k FAIR-001` selects what concerns one policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hallgate.testing.session import Session

_Info = pytest.ExceptionInfo[BaseException]

_TEST = re.compile(r"^((?:todo_)?test_\w+)\b", re.MULTILINE)
_ID = re.compile(r"^#\s+id:\s*([A-Z]{3,4}-\d{3})\s*$", re.MULTILINE)
_PACKAGE = re.compile(r"^package\s+(\S+)", re.MULTILINE)
_SESSION = pytest.StashKey["Session"]()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Make collectors for Rego tests, scenarios and schema fixtures."""
    root = parent.config.rootpath
    if not (root / "policies" / "promotion").is_dir():
        return None
    if file_path.name.endswith("_test.rego"):
        return RegoFile.from_parent(parent, path=file_path)
    parts = file_path.relative_to(root).parts if file_path.is_relative_to(root) else ()
    if parts[:2] == ("tests", "scenarios") and file_path.suffix == ".yaml":
        return ScenarioFile.from_parent(parent, path=file_path)
    if parts[:2] == ("tests", "schemas") and parts[-2] in {"valid", "invalid"}:
        return FixtureFile.from_parent(parent, path=file_path)
    return None


def _session(config: pytest.Config) -> Session:
    """What all items of one run share; made when the first item runs."""
    if _SESSION not in config.stash:
        from hallgate.testing.session import Session

        config.stash[_SESSION] = Session.open(config.rootpath)
        config.add_cleanup(config.stash[_SESSION].close)
    return config.stash[_SESSION]


class RegoFile(pytest.File):
    """A Rego test file; its items are named as its rules."""

    def collect(self) -> Iterator[pytest.Item]:
        """Every test rule of the file."""
        text = self.path.read_text(encoding="utf-8")
        package = _PACKAGE.search(text)
        tested = self.path.with_name(self.path.name.replace("_test.rego", ".rego"))
        name = _ID.search(tested.read_text(encoding="utf-8")) if tested.is_file() else None
        for rule in dict.fromkeys(_TEST.findall(text)):
            item = RegoItem.from_parent(self, name=rule)
            item.package = package.group(1) if package else ""
            if name:
                item.extra_keyword_matches.add(name.group(1))
            yield item


class RegoItem(pytest.Item):
    """One test rule."""

    package: str

    def runtest(self) -> None:
        """Fail with OPA's words and the Rego line."""
        trouble = _session(self.config).rego_trouble(self.package, self.name)
        if trouble:
            raise Unexpected(trouble)

    def repr_failure(self, excinfo: _Info, style: object = None) -> str:
        """Only the sentence, no Python stack."""
        return _words(self, excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the rule stands."""
        lines = self.path.read_text(encoding="utf-8").splitlines()
        row = next((i for i, line in enumerate(lines) if line.startswith(self.name)), 0)
        return self.path, row, f"{self.package}.{self.name}"


class ScenarioFile(pytest.File):
    """A scenario; decided by OPA, and denied alike by conftest."""

    def collect(self) -> Iterator[pytest.Item]:
        """Two items: opa and conftest."""
        from hallgate.testing.scenario import read_scenario

        scenario = read_scenario(self.path)
        for engine in ("opa", "conftest"):
            item = ScenarioItem.from_parent(self, name=engine)
            item.engine = engine
            item.extra_keyword_matches.update(name for name, _, _ in scenario.expected.verdicts)
            item.extra_keyword_matches.update({scenario.sector, scenario.name})
            yield item


class ScenarioItem(pytest.Item):
    """One scenario through one engine."""

    engine: str

    def runtest(self) -> None:
        """Fail with what was expected and what was decided."""
        session = _session(self.config)
        decide = session.scenario_trouble if self.engine == "opa" else session.parity_trouble
        trouble = decide(self.path)
        if trouble:
            raise Unexpected(trouble)

    def repr_failure(self, excinfo: _Info, style: object = None) -> str:
        """Only the differences, no Python stack."""
        return _words(self, excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The scenario file."""
        return self.path, 0, f"{self.path.parent.name}/{self.path.stem}[{self.engine}]"


class FixtureFile(pytest.File):
    """A document that must, or must not, pass its schema."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item."""
        yield FixtureItem.from_parent(self, name=self.path.parent.name)


class FixtureItem(pytest.Item):
    """One schema fixture."""

    def runtest(self) -> None:
        """Fail where the schema says otherwise than the folder."""
        trouble = _session(self.config).fixture_trouble(self.path)
        if trouble:
            raise Unexpected(trouble)

    def repr_failure(self, excinfo: _Info, style: object = None) -> str:
        """Only the sentence, no Python stack."""
        return _words(self, excinfo)


class Unexpected(Exception):
    """A harness test came out otherwise than its file says."""


def _words(item: pytest.Item, excinfo: _Info) -> str:
    if isinstance(excinfo.value, Unexpected):
        return str(excinfo.value)
    return str(excinfo.getrepr(style="short"))
