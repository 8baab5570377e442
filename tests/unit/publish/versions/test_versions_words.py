"""Versions, the changelog's section, and what a replay says of a level."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallgate.decide.impact import Change, Effect, Impact
from hallgate.model.errors import InvalidDocument, UsageError
from hallgate.model.values import Outcome
from hallgate.publish.versions.changelog import written
from hallgate.publish.versions.render import FORMATS
from hallgate.publish.versions.replayed import steps_of
from hallgate.publish.versions.semver import Version
from hallgate.publish.versions.value import Comparison, Level, Step

NUMBERS = st.integers(0, 99)
FAIL, PASS, INSUFFICIENT = Outcome.FAIL, Outcome.PASS, Outcome.INSUFFICIENT


@pytest.mark.parametrize(
    ("since", "level", "least"),
    [
        ("1.2.3", Level.MAJOR, "2.0.0"), ("1.2.3", Level.MINOR, "1.3.0"),
        ("1.2.3", Level.PATCH, "1.2.4"), ("1.2.3", Level.NONE, "1.2.3"),
        ("v0.2.3", Level.MAJOR, "0.3.0"), ("0.2.3", Level.MINOR, "0.2.4"),
        ("1.3.0-rc.1", Level.MINOR, "1.4.0"),
    ],
)  # fmt: skip
def test_the_least_version(since, level, least):
    assert str(Version.parse(since).after(level)) == least


@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from(Level), st.sampled_from(Level))
def test_a_heavier_change_never_needs_less(major, minor, patch, one, other):
    since = Version(major, minor, patch)
    assert Version.parse(str(since)) == since
    assert (since.after(one) <= since.after(other)) or one > other
    assert (since.after(one) > since) == (one is not Level.NONE)


@pytest.mark.parametrize("text", ["1.2", "01.2.3", "", "HEAD", "1.2.3\n"])
def test_what_is_no_version(text):
    assert Version.of_tag(text) is None
    assert Version.of_tag("refs/tags/v9.10.11") == Version(9, 10, 11)
    with pytest.raises(UsageError, match="is no version"):
        Version.parse(text)


def effect(old, new, *changes, allowed=(True, False), error=None):
    given = tuple(Change(name, old, new, *keys) for name, *keys in changes)
    return Effect("a.yaml", "scenario", "then", 5, *allowed, given, error)


NONE = ((), ())


@pytest.mark.parametrize(
    ("seen", "since", "level"),
    [
        (effect(PASS, FAIL, ("A-001", *NONE)), 0, Level.MAJOR),
        (effect(PASS, FAIL, ("A-001", *NONE)), 99, Level.MINOR),
        (effect(FAIL, FAIL, ("A-001", ("k",), ()), allowed=(False, False)), 0, Level.MAJOR),
        (effect(FAIL, FAIL, ("A-001", (), ("k",)), allowed=(False, False)), 0, Level.MINOR),
        (effect(FAIL, INSUFFICIENT, ("A-001", *NONE), allowed=(False, False)), 0, None),
        (effect(FAIL, PASS, ("A-001", *NONE), allowed=(False, True)), 0, Level.MINOR),
        (effect(FAIL, None, ("A-001", *NONE), allowed=(False, True)), 0, Level.MINOR),
        (effect(None, FAIL, ("A-001", *NONE)), 0, Level.MAJOR),
        (effect(PASS, PASS), 0, Level.MAJOR),
        (effect(PASS, PASS, allowed=(True, None), error="after: it broke"), 0, Level.MAJOR),
        (effect(PASS, PASS, allowed=(None, True), error="before: it broke"), 0, Level.MINOR),
    ],
)
def test_what_a_replayed_case_shows(seen, since, level):
    found = steps_of(Impact((seen,), 1, 0), {"A-001": since}, 10)
    assert [one.level for one in found] == ([] if level is None else [level])
    assert all(one.source == "scenario" and one.what.endswith(" in a") for one in found)


COMPARISON = Comparison(
    "old", "new", 0,
    (Step(Level.MAJOR, "A-001", "is *new*\nand loud"), Step(Level.PATCH, "", "words")),
    Impact((), 3, 3), ("3 scenarios.",),
)  # fmt: skip


def test_the_entry_replaces_an_earlier_one_and_nothing_else():
    text = "# C\n\n## [Unreleased]\n\n### Policies (patch)\n\n- old\n\n"
    text += "### Added\n- x\n\n## [1.0.0]\n- y\n"
    once = written(text, COMPARISON)
    assert written(once, COMPARISON) == once
    assert once == (
        "# C\n\n## [Unreleased]\n\n### Policies (major)\n\n"
        "- major: A-001: is \\*new\\*\\\\nand loud.\n- patch: words.\n\n"
        "### Added\n- x\n\n## [1.0.0]\n- y\n"
    )
    assert written("## [Unreleased]\n", COMPARISON).endswith("- patch: words.\n")
    with pytest.raises(InvalidDocument, match="no section"):
        written("# C\n## [1.0.0]\n### Policies\n- kept\n", COMPARISON)


def test_every_form_names_level_and_least_version():
    since = Version(1, 0, 0)
    report = json.loads(FORMATS["json"](COMPARISON, since))
    assert (report["level"], report["least_version"]) == ("major", "2.0.0")
    for form in ("table", "markdown"):
        assert "MAJOR: after 1.0.0 at least 2.0.0." in FORMATS[form](COMPARISON, since)
        assert "A-001" in FORMATS[form](COMPARISON, None)
