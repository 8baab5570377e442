"""impact() on two policy sets made here, and what a change of trust does to a record's input."""

import copy
from dataclasses import replace

import pytest

from hallgate.decide.corpus import under
from hallgate.decide.impact import RECORD, Case, Moment, Side, impact
from hallgate.engine.served import served
from hallgate.engine.strangers import for_strangers
from hallgate.model.trust import Builder, Identity, Key, Role, RoleHeld, Trust
from hallgate.model.values import Outcome

NOW = 1_790_000_000
DENY = """
deny contains {"key": "summary", "message": "m", "observed": null, "limit": null} if {
	input.request.use.summary == "Bad."
}
"""
TWO = (
    DENY
    + """
deny contains {"key": "domain", "message": "m", "observed": null, "limit": null} if {
	input.request.use.summary == "Bad."
}
"""
)
NEVER = """
deny contains {"key": "summary", "message": "m", "observed": null, "limit": null} if {
	input.request.use.summary == "Never."
}
"""


@pytest.fixture
def side(make_policies, engine):
    def make(label, bodies, **more):
        return Side(label, engine, make_policies(bodies, **more).rules, None)

    return make


@pytest.fixture
def cases(document):
    bad = copy.deepcopy(document)
    bad["request"]["use"]["summary"] = "Bad."
    return [
        Case("good", RECORD, document, document, NOW),
        Case("bad", RECORD, bad, bad, NOW),
    ]


def test_equal_sides_change_nothing_and_say_how_much_they_decided(side, cases):
    told = []
    found = impact(side("a", {"one": DENY}), side("b", {"one": DENY}), cases, say=told.append)
    assert (found.replayed, found.unchanged, found.flipped) == (2, 2, 0)
    assert found.effects == ()
    # The same program and the same input are decided once.
    assert told == ["deciding 2 promotions under a"]


def test_a_loosened_policy_newly_allows(side, cases):
    found = impact(side("a", {"one": DENY}), side("b", {"one": NEVER}), cases)
    (effect,) = found.effects
    assert (effect.case, effect.newly_allowed, effect.newly_denied) == ("bad", True, False)
    (change,) = effect.changes
    assert (change.old, change.new) == (Outcome.FAIL, Outcome.PASS)
    assert (change.gained, change.lost) == ((), ("summary",))
    assert (found.replayed, found.unchanged, found.flipped) == (2, 1, 1)
    back = impact(side("b", {"one": NEVER}), side("a", {"one": DENY}), cases)
    assert [one.case for one in back.newly_denied] == ["bad"]


def test_a_hidden_finding_is_no_flip_and_yet_told(side, cases):
    found = impact(side("a", {"one": TWO}), side("b", {"one": DENY}), cases)
    (effect,) = found.effects
    assert effect.changes[0].lost == ("domain",)
    assert not effect.changes[0].flips
    assert (found.flipped, found.unchanged) == (0, 1)


def test_policies_that_come_and_go(side, cases):
    found = impact(side("a", {"one": NEVER}), side("b", {"one": NEVER, "two": DENY}), cases)
    by_case = {one.case: one for one in found.effects}
    assert by_case["good"].changes[0].old is None
    assert by_case["bad"].newly_denied
    gone = impact(side("b", {"one": NEVER, "two": DENY}), side("a", {"one": NEVER}), cases)
    assert {one.case for one in gone.newly_allowed} == {"bad"}


def test_moments_are_asked_of_those_they_name(side, cases):
    later = side("b", {"one": DENY}, since="2027-01-01T00:00:00Z")
    moments = (Moment("then"), Moment("then on", NOW + 100_000_000, frozenset({"bad"})))
    found = impact(side("a", {"one": DENY}), later, cases, moments=moments)
    assert found.replayed == 3
    told = {(one.case, one.moment): one for one in found.effects}
    assert told[("bad", "then")].changes[0].new is Outcome.PENDING
    # On the day it is in force both sides agree again.
    assert ("bad", "then on") not in told


