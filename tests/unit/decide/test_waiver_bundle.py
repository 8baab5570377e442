"""Which waivers one decision is handed, and that OPA takes the bundle whatever it holds."""

import io
import tarfile
import time
from dataclasses import replace

import pytest

from hallgate.decide.compose import waiver_bundle
from hallgate.decide.judge import judge
from hallgate.model.documents import Approval, Waiver

ONE, TWO, THREE = (f"sha256:{letter * 64}" for letter in "123")
PASSES = 'deny contains {"key": "k", "message": "m"} if input.request.model.name == "bad"\n'
LATER = 4_000_000_000


def waiver(number, *digests, approvals=(), touched_by=None, findings=None):
    identifier = f"EXC-2026-{number:04d}"
    document = {
        "id": identifier,
        "policy": "MAD-001",
        "subject": {"name": "bad", "digests": list(digests), "to_stage": "production"},
        "findings": findings,
        "risk": {"residual": {"likelihood": 1, "impact": 1}},
        "owner": "owner",
        "requester": "requester",
        "opened": 0,
        "expires": LATER,
    }
    return Waiver(identifier, document, f"{identifier}.yaml", ONE, tuple(approvals), touched_by)


def approval(who):
    return Approval(who, "risk", "approve", 0, LATER, f"{who}.approval.json")


def text(bundle):
    with tarfile.open(fileobj=io.BytesIO(bundle.data)) as archive:
        return archive.extractfile("waivers/waivers.rego").read().decode()


def test_a_decision_gets_the_waivers_of_its_model_alone():
    some = [waiver(1, ONE), waiver(2, TWO), waiver(3, THREE, ONE)]
    bundle = waiver_bundle(some, 1, {ONE}, overrides=())
    held = text(bundle)
    assert "EXC-2026-0001" in held
    assert "EXC-2026-0003" in held
    assert TWO not in held


def test_waivers_of_other_models_change_no_byte():
    alone = waiver_bundle([waiver(1, ONE)], 1, {ONE}, overrides=())
    assert waiver_bundle([waiver(1, ONE), waiver(2, TWO)], 1, {ONE}, overrides=()) == alone


def ranged(number, first, last, **said):
    held = waiver(number, **said)
    versions = {"from": first, "to": last}
    subject = {"name": "bad", "versions": versions, "to_stage": "production"}
    return replace(held, document={**held.document, "subject": subject})


@pytest.mark.parametrize(
    "waivers",
    [
        [],
        [ranged(1, "1.0.0", "1.0.9")],
        [ranged(1, "1.0.0", "1.0.9"), waiver(2, TWO)],
        [waiver(1, ONE)],
        [waiver(1, ONE, touched_by=())],
        [waiver(1, ONE, approvals=[approval("ann")], findings=["k"])],
        [waiver(1, TWO), waiver(2, THREE, approvals=[approval("ann")])],
    ],
    ids=[
        "none",
        "a range",
        "a range and others",
        "bare",
        "without approvals",
        "of unknown history",
        "of others",
    ],
)
def test_opa_takes_a_bundle_whatever_it_holds(make_policies, engine, document, waivers):
    policies = make_policies({"first": PASSES})
    document["request"]["model"].update(name="bad", digest=ONE)
    bundle = waiver_bundle(waivers, 1, overrides=())
    decision = judge(engine, policies.rules, bundle, document, replay=False)
    assert not decision.allowed
    assert [finding.waiver for finding in decision.verdicts[0].findings] == [None]


def test_a_waiver_that_is_handed_over_covers(make_policies, engine, document):
    policies = make_policies({"first": PASSES})
    document["request"]["model"].update(name="bad", digest=ONE)
    held = waiver(1, ONE, approvals=[approval("ann")], touched_by=("requester",))
    word = replace(approval("ann"), rule_digest=policies.rule_digests["MAD-001"])
    held = replace(held, approvals=(word,))
    now = int(time.time())
    held.document.update(opened=now - 10, expires=now + 3600)
    held.document["subject"]["to_stage"] = document["request"]["to_stage"]
    bundle = waiver_bundle([held, waiver(2, TWO)], 1, {ONE}, overrides=())
    decision = judge(engine, policies.rules, bundle, document, replay=False)
    assert [finding.waiver.id for finding in decision.verdicts[0].findings] == ["EXC-2026-0001"]


def test_a_waiver_of_the_id_a_policy_had_before_covers(make_policies, engine, document):
    body = PASSES
    first = make_policies({"first": body})
    named = first.rule_digests["MAD-001"]
    renamed = ("id: MAD-001", "id: MAD-009\n#   aliases: [MAD-001]")
    policies = make_policies({"first": body}, change=renamed)
    assert policies.live == {"MAD-001", "MAD-009"}
    assert policies.policy("MAD-001") == policies.policy("MAD-009")
    # Another id is no other rule: what people read and signed is the same.
    assert policies.rule_digests == {"MAD-001": named, "MAD-009": named}
    document["request"]["model"].update(name="bad", digest=ONE)
    word = replace(approval("ann"), rule_digest=named)
    held = replace(waiver(1, ONE, touched_by=("requester",)), approvals=(word,))
    now = int(time.time())
    held.document.update(opened=now - 10, expires=now + 3600)
    held.document["subject"]["to_stage"] = document["request"]["to_stage"]
    bundle = waiver_bundle([held], 1, {ONE}, overrides=())
    decision = judge(engine, policies.rules, bundle, document, replay=False)
    assert [verdict.id for verdict in decision.verdicts] == ["MAD-009"]
    assert [finding.waiver.id for finding in decision.verdicts[0].findings] == ["EXC-2026-0001"]
