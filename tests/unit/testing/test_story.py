"""Stories: what a step inherits, how its documents age, and what a broken story says."""

from dataclasses import replace
from pathlib import Path

import pytest

from hallgate.model.errors import InvalidDocument
from hallgate.testing.story import is_story, read_story

ROOT = Path(__file__).parents[3]
STORIES = ROOT / "tests" / "scenarios" / "stories"
TEXT = """\
title: A short story
proves: ["nist-800-53:ca-7"]
base: finance
steps:
  - title: It begins
    dated: "2026-01-20T12:00:00Z"
    now: "2026-01-20T12:00:00Z"
    law: {"reg-b:1002.4": in_force}
    change:
      evidence: {reason_audit: {set: {/result/lacking: 3}}}
    expect: {allowed: false, tier: high, verdicts: {XAI-001: {outcome: fail, findings: [lacking]}}}
  - title: It goes on
    now: "2026-01-20T13:00:00Z"
    change:
      evidence: {model_card: {missing: true}}
    expect: {allowed: true, tier: high}
  - title: It ends
    now: "2026-01-20T14:00:00Z"
    change:
      evidence: {reason_audit: null}
    expect: {allowed: true, tier: high}
"""


@pytest.fixture
def written(tmp_path):
    folder = tmp_path / "scenarios"
    (folder / "finance").mkdir(parents=True)
    (folder / "stories").mkdir()
    base = ROOT / "tests/scenarios/finance/base.yaml"
    (folder / "finance/base.yaml").write_text(base.read_text())

    def write(text):
        path = folder / "stories" / "a-short-story.yaml"
        path.write_text(text)
        return path

    return write


def test_changes_are_laid_over_one_another_and_null_takes_one_back(written):
    first, second, third = read_story(written(TEXT)).steps
    assert set(first.scenario.change["evidence"]) == {"reason_audit"}
    assert set(second.scenario.change["evidence"]) == {"reason_audit", "model_card"}
    assert set(third.scenario.change["evidence"]) == {"model_card"}


def test_all_times_of_the_base_move_with_the_day_it_is_dated(written):
    first, second, _ = (step.scenario for step in read_story(written(TEXT)).steps)
    assert first.base["now"] == second.base["now"] == "2026-01-20T12:00:00Z"
    assert first.base["common"]["collected_at"] == "2026-01-20T06:00:00Z"
    assert first.base["approvals"][0]["approved_at"] == "2026-01-20T10:00:00Z"
    assert second.now - first.now == 3600


def test_each_step_has_a_name_of_its_own(written):
    names = [step.scenario.name for step in read_story(written(TEXT)).steps]
    assert names == ["a-short-story-01", "a-short-story-02", "a-short-story-03"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    law:", "    laws:", "unknown key 'laws' in step 1"),
        ("in_force}", "in_farce}", "no control stands as 'in_farce'"),
        ("T13:00:00Z", "T11:00:00Z", "do not follow one another in time"),
        ("base: finance", "base: nowhere", "there is no base scenario"),
        ("title: It goes on", "title: Onwards", "the title is no sentence"),
        ("evidence: {reason_audit: null}", "evidenec: {}", "unknown key 'evidenec'"),
        ('proves: ["nist-800-53:ca-7"]', "proves: []", "proves something"),
        ("tier: high", "tier: highest", "cannot be read"),
        ("steps:", "stages:", "unknown key 'stages'"),
    ],
)
def test_a_broken_story_says_what_is_wrong_and_where(written, old, new, words):
    assert old in TEXT
    path = written(TEXT.replace(old, new))
    with pytest.raises(InvalidDocument) as caught:
        read_story(path)
    assert words in str(caught.value)
    assert path.name in str(caught.value)


def test_a_file_that_is_no_mapping_is_no_story(written):
    with pytest.raises(InvalidDocument, match="no mapping"):
        read_story(written("- one\n"))


def test_stories_are_told_from_scenarios_by_their_folder():
    folder = STORIES.parent
    assert is_story(STORIES / "one.yaml", folder)
    assert not is_story(folder / "finance" / "one.yaml", folder)


def test_each_story_has_ten_steps_blocks_allows_and_meets_moving_law():
    stories = [read_story(path) for path in sorted(STORIES.glob("*.yaml"))]
    assert len(stories) >= 3
    for story in stories:
        assert len(story.steps) >= 10, story.file
        assert {step.scenario.expected.allowed for step in story.steps} == {True, False}
        assert any(step.law for step in story.steps), story.file


def test_a_step_that_comes_out_otherwise_is_told_with_its_law(harness, monkeypatch):
    """The gate can fail: another expectation, another standing, a control nobody cites."""
    path = STORIES / "a-credit-model-over-a-year.yaml"
    story = read_story(path)
    first = story.steps[0]
    expected = replace(first.scenario.expected, allowed=False)
    wrong = replace(
        first,
        scenario=replace(first.scenario, expected=expected),
        law=(("reg-b:1002.4", "lapsed"), ("reg-b:0", "in_force")),
    )
    told = replace(story, steps=(wrong,), proves=("owasp-llm:LLM01",))
    monkeypatch.setattr("hallgate.testing.session.read_story", lambda _: told)
    monkeypatch.setattr(harness, "_stories", {}, raising=False)
    words = harness.story_trouble(path, 0)
    assert "allowed: expected no, decided yes" in words
    assert "law: reg-b:1002.4 expected lapsed, the register says in_force" in words
    assert "law: reg-b:0 expected in_force, the register says unknown" in words
    assert "proves owasp-llm:LLM01, which no policy it is about cites" in words
    assert "there is no step 2" in harness.story_trouble(path, 1)


def test_a_step_that_conftest_judges_otherwise_is_told(harness, monkeypatch):
    path = STORIES / "a-credit-model-over-a-year.yaml"
    first = replace(read_story(path), steps=read_story(path).steps[:1])
    file = first.steps[0].scenario.file
    monkeypatch.setattr("hallgate.testing.session.read_story", lambda _: first)
    answers = {
        frozenset({("SEC-001", "fail", "x")}): "only conftest: SEC-001 fail x",
        "conftest broke": "conftest: conftest broke",
    }
    for denied, words in answers.items():
        monkeypatch.setattr(harness, "_stories", {}, raising=False)
        monkeypatch.setattr(harness, "_by_conftest", lambda _, said=denied: {file: said})
        assert words in harness.story_trouble(path, 0)
    monkeypatch.setattr(harness, "_stories", {}, raising=False)
    monkeypatch.setattr(harness, "_by_conftest", lambda _: {})
    assert "conftest: None" in harness.story_trouble(path, 0)
