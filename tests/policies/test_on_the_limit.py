"""Limits, at every tier: one step stricter fails, on the limit passes, one step laxer too.

The rule is that of METADATA: `sense` says which side is wrong, and on the limit passes. Where a
policy judges a share or an interval, what is observed is not exactly what is compared; then the
limit must still decide. That each number and comparison of it is tested to the step is what
`hallgate mutate` proves.
"""

import pytest

from hallgate.decide.explain import tier_limits
from hallgate.testing.boundaries import shown, tried
from hallgate.testing.runner import Prepared

_ENOUGH = 6


@pytest.fixture(scope="module")
def limits(harness):
    return tier_limits(harness.engine, harness.policies, harness.policies.catalog)


@pytest.fixture(scope="module")
def results(harness, limits):
    decided = [
        (one.document, harness.decisions[path])
        for path, one in harness.prepared.items()
        if isinstance(one, Prepared) and not one.waivers
    ]
    documents = [document for document, _ in decided]
    found = shown([decision for _, decision in decided], limits)
    few = {
        key: list({(one.kind, one.key): one for one in cases}.values())[:_ENOUGH]
        for key, cases in found.items()
    }
    return tried(documents, harness.policies, limits, few, harness.engine)


def test_limits_that_scenarios_show_decide(results):
    """A finding with an observed number and the limit it broke is gone when the limit allows it.

    Where a policy has two limits of one value, one case may be about the other.
    """
    shown_in = {one.policy for one in results if one.applies}
    assert {one.policy for one in results if one.applies and one.judged} == shown_in


def test_every_limit_is_shown_and_decides(limits, results):
    every = {(name, one.quantity.name) for name, several in limits.items() for one in several}
    decide = {(one.policy, one.quantity) for one in results if one.applies and one.judged}
    assert every == decide


def test_what_is_shown_decides_at_every_tier_where_the_policy_applies(results):
    for policy, tier in {(one.policy, one.tier) for one in results}:
        there = [one for one in results if (one.policy, one.tier) == (policy, tier)]
        assert any(one.judged for one in there) or not any(one.applies for one in there), policy


def test_on_the_limit_passes(results):
    exact = set()
    for one in results:
        if one.applies and one.judged:
            assert not one.off_by_one, f"{one.policy} denies on its limit: {one}"
            if one.exact:
                exact.add(one.policy)
    assert len(exact) >= 27, sorted(exact)
    assert "MON-005" in exact
