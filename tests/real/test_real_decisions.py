"""Documents that nobody here wrote, put before `guard`, wrapped as evidence, and decided about.

Those of tests/real/documents are copies whose source, licence and digest stand in SOURCES.yaml;
model cards, compiled pipelines and the Terraform plan come with `requirements/real.txt`. Each
decision is the sound promotion of a bank with one statement replaced by the wrapped document.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from hallgate.cli.app import main
from hallgate.testing.runner import observed, prepare, run_together
from hallgate.testing.scenario import scenario_of

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
DOCUMENTS = HERE / "documents"
PACKAGES = Path(sys.prefix) / "share/real"
PLAN = PACKAGES / "tfprivesc/data/demo_plan.json"
CARDS = PACKAGES / "skops/card/tests/examples"
PIPELINES = PACKAGES / "google_cloud_pipeline_components"
COMPILED = PIPELINES / "preview/automl/tabular/feature_selection_pipeline.yaml"
MODEL = "credit-risk@sha256:" + "ab" * 32
PERMISSIVE = {"Apache-2.0", "BSD-3-Clause", "MIT"}


# What `guard` finds in all of them looked at together, by file, and how often.
SEEN = {
    "ci.yml": {"PIP-001": 4, "SUP-004": 7},
    "container-build.yml": {"SUP-004": 7},
    "demo_plan.json": {"DAT-001": 2, "NET-002": 1, "NET-003": 1},
    "deployment.yaml": {"NET-001": 2, "SUP-004": 1},
    "example_authz_v2.json": {"ACC-001": 7, "ACC-002": 1, "ACC-003": 1},
    "feature_selection_pipeline.yaml": {"PIP-002": 1},
    "inference-service.yaml": {
        "MON-002": 8,
        "NET-001": 2,
        "NET-003": 1,
        "NET-004": 6,
        "THR-004": 2,
    },
    "isvc.yaml": {
        "MON-002": 8,
        "NET-001": 2,
        "NET-003": 1,
        "NET-004": 6,
        "SUP-004": 1,
        "THR-004": 2,
    },
    "odh-rhoai-mcp-push.yaml": {"NET-001": 2, "NET-003": 1, "NET-004": 1},
    "serving-runtime.yaml": {"NET-001": 2, "NET-004": 5, "SUP-004": 1},
    "servingruntime.yaml": {"NET-001": 2, "NET-004": 5, "SUP-004": 1},
    "test_policy_file.json": {"ACC-001": 4},
}

# What a decision says that has one of them in place of the base's own, beyond the base.
DECIDED = {
    ("access_grants", "cloudsplaining/example_authz_v2.json"): {
        "ACC-001": "fail", "ACC-002": "insufficient", "ACC-003": "insufficient",
    },
    ("access_grants", "cloudsplaining/test_policy_file.json"): {
        "ACC-001": "fail", "ACC-003": "insufficient",
    },
    ("access_grants", "rhoai-mcp/clusterrole.yaml"): {"ACC-003": "insufficient"},
    ("ci_workflows", "ntia-conformance-checker/build.yml"): {},
    ("ci_workflows", "ntia-conformance-checker/scorecard.yml"): {},
    ("ci_workflows", "rhoai-mcp/ci.yml"): {"PIP-001": "fail", "SUP-004": "fail"},
    ("ci_workflows", "rhoai-mcp/container-build.yml"): {"SUP-004": "fail"},
    ("deployment_manifests", "guardrails-detectors/isvc.yaml"): {
        "MON-002": "fail", "NET-001": "fail", "NET-003": "fail", "NET-004": "fail",
        "SUP-004": "fail", "THR-004": "fail",
    },
    ("deployment_manifests", "guardrails-detectors/servingruntime.yaml"): {
        "MON-002": "insufficient", "NET-001": "fail", "NET-004": "fail",
        "SUP-004": "fail", "THR-004": "insufficient",
    },
    ("deployment_manifests", "rhoai-mcp/deployment.yaml"): {
        "MON-002": "insufficient", "NET-001": "fail", "SUP-004": "fail", "THR-004": "insufficient",
    },
    ("infrastructure_plan", PLAN): {
        "DAT-001": "insufficient", "NET-002": "insufficient", "NET-003": "insufficient",
    },
    ("ml_bom", "cyclonedx-python-lib/valid-machine-learning-considerations-env-1.6.json"): {
        "SUP-001": "fail", "SUP-005": "fail", "SUP-007": "insufficient",
    },
    ("ml_bom", "cyclonedx-python-lib/valid-machine-learning-considerations-env-1.7.json"): {
        "SUP-001": "fail", "SUP-005": "fail", "SUP-007": "insufficient",
    },
    ("pipeline_graph", COMPILED): {"PIP-002": "insufficient"},
    ("vulnerability_report", "oss-intake/jenkins-2.528-jdk21-grype.json"): {
        "SUP-002": "insufficient", "SUP-006": "insufficient",
    },
    ("vulnerability_report", "oss-intake/jenkins-2.528-jdk21-trivy.json"): {
        "SUP-002": "fail", "SUP-006": "insufficient",
    },
    ("vulnerability_report", "oss-intake/nginx-1.29.2-alpine-grype.json"): {
        "SUP-002": "insufficient", "SUP-003": "insufficient", "SUP-006": "insufficient",
    },
    ("vulnerability_report", "oss-intake/nginx-1.29.2-alpine-trivy.json"): {
        "SUP-002": "fail", "SUP-006": "insufficient",
    },
    ("vulnerability_report", "oss-intake/shinyproxy-3.2.4-grype.json"): {
        "SUP-002": "insufficient", "SUP-006": "insufficient",
    },
    ("vulnerability_report", "oss-intake/shinyproxy-3.2.4-trivy.json"): {
        "SUP-002": "fail", "SUP-006": "insufficient",
    },
    ("vulnerability_report", "oss-intake/ubi9-9.6-trivy.json"): {
        "SUP-002": "fail", "SUP-006": "insufficient",
    },
}  # fmt: skip

_KEPT = ("result", "status", "population", "completeness", "collector", "source", "raw_digest")


def projects():
    return yaml.safe_load((HERE / "SOURCES.yaml").read_text())["projects"]


def configurations(folder):
    """Copies that `guard` reads, KServe's templates rendered into a folder."""
    for path in sorted((DOCUMENTS / "aissemble-inference-deploy").glob("*.j2")):
        text = re.sub(r"\{\{ (http|grpc)_port \}\}", "8080", path.read_text())
        (folder / path.stem).write_text(re.sub(r"\{\{ \w+ \}\}", "scoring", text))
    kinds = (
        "cloudsplaining/*.json",
        "guardrails-detectors/*.yaml",
        "ntia-conformance-checker/*.yml",
        "rhoai-mcp/*.y*ml",
    )
    own = [path for kind in kinds for path in sorted(DOCUMENTS.glob(kind))]
    return [*sorted(folder.iterdir()), *own, PLAN, COMPILED]


