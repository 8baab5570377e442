"""`hallgate guard` through its own entry point: findings with lines, formats, bad input."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from hallgate.cli.app import main

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "examples" / "credit-risk" / "deploy"
WORKFLOW = """on: issue_comment
permissions: {}
jobs:
  build:
    steps:
      - uses: actions/checkout@v4
      - run: echo ${{ github.event.comment.body }} || true
"""

PIPELINE = """apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec:
  entrypoint: main
  templates:
    - name: main
      dag:
        tasks:
          - name: promote
            template: x
            dependencies: [scan]
          - {name: scan, template: x}
"""


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    path = tmp_path / "w.yaml"
    path.write_text(WORKFLOW)
    return path


def test_the_example_is_clean_and_that_allows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guard", str(DEPLOY)]) == 0
    said = capsys.readouterr().out
    assert "0 findings in 12 documents" in said
    assert "no decision" in said


def test_findings_have_lines_in_every_format(
    workflow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = {("PIP-001", 7), ("PIP-003", 7), ("SUP-004", 6)}
    assert main(["guard", str(workflow), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {(one["policy"], one["line"]) for one in found["findings"]} == wanted
    assert main(["guard", str(workflow), "--format", "sarif"]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    assert {one["region"]["startLine"] for one in places} == {6, 7}
    assert main(["guard", str(workflow), "--format", "github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("::error ") for line in lines)
    assert any(f"file={workflow},line=6" in line for line in lines)
    assert main(["guard", str(workflow)]) == 1
    assert f"{workflow}:7: PIP-001 " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "is no YAML"),
        ("", "holds no document"),
        ("some: settings\n", "of a kind that is not known"),
        ("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", "not known"),
        ("- 1\n", "no object"),
        ("a: 1\n" * 2, "appears twice"),
        ("x: '" + "a" * 17_000_000 + "'\n", "more than"),
    ],
)
def test_bad_input_is_three_with_a_sentence(
    tmp_path: Path, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    assert main(["guard", str(path)]) == 3
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""


def test_a_task_of_a_pipeline_has_its_own_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(PIPELINE)
    assert main(["guard", str(path), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert {(one["policy"], one["line"]) for one in found} == {("PIP-002", 9)}
    assert len(found) == 3


def test_what_a_task_is_can_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["scan", "evaluate", "sign", "quality-gate", "ship"]
    dag = [{"task_id": one, "downstream_task_ids": [two]} for one, two in pairwise(names)]
    path = tmp_path / "dag.json"
    path.write_text(json.dumps({"dag": {"dag_id": "d", "tasks": [*dag, {"task_id": "ship"}]}}))
    assert main(["guard", str(path)]) == 1
    assert "no pipeline here promotes anything" in capsys.readouterr().out
    said = ["--step", "ship=promote", "--step", "quality-gate=approve"]
    assert main(["guard", str(path), *said]) == 0
    assert main(["guard", str(path), "--step", "ship=launch"]) == 2
