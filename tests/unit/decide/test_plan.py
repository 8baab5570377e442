"""The plan, asked of the real main with policies made for the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hallgate.decide.plan import Plan, plan
from hallgate.decide.policies import PolicySet, read_sources
from hallgate.engine.bundle import build_bundle, rego_constants
from hallgate.engine.opa import Opa, find_opa
from hallgate.model.documents import Request
from hallgate.model.errors import Location, UsageError
from hallgate.model.policy import Limit, Policy
from hallgate.model.trust import Role, Trust
from hallgate.model.values import Outcome, Severity, Tier
from hallgate.publish.report.plan import render_plan

ROOT = Path(__file__).parents[3]
NEVER = 4_000_000_000
RULES = {
    "APR-001": ("approvals", "quorum", "limits := {'low': 1, 'medium': 2, 'high': 3}", ""),
    "APR-003": ("approvals", "recent", "limits := {'low': 30, 'medium': 14, 'high': 7}", ""),
    "APR-006": ("approvals", "tier", "", ""),
    "FAIR-001": ("fairness", "ratio", "limits := {'low': 1, 'medium': 2, 'high': 3}", ""),
    "LATE-001": ("data", "late", "", ""),
    "MON-003": (
        "monitoring",
        "rollback",
        "",
        "not_applicable contains 'first promotion' if input.request.first_promotion",
    ),
}
DENIED = """
deny contains {'key': 'tier', 'message': 'declared too low', 'observed': null, 'limit': null} if {
    input.request.declared_tier == 'low'
}
"""
DAYS = Limit("", "days", "maximum")
CATALOG = (
    ("APR-001", ("approval",), (Limit("", "people in different roles", "minimum"),), 0),
    ("APR-003", ("approval",), (DAYS,), 0),
    ("APR-006", (), (), 0),
    ("FAIR-001", ("fairness_report",), (Limit("", "basis points", "minimum"),), 0),
    ("LATE-001", ("dataset_card",), (), NEVER),
    ("MON-003", ("rollback_minutes",), (), 0),
)
TRUST = Trust(
    identities=(),
    roles=(
        Role("evaluator", "Evaluates", ("fairness_report",), (), False, (), None),
        Role("model-risk", "Approves", ("rollback_minutes",), ("promotion",), False, (), None),
    ),
    builders=(),
    model_signers=(),
)
MAX_AGES = {"approval": 36_500, "fairness_report": 180, "rollback_minutes": 365}


def policy(name: str, evidence: tuple[str, ...], limits: tuple[Limit, ...], since: int) -> Policy:
    family, module, *_ = RULES[name]
    return Policy(
        id=name,
        family=family,
        name=module,
        title=f"Claim of {name}",
        description="Why.",
        severity=Severity.HIGH,
        evidence=evidence,
        limits=limits,
        waivable=(),
        why_not=None,
        controls=(),
        remediation=f"Mend {name}.",
        effective_from=since,
        where=Location("x.rego", 1),
    )


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    core = read_sources(ROOT / "policies" / "promotion")
    files = {path: data for path, data in core.items() if "/rules/" not in path}
    for name, (family, module, limits, exempt) in RULES.items():
        deny = DENIED if name == "APR-006" else "deny contains {} if { input.never == true }"
        text = f"package promotion.rules.{family}.{module}\n{limits}\n{exempt}\n{deny}\n"
        files[f"promotion/rules/{family}/{module}/{module}.rego"] = text.replace("'", '"').encode()
    catalog = tuple(policy(*facts) for facts in CATALOG)
    entries = {
        one.id: {
            "family": one.family,
            "name": one.name,
            "severity": "high",
            "evidence": list(one.evidence),
            "waivable": [],
            "effective_from": one.effective_from,
        }
        for one in catalog
    }
    shape = {"type": "object"}
    schemas: dict[str, Any] = {
        "request": shape,
        "evidence": {
            kind: {"statements": f'"{kind}": {{}}', "max_age_days": days}
            for kind, days in MAX_AGES.items()
        },
        "frame": {"opening": '{"properties": {', "closing": "}}"},
    }
    files["promotion/generated/catalog.rego"] = rego_constants(
        "promotion.generated.catalog", {"policies": entries}
    )
    files["promotion/generated/schemas.rego"] = rego_constants(
        "promotion.generated.schemas", schemas
    )
    return PolicySet(catalog, build_bundle(files, ("promotion",), {}))


def request_of(**changes: Any) -> Request:
    document: dict[str, Any] = {
        "model": {"name": "credit-risk", "version": "1", "digest": f"sha256:{'a' * 64}"},
        "to_stage": "production",
        "first_promotion": False,
        "declared_tier": "high",
        "use": {
            "effect": "legal",
            "domain": "credit",
            "autonomy": "automated",
            "data": ["personal"],
        },
    }
    return Request({**document, **changes}, "request.yaml", f"sha256:{'b' * 64}")


def planned(policies: PolicySet, when: int | None = None, **changes: Any) -> Plan:
    engine = Opa(find_opa(ROOT))
    return plan(engine, policies, request_of(**changes), TRUST, max_ages=MAX_AGES, when=when)


def test_needs_are_what_policies_in_force_and_applicable_ask_for(policies: PolicySet) -> None:
    made = planned(policies)
    assert [(need.type, need.policies) for need in made.needs] == [
        ("approval", ("APR-001", "APR-003")),
        ("fairness_report", ("FAIR-001",)),
        ("rollback_minutes", ("MON-003",)),
    ]
    assert made.tier is Tier.HIGH
    assert made.approvals == 3
    assert made.problems == ()


def test_freshness_has_the_schema_and_limits_in_days_of_the_tier(policies: PolicySet) -> None:
    approval, fairness, _ = planned(policies).needs
    assert (approval.max_age_days, fairness.max_age_days) == (None, 180)
    assert [(one.policy, one.days, one.sense) for one in approval.limits] == [
        ("APR-003", 7, "maximum")
    ]
    assert fairness.limits == ()


def test_limits_follow_the_tier(policies: PolicySet) -> None:
    use = {"effect": "limited", "domain": "marketing", "autonomy": "advisory", "data": ["public"]}
    made = planned(policies, use=use, declared_tier="medium")
    assert made.tier is Tier.MEDIUM
    assert made.approvals == 2
    assert made.needs[0].limits[0].days == 14


def test_where_evidence_comes_from(policies: PolicySet) -> None:
    approval, fairness, drill = planned(policies).needs
    assert approval.commands == ("hallgate approval sign",)
    assert approval.roles == ("model-risk",)
    assert fairness.commands == ("hallgate measure fairness",)
    assert fairness.roles == ("evaluator",)
    assert drill.commands == ()
    assert drill.supply == "ask role model-risk for the rollback_minutes; no command makes it"


def test_what_does_not_apply_needs_no_evidence(policies: PolicySet) -> None:
    made = planned(policies, first_promotion=True)
    assert "rollback_minutes" not in [need.type for need in made.needs]
    assert made.exempt == (("MON-003", "first promotion"),)


def test_what_is_not_in_force_is_told_apart(policies: PolicySet) -> None:
    (late,) = planned(policies).later
    assert (late.policy, late.effective_from, late.evidence) == (
        "LATE-001",
        NEVER,
        ("dataset_card",),
    )


def test_another_time_brings_it_into_force(policies: PolicySet) -> None:
    made = planned(policies, when=NEVER)
    assert made.later == ()
    assert made.asked_at == NEVER
    assert "dataset_card" in [need.type for need in made.needs]


def test_what_the_request_alone_fails_on(policies: PolicySet) -> None:
    (problem,) = planned(policies, declared_tier="low").problems
    assert (problem.policy, problem.outcome, problem.message, problem.remedy) == (
        "APR-006",
        Outcome.FAIL,
        "declared too low",
        "Mend APR-006.",
    )


def test_the_table(policies: PolicySet) -> None:
    text = render_plan(planned(policies, declared_tier="low", first_promotion=True), "table")
    assert max(len(line) for line in text.splitlines()) <= 100
    for words in (
        "credit-risk to production; tier high; asked 20",
        "Denied on the request alone:\n  APR-006 fail: declared too low\n    do: Mend APR-006.",
        "APR-003: at most 7 days",
        "3 people in different roles must approve",
        "180 days at most",
        "Not yet in force:\n  LATE-001 Claim of LATE-001: from 2096-10-02 07:06:40 UTC, asks for",
        "Not applicable:\n  MON-003: first promotion",
        "Asked for: 2 types of evidence, 2 made by a command, 0 by people. Mend the request first.",
    ):
        assert words in text


def test_the_json(policies: PolicySet) -> None:
    document = json.loads(render_plan(planned(policies), "json"))
    assert document["format"] == "urn:hallgate:plan:v1"
    assert (document["tier"], document["approvals"]) == ("high", 3)
    assert document["needs"][1] == {
        "type": "fairness_report",
        "policies": ["FAIR-001"],
        "max_age_days": 180,
        "limits": [],
        "commands": ["hallgate measure fairness"],
        "roles": ["evaluator"],
        "supply": "make the fairness_report with `hallgate measure fairness`, "
        "signed by role evaluator",
    }
    with pytest.raises(UsageError):
        render_plan(planned(policies), "yaml")
