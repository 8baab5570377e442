"""The plugin in a small policy repository of its own, as an adopter would run it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hallgate.testing.session import Session

ROOT = Path(__file__).parents[3]
PLAIN = """\
title: Two approvals are too few
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
WRONG = PLAIN.replace("findings: [quorum]", "findings: [quorums]")
REGO = """\
package promotion.lib.example_test

import data.promotion.lib.numbers

test_holds if numbers.share_above(2, 100, 100)

test_breaks if {
	limit := 100
	numbers.share_above(2, 100, limit)
	numbers.share_above(1, 100, limit)
}

todo_test_later if true
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    root = tmp_path_factory.mktemp("repository")
    for part in ("main", "replay", "lib", "rules/approvals"):
        shutil.copytree(ROOT / "policies/promotion" / part, root / "policies/promotion" / part)
    for test in (root / "policies").rglob("*_test.rego"):
        test.unlink()
    shutil.copytree(ROOT / "evidence-schemas", root / "evidence-schemas")
    shutil.copytree(ROOT / "tests/scenarios/trust", root / "tests/scenarios/trust")
    (root / ".tools").symlink_to(ROOT / ".tools")
    (root / "pytest.ini").write_text("[pytest]\n")
    # One family is enough, and what the base expects of the others goes with them.
    base, _, _ = text("tests/scenarios/finance/base.yaml").partition("\n  verdicts:")
    put(root, "tests/scenarios/finance/base.yaml", f"{base}\n  verdicts: {{}}\n")
    put(root, "tests/scenarios/finance/denied-two-approvals.yaml", PLAIN)
    put(root, "tests/scenarios/finance/denied-wrong-key.yaml", WRONG)
    put(root, "tests/scenarios/finance/denied-broken.yaml", PLAIN + "oops: true\n")
    put(root, "tests/scenarios/finance/denied-nowhere.yaml", PLAIN.replace("-officer:", "-boss:"))
    put(root, "policies/promotion/lib/example/example_test.rego", REGO)
    put(
        root, "policies/promotion/lib/example/empty_test.rego", "package promotion.lib.empty_test\n"
    )
    put(root, "tests/schemas/pii_scan/valid/empty.json", "{}")
    put(root, "tests/schemas/pii_scan/invalid/empty.json", "{}")
    put(root, "tests/schemas/pii_scan/maybe/empty.json", "{}")
    put(root, "tests/schemas/unheard_of/invalid/empty.json", "{}")
    return root


@pytest.fixture(scope="module")
def report(repository):
    return run(repository, "-v")


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def put(root, name, content):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(content, encoding="utf-8")


def run(root, *words):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        *words,
        "policies",
        "tests",
    ]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def outcome(report, *words):
    lines = [line for line in report.splitlines() if all(word in line for word in words)]
    found = {word for line in lines for word in ("PASSED", "FAILED") if word in line}
    assert len(found) == 1, (words, lines)
    return found.pop()


@pytest.mark.parametrize("engine", ["opa", "conftest"])
def test_good_scenarios_pass_in_both_engines(report, engine):
    assert outcome(report, "base.yaml", f"::{engine} ") == "PASSED"
    assert outcome(report, "denied-two-approvals.yaml", f"::{engine} ") == "PASSED"


def test_a_wrong_expectation_shows_both_lines(report):
    assert outcome(report, "denied-wrong-key.yaml::opa ") == "FAILED"
    assert "denied-wrong-key.yaml: Two approvals are too few\n" in report
    assert "APR-001: expected fail quorums\n         decided  fail quorum\n" in report


def test_conftest_is_held_against_opa_and_not_against_the_file(report):
    assert outcome(report, "denied-wrong-key.yaml::conftest ") == "PASSED"


def test_a_broken_file_fails_alone(report):
    assert outcome(report, "denied-broken.yaml::opa ") == "FAILED"
    assert outcome(report, "denied-broken.yaml::conftest ") == "FAILED"
    assert "unknown key 'oops' in a scenario" in report


def test_a_change_that_leads_nowhere_fails(report):
    assert outcome(report, "denied-nowhere.yaml::opa ") == "FAILED"
    assert "the base has no approval by 'security-boss'" in report


def test_rego_tests_are_items(report):
    assert outcome(report, "::test_holds ") == "PASSED"


def test_a_rego_failure_shows_its_line(report):
    assert outcome(report, "::test_breaks ") == "FAILED"
    assert "policies/promotion/lib/example/example_test.rego:7: " in report
    assert "promotion/lib/example/example_test.rego:10:\n" in report
    assert "numbers.share_above(1, 100, limit)" in report


def test_a_rego_test_left_for_later_fails(report):
    assert outcome(report, "::todo_test_later ") == "FAILED"
    assert "todo_test_later was skipped (todo_)" in report


def test_a_rego_file_without_tests_fails(report):
    assert outcome(report, "empty_test.rego::no_test_rule ") == "FAILED"
    assert "opa did not run promotion.lib.empty_test.no_test_rule" in report


def test_fixtures(report):
    assert outcome(report, "pii_scan/invalid/empty.json::invalid ") == "PASSED"
    assert outcome(report, "pii_scan/valid/empty.json::valid ") == "FAILED"
    assert outcome(report, "pii_scan/maybe/empty.json::maybe ") == "FAILED"
    assert outcome(report, "unheard_of/invalid/empty.json::invalid ") == "FAILED"
    assert "there is no evidence type unheard_of" in report
    assert "dataset_digest is missing" in report


def test_no_python_stack_is_shown(report):
    assert "Traceback" not in report
    assert "runtest" not in report


def test_one_policy_can_be_selected(repository):
    found = run(repository, "--collect-only", "-q", "-k", "APR-001")
    names = [line for line in found.splitlines() if "::" in line]
    assert {name.rpartition("/")[2].partition(".yaml")[0] for name in names} == {
        "denied-two-approvals", "denied-wrong-key", "denied-nowhere",
    }  # fmt: skip


@pytest.fixture
def session():
    found = Session.open(ROOT)
    yield found
    found.close()


def test_only_what_a_run_asks_for_is_staged(session):
    chosen = ROOT / "tests/scenarios/finance/denied-approval-missing.yaml"
    session.chosen = frozenset([chosen])
    assert set(session.prepared) == {chosen} == set(session.decisions)
    assert session.parity_trouble(chosen) == "" == session.scenario_trouble(chosen)


@pytest.mark.parametrize("word", ["FAIR-001", "no-such-policy"])
def test_what_concerns_nothing_is_not_selected(repository, word):
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-k", word, "tests"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=300)
    assert done.returncode == 5, done.stdout


def test_a_policy_is_selected_with_its_rego_tests(repository):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-k", "FAIR-001", "policies"],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    names = [line for line in done.stdout.splitlines() if "::" in line]
    assert names
    assert all("selection_ratio_within_limit" in name for name in names)


def test_policies_that_do_not_compile_fail_every_item_with_the_reason(repository, tmp_path):
    root = tmp_path / "repository"
    shutil.copytree(repository, root, symlinks=True)
    put(
        root,
        "policies/promotion/lib/broken/broken.rego",
        "package promotion.lib.broken\n\nx := y\n",
    )
    found = run(root, "-v")
    assert "var y is unsafe" in found
    for line in found.splitlines():
        assert not ("PASSED" in line and ("scenarios/" in line or ".rego" in line)), line


def test_outside_a_policy_repository_nothing_is_collected(tmp_path):
    put(tmp_path, "tests/scenarios/finance/denied-x.yaml", PLAIN)
    put(tmp_path, "policies/x_test.rego", REGO)
    put(tmp_path, "pytest.ini", "[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 5, done.stdout
