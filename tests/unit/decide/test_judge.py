"""Nothing but a complete answer is believed."""

import copy

import pytest

from hallgate.decide.judge import judge, judge_many, judge_served, read_decision, rules_of
from hallgate.engine.opa import Opa
from hallgate.engine.served import served
from hallgate.model.errors import EngineAborted, EngineError, EngineTimeout, InvalidDocument
from hallgate.model.values import Outcome, Tier

PASSES = 'deny contains {"key": "k", "message": "m"} if input.request.model.name == "bad"\n'
DIVIDES = """deny contains {"key": "k", "message": "m"} if {
    input.request.sector == "finance"
    1 / count(input.rejected) > 0
}
"""
# 5,000 x 5,000 pairs: long enough to be stopped, short enough to end.
SLOW = """deny contains {"key": "k", "message": "m"} if {
    numbers_ := numbers.range(1, 5000)
    some x in numbers_
    some y in numbers_
    x * y == 1000000007
}
"""


def outcomes(decision):
    return {verdict.id: verdict.outcome for verdict in decision.verdicts}


def test_every_policy_gets_a_verdict_and_a_clean_one_allows(make_policies, engine, document):
    policies = make_policies({"first": PASSES, "second": PASSES})
    decision = judge(engine, policies.rules, None, document, replay=False)
    assert decision.allowed
    assert outcomes(decision) == {"MAD-001": Outcome.PASS, "MAD-002": Outcome.PASS}
    assert decision.tier is Tier.LOW


def test_a_finding_denies(make_policies, engine, document):
    policies = make_policies({"first": PASSES})
    document["request"]["model"]["name"] = "bad"
    decision = judge(engine, policies.rules, None, document, replay=False)
    assert not decision.allowed
    assert [f.key for f in decision.verdicts[0].findings] == ["k"]


def test_a_policy_that_aborts_is_quarantined_and_blocks(make_policies, engine, document):
    policies = make_policies({"divides": DIVIDES, "other": PASSES})
    document["request"]["sector"] = "finance"
    decision = judge(engine, policies.rules, None, document, replay=False)
    assert not decision.allowed
    assert outcomes(decision) == {"MAD-001": Outcome.ERROR, "MAD-002": Outcome.PASS}
    assert "quarantined" in decision.verdicts[0].reasons[0]


def test_one_bad_request_does_not_spoil_a_batch(make_policies, engine, document):
    policies = make_policies({"divides": DIVIDES, "other": PASSES})
    bad = copy.deepcopy(document)
    bad["request"]["sector"] = "finance"
    answers = judge_many(engine, policies.rules, None, [document, bad, document], replay=False)
    assert [answer.allowed for answer in answers] == [True, False, True]
    assert outcomes(answers[1])["MAD-001"] is Outcome.ERROR


def test_a_server_answers_as_eval_does_and_an_error_is_no_allow(make_policies, engine, document):
    policies = make_policies({"divides": DIVIDES, "other": PASSES})
    bad, named = copy.deepcopy(document), copy.deepcopy(document)
    bad["request"]["sector"] = "finance"
    named["request"]["model"]["name"] = "bad"
    documents = [document, bad, named]
    with served(engine, [policies.rules.bundle]) as server:
        answers = judge_served(server, policies.rules, documents, replay=False)
    by_eval = judge_many(engine, policies.rules, None, [document, named], replay=False)
    assert [one.allowed for one in by_eval] == [True, False]
    assert [outcomes(answers[0]), outcomes(answers[2])] == [outcomes(one) for one in by_eval]
    assert isinstance(answers[1], EngineAborted)


def test_a_pending_policy_does_not_run(make_policies, engine, document):
    policies = make_policies({"divides": DIVIDES}, since="2200-01-01T00:00:00Z")
    document["request"]["sector"] = "finance"
    decision = judge(engine, policies.rules, None, document, replay=False)
    assert outcomes(decision) == {"MAD-001": Outcome.PENDING}


def test_nothing_in_force_allows_nothing(make_policies, engine, document):
    policies = make_policies({"first": PASSES}, since="2200-01-01T00:00:00Z")
    assert not judge(engine, policies.rules, None, document, replay=False).allowed


def test_a_slow_policy_is_an_error_never_an_allow(make_policies, engine, document):
    policies = make_policies({"slow": SLOW})
    quick = Opa(engine.program, timeout=1.0)
    with pytest.raises(EngineTimeout):
        judge(quick, policies.rules, None, document, replay=False)
    answers = judge_many(quick, policies.rules, None, [document], replay=False)
    assert isinstance(answers[0], EngineError)


@pytest.mark.parametrize("name", ["evidence", "rejected", "trust", "quarantined"])
def test_a_part_of_the_input_that_is_no_longer_there_denies(make_policies, engine, document, name):
    policies = make_policies({"first": PASSES})
    document[name] = 5
    decision = judge(engine, policies.rules, None, document, replay=False)
    assert set(outcomes(decision).values()) == {Outcome.ERROR}
    assert not decision.allowed


