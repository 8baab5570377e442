"""Every scenario through an OPA server with the built bundles: denied as `opa eval` denies.

conftest's side of the same comparison is an item of each scenario in `make test`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from hallgate.testing.parity import denials_expected
from hallgate.testing.parity_server import denials_by_server

from .released import kit_of

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def staged(world):
    """Staged once for the release; what `opa eval` decided then is expected."""
    return kit_of(world).cases


def test_the_server_denies_as_eval_does(harness, staged):
    answers = denials_by_server(staged, harness.policies, harness.engine)
    assert len(answers) >= 200
    differing = {}
    for one in staged:
        expected = denials_expected(one.scenario.expected)
        if answers[one.scenario.file] != expected:
            differing[one.scenario.name] = (answers[one.scenario.file], expected)
    assert not differing


def test_a_difference_is_seen(harness, staged):
    """The comparison can fail: another input is answered otherwise, and no clock is no allow."""
    one = next(one for one in staged if one.scenario.name == "base")
    path = one.scenario.file
    assert denials_by_server([one], harness.policies, harness.engine) == {path: frozenset()}
    emptied = replace(one, document={**one.document, "evidence": {}})
    (denied,) = denials_by_server([emptied], harness.policies, harness.engine).values()
    assert any(outcome == "insufficient" for _, outcome, _ in denied)
    timeless = replace(one, document={**one.document, "now": None})
    (denied,) = denials_by_server([timeless], harness.policies, harness.engine).values()
    assert denied == {("", "error", "")}
