"""`hallgate check` again says what it says afresh, whatever changed in between."""

import shutil
from dataclasses import replace

import pytest

from hallgate.decide import exception_checks, kept_check, policy_checks
from hallgate.decide.check import check_repository
from hallgate.decide.exception_checks import ExceptionQuestion, check_exceptions
from hallgate.decide.kept_check import kept_exceptions, rules_digest
from hallgate.decide.policies import load_policies
from hallgate.decide.policy_checks import clock_digest
from hallgate.engine.opa import Opa
from hallgate.intake.history import History
from hallgate.intake.repository import Repository
from hallgate.intake.rfc3339 import text as time_text
from hallgate.intake.trust import read_trust
from hallgate.testing.cast import make_cast
from hallgate.testing.commits import git

from .kept_house import (
    DAY,
    DUE,
    EXPIRES,
    FAMILY,
    LAPSES,
    LAW,
    NOW,
    POLICY,
    ROOT,
    RULE,
    SPOKEN_UNTIL,
    House,
)


@pytest.fixture(scope="module")
def built(tmp_path_factory, schemas, engine):
    """Two waivers: one approved by both, of which one's word ends early; one that nobody signed."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "keys").mkdir()
    cast = make_cast(folder / "keys", read_trust(ROOT / "tests/scenarios/trust", schemas))
    house = House(folder / "house", cast)
    for part in ("promotion/main", "promotion/replay", "promotion/lib", "checks"):
        shutil.copytree(ROOT / "policies" / part, house.root / "policies" / part)
    shutil.copytree(ROOT / "evidence-schemas", house.root / "evidence-schemas")
    house.trust()
    house.write("policies/retired-ids.yaml", "retired: []\n")
    house.write(POLICY, RULE)
    house.write("policies/promotion/rules/made/made.rego", FAMILY)
    tests = "package promotion.rules.made.one_test\n\ntest_allow_a if true\n\ntest_deny_a if true\n"
    house.write(POLICY.replace(".rego", "_test.rego"), tests)
    house.write("frameworks/made.yaml", LAW % time_text(LAPSES))
    policies = load_policies(Repository(house.root), schemas, engine, None)
    rule = policies.rule_digests["MAD-001"]
    git(house.root, "init", "--quiet")
    signed = house.waiver(1)
    house.commit("model-owner")
    house.approve(signed, "model-risk", rule)
    house.approve(signed, "compliance", rule, SPOKEN_UNTIL)
    house.commit()
    house.waiver(2, subject={**signed["subject"], "name": "other"})
    house.commit("model-owner")
    return house


@pytest.fixture
def house(built, tmp_path):
    root = tmp_path / "house"
    shutil.copytree(built.root, root)
    return replace(built, root=root)


@pytest.fixture(scope="module")
def warm(built, engine, tmp_path_factory):
    """What the engine said of the sources alone; that is kept and tested elsewhere."""
    cache = tmp_path_factory.mktemp("warm")
    check_repository(Repository(built.root), engine, cache, at=NOW, say=lambda _: None)
    return cache


@pytest.fixture
def whole(house, engine, warm, tmp_path, monkeypatch):
    """Checks with a cache and without; the answers must be equal. Counts what is asked of opa."""
    asked = []
    evaluate, parse = Opa.evaluate, Opa.parse
    monkeypatch.setattr(
        Opa, "evaluate", lambda self, *words: asked.append(words[1]) or evaluate(self, *words)
    )
    monkeypatch.setattr(Opa, "parse", lambda self, path: asked.append(path) or parse(self, path))
    cache = tmp_path / "cache"
    for name in ("annotations", "rules", "facts"):
        shutil.copytree(warm / name, cache / name)

    def ask(at=NOW, *, compare=True):
        asked.clear()
        repository = Repository(house.root)
        found = check_repository(repository, engine, cache, at=at, say=lambda _: None)
        count = len(asked)
        if compare:
            empty = tmp_path / "empty"
            shutil.rmtree(empty, ignore_errors=True)
            for name in ("annotations", "rules", "facts"):
                shutil.copytree(cache / name, empty / name)
            assert found == check_repository(repository, engine, empty, at=at, say=lambda _: None)
        return found, count

    return ask


@pytest.fixture
def check(whole, monkeypatch):
    """The same without policies about policies, which take the time."""
    monkeypatch.setattr("hallgate.decide.check.policy_faults", lambda *_, **__: ())
    return whole


def _said(found):
    return " ".join(str(one) for one in (*found.faults, *found.findings))


def test_what_did_not_change_is_not_asked_again(house, whole, engine):
    first, count = whole(compare=False)
    assert count == 2  # how waivers stand with their governance, the policies about policies
    assert "EXC-2026-0002: 0 of 2 roles have approved" in _said(first)
    assert "EXC-2026-0001" not in _said(first)
    assert whole(compare=False) == (first, 0)
    repository = Repository(house.root)
    assert check_repository(repository, engine, None, at=NOW, say=lambda _: None) == first


def test_a_changed_waiver_is_judged_as_it_is(house, check):
    check(compare=False)
    house.waiver(1, reason="Another reason.")
    found, count = check()
    assert count
    assert "approves another text of the waiver" in _said(found)
    house.write("exceptions/made/EXC-2026-0003.yaml", "id: EXC-2026-0003\n")
    found, _ = check()
    assert [str(one.where).rpartition("/")[2] for one in found.faults] == [
        "EXC-2026-0003.yaml:1:1"
    ] * len(found.faults)
    again, count = check(compare=False)
    # A fault that was kept is told with its place.
    assert (again, count) == (found, 0)


def test_an_approval_that_is_gone_counts_no_more(house, check):
    check(compare=False)
    (house.root / "exceptions/made/EXC-2026-0001.compliance.approval.json").unlink()
    found, _ = check()
    assert "EXC-2026-0001: 1 of 2 roles have approved" in _said(found)


def test_trust_and_history_are_part_of_the_question(house, check):
    check(compare=False)
    house.trust(compliance={"compromised": True})
    found, _ = check()
    assert "EXC-2026-0001: 1 of 2 roles have approved" in _said(found)
    house.trust()
    found, _ = check()
    assert "EXC-2026-0001" not in _said(found)
    # Nobody approves what they wrote: only the history says that it was compliance.
    path = house.root / "exceptions/made/EXC-2026-0001.yaml"
    path.write_text(path.read_text() + "\n")
    house.commit("compliance")
    found, _ = check()
    assert "compliance approves what they asked for or wrote" in _said(found)


@pytest.mark.parametrize(
    ("turns", "what"),
    [
        (DUE, "the remediation is overdue"),
        (SPOKEN_UNTIL, "EXC-2026-0001: 1 of 2 roles have approved"),
    ],
)
def test_a_date_that_passes_ends_what_was_kept(check, turns, what):
    check(turns - DAY, compare=False)
    before, count = check(turns - 1)
    assert (what in _said(before), count) == (False, 0)
    after, count = check(turns)
    assert what in _said(after)
    assert count
    # Nor does it hold for a time before it was made.
    assert check(turns - 2, compare=False)[1]


def test_a_control_that_lapses_ends_what_was_kept_of_policies(whole):
    whole(LAPSES - 5, compare=False)
    before, count = whole(LAPSES - 1, compare=False)
    assert ("made:one" in _said(before), count) == (False, 0)
    after, _ = whole(LAPSES)
    assert "MAD-001 cites made:one, which has lapsed by then" in _said(after)


def test_a_changed_policy_is_asked_about(house, whole):
    whole(compare=False)
    house.write(POLICY, RULE.replace("[fail]", "[]").replace("None.", "None.\n#   why_not: Never."))
    found, count = whole()
    assert "MAD-001 cannot be waived" in _said(found)
    assert 0 < count < 10  # of the syntax of thirty files, that of one


def test_what_unknown_rules_say_is_not_kept(house, check):
    check(compare=False)
    shutil.rmtree(house.root / "policies/checks/waivers")
    house.write("policies/checks/waivers/waivers.rego", "package checks.waivers\n\nfindings := []")
    assert "EXC-2026-0002" not in _said(check()[0])
    assert check(compare=False)[1]  # how they use the clock is not known


def test_a_new_file_of_the_rules_is_asked(house, check):
    check(compare=False)
    more = """findings contains finding if {
        some waiver in _open
        finding := _finding(waiver, "new", "the new file is read", "none")
    }"""
    house.write("policies/checks/waivers/new.rego", f"package checks.waivers\n\n{more}")
    assert "EXC-2026-0001: the new file is read" in _said(check()[0])


def test_evidence_of_a_control_that_comes_and_goes(house, check):
    grave = {
        "inherent": {"likelihood": 5, "impact": 4},
        "residual": {"likelihood": 3, "impact": 4},
        "rationale": "Looked at.",
    }
    controls = [{"control": "Done.", "evidence": "playbooks/done.md"}]
    house.waiver(2, risk=grave, compensating_controls=controls)
    missing = "there is no playbooks/done.md"
    assert missing in _said(check(compare=False)[0])
    path = house.write("playbooks/done.md", "Done.")
    assert missing not in _said(check()[0])
    path.unlink()
    assert missing in _said(check()[0])


def test_a_spoilt_file_is_ignored_and_made_again(whole, tmp_path):
    first, _ = whole(compare=False)
    files = [*(tmp_path / "cache/exceptions").iterdir(), *(tmp_path / "cache/lint").iterdir()]
    good = [one.read_bytes() for one in files]
    assert len(good) == 2
    for one in files:
        one.write_bytes(one.read_bytes().replace(b"[", b"[ ", 1))
    assert whole(compare=False) == (first, 2)
    assert [one.read_bytes() for one in files] == good


def test_what_changes_while_it_is_read_is_not_kept(house, schemas, engine, tmp_path, monkeypatch):
    question = _question(house, schemas, engine)

    def meddled(asked):
        found = check_exceptions(asked)
        house.waiver(2, reason="Changed meanwhile.")
        return found

    monkeypatch.setattr(kept_check, "check_exceptions", meddled)
    kept_exceptions(tmp_path / "cache", question)
    assert not (tmp_path / "cache/exceptions").exists()


def _question(house, schemas, engine):
    repository = Repository(house.root)
    policies = load_policies(repository, schemas, engine, None)
    trust, history = read_trust(repository.trust, schemas), History.read(repository.exceptions)
    return ExceptionQuestion(repository, schemas, trust, policies, engine, history, NOW)


def test_at_every_turn_the_kept_answer_is_the_fresh_one(
    house, schemas, engine, tmp_path, monkeypatch
):
    question = _question(house, schemas, engine)
    made = []
    monkeypatch.setattr(
        kept_check, "check_exceptions", lambda one: made.append(one.at) or check_exceptions(one)
    )
    turns = (DUE, EXPIRES - exception_checks.NOTICE, SPOKEN_UNTIL, EXPIRES)
    answers = []
    for at in sorted(when + step for when in turns for step in (-2, -1, 0)):
        asked = replace(question, at=at)
        kept = kept_exceptions(tmp_path / "cache", asked)
        assert kept.until is None or kept.until > at
        if at not in made:
            fresh = check_exceptions(asked)
            assert (kept.parts, kept.findings) == (fresh.parts, fresh.findings)
        answers.append(kept.findings)
    assert len(set(answers)) == 4
    # What was found before each of these dates held until its last second.
    assert made == sorted(when + step for when in turns for step in (-2, 0))


def test_the_rules_are_those_whose_use_of_the_clock_is_known(schemas, engine, house):
    question = _question(house, schemas, engine)
    assert rules_digest(question) == kept_check.CLOCK_KNOWN, (
        "lib/waivers, lib/overrides, what they import, or policies/checks of them changed: look "
        "whether they compare the clock with a time that exception_checks does not count, then "
        "write this digest as CLOCK_KNOWN in decide/kept_check.py"
    )
    folder = ROOT / "policies/checks"
    checks = {
        path.relative_to(folder.parent).as_posix(): path.read_bytes()
        for path in folder.rglob("*.rego")
        if not path.name.endswith("_test.rego")
    }
    assert clock_digest(checks) == policy_checks.CLOCK_KNOWN, (
        "a check of policies changed: look whether it compares the clock with anything but dates "
        "of controls and policies, then write this digest as CLOCK_KNOWN in policy_checks.py"
    )