def test_an_unsound_request_makes_every_policy_error(make_policies, engine, document):
    policies = make_policies({"first": PASSES})
    del document["request"]["model"]["digest"]
    decision = judge(engine, policies.rules, None, document, replay=False)
    assert not decision.allowed
    assert decision.tier is None
    assert set(outcomes(decision).values()) == {Outcome.ERROR}


def test_replay_takes_the_time_from_the_input(make_policies, engine, document):
    policies = make_policies({"first": PASSES}, since="2030-01-01T00:00:00Z")
    early, late = {**document, "now": 1_800_000_000}, {**document, "now": 1_900_000_000}
    answers = judge_many(engine, policies.rules, None, [early, late], replay=True)
    assert [a.decided_at for a in answers] == [1_800_000_000, 1_900_000_000]
    assert [outcomes(a)["MAD-001"] for a in answers] == [Outcome.PENDING, Outcome.PASS]


def test_replay_without_a_time_is_an_error(make_policies, engine, document):
    policies = make_policies({"first": PASSES})
    with pytest.raises(EngineError):
        judge(engine, policies.rules, None, document, replay=True)


def test_main_ignores_a_time_in_the_input(make_policies, engine, document):
    policies = make_policies({"first": PASSES})
    decision = judge(engine, policies.rules, None, {**document, "now": 5}, replay=False)
    assert decision.decided_at > 1_700_000_000


def test_no_policies_at_all_is_refused(make_policies):
    with pytest.raises(InvalidDocument):
        make_policies({})


def test_verdicts_missing_from_an_answer_are_noticed(make_policies, engine, document):
    two = make_policies({"first": PASSES, "second": PASSES})
    one = make_policies({"first": PASSES})
    mixed = type(two.rules)(one.rules.bundle, two.rules.index)
    with pytest.raises(EngineError, match="lacks verdicts"):
        judge(engine, mixed, None, document, replay=False)


def test_the_rules_of_a_bundle_are_known_from_the_bundle(make_policies, engine):
    policies = make_policies({"first": PASSES, "second": PASSES})
    assert rules_of(engine, policies.bundle) == policies.rules


@pytest.mark.parametrize(
    "change",
    [
        {"allowed": "true"},
        {"allowed": True, "tier": None},
        {"allowed": True, "verdicts": []},
        {"decided_at": 1.5},
        {"tier": "extreme"},
        {"verdicts": None},
    ],
)
def test_a_body_of_another_shape_is_refused(make_policies, engine, document, change):
    policies = make_policies({"first": PASSES})
    body = dict(judge(engine, policies.rules, None, document, replay=False).body)
    assert read_decision(body).allowed
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_decision({**body, **change})


def test_allowed_that_contradicts_a_verdict_is_refused(make_policies, engine, document):
    policies = make_policies({"first": PASSES})
    document["request"]["model"]["name"] = "bad"
    body = dict(judge(engine, policies.rules, None, document, replay=False).body)
    with pytest.raises(ValueError, match="allowed although"):
        read_decision({**body, "allowed": True})


def test_a_rule_that_does_not_compile_is_an_invalid_document(make_policies):
    with pytest.raises(InvalidDocument, match=r"first\.rego"):
        make_policies({"first": 'deny contains {"key": "k", "message": nowhere}\n'})


def test_a_misspelt_input_key_is_an_invalid_document(make_policies):
    body = 'deny contains {"key": "k", "message": "m"} if input.request.modell.name == "x"\n'
    with pytest.raises(InvalidDocument, match="modell"):
        make_policies({"first": body})


def test_a_policy_named_like_a_test_is_not_left_out_in_silence(make_policies):
    with pytest.raises(InvalidDocument, match="named like a test"):
        make_policies({"first": PASSES, "second_test": PASSES})


def test_an_engine_killed_in_mid_decision_is_an_error(make_policies, document, tmp_path):
    policies = make_policies({"first": PASSES})
    dying = tmp_path / "opa"
    dying.write_text("#!/bin/sh\nprintf '{\"result\":'\nkill -9 $$\n")
    dying.chmod(0o755)
    with pytest.raises(EngineAborted):
        judge(Opa(dying), policies.rules, None, document, replay=False)
    answers = judge_many(Opa(dying), policies.rules, None, [document] * 2, replay=False)
    assert all(isinstance(answer, EngineError) for answer in answers)


def test_the_annotation_cache_answers_for_equal_sources_alone(make_policies, tmp_path):
    cache = tmp_path / "cache"
    first = make_policies({"first": PASSES}, cache=cache)
    kept = list((cache / "annotations").iterdir())
    assert len(kept) == 1
    assert make_policies({"first": PASSES}, cache=cache) == first
    kept[0].write_bytes(b"{ damaged")
    assert make_policies({"first": PASSES}, cache=cache) == first
    changed = make_policies({"first": PASSES.replace("bad", "worse")}, cache=cache)
    assert changed.bundle.digest != first.bundle.digest
