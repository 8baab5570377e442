"""An emergency is loud in every form of the report."""

import json
from xml.etree import ElementTree

import pytest

from hallgate.publish.report import FORMATS, render

MARK = {
    "id": "OVR-2026-0001",
    "owner": "head-of-credit",
    "expires": 1_800_000_000,
    "review_by": 1_800_600_000,
}


@pytest.fixture
def emergency(build):
    return build.view(
        build.verdict("AAA-001", "pass", override=None),
        build.verdict("BBB-001", "overridden", build.finding(), override=MARK),
    )


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_names_the_override(emergency, form):
    shown = render(emergency, form).replace("\\", "")
    assert "OVR-2026-0001" in shown
    assert "overridden" in shown
    if form != "json":
        assert "EMERGENCY" in shown
        assert "review is owed by" in " ".join(shown.split())


def test_the_headline_does_not_say_allowed_alone(emergency):
    assert "ALLOWED BY EMERGENCY OVERRIDE OVR-2026-0001: 1 overridden" in render(emergency, "table")


def test_no_suppression_hides_it(emergency):
    (run,) = json.loads(render(emergency, "sarif"))["runs"]
    (result,) = run["results"]
    assert (result["level"], result["kind"]) == ("error", "fail")
    assert "suppressions" not in result


def test_the_answer_is_a_warning_on_github(emergency):
    last = render(emergency, "github").rstrip().splitlines()[-1]
    assert last.startswith("::warning ")


def test_it_is_no_passed_case(emergency):
    root = ElementTree.fromstring(render(emergency, "junit").encode())
    (skipped,) = root.findall(".//skipped")
    assert skipped.get("message").startswith("overridden: EMERGENCY: overridden by OVR-2026-0001")


def test_json_lists_it(emergency):
    document = json.loads(render(emergency, "json"))
    assert document["emergency_overrides"] == ["OVR-2026-0001"]
    assert document["verdicts"][1]["override"] == MARK


def test_a_decision_of_older_policies_has_none(build):
    view = build.view(build.verdict("AAA-001", "pass"))
    assert view.decision.verdicts[0].override is None
    assert json.loads(render(view, "json"))["emergency_overrides"] == []


@pytest.mark.parametrize(
    ("outcome", "mark"), [("overridden", None), ("pass", MARK), ("fail", MARK)]
)
def test_outcome_and_mark_go_together(build, outcome, mark):
    with pytest.raises(ValueError, match="overridden"):
        build.view(build.verdict("AAA-001", outcome, override=mark))
