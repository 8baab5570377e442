"""`hallgate evidence folder`: cards and plans of one folder become statements, all or none."""

import json
from pathlib import Path

import pytest
import yaml

from hallgate.cli import app

ROOT = Path(__file__).parents[3]
DIGEST = f"sha256:{'a' * 64}"
CARD = json.loads((Path(__file__).parent / "data/model_card.json").read_text())
PLAN = {
    "automation": "human_review",
    "review_queue": "credit-review",
    "reviewer_role": "credit-officer",
    "reviewer_can_overturn": True,
    "review_before_effect": True,
    "contest_channel": "letter",
    "contest_deadline_hours": 240,
}


@pytest.fixture
def papers(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "model_card.yaml").write_text(yaml.safe_dump(CARD))
    (folder / "oversight_plan.json").write_text(json.dumps(PLAN))
    return folder


def fold(folder, *words):
    model = ("--model", f"credit-risk@{DIGEST}", "--repository", str(ROOT))
    return app.main(["evidence", "folder", str(folder), *model, *map(str, words)])


def test_every_file_becomes_a_statement_with_the_note(papers, tmp_path):
    out = tmp_path / "evidence"
    assert fold(papers, "--out", out, "--note", "staged=by hand") == 0
    made = {path.stem: json.loads(path.read_text()) for path in out.iterdir()}
    assert {kind: one["predicate"]["result"] for kind, one in made.items()} == {
        "model_card": CARD,
        "oversight_plan": PLAN,
    }
    for kind, one in made.items():
        assert one["predicateType"] == f"urn:hallgate:evidence:{kind}:v1"
        assert {"name": "staged", "value": "by hand"} in one["predicate"]["source"]["parameters"]


@pytest.mark.parametrize(
    ("name", "text", "said", "code"),
    [
        ("model_card.json", json.dumps(CARD), "there are two files for model_card", 2),
        ("pii_scan.yaml", "{}", "not named for a type of evidence that people write", 2),
        ("notes.txt", "", "not named for a type of evidence that people write", 2),
        ("reason_audit.yaml", "{}", "reason_audit.yaml", 3),
    ],
)
def test_one_bad_file_and_nothing_is_written(papers, tmp_path, capsys, name, text, said, code):
    (papers / name).write_text(text)
    out = tmp_path / "evidence"
    assert fold(papers, "--out", out) == code
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_an_empty_or_absent_folder_and_no_out_are_refused(tmp_path, papers, capsys):
    (tmp_path / "empty").mkdir()
    for folder, said in (("empty", "the folder is empty"), ("none", "there is no such folder")):
        assert fold(tmp_path / folder, "--out", tmp_path / "out") == 2
        assert said in capsys.readouterr().err
    assert fold(papers) == 2
    assert "needs --out DIR" in capsys.readouterr().err
