"""One trained model on its way to production: files, request and evidence."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import papers
from calibration import calibration_report
from organisation import APPROVERS, PEOPLE, Organisation
from reports import Outcome
from staged import write_papers
from story import Story
from train import MODEL_FILE, Table, fit

CODE = ("train.py", "reports.py", "calibration.py")
DEPLOY = Path(__file__).with_name("deploy")
CONFIGURATIONS = {
    "access_grants": "access",
    "ci_workflows": "workflows",
    "deployment_manifests": "manifests",
    "infrastructure_plan": "infrastructure",
    "pipeline_graph": "pipelines",
}


@dataclass
class Release:
    """A model in a folder of its own; evidence lies in evidence/.

    blocked: what its first decision was denied for, outcome by policy.
    """

    story: Story
    lender: Organisation
    data: Path
    folder: Path
    version: str
    outcome: Outcome
    blocked: dict[str, str] = field(default_factory=dict)
    _packages: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def train(
        cls, story: Story, lender: Organisation, data: Path, folder: Path, version: str, **how: Any
    ) -> Release:
        """Fit the fold models and write down everything that evidence will be made of."""
        (folder / "evidence").mkdir(parents=True)
        (folder / "source").mkdir()
        for name in CODE:
            shutil.copy(Path(__file__).with_name(name), folder / "source" / name)
        table = Table.read(data)
        model = fit(table, **how)
        digest = model.save(folder / MODEL_FILE)
        outcome = Outcome(table, model, digest, papers.digest_of(data))
        predictions = outcome.write_predictions(folder / "predictions.csv")
        papers.write_yaml(folder / "evaluation.yaml", outcome.evaluation(predictions))
        papers.write_yaml(folder / "profile.yaml", outcome.profile(predictions))
        papers.write_yaml(folder / "reasons.yaml", outcome.reasons())
        papers.write_yaml(folder / "explanations.yaml", outcome.explanations())
        papers.write_yaml(folder / "calibration.yaml", calibration_report(outcome, predictions))
        papers.write_yaml(folder / "model_card.yaml", outcome.card())
        card = papers.dataset_card(data, len(table.rows))
        papers.write_yaml(folder / "dataset_card.yaml", card)
        papers.write_yaml(folder / "oversight_plan.yaml", papers.OVERSIGHT)
        papers.write_yaml(folder / "request.yaml", papers.request(digest, version))
        return cls(story, lender, data, folder, version, outcome)

    @property
    def evidence(self) -> Path:
        return self.folder / "evidence"

    @property
    def request(self) -> Path:
        return self.folder / "request.yaml"

    @property
    def model(self) -> str:
        """NAME@digest, as commands take it."""
        return f"{papers.MODEL}@{self.outcome.digest}"

    def result(self, kind: str) -> dict[str, Any]:
        """The result inside a signed piece of evidence, as the signer wrote it."""
        envelope = json.loads((self.evidence / f"{kind}.json").read_text(encoding="utf-8"))
        statement = json.loads(base64.b64decode(envelope["payload"]))
        found: dict[str, Any] = statement["predicate"]["result"]
        return found

    def measure(self, *, shown: bool) -> None:
        """What is measured on data, predictions, code and environment."""
        self._measured(
            "fairness_report", "fairness", self.folder / "predictions.csv",
            "--prediction", "granted", "--outcome", "risk", "--attribute", "sex",
            "--attribute", "age<26", role="evaluator", shown=shown,
        )  # fmt: skip
        self._wrapped("reason_audit", self.folder / "reasons.yaml", "evaluator", shown=shown)
        self._wrapped("evaluation_report", self.folder / "evaluation.yaml", "evaluator")
        self._wrapped("explanation_test", self.folder / "explanations.yaml", "evaluator")
        self._wrapped("calibration_report", self.folder / "calibration.yaml", "evaluator")
        self._measured("pii_scan", "pii", self.data, shown=shown)
        self._wrapped("data_profile", self.folder / "profile.yaml", "scanner")
        self._secrets(shown=shown)
        self._inventory(shown=shown)
        self._signature()

    def measure_artifact(self) -> None:
        """Whether loading the model file could run code."""
        self._measured("artifact_scan", "artifact", self.folder / MODEL_FILE, shown=True)

    def stage(self) -> None:
        """What stands in for people and systems that the demo has not got."""
        self._wrapped("model_card", self.folder / "model_card.yaml", "steward")
        self._wrapped("dataset_card", self.folder / "dataset_card.yaml", "steward")
        trivy = self.folder / "trivy.json"
        papers.write_json(trivy, papers.trivy_report(self._packages))
        self._wrapped(
            "vulnerability_report", trivy, "scanner",
            "--database-at", papers.moment(-3600),
            "--target-digest", papers.digest_of(self.folder / "ml-bom.json"),
        )  # fmt: skip
        said = papers.provenance(self.outcome.digest, self.data, self.folder / "source")
        self._wrapped(
            "build_provenance", self._sign("provenance", said), "builder",
            "--trust", self.lender.trust, "--builder", papers.BUILDER, "--level", "3",
        )  # fmt: skip
        for kind, folder in CONFIGURATIONS.items():
            role = "scanner" if kind == "access_grants" else "builder"
            self._wrapped(kind, DEPLOY / folder, role)
        self._stage_papers()

    def _stage_papers(self) -> None:
        facts = {
            "data_digest": papers.digest_of(self.data),
            "model": papers.MODEL,
            "model_digest": self.outcome.digest,
            "rows": len(self.outcome.table.rows),
            "version": self.version,
        }
        for role, folder in write_papers(self.folder / "papers", facts).items():
            self.story.run(
                "hallgate", "evidence", "folder", folder, "--model", self.model,
                "--note", "staged=it stands in for people or systems the demo has not got",
                "--key", self.lender.key(role), "--out", self.evidence, shown=False, told=False,
            )  # fmt: skip

    def stage_oversight(self) -> None:
        """Who reviews what the model would deny."""
        plan = self.folder / "oversight_plan.yaml"
        self._wrapped("oversight_plan", plan, "steward", shown=True)

    def approve(self, reason: str, *, shown: bool) -> None:
        """Three people in three roles sign, each with a key of their own."""
        for person in APPROVERS:
            self.story.run(
                "hallgate", "approval", "sign", "--request", self.request, "--as", person,
                "--role", PEOPLE[person], "--key", self.lender.keys / person, "--reason", reason,
                "--out", self.evidence / f"{person}.approval.json",
                shown=shown and person == APPROVERS[0], told=False,
            )  # fmt: skip

    def _measured(
        self, kind: str, what: str, file: Path, *more: str, role: str = "scanner", shown: bool
    ) -> None:
        self.story.run(
            "hallgate", "measure", what, file, "--model", self.model, *more,
            "--key", self.lender.key(role), "--out", self.evidence / f"{kind}.json",
            shown=shown, told=False,
        )  # fmt: skip

    def _wrapped(
        self, kind: str, file: Path, role: str, *more: str | Path, shown: bool = False
    ) -> None:
        note = ("--note", f"staged={papers.STAGED[kind]}") if kind in papers.STAGED else ()
        self.story.run(
            "hallgate", "evidence", "wrap", kind, file, "--model", self.model, *more, *note,
            "--key", self.lender.key(role), "--out", self.evidence / f"{kind}.json",
            shown=shown, told=False,
        )  # fmt: skip

    def _secrets(self, *, shown: bool) -> None:
        source, report = self.folder / "source", self.folder / "secrets.json"
        # NOTE: without --all-files it silently passes over what Git does not track.
        self.story.run(
            "detect-secrets", "scan", "--all-files", source, into=report, shown=shown, told=False
        )
        self._wrapped("secret_scan", report, "scanner", "--scanned", source, shown=shown)

    def _inventory(self, *, shown: bool) -> None:
        environment = self.folder / "environment.cdx.json"
        # NOTE: its own validation of what it just wrote takes seven seconds.
        self.story.run(
            "cyclonedx-py", "environment", "--output-reproducible", "--no-validate",
            "-o", environment, shown=shown, told=False,
        )  # fmt: skip
        bom, self._packages = papers.model_bom(
            environment, self.outcome.digest, self.version, self.data
        )
        papers.write_json(self.folder / "ml-bom.json", bom)
        self._wrapped("ml_bom", self.folder / "ml-bom.json", "builder", shown=shown)

    def _signature(self) -> None:
        model = self.folder / MODEL_FILE
        self._wrapped(
            "model_signature", self._sign("signature", papers.model_signature(model)), "builder",
            "--scanned", model, "--trust", self.lender.trust,
        )  # fmt: skip

    def _sign(self, name: str, said: Mapping[str, Any]) -> Path:
        plain, signed = self.folder / f"{name}.json", self.folder / f"{name}.dsse.json"
        papers.write_json(plain, said)
        self.story.run(
            "hallgate", "evidence", "sign", plain, "--key", self.lender.key("builder"),
            "--out", signed, shown=False, told=False,
        )  # fmt: skip
        return signed
