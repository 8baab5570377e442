from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hallgate.model.errors import InvalidDocument, NotProven
from hallgate.model.values import Tier
from hallgate.record.decision_statement import DecisionClaims
from hallgate.record.vsa import check_vsa, resource_uri, verifier_id, vsa_predicate

DIGEST = "sha256:" + "ab" * 32
MARK = {"id": "EXC-2026-0001", "owner": "lead", "expires": 9}
CLAIMS = DecisionClaims(
    model="credit-risk",
    digest=DIGEST,
    allowed=True,
    decided_at=1_790_000_000,
    tier=Tier.HIGH,
    body={
        "verdicts": [{"id": "FAIR-001", "findings": [{"waiver": MARK}, {"waiver": None}]}],
    },
    mode="enforce",
    input="sha256:" + "01" * 32,
    policies="sha256:" + "02" * 32,
    waivers="sha256:" + "03" * 32,
    engine=("opa", "1.22.0"),
    evidence=("sha256:" + "04" * 32, "sha256:" + "05" * 32),
)


EMERGENCY = {"id": "OVR-2026-0001", "owner": "lead", "expires": 9, "review_by": 99}


def test_an_emergency_has_a_level_and_a_field_of_its_own() -> None:
    body: dict[str, Any] = {
        "verdicts": [
            {"id": "FAIR-001", "findings": [], "override": EMERGENCY},
            {"id": "FAIR-002", "findings": [], "override": None},
        ]
    }
    said = vsa_predicate(replace(CLAIMS, body=body), "production", "gate")
    assert said["verifiedLevels"] == ["HALLGATE_OVERRIDDEN"]
    assert said["urn:hallgate:overrides:v1"] == [{"policy": "FAIR-001", **EMERGENCY}]
    denied = vsa_predicate(replace(CLAIMS, body=body, allowed=False), "production", "gate")
    assert denied["verifiedLevels"] == ["FAILED"]
    with pytest.raises(NotProven, match="verifiedLevels"):
        check_vsa(
            vsa_predicate(CLAIMS, "production", "gate"),
            replace(CLAIMS, body=body),
            "production",
            "gate",
        )


def test_what_is_only_observed_has_a_field_of_its_own() -> None:
    mark = {"by": "baseline", "until": 9}
    body: dict[str, Any] = {
        "verdicts": [{"id": "FAIR-001", "findings": [], "observed": mark}, {"id": "FAIR-002"}]
    }
    said = vsa_predicate(replace(CLAIMS, body=body), "production", "gate")
    assert said["urn:hallgate:observed:v1"] == [{"policy": "FAIR-001", **mark}]
    assert said["verifiedLevels"] == ["HALLGATE_TIER_HIGH"]
    with pytest.raises(NotProven, match="urn:hallgate:observed"):
        check_vsa(
            vsa_predicate(CLAIMS, "production", "gate"),
            replace(CLAIMS, body=body),
            "production",
            "gate",
        )


def test_the_predicate_is_that_of_the_specification() -> None:
    assert vsa_predicate(CLAIMS, "production", "gate") == {
        "verifier": {"id": "urn:hallgate:verifier:gate"},
        "timeVerified": "2026-09-21T14:13:20Z",
        "resourceUri": "urn:hallgate:promotion:credit-risk:production",
        "policy": {"uri": "urn:hallgate:bundle:promotion", "digest": {"sha256": "02" * 32}},
        "inputAttestations": [
            {"uri": f"urn:hallgate:statement:sha256:{hex_}", "digest": {"sha256": hex_}}
            for hex_ in ("04" * 32, "05" * 32)
        ],
        "verificationResult": "PASSED",
        "verifiedLevels": ["HALLGATE_TIER_HIGH"],
        "slsaVersion": "1.1",
        "urn:hallgate:waivers:v1": {
            "bundle": "sha256:" + "03" * 32,
            "applied": [{"policy": "FAIR-001", **MARK}],
        },
        "urn:hallgate:mode:v1": "enforce",
    }


def test_a_denial_has_failed() -> None:
    predicate = vsa_predicate(replace(CLAIMS, allowed=False), "production", "gate")
    assert predicate["verificationResult"] == "FAILED"
    assert predicate["verifiedLevels"] == ["FAILED"]


@pytest.mark.parametrize("tier", [None, *Tier])
@pytest.mark.parametrize("allowed", [True, False])
def test_no_level_pretends_to_be_slsas(tier: Tier | None, allowed: bool) -> None:
    predicate: Any = vsa_predicate(replace(CLAIMS, tier=tier, allowed=allowed), "staging", "gate")
    assert not any(level.startswith("SLSA_") for level in predicate["verifiedLevels"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("verifier", {"id": verifier_id("other")}),
        ("timeVerified", "2026-09-21T14:13:21Z"),
        ("resourceUri", "urn:hallgate:promotion:credit-risk:staging"),
        ("policy", {"uri": "urn:hallgate:bundle:promotion", "digest": {"sha256": "09" * 32}}),
        ("inputAttestations", []),
        ("verificationResult", "FAILED"),
        ("verifiedLevels", ["HALLGATE_TIER_LOW"]),
        ("urn:hallgate:waivers:v1", {"bundle": None, "applied": []}),
        ("urn:hallgate:mode:v1", "advise"),
    ],
)
def test_a_summary_of_something_else_is_refused(field: str, value: Any) -> None:
    predicate = vsa_predicate(CLAIMS, "production", "gate")
    check_vsa(predicate, CLAIMS, "production", "gate")
    with pytest.raises(NotProven, match=field):
        check_vsa({**predicate, field: value}, CLAIMS, "production", "gate")
    with pytest.raises(NotProven, match=field):
        check_vsa({k: v for k, v in predicate.items() if k != field}, CLAIMS, "production", "gate")


def test_extensions_and_a_newer_specification_pass() -> None:
    predicate = vsa_predicate(CLAIMS, "production", "gate")
    later = {**predicate, "slsaVersion": "1.2", "urn:other": 1}
    check_vsa(later, CLAIMS, "production", "gate")


@pytest.mark.parametrize(("model", "stage"), [("a:b", "staging"), ("", "staging"), ("a", "x:y")])
def test_an_ambiguous_resource_is_refused(model: str, stage: str) -> None:
    with pytest.raises(InvalidDocument):
        resource_uri(model, stage)
