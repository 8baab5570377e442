"""The demo tells its story from nothing: each chapter on content, and quickly."""

import base64
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "credit-risk"
PAPERS = {path.stem for path in (EXAMPLE / "staged").glob("*.yaml")}
CARRIED = {
    "access_grants", "ci_workflows", "deployment_manifests", "infrastructure_plan",
    "pipeline_graph",
}  # fmt: skip
LEFT = {"FAIR-002", "FAIR-003", "FAIR-006"}


def tell(out):
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, EXAMPLE / "run.py", "--out", out],
        capture_output=True, text=True, cwd=ROOT, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return done.stdout, time.monotonic() - started


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "out"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache of its own: the demo keeps its keys there."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def told(out, cache):
    """What the first run printed, by chapter; 0 is what stands before the first."""
    text, _ = tell(out)
    return re.split(r"\n\d\. ", text)


def rows(chapter, outcome):
    """Policies of a decision's table with this outcome."""
    return set(re.findall(rf"^    ([A-Z]{{3,4}}-\d{{3}})\s+{outcome}\b", chapter, re.M))


def inside(path):
    return json.loads(base64.b64decode(json.loads(path.read_text())["payload"]))["predicate"]


def test_it_announces_disk_and_time_and_fixes_the_plan_first(told, out):
    assert re.search(r"about \d+ seconds and \d+ MB", " ".join(told[0].split()))
    plan = (out / "plan.yaml").read_text()
    for fixed in ("folds: 5", "threshold: 0.5", "seed: 0"):
        assert fixed in plan
    written = plan.split("'")[1]
    measured = inside(out / "with-age-and-sex/evidence/fairness_report.json")["collected_at"]
    assert written <= measured


def test_chapter_1_denies_for_fairness_and_two_missing_pieces(told):
    chapter = told[1]
    assert "DENIED" in chapter
    blocked = rows(chapter, "insufficient") | rows(chapter, "fail")
    assert {"FAIR-001", "FAIR-002", "HUM-001", "HUM-004", "THR-001", "SUP-006"} <= blocked
    assert "artifact_scan: no evidence of this type was given" in chapter
    assert "oversight_plan: no evidence of this type was given" in chapter
    assert re.search(r"under 26\s+granted\s+\d+ of 190", chapter)
    assert "Denied, whoever signed" in chapter


def test_every_row_of_evidence_says_measured_staged_or_missing(told):
    found = re.findall(r"^  ([a-z_]+)\s+(measured|staged|missing)\b", told[1], re.M)
    states = dict(found)
    assert len(states) == 17 + len(PAPERS | CARRIED)
    assert {states[kind] for kind in PAPERS} <= {"staged"}
    assert {kind for kind, state in states.items() if state == "missing"} == {
        "artifact_scan", "oversight_plan",
    }  # fmt: skip
    assert states["fairness_report"] == "measured"
    assert states["vulnerability_report"] == states["build_provenance"] == "staged"


def test_staged_evidence_says_so_inside_its_signature(out, told):
    for path in (out / "without-age-and-sex/evidence").glob("*.json"):
        if path.name.endswith(".approval.json"):
            continue
        notes = {one["name"] for one in inside(path)["source"]["parameters"]}
        staged = path.stem in PAPERS | CARRIED | {
            "build_provenance", "dataset_card", "model_card", "oversight_plan",
            "vulnerability_report",
        }  # fmt: skip
        assert ("staged" in notes) == staged, path.name


def test_chapter_2_leaves_only_what_cannot_be_shown(told):
    chapter = told[2]
    assert "DENIED" in chapter
    assert rows(chapter, "insufficient") == LEFT
    assert rows(chapter, "fail") == set()
    assert "age=under 26 has 190 rows, limit 200" in chapter
    assert re.findall(r"^  [a-z_]+\s+(?:measured|staged)\b", chapter, re.M)
    assert not re.findall(r"^  [a-z_]+\s+missing\b", chapter, re.M)


def test_chapter_3_allows_and_keeps_the_waived_findings_in_sight(told):
    chapter = told[3]
    assert "ALLOWED" in chapter
    assert rows(chapter, "waived") == LEFT
    assert rows(chapter, "insufficient") == set()
    assert "age=under 26 has 190 rows, limit 200" in chapter
    assert re.search(r"waived by EXC-\d{4}-0002, owner model-owner, until", chapter)


def test_chapter_4_verifies_refuses_a_flipped_byte_and_answers_by_digest(told, out):
    chapter = " ".join(told[4].split())
    assert chapter.count("The record holds: ALLOWED.") == 2
    assert "forged, or altered" in chapter
    assert "--subject sha256:" in chapter
    assert "Every step came out as told" in chapter
    (record,) = (out / "records").glob("*.record.json")
    altered = (out / "altered" / record.name).read_bytes()
    differing = sum(a != b for a, b in zip(record.read_bytes(), altered, strict=True))
    assert differing == 1


def test_the_next_commands_work(told):
    commands = re.findall(r"^  (\.venv/bin/hallgate .*)$", told[4], re.M)
    assert len(commands) == 3
    for command in commands:
        words = command.replace(".venv/bin", str(Path(sys.executable).parent)).split()
        done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, timeout=60)
        assert done.returncode == 0, command + done.stderr
        assert done.stdout.strip()


def test_the_readme_quotes_the_numbers_of_a_real_run(told, out):
    readme = (EXAMPLE / "README.md").read_text()
    quoted = readme.split("<!-- numbers -->\n")[1].split("<!-- /numbers -->")[0]
    assert quoted.strip() == (out / "numbers.md").read_text().strip()


def test_private_keys_stay_outside_of_the_output(told, out, cache):
    texts = [path.read_bytes() for path in out.rglob("*") if path.is_file()]
    assert not any(b"PRIVATE KEY" in text for text in texts)
    assert list(cache.rglob("promotion-gate.pem"))


def test_training_rows_by_the_unseen_fold_and_new_ones_by_the_mean(told, out, monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLE))
    import numpy as np
    from train import Model, Table

    model = Model.load(out / "without-age-and-sex/model.safetensors")
    table = Table.read(ROOT / "examples/data/german_credit.csv")
    every = model.by_fold(table.rows[:9])
    assert every.shape == (5, 9)
    assert np.allclose(model.new(table.rows[:9]), every.mean(axis=0))
    own = [every[fold, at] for at, fold in enumerate(table.folds[:9])]
    assert np.allclose(model.unseen(table)[:9], own)
    assert not {"age", "sex"} & {name.partition("=")[0] for name in model.encoding.columns}


def test_a_second_run_starts_over_in_less_than_a_minute(told, out):
    (before,) = (out / "records").glob("*.record.json")
    text, seconds = tell(out)
    assert "Every step came out as told" in text
    (after,) = (out / "records").glob("*.record.json")
    assert after.name != before.name
    assert seconds < 60


def test_a_folder_that_holds_other_things_is_left_alone(tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    done = subprocess.run(
        [sys.executable, EXAMPLE / "run.py", "--out", tmp_path],
        capture_output=True, text=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "holds other things" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]
