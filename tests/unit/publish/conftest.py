"""A decision with every outcome, as the engine would answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from hallgate.decide.judge import read_decision
from hallgate.model.documents import Request
from hallgate.model.errors import Location
from hallgate.model.policy import Limit, Policy
from hallgate.model.trust import Role, Trust
from hallgate.model.values import Severity
from hallgate.publish.report import DecisionView

DECIDED_AT = 1_790_000_000
Json = dict[str, Any]


def make_policy(name: str, severity: str = "high", **changes: Any) -> Policy:
    facts: Json = {
        "id": name,
        "family": "fairness",
        "name": "selection_ratio_within_limit",
        "title": f"Claim of {name}",
        "description": f"Why {name} exists.",
        "severity": Severity(severity),
        "evidence": ("fairness_report",),
        "limits": (Limit("", "basis points", "minimum"),),
        "waivable": ("fail", "insufficient"),
        "why_not": None,
        "controls": ("nist-ai-rmf:MEASURE-2.11",),
        "remediation": f"Mend what {name} found.",
        "effective_from": 0,
        "where": Location("policies/promotion/rules/x.rego", 7),
    }
    return Policy(**{**facts, **changes})


def make_finding(message: str = "ratio too low", key: str = "age=young", **changes: Any) -> Json:
    waiver = changes.get("waiver")
    facts: Json = {
        "covered": waiver is not None,
        "kind": "fail",
        "key": key,
        "message": message,
        "observed": 7200,
        "limit": 8000,
        "waiver": None,
    }
    return {**facts, **changes}


WAIVER = {"id": "EXC-2026-0007", "owner": "head-of-credit", "expires": 1_800_000_000}


def gap(kind: str, fault: str) -> Json:
    return make_finding(
        f"{kind}: {fault}",
        f"evidence:{kind}",
        kind="evidence",
        fault=fault,
        observed=None,
        limit=None,
    )


def make_verdict(name: str, outcome: str, *findings: Json, **changes: Any) -> Json:
    facts: Json = {
        "id": name,
        "outcome": outcome,
        "severity": "high",
        "reasons": [],
        "findings": list(findings),
        "findings_total": len(findings),
    }
    return {**facts, **changes}


# In order of id, as the engine answers; every outcome once, and a capped verdict.
EVERY_OUTCOME = (
    make_verdict("AAA-001", "pass"),
    make_verdict("AAA-002", "not_applicable", reasons=["nobody is affected"]),
    make_verdict("BBB-001", "insufficient", gap("fairness_report", "missing"), severity="medium"),
    make_verdict("BBB-002", "insufficient", gap("model_card", "unsigned"), severity="critical"),
    make_verdict("CCC-001", "fail", make_finding(), findings_total=61),
    make_verdict("DDD-001", "error", reasons=["the policy made the engine fail"]),
    make_verdict("EEE-001", "waived", make_finding("two groups differ", waiver=WAIVER)),
    make_verdict("FFF-001", "pending", reasons=["not yet in force"]),
)
IN_ORDER = (
    "DDD-001", "CCC-001", "BBB-002", "BBB-001", "EEE-001", "FFF-001", "AAA-001", "AAA-002",
)  # fmt: skip

TRUST = Trust(
    identities=(),
    roles=(
        Role("evaluator", "Evaluates", ("fairness_report",), (), False, (), None),
        Role("model-owner", "Owns", ("model_card",), ("promotion",), False, (), None),
    ),
    builders=(),
    model_signers=(),
)


def make_view(
    *verdicts: Json, file: str = "promotions/request.yaml", **changes: Any
) -> DecisionView:
    blocking = {"fail", "insufficient", "error"}
    body = {
        "allowed": not any(one["outcome"] in blocking for one in verdicts),
        "decided_at": DECIDED_AT,
        "tier": "high",
        "verdicts": list(verdicts),
    }
    document = {
        "model": {"name": "credit-risk", "version": "1.0", "digest": f"sha256:{'a' * 64}"},
        "to_stage": "production",
    }
    catalog = tuple(make_policy(one["id"], one["severity"]) for one in verdicts)
    facts: Json = {
        "decision": read_decision(body),
        "catalog": catalog,
        "request": Request(document, file, f"sha256:{'b' * 64}"),
        "trust": TRUST,
    }
    return DecisionView(**{**facts, **changes})


@pytest.fixture
def every_outcome() -> DecisionView:
    return make_view(*EVERY_OUTCOME)


@pytest.fixture
def allowed() -> DecisionView:
    waived = make_finding("two groups differ", waiver=WAIVER)
    return make_view(make_verdict("AAA-001", "pass"), make_verdict("EEE-001", "waived", waived))


@dataclass(frozen=True)
class Build:
    """The makers above, for tests that need a decision of their own."""

    view = staticmethod(make_view)
    verdict = staticmethod(make_verdict)
    finding = staticmethod(make_finding)
    policy = staticmethod(make_policy)
    gap = staticmethod(gap)
    waiver = WAIVER
    order = IN_ORDER


@pytest.fixture
def build() -> Build:
    return Build()
