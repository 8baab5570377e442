"""For every policy and every type of evidence it requires: nothing unbelievable is believed.

Cases are made from each sector's sound base and from the schemas, so a new policy or schema is
tried as soon as it is there. OPA judges all of them in one run for each sector, each case by
the policies that require the type.
"""

import pytest

from hallgate.decide.compose import waiver_bundle
from hallgate.model.values import Outcome
from hallgate.testing.negatives import in_place, negatives
from hallgate.testing.runner import observed, prepare
from hallgate.testing.scenario import read_scenario

QUERY = """[[n, d.allowed, {[v.id, v.outcome, {[f.kind, f.key] | some f in v.findings}] |
	some v in d.verdicts
}] |
	some n, case in input.cases
	base := input.base
	evidence := object.union(object.remove(base.evidence, [case.kind]), case.put)
	doc := object.union(object.remove(base, ["evidence"]), {"evidence": evidence})
	asked := {id: entry |
		some id in case.policies
		entry := data.promotion.generated.catalog.policies[id]
	}
	d := data.promotion.replay.decision with input as doc
		with data.promotion.generated.catalog.policies as asked
]"""


NOBODY_EXEMPT = waiver_bundle((), 0, overrides=())


def sectors(harness):
    return [path.parent.name for path in harness.scenarios.glob("*/base.yaml")]


@pytest.fixture(scope="module")
def passing(harness):
    """By sector and type: the policies that require the type and pass in the sector's base."""
    found = {}
    for sector in sectors(harness):
        decision = harness.decisions[harness.scenarios / sector / "base.yaml"]
        passed = {one.id for one in decision.verdicts if one.outcome is Outcome.PASS}
        for policy in harness.policies.catalog:
            for kind in policy.evidence if policy.id in passed else ():
                found.setdefault((sector, kind), set()).add(policy.id)
    return found


@pytest.fixture(scope="module")
def judged(harness, passing):
    """(sector, type, case, policies, allowed, verdicts) of every case."""
    answers, done = [], set()
    for sector in sectors(harness):
        document = harness.prepared[harness.scenarios / sector / "base.yaml"].document
        cases, told = [], []
        for (where, kind), policies in sorted(passing.items()):
            fresh = {one for one in policies if (one, kind) not in done}
            if where != sector or not fresh:
                continue
            done |= {(one, kind) for one in fresh}
            first, *others = document["evidence"][kind]
            age = harness.schemas.max_age_days(kind)
            for case in negatives(
                first, harness.schemas.schema(f"flat:{kind}"), document["now"], age
            ):
                put = in_place(case, kind)
                if isinstance(put.get(kind), list) and put[kind]:
                    put = {kind: [*put[kind], *others]}
                cases.append({"kind": kind, "put": put, "policies": sorted(fresh)})
                told.append((sector, kind, case, fresh))
        asked = {"base": document, "cases": cases}
        rows = harness.engine.evaluate([harness.policies.bundle, NOBODY_EXEMPT], QUERY, asked)
        assert [row[0] for row in rows] == list(range(len(cases))), "a case has no verdict"
        answers += [(*said, *row[1:]) for said, row in zip(told, rows, strict=True)]
    return answers


def test_every_policy_is_tried_on_all_it_requires(harness, judged):
    tried = {(policy, kind) for _, kind, _, policies, *_ in judged for policy in policies}
    wanted = {(one.id, kind) for one in harness.policies.catalog for kind in one.evidence}
    assert tried == wanted, "a policy that passes in no base cannot be tried"
    assert len(judged) > 20 * len({kind for _, kind in wanted})


def test_nothing_unbelievable_is_believed(judged):
    for sector, kind, case, policies, allowed, verdicts in judged:
        if case.believable:
            continue
        about = (sector, kind, case.what)
        assert not allowed, about
        assert {verdict[0] for verdict in verdicts} == policies, about
        for _, outcome, findings in verdicts:
            assert outcome == "insufficient", about
            assert ["evidence", f"evidence:{kind}"] in findings, about


def test_on_the_bound_evidence_is_believed(judged):
    seen = set()
    for sector, kind, case, _, _, verdicts in judged:
        if case.believable:
            seen.add((kind, case.what))
            about = (sector, kind, case.what)
            for _, outcome, findings in verdicts:
                assert outcome != "error", about
                assert not [one for one in findings if one[0] == "evidence"], about
    kinds = {kind for kind, _ in seen}
    for what in ("as it is", "collected now", "valid for one more second"):
        assert {kind for kind, said in seen if said == what} == kinds


# --- through intake: what is signed and written down ---------------------------------------


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"signer": "another role"}, "wrong_role"),
        ({"signer": "outsider"}, "unknown_signer"),
        ({"signer": "nobody"}, "unsigned"),
        ({"tampered": True}, "bad_signature"),
        ({"subject": {"digest": "sha256:" + "9" * 64}}, "other_subject"),
    ],
)
def test_every_type_is_refused_by_intake_too(harness, change, fault):
    """Signed by another machine, a stranger or nobody, altered, or about another model."""
    for sector in sectors(harness):
        base = read_scenario(harness.scenarios / sector / "base.yaml")
        changes = {}
        for kind in base.base["evidence"]:
            said = dict(change)
            if said.get("signer") == "another role":
                said["signer"] = _other_machine(harness, kind)
            changes[kind] = said
        scenario = type(base)(
            **{
                **{name: getattr(base, name) for name in base.__slots__},
                "change": {"evidence": changes},
            }
        )
        one = prepare(scenario, harness.cast, harness.schemas, harness.policies)
        (decision,) = harness.replayed([one.document])
        assert not decision.allowed
        asked = {
            kind
            for verdict in decision.verdicts
            if verdict.outcome is not Outcome.NOT_APPLICABLE
            for kind in harness.policies.policy(verdict.id).evidence
        }
        wanted = {(kind, fault) for kind in asked & set(changes)}
        assert wanted <= set(observed(decision).faults), (sector, fault)


def _other_machine(harness, kind):
    able = harness.cast.trust.roles_that_sign(kind)
    return next(role for role in sorted(harness.cast.machines) if role not in {*able, "outsider"})