def test_many_are_asked_of_a_server_and_those_of_strangers_never_are(
    side, cases, engine, tmp_path, monkeypatch
):
    many = [replace(cases[n % 2], name=f"{n}", time=NOW - n) for n in range(60)]
    old, new = side("a", {"one": DENY}), side("b", {"one": NEVER})
    expected = impact(old, new, many[:40])
    labels = []

    def counted(asked, bundles):
        labels.append((asked.capabilities, bundles[0].digest))
        return served(asked, bundles)

    monkeypatch.setattr("hallgate.decide.impact.served", counted)
    found = impact(old, new, many)
    assert found.effects[: len(expected.effects)] == expected.effects
    assert (found.replayed, len(found.newly_allowed)) == (60, 30)
    assert labels == [(None, one.rules.bundle.digest) for one in (old, new)]
    # What a stranger wrote keeps its closed list of builtins, which a server would not take.
    labels.clear()
    bounded = replace(new, engine=for_strangers(engine, tmp_path, seconds=60))
    assert impact(old, bounded, many) == found
    assert labels == [(None, old.rules.bundle.digest)]


def test_one_case_at_one_time_is_decided_once(side, cases):
    told = []
    moments = [Moment(f"end of {n}", NOW + 5) for n in range(3)]
    found = impact(
        side("a", {"one": DENY}), side("b", {"one": NEVER}), cases, moments=moments, say=told.append
    )
    assert (found.replayed, len(found.newly_allowed)) == (6, 3)
    assert told == ["deciding 2 promotions under a", "deciding 2 promotions under b"]


def test_no_answer_is_an_error_and_never_an_allow(side, cases):
    broken = '\ndeny contains {"key": "k", "message": m} if {\n\tsome m in [1 / 0]\n}\n'
    found = impact(side("a", {"one": DENY}), side("b", {"one": broken}), cases)
    assert not found.newly_allowed
    missing = [replace(cases[0], new="cannot be staged any more")]
    told = impact(side("a", {"one": DENY}), side("b", {"one": NEVER}), missing)
    (effect,) = told.errors
    assert effect.new_allowed is None
    assert "cannot be staged any more" in str(effect.error)
    assert not effect.newly_allowed


def test_an_empty_corpus_says_nothing(side):
    found = impact(side("a", {"one": DENY}), side("b", {"one": NEVER}), [])
    assert found.empty
    assert (found.replayed, found.unchanged, found.flipped) == (0, 0, 0)


KEY = Key("k", 0, None, None, False)
EVALUATOR = Role("evaluator", "E", ("fairness_report",), (), False, (), None)
PIPELINE = Identity("pipeline", "machine", "P", (), (RoleHeld("evaluator", 0, None),), (KEY,))
TRUST = Trust((PIPELINE,), (EVALUATOR,), (), ())


@pytest.fixture
def signed(document):
    signer = {
        "identity": "pipeline", "kind": "machine", "roles": ["evaluator"],
        "evidence_types": ["fairness_report"],
    }  # fmt: skip
    statement = {"file": "f.json", "signer": signer, "collected_at": NOW}
    return {**document, "evidence": {"fairness_report": [statement]}}


def test_an_equal_trust_gives_the_very_same_document(signed):
    before, after = under(signed, TRUST, TRUST, NOW)
    assert before is signed
    assert after is signed


def test_a_removed_signer_is_a_stranger(signed):
    before, after = under(signed, TRUST, replace(TRUST, identities=()), NOW)
    assert before["evidence"] == signed["evidence"]
    assert after["evidence"] == {"fairness_report": []}
    assert [one["fault"] for one in after["rejected"]] == ["unknown_signer"]


def test_a_key_revoked_before_takes_the_evidence_along(signed):
    revoked = replace(PIPELINE, keys=(replace(KEY, revoked_at=NOW - 1),))
    _, after = under(signed, TRUST, replace(TRUST, identities=(revoked,)), NOW)
    assert [one["fault"] for one in after["rejected"]] == ["revoked"]


def test_a_role_that_signs_more_is_seen(signed):
    wide = replace(EVALUATOR, evidence=("fairness_report", "pii_scan"))
    _, after = under(signed, TRUST, replace(TRUST, roles=(wide,)), NOW)
    signer = after["evidence"]["fairness_report"][0]["signer"]
    assert signer["evidence_types"] == ["fairness_report", "pii_scan"]


def test_sources_are_those_of_each_side(signed):
    new = replace(TRUST, builders=(Builder("b", 3),))
    before, after = under(signed, TRUST, new, NOW)
    assert before["trust"] == {"builders": [], "model_signers": [], "base_models": []}
    assert after["trust"]["builders"] == [{"id": "b", "level": 3}]
