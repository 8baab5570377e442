"""`hallgate collect`: commit, CI, MLflow, registry and cluster as one piece of evidence."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from hallgate.cli import app
from hallgate.intake.schema import Schemas
from hallgate.measure.collect.run import ci_run
from hallgate.model.errors import InvalidDocument

ROOT = Path(__file__).parents[3]
SCHEMAS = Schemas.load(ROOT / "evidence-schemas")
DATA = Path(__file__).parent / "data" / "collect"
MODEL = f"credit-risk@sha256:{'a' * 64}"
COMMIT = "b" * 40
CI = ("GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL")
ENVIRONMENTS = {
    "github": {
        "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "bank/credit", "GITHUB_SHA": COMMIT,
        "GITHUB_REF": "refs/heads/main", "GITHUB_RUN_ID": "17", "GITHUB_RUN_ATTEMPT": "2",
        "GITHUB_SERVER_URL": "https://forge.example", "GITHUB_EVENT_NAME": "push",
        "GITHUB_WORKFLOW_REF": "bank/credit/.github/workflows/t.yml@refs/heads/main",
        "GITHUB_ACTOR": "somebody",
    },
    "gitlab": {
        "GITLAB_CI": "true", "CI_PROJECT_PATH": "bank/credit", "CI_COMMIT_SHA": COMMIT,
        "CI_COMMIT_REF_NAME": "main", "CI_PIPELINE_ID": "17", "CI_JOB_ID": "4",
        "CI_JOB_URL": "https://forge.example/j/4", "CI_JOB_NAME": "train",
        "CI_PIPELINE_SOURCE": "push", "GITLAB_USER_LOGIN": "somebody",
    },
    "jenkins": {
        "JENKINS_URL": "https://ci.example/", "JOB_NAME": "train", "BUILD_NUMBER": "17",
        "BUILD_URL": "https://ci.example/job/train/17/", "GIT_COMMIT": COMMIT,
        "GIT_URL": "https://forge.example/bank/credit.git", "GIT_BRANCH": "origin/main",
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def outside_of_ci(monkeypatch):
    for name in CI:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def checkout(tmp_path):
    """A Git work tree with one commit: (folder, commit)."""
    names = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER")
             for what in ("NAME", "EMAIL")}  # fmt: skip
    (tmp_path / "train.py").write_text("pass\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, env={**os.environ, **names})
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    return tmp_path, head.stdout.strip()


def collect(capsys, *words, code=0):
    assert app.main(["collect", "--model", MODEL, *map(str, words)]) == code
    said = capsys.readouterr()
    if code > 1:
        return said.err
    statement = json.loads(said.out)
    state = "" if code == 0 else ":unmeasured"
    assert SCHEMAS.accepts(statement, f"statement:pipeline_metadata{state}")
    return statement["predicate"]


def test_a_commit_and_whether_something_differs_from_it(capsys, checkout):
    folder, commit = checkout
    said = collect(capsys, "--checkout", folder)
    assert said["result"]["revision"] == {"commit": commit, "clean": True}
    (folder / "other.py").write_text("pass\n")
    assert collect(capsys, "--checkout", folder)["result"]["revision"]["clean"] is False


@pytest.mark.parametrize("provider", ENVIRONMENTS)
def test_each_ci_by_its_environment_and_without_names_of_people(capsys, monkeypatch, provider):
    for name, value in ENVIRONMENTS[provider].items():
        monkeypatch.setenv(name, value)
    said = collect(capsys, "--checkout", "none")
    run = said["result"]["run"]
    assert (run["provider"], run["commit"]) == (provider, COMMIT)
    assert run["run_id"].startswith("17")
    assert "somebody" not in json.dumps(said)


@pytest.mark.parametrize(
    ("provider", "name"),
    [(provider, name) for provider in ENVIRONMENTS for name in
     {"github": ("GITHUB_SHA", "GITHUB_RUN_ID"), "gitlab": ("CI_COMMIT_SHA", "CI_JOB_URL"),
      "jenkins": ("GIT_COMMIT", "BUILD_URL")}[provider]],
)  # fmt: skip
def test_a_ci_that_does_not_say_what_it_runs_is_an_error(provider, name):
    said = {**ENVIRONMENTS[provider]}
    del said[name]
    with pytest.raises(InvalidDocument, match=f"{name} is not set"):
        ci_run(said)


def test_ci_and_checkout_must_agree(capsys, monkeypatch, checkout):
    for name, value in ENVIRONMENTS["github"].items():
        monkeypatch.setenv(name, value)
    assert f"the CI runs {COMMIT}" in collect(capsys, "--checkout", checkout[0], code=3)


def test_exports_of_mlflow_registry_and_cluster(capsys):
    said = collect(
        capsys, "--checkout", "none", "--training", DATA / "mlflow-run.json",
        "--registry", DATA / "model-version.json", "--deployment", DATA / "deployment.json",
    )  # fmt: skip
    result = said["result"]
    assert result["training"]["parameters"] == [{"name": "C", "value": "0.5"}]
    assert result["training"]["metrics"] == [{"name": "auc", "value": "0.78"}]
    assert result["training"]["datasets"] == [{"name": "credit-book", "digest": None}]
    assert [one["name"] for one in result["training"]["artifacts"]] == ["model.safetensors"]
    assert (result["registry"]["version"], result["registry"]["aliases"]) == ("7", ["challenger"])
    assert result["deployment"]["model"] == f"sha256:{'d' * 64}"
    assert [one["digest"] for one in result["deployment"]["images"]] == [
        f"sha256:{'c' * 64}", None,
    ]  # fmt: skip
    names = {one["name"] for one in said["source"]["parameters"]}
    assert names == {"training", "registry", "deployment"}


@pytest.mark.parametrize("what", ["training", "registry", "deployment"])
@pytest.mark.parametrize("text", ["{}", "[]", "null", '{"run": 5}', '{"spec": {"containers": 1}}'])
def test_an_export_that_says_nothing_is_an_error(capsys, tmp_path, what, text):
    (tmp_path / "export.json").write_text(text)
    said = collect(capsys, "--checkout", "none", f"--{what}", tmp_path / "export.json", code=3)
    assert "export it again" in said


def test_nothing_collected_is_said_and_closes_no_gap(capsys):
    assert collect(capsys, "--checkout", "none", code=1)["status"] == "not_run"


def test_a_folder_without_git_is_a_usage_error(capsys, tmp_path):
    assert "is no Git work tree" in collect(capsys, "--checkout", tmp_path, code=2)
