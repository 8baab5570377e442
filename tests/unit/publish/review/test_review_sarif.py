"""The review as SARIF, held to OASIS's own schema; and what a forge's reviews are worth in it."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from test_review_parts import effect, review
from test_sarif import official_schema

from hallgate.decide.impact import Impact
from hallgate.intake.forge_reviews import ForgeReview
from hallgate.intake.jsonschema_light import jsonschema
from hallgate.model.errors import Fault, Location
from hallgate.publish.review import FORMATS
from hallgate.publish.review.forge import NEVER, with_forge_reviews
from hallgate.publish.review.value import Reach

__all__ = ["review"]


def run_of(found):
    document = json.loads(FORMATS["sarif"](found))
    jsonschema.Draft4Validator(official_schema()).validate(document)
    return document["runs"][0]


def rules(run):
    return [one["ruleId"] for one in run["results"]]


def test_every_result_has_its_rule_and_place(review):
    refused = (Fault("own approval", Location("exceptions/f/x.yaml", 7), "ask somebody else"),)
    broken = replace(effect(1), error="no answer", new_allowed=None)
    reaches = (Reach("Then", "Why?", Impact((effect(), broken), 3, 1)),)
    run = run_of(replace(review, refused=refused, reaches=reaches))
    assert rules(run) == ["refused", "newly-allowed", "no-answer", "waiver", "notes", "notes"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "exceptions/f/x.yaml"
    assert place["region"]["startLine"] == 7
    assert "NOW ALLOWED" in run["results"][1]["message"]["text"]
    assert not any("suppressions" in one for one in run["results"])
    assert run["properties"]["replayed"] == 3


def test_an_unreadable_head_is_no_successful_run(review):
    run = run_of(replace(review, unreadable=True, refused=(Fault("broken", None, "mend it"),)))
    assert run["invocations"][0]["executionSuccessful"] is False


def test_a_flood_is_counted_and_pushes_no_refusal_out(review):
    many = tuple(replace(effect(n), case=f"case-{n}") for n in range(3000))
    refused = (Fault("own approval", None, "ask somebody else"),)
    reaches = (Reach("Then", "Why?", Impact(many, 3000, 0)),)
    run = run_of(replace(review, refused=refused, reaches=reaches))
    assert len(run["results"]) == 1000
    assert rules(run)[0] == "refused"
    assert "2,005 more results" in run["results"][-1]["message"]["text"]


def test_the_schema_would_refuse_another_level(review):
    document = json.loads(FORMATS["sarif"](review))
    document["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(official_schema()).validate(document)


@pytest.mark.parametrize("form", FORMATS)
def test_reviews_of_the_forge_are_told_and_never_count(review, form):
    said = (
        ForgeReview("mia", "APPROVED", None, review.head),
        ForgeReview("tom", "CHANGES_REQUESTED", 1_790_000_000, "d" * 40),
    )
    found = with_forge_reviews(review, said)
    text = FORMATS[form](found).replace("\\", "")
    for words in ("mia approved", "tom asked for changes", "NOT this head", NEVER.split(":")[0]):
        assert words in text
    assert found.exit_code == review.exit_code
    assert found.waivers == review.waivers
    assert found.headline == review.headline
