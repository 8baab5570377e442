from __future__ import annotations

import pytest

from hallgate.model.errors import UsageError
from hallgate.publish.report import FORMATS, DecisionView, render


def test_the_formats() -> None:
    assert FORMATS == ("table", "json", "junit", "sarif", "github", "markdown")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_names_every_policy_that_needs_attention(
    name: str, every_outcome: DecisionView
) -> None:
    text = render(every_outcome, name)
    for policy in ("BBB-001", "BBB-002", "CCC-001", "DDD-001", "EEE-001", "FFF-001"):
        assert policy.replace("-", "\\-") in text or policy in text
    assert "EXC" in text
    assert text.endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_same_view_same_bytes(name: str, every_outcome: DecisionView) -> None:
    assert render(every_outcome, name) == render(every_outcome, name)


def test_an_unknown_format_is_a_usage_error(every_outcome: DecisionView) -> None:
    with pytest.raises(UsageError, match="'yaml'"):
        render(every_outcome, "yaml")