def test_each_copy_is_the_one_noted_and_each_is_noted():
    told = {}
    for one in projects():
        assert one["licence"] in PERMISSIVE
        assert re.fullmatch("sha256:[0-9a-f]{64}", one["sdist"])
        for file in one["files"]:
            told[f"{one['project']}/{Path(file['path']).name}"] = file["sha256"]
    found = {
        path.relative_to(DOCUMENTS).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in DOCUMENTS.glob("*/*")
        if path.name not in {"LICENSE", "NOTICE"}
    }
    assert found == told
    assert all(path.stat().st_size < 50_000 for path in DOCUMENTS.glob("*/*"))


@pytest.mark.parametrize("one", [one for one in projects() if one["licence"] != "Apache-2.0"])
def test_a_licence_that_asks_for_its_text_has_it(one):
    assert "Copyright" in (DOCUMENTS / one["project"] / "LICENSE").read_text()


def test_a_look_at_all_of_them(tmp_path, capsys):
    files = [str(path) for path in configurations(tmp_path)]
    assert main(["guard", *files, "--format", "json"]) == 1
    seen = {}
    for found in json.loads(capsys.readouterr().out)["findings"]:
        counts = seen.setdefault(Path(found["file"]).name, {})
        counts[found["policy"]] = counts.get(found["policy"], 0) + 1
    assert seen == SEEN
    clean = {Path(path).name for path in files} - set(seen)
    assert {"build.yml", "scorecard.yml"} <= clean


def test_a_template_is_no_configuration_yet(capsys):
    for path in sorted((DOCUMENTS / "aissemble-inference-deploy").glob("*.j2")):
        assert main(["guard", str(path)]) == 3
        assert "a template has to be rendered first" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["bert-base-uncased", "gpt2", "vit-base-patch32-224-in21k"])
def test_a_model_card_in_prose_is_no_evidence(name, capsys):
    assert (
        main(["evidence", "wrap", "model_card", str(CARDS / f"{name}.md"), "--model", MODEL]) == 3
    )
    told = capsys.readouterr().err
    assert "is Markdown, prose of which nothing can be measured" in told
    assert "docs/reference/evidence.md" in told


def wrapped(kind, file, model, capsys):
    assert main(["evidence", "wrap", kind, str(file), "--model", model]) in {0, 1}
    return json.loads(capsys.readouterr().out)["predicate"]


def test_decisions_about_them(harness, capsys):
    base = harness.scenarios / "finance" / "base.yaml"
    promoted = yaml.safe_load(base.read_text())["request"]["model"]
    model = f"{promoted['name']}@{promoted['digest']}"
    staged = {}
    for (kind, name), expected in DECIDED.items():
        predicate = wrapped(kind, DOCUMENTS / name, model, capsys)
        change = {"set": {f"/{part}": predicate[part] for part in _KEPT}}
        said = {
            "title": "A document that nobody here wrote",
            "proves": ["nist-800-53:cm-6"],
            "change": {"evidence": {kind: change}},
            "expect": {"allowed": not expected, "tier": "high", "verdicts": {}},
        }
        path = base.with_name(f"{len(staged)}-{Path(name).stem}.yaml")
        scenario = scenario_of(said, base, path)
        staged[path] = prepare(scenario, harness.cast, harness.schemas, harness.policies)
    answers = run_together(list(staged.values()), harness.engine, harness.policies)
    found = {}
    for (kind, name), (path, decision) in zip(DECIDED, answers.items(), strict=True):
        assert len(decision.verdicts) == len(harness.policies.catalog), path
        ordinary = {row[0] for row in staged[path].scenario.expected.verdicts}
        rows = [row for row in observed(decision).verdicts if row[0] not in ordinary]
        found[kind, name] = {policy: outcome for policy, outcome, _ in rows}
        assert decision.allowed == (not rows)
    assert found == DECIDED
