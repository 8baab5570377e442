from pathlib import Path

import pytest

from hallgate.model.errors import InvalidDocument
from hallgate.testing.scenario import Expected, is_scenario, read_scenario, scenario_files

SCENARIOS = Path(__file__).parents[2] / "scenarios"
GOOD = """\
title: An example of a case
proves: ["soc2:CC8.1"]
base: finance
change:
  approvals:
    security-officer: {missing: true}
expect:
  allowed: false
  tier: high
  verdicts:
    APR-001: {outcome: fail, findings: [quorum]}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "finance").mkdir()
    text = (SCENARIOS / "finance" / "base.yaml").read_text(encoding="utf-8")
    # What the base of today expects is no matter here.
    plain = text.rpartition("  verdicts:")[0] + "  verdicts: {}\n"
    (tmp_path / "finance" / "base.yaml").write_text(plain, encoding="utf-8")
    return tmp_path


def read(folder, text, name="denied-example.yaml"):
    path = folder / "finance" / name
    path.write_text(text, encoding="utf-8")
    return read_scenario(path)


def test_a_scenario(folder):
    scenario = read(folder, GOOD)
    assert scenario.sector == "finance"
    assert scenario.now == 1795176000
    assert scenario.own == ("APR-001",)
    assert scenario.expected == Expected(False, "high", (("APR-001", "fail", ("quorum",)),), ())
    assert not scenario.is_base


def test_a_time_of_its_own(folder):
    assert read(folder, 'now: "1970-01-01T00:01:00Z"\n' + GOOD).now == 60


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("proves:", "prove:", "unknown key 'prove' in a scenario"),
        ("change:", "changes:", "unknown key 'changes'"),
        ("  approvals:", "  approval:", "unknown key 'approval' in a change"),
        ("missing: true", "absent: true", "unknown key 'absent' in a change of the approval"),
        ("findings: [quorum]", "keys: [quorum]", "unknown key 'keys' in the verdict of APR-001"),
        ("  tier: high", "  tier: high\n  fault: {}", "unknown key 'fault' in an expectation"),
        ("outcome: fail", "outcome: failed", "'failed' is not a valid Outcome"),
        ("outcome: fail", "outcome: insufficient", "what it expects is called insufficient"),
        ("base: finance", "base: fishing", "there is no base scenario"),
        ("title: An example of a case", "title: example", "the title is no sentence"),
        ("title: An example of a case", "title: null", "the title is no sentence"),
        ("title: An example of a case\n", "", "KeyError: 'title'"),
        ("  tier: high\n", "", "KeyError: 'tier'"),
        ("  allowed: false", "  allowed: no", "quote it"),
        ("base: finance", "base: finance\nbase: finance", "appears twice"),
        ("allowed: false", "allowed: 0", "allowed is true or false"),
        ("tier: high", "tier: highest", "tier one of high, low, medium, none"),
        ('["soc2:CC8.1"]', '"soc2:CC8.1"', "proves is a list of controls"),
        ('["soc2:CC8.1"]', "[]", "proves is a list of controls"),
        (GOOD, "- a\n- b\n", "is no mapping"),
        (GOOD, "", ""),
    ],
)
def test_what_is_wrong_is_said_with_the_file(folder, old, new, words):
    assert old in GOOD
    with pytest.raises(InvalidDocument) as caught:
        read(folder, GOOD.replace(old, new))
    assert words in str(caught.value)
    assert "denied-example.yaml" in str(caught.value)


@pytest.mark.parametrize("name", ["denied-example.yml", "denied-example.json"])
def test_files_that_would_be_overlooked_are_faults(folder, name):
    with pytest.raises(InvalidDocument, match=r"end its name in \.yaml"):
        read(folder, GOOD, name)


@pytest.mark.parametrize(
    ("allowed", "outcomes", "word"),
    [
        (True, [], "allowed"),
        (True, ["not_applicable"], "allowed"),
        (True, ["pending"], "pending"),
        (True, ["waived", "pending"], "waived"),
        (False, ["insufficient", "waived"], "insufficient"),
        (False, ["fail", "insufficient"], "denied"),
        (False, ["fail", "error"], "error"),
        (False, ["pending"], "pending"),
        (False, [], "error"),
    ],
)
def test_the_first_word_of_a_name(allowed, outcomes, word):
    rows = tuple((f"ABC-00{number}", outcome, ()) for number, outcome in enumerate(outcomes))
    assert Expected(allowed, "high", rows, ()).outcome == word


def test_verdicts_of_the_base_are_inherited_and_can_be_taken_back(folder):
    base = folder / "finance" / "base.yaml"
    text = base.read_text(encoding="utf-8")
    assert text.endswith("  verdicts: {}\n")
    inherited = "  verdicts:\n    MON-003: {outcome: not_applicable}\n"
    base.write_text(text.replace("  verdicts: {}\n", inherited), encoding="utf-8")
    rows = read(folder, GOOD).expected.verdicts
    assert ("MON-003", "not_applicable", ()) in rows
    rows = read(folder, GOOD + "    MON-003: null\n").expected.verdicts
    assert [name for name, _, _ in rows] == ["APR-001"]
    rows = read(folder, GOOD + "    MON-003: {outcome: pass}\n").expected.verdicts
    assert [name for name, _, _ in rows] == ["APR-001"]


def test_a_base_must_be_allowed(folder):
    base = folder / "finance" / "base.yaml"
    base.write_text(base.read_text(encoding="utf-8").replace("allowed: true", "allowed: false"))
    with pytest.raises(InvalidDocument, match="a base is allowed"):
        read_scenario(base)


def test_changing_one_scenario_leaves_its_base_alone(folder):
    first = read(folder, GOOD)
    first.base["request"]["model"]["name"] = "changed"
    assert read(folder, GOOD).base["request"]["model"]["name"] == "credit-risk"


def test_every_file_but_those_of_trust_is_a_scenario(folder):
    for name in ("trust/roles.yaml", "finance/notes.md", "finance/deep/a.yaml", "b.yml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    found = [path.relative_to(folder).as_posix() for path in scenario_files(folder)]
    assert found == ["b.yml", "finance/base.yaml", "finance/deep/a.yaml"]
    assert not is_scenario(folder / "trust" / "roles.yaml", folder)
