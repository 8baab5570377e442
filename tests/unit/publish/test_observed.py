"""What a track only observes is loud in every report, and allows nothing by itself."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from hallgate.publish.report import FORMATS, render

MARK = {"by": "baseline", "until": 1_800_000_000}
WORDS = (
    "NOT ENFORCED: only observed by the track's baseline until 2027-01-15 08:00:00 UTC;"
    " from then on it blocks"
)


@pytest.fixture
def watched(build):
    return build.view(
        build.verdict("AAA-001", "pass"),
        build.verdict("FAIR-001", "pending", build.finding(), observed=MARK,
                      reasons=["only observed, by the baseline of its track"]),
    )  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_it_is_in_every_form(watched, form):
    text = " ".join(render(watched, form).replace("\\", "").split()).replace("&#8203;", "")
    for words in ("ratio too low", "FAIR-001"):
        assert words in text
    if form == "json":
        assert '"by": "baseline"' in text
    else:
        assert "WITH FAIR-001 ONLY OBSERVED" in text
        assert WORDS.replace("'", "&apos;") in text or WORDS in text or "%3A" in text


def test_many_are_counted(build):
    found = [
        build.verdict(f"FAIR-00{n}", "pending", build.finding(), observed=MARK) for n in range(1, 5)
    ]
    view = build.view(build.verdict("AAA-001", "pass"), *found)
    assert "ALLOWED WITH 4 POLICIES ONLY OBSERVED: " in render(view, "table")


def test_scanning_shows_a_warning_and_no_suppression(watched):
    (run,) = json.loads(render(watched, "sarif"))["runs"]
    assert {one["level"] for one in run["results"]} == {"warning"}
    assert not [one for one in run["results"] if "suppressions" in one]
    assert all(WORDS in one["message"]["text"] for one in run["results"])


def test_the_answer_is_a_warning_on_github(watched):
    lines = render(watched, "github").rstrip().splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::warning"] * 3


def test_it_is_no_passed_case(watched):
    root = ElementTree.fromstring(render(watched, "junit").encode())
    (skipped,) = root.findall(".//skipped")
    assert skipped.get("message").startswith(f"pending: {WORDS}: only observed")


def test_json_lists_it(watched, build):
    document = json.loads(render(watched, "json"))
    assert document["observed"] == ["FAIR-001"]
    assert document["verdicts"][1]["observed"] == MARK
    older = build.view(build.verdict("AAA-001", "pass"))
    assert json.loads(render(older, "json"))["observed"] == []


@pytest.mark.parametrize("outcome", ["pass", "fail", "waived", "not_applicable"])
def test_only_what_is_pending_is_observed(build, outcome):
    with pytest.raises(ValueError, match="observed, and yet not pending"):
        build.view(build.verdict("AAA-001", outcome, observed=MARK))
