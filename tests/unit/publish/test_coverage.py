"""Coverage: a citation alone covers nothing, and no number stands without its denominator."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from hallgate.model.errors import Location
from hallgate.model.law import Control, Extent
from hallgate.model.policy import Policy
from hallgate.model.values import Severity
from hallgate.publish.coverage.count import STATES, Proof, coverage
from hallgate.publish.coverage.render import RENDERERS
from hallgate.publish.law import RENDERERS as LAW

NOW = 1_795_000_000
CONTROL = Control(
    "law", "1", "A <b>duty</b> | more", "binding", "in_force", 1, None, None, "s", "v"
)
POLICY = Policy(
    "ABC-001", "family", "name", "Title", "Why", Severity.HIGH, (), (), ("fail",), None,
    ("law:1",), "do", 0, Location("file"),
)  # fmt: skip
PROOF = Proof("finance/denied-it", ("law:1",), ("ABC-001",))
ENTIRELY = Extent("law", True, "all of it", ("1",), ())


def state(*, control=CONTROL, extent=ENTIRELY, policies=(POLICY,), proofs=(PROOF,)):
    (found,) = coverage([control], [extent], policies, proofs, NOW)
    (row,) = found.rows
    return row.state


def test_automated_needs_register_policy_and_proof():
    assert state() == "automated"
    assert state(extent=replace(ENTIRELY, automated=())) == "partly"


@pytest.mark.parametrize(
    "lacking",
    [
        {"policies": ()},
        {"policies": (replace(POLICY, controls=("law:2",)),)},
        {"policies": (replace(POLICY, effective_from=NOW + 1),)},
        {"proofs": ()},
        {"proofs": (replace(PROOF, proves=("law:2",)),)},
        {"proofs": (replace(PROOF, blocked_by=()),)},
        {"proofs": (replace(PROOF, blocked_by=("ABC-002",)),)},
    ],
)
def test_without_a_policy_that_is_shown_to_block_nothing_is_covered(lacking):
    assert state(**lacking) == "not covered"
    by_hand = replace(ENTIRELY, automated=(), manual=(("1", "people sign"),))
    assert state(extent=by_hand, **lacking) == "manual"


def test_manual_beside_a_policy_is_partly():
    assert state(extent=replace(ENTIRELY, automated=(), manual=(("1", "people"),))) == "partly"


def test_lapsed_controls_are_counted_and_in_no_denominator():
    old = replace(CONTROL, id="0", status="superseded", until=NOW)
    (found,) = coverage([old, CONTROL], [ENTIRELY], [POLICY], [PROOF], NOW)
    assert (len(found.rows), found.lapsed) == (1, 1)
    (before,) = coverage([old, CONTROL], [ENTIRELY], [POLICY], [PROOF], NOW - 1)
    assert (len(before.rows), before.lapsed) == (2, 0)


def test_framework_of_which_nothing_is_said_is_not_called_whole():
    (found,) = coverage([CONTROL], [], [POLICY], [PROOF], NOW)
    assert not found.whole
    assert "rest is not in the register" in found.denominator


def test_every_form_says_number_and_denominator():
    found = coverage([CONTROL], [ENTIRELY], [POLICY], [PROOF], NOW)
    for render in RENDERERS.values():
        told = render(found, NOW)
        assert "all of it" in told
        assert all(one in told for one in STATES)
    document = json.loads(RENDERERS["json"](found, NOW))
    (framework,) = document["frameworks"]
    assert framework["counts"] == {**dict.fromkeys(STATES, 0), "automated": 1}
    assert framework["rows"][0]["scenarios"] == ["finance/denied-it"]


def test_titles_cannot_break_out_of_a_page():
    found = coverage([CONTROL], [ENTIRELY], [POLICY], [PROOF], NOW)
    page = RENDERERS["html"](found, NOW)
    seen = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, _: seen.append(tag)
    reader.feed(page)
    assert "b" not in seen
    assert "http" not in page.replace("http-equiv", "")
    row = next(line for line in RENDERERS["markdown"](found, NOW).splitlines() if "duty" in line)
    assert "<b>" not in row
    assert "\\|" in row


@pytest.mark.parametrize(
    ("change", "when", "standing"),
    [
        ({}, 0, "pending"),
        ({}, 1, "in_force"),
        ({"until": 5}, 4, "in_force"),
        ({"until": 5}, 5, "lapsed"),
        ({"until": 5, "status": "superseded"}, 4, "in_force"),
        ({"status": "superseded"}, 9, "lapsed"),
        ({"status": "pending", "since": None}, 9, "pending"),
        ({"status": "pending"}, 1, "in_force"),
        ({"status": "draft"}, 9, "draft"),
        ({"since": None}, 0, "in_force"),
    ],
)
def test_dates_say_how_a_control_stands(change, when, standing):
    control = replace(CONTROL, **change)
    assert control.standing_at(when) == standing
    assert json.loads(LAW["json"]([control], when))["controls"][0]["standing"] == standing
    for form in ("table", "markdown"):
        assert standing.replace("_", " ") in LAW[form]([control], when)
