"""Every limit, at every tier: one step stricter fails, on the limit passes, one step laxer too.

The rule is that of METADATA: `sense` says which side is wrong, and on the limit passes. Where a
policy judges a share or an interval, what is observed is not exactly what is compared; then the
limit must still decide. That each number and comparison of it is tested to the step is what
`hallgate mutate` proves.
"""

import pytest

from hallgate.decide.explain import tier_limits
from hallgate.model.values import Tier
from hallgate.testing.boundaries import shown, tried
from hallgate.testing.runner import Prepared

_ENOUGH = 6


@pytest.fixture(scope="module")
def limits(harness):
    return tier_limits(harness.engine, harness.policies, harness.policies.catalog)


@pytest.fixture(scope="module")
def results(harness, limits):
    staged = [one for one in harness.prepared.values() if isinstance(one, Prepared)]
    documents = [one.document for one in staged if not one.waivers]
    found = shown(documents, harness.policies, limits, harness.engine)
    few = {
        key: list({(one.kind, one.key): one for one in cases}.values())[:_ENOUGH]
        for key, cases in found.items()
    }
    return tried(documents, harness.policies, limits, few, harness.engine)


def test_every_limit_is_shown_by_a_scenario_and_decides(limits, results):
    """Some scenario has a finding with an observed number and the limit it broke."""
    wanted = {(name, one.quantity.name) for name, several in limits.items() for one in several}
    judged = {(one.policy, one.quantity) for one in results if one.applies and one.judged}
    assert judged == wanted


def test_every_limit_decides_at_every_tier_where_the_policy_applies(limits, results):
    for name, several in limits.items():
        for one in several:
            about = [r for r in results if (r.policy, r.quantity) == (name, one.quantity.name)]
            for tier in Tier:
                at_tier = [r for r in about if r.tier is tier]
                assert at_tier
                assert any(r.judged for r in at_tier) or not any(r.applies for r in at_tier)


def test_on_the_limit_passes(results):
    exact = set()
    for one in results:
        if one.applies and one.judged:
            assert not one.off_by_one, f"{one.policy} denies on its limit: {one}"
            if one.exact:
                exact.add(one.policy)
    assert len(exact) >= 8
