"""Every scenario through an OPA server with the built bundles: denied as `opa eval` denies.

conftest's side of the same comparison is an item of each scenario in `make test`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from hallgate.model.decision import Decision
from hallgate.testing.parity import denials_of
from hallgate.testing.parity_server import denials_by_server
from hallgate.testing.runner import Prepared

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def staged(harness):
    return [one for one in harness.prepared.values() if isinstance(one, Prepared)]


def test_the_server_denies_as_eval_does(harness, staged):
    answers = denials_by_server(staged, harness.policies, harness.engine)
    assert answers.keys() == harness.decisions.keys()
    assert len(answers) >= 200
    differing = {}
    for file, decision in harness.decisions.items():
        assert isinstance(decision, Decision), (file, decision)
        if answers[file] != denials_of(decision):
            differing[file.name] = (answers[file], denials_of(decision))
    assert not differing


def test_a_difference_is_seen(harness, staged):
    """The comparison can fail: another input is answered otherwise, and no clock is no allow."""
    one = next(one for one in staged if one.scenario.file.name == "base.yaml")
    path = one.scenario.file
    assert denials_by_server([one], harness.policies, harness.engine) == {path: frozenset()}
    emptied = replace(one, document={**one.document, "evidence": {}})
    (denied,) = denials_by_server([emptied], harness.policies, harness.engine).values()
    assert any(outcome == "insufficient" for _, outcome, _ in denied)
    timeless = replace(one, document={**one.document, "now": None})
    (denied,) = denials_by_server([timeless], harness.policies, harness.engine).values()
    assert denied == {("", "error", "")}
