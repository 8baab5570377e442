"""Parts of a review that need neither Git nor engine."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hallgate.decide.impact import Change, Effect, Impact
from hallgate.model.errors import Fault, Location
from hallgate.model.trust import Identity, Key, Role, RoleHeld, Trust
from hallgate.model.values import Outcome
from hallgate.publish.changes import keyword_way, limit_way, schema_differences
from hallgate.publish.review import FORMATS, Review
from hallgate.publish.review.blast import beginnings
from hallgate.publish.review.trust import trust_notes
from hallgate.publish.review.value import Notes, Reach, WaiverChange

NOW = 1_790_000_000
KEY = Key("ssh-ed25519 AAAA", 0, None, None, False)
RISK = Role("risk", "Risk", ("approval",), ("waiver",), False, (), "@x/risk")
MIA = Identity("mia", "person", "Mia", ("mia@x.org",), (RoleHeld("risk", 0, None),), (KEY,))
EMPTY = Trust((), (RISK,), (), ())


def effect(number=0, **more):
    change = Change("FAIR-001", Outcome.FAIL, Outcome.WAIVED, ("k (waived by EXC)",), ("k",))
    base = Effect(f"case-{number}", "record", "then", NOW, False, True, (change,), None)
    return replace(base, **more)


@pytest.fixture
def review():
    waiver = WaiverChange(
        "EXC-2026-0001", "added", "exceptions/f/EXC-2026-0001.yaml", ("Mia asks.",),
        {(n, i): "low" for n in range(1, 6) for i in range(1, 6)}, (3, 3), (2, 3), "low",
        ("2 must still sign.",), False, ("EXC-2026-0002 waives the same policy",), {},
    )  # fmt: skip
    return Review(
        base="a" * 40, head="b" * 40, at=NOW, refused=(), waivers=(waiver,),
        reaches=(Reach("Then", "Why?", Impact((effect(),), 3, 2)),),
        corpus=("3 scenarios.",), left_out=(Fault("broken", Location("r.json"), "restore it"),),
        sections=(Notes("Policies", ("FAIR-001 changed.",)), Notes("Trust", ())),
    )  # fmt: skip


def test_the_headline_never_says_safe(review):
    assert review.headline == "REVIEWED: 1 decision changed, 1 promotion newly allowed."
    nothing = replace(review, reaches=(Reach("Then", "Why?", Impact((), 0, 0)),))
    assert "its effect is unknown" in nothing.headline
    for one in (review, nothing):
        for render in FORMATS.values():
            assert "is safe" not in render(one)


def test_exit_codes(review):
    fault = Fault("no", None, "mend it")
    assert review.exit_code == 0
    assert replace(review, refused=(fault,)).exit_code == 1
    assert Review.of_faults("a" * 40, "b" * 40, NOW, (fault,)).exit_code == 3


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_tells_everything(review, form):
    text = FORMATS[form](review).replace("\\", "")
    for word in (
        "EXC-2026-0001",
        "case-0",
        "FAIR-001",
        "2 must still sign",
        "3 scenarios",
        "r.json",
    ):
        assert word in text, word
    assert "EXC-2026-0002 waives the same policy" in text


def test_markdown_marks_the_cell_and_fits(review):
    page = MarkdownIt("gfm-like", {"linkify": False}).render(FORMATS["markdown"](review))
    assert "<strong>low ◉ residual</strong>" in page
    assert "low ○ inherent" in page
    many = tuple(effect(n) for n in range(5000))
    big = replace(
        review,
        refused=tuple(Fault("x" * 1000, None, "y") for _ in range(500)),
        reaches=(Reach("Then", "Why?", Impact(many, 5000, 0)),) * 2,
        waivers=review.waivers * 500,
        sections=tuple(Notes(f"Part {n}", ("z" * 900,) * 900) for n in range(6)),
        left_out=review.left_out * 1000,
    )
    text = FORMATS["markdown"](big)
    assert len(text) < 65_536
    assert text.count("left off") >= 10
    assert FORMATS["html"](big).count("<tr><td>record case-") == 10_000


def test_json_is_json(review):
    document = json.loads(FORMATS["json"](review))
    assert document["blast_radius"][0]["newly_allowed"] == ["case-0"]
    assert document["exit_code"] == 0


@pytest.mark.parametrize(
    ("sense", "old", "new", "way"),
    [
        ("minimum", 8000, 6000, "LOOSENED"), ("minimum", 8000, 9000, "tightened"),
        ("maximum", 5, 9, "LOOSENED"), ("maximum", 9, 5, "tightened"),
        ("minimum", 8000, None, "LOOSENED"), ("minimum", None, 1, "tightened"),
        ("minimum", 1, "x", "changed"),
    ],
)  # fmt: skip
def test_which_way_a_limit_goes(sense, old, new, way):
    assert limit_way(sense, old, new) == way


@pytest.mark.parametrize(
    ("name", "old", "new", "way"),
    [
        ("maximum", 1, 2, "LOOSENED"), ("minItems", 1, 0, "LOOSENED"),
        ("minimum", 0, 1, "tightened"),
        ("required", ["a", "b"], ["a"], "LOOSENED"), ("required", ["a"], ["a", "b"], "tightened"),
        ("enum", ["a"], ["a", "b"], "LOOSENED"), ("enum", ["a", "b"], ["a"], "tightened"),
        ("enum", ["a"], ["b"], "LOOSENED in part"),
        ("type", "string", ["string", "null"], "LOOSENED"),
        ("additionalProperties", False, True, "LOOSENED"), ("pattern", "^a$", None, "LOOSENED"),
        ("pattern", "^a$", "^b$", "changed"), ("max_age_days", 30, 300, "LOOSENED"),
    ],
)  # fmt: skip
def test_which_way_a_keyword_goes(name, old, new, way):
    assert keyword_way(name, old, new) == way


def test_schema_differences_name_their_place():
    old = {"properties": {"a": {"type": "integer", "maximum": 3}, "b": {"type": "string"}}}
    new = {"properties": {"a": {"type": "integer", "maximum": 4}}}
    found = [str(one) for one in schema_differences(old, new)]
    assert found[0] == ".properties.a.maximum: 3 → 4, LOOSENED"
    assert found[1].startswith(".properties.b: ")
    assert found[1].endswith(", tightened")  # what has it would be refused by a closed schema


def test_who_gains_power():
    lines = " ".join(trust_notes(EMPTY, replace(EMPTY, identities=(MIA,)), NOW).lines)
    assert "mia is a NEW person with 1 key." in lines
    assert "mia GAINS: approve a waiver as risk and sign approval." in lines
    back = " ".join(trust_notes(replace(EMPTY, identities=(MIA,)), EMPTY, NOW).lines)
    assert "mia is REMOVED" in back
    assert "mia loses" in back


def test_a_key_brought_back_gives_power_back():
    dead = replace(MIA, keys=(replace(KEY, compromised=True),))
    notes = trust_notes(replace(EMPTY, identities=(dead,)), replace(EMPTY, identities=(MIA,)), NOW)
    assert any("mia GAINS: approve a waiver" in line for line in notes.lines)


def test_a_role_that_may_decide():
    strong = replace(RISK, decides=True, approves=("waiver", "promotion"))
    notes = trust_notes(
        replace(EMPTY, identities=(MIA,)), replace(EMPTY, roles=(strong,), identities=(MIA,)), NOW
    )
    told = " ".join(notes.lines)
    assert "DECIDES" in told
    assert "mia GAINS: approve a promotion as risk and decide promotions." in told


@given(st.sets(st.integers(0, 60)), st.integers(1, 20))
def test_a_waiver_is_tried_at_every_time_with_as_few_beginnings_as_can_be(times, length):
    found = beginnings(times, length)
    assert all(any(begin <= when < begin + length for begin in found) for when in times)
    # Each begins at a time that the one before does not reach: fewer would miss one of these.
    assert set(found) <= times
    assert all(second >= first + length for first, second in pairwise(found))
