"""Every field of all evidence, taken away one at a time, denies: whole decisions by a server."""

from __future__ import annotations

import pytest

from hallgate.model.decision import Decision

from ..policies.test_every_policy_blocks import without_a_field

pytestmark = pytest.mark.services


def test_no_base_is_allowed_without_any_single_field_of_its_evidence(harness):
    documents = without_a_field(harness)
    answers = harness.replayed(list(documents.values()))
    for case, decision in zip(documents, answers, strict=True):
        assert isinstance(decision, Decision), (case, decision)
        assert not decision.allowed, case
