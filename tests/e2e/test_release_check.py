"""`hallgate release check` on a small house: built twice the same; a version too low."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hallgate.cli import app

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
PARTS = (
    "policies/promotion/main", "policies/promotion/lib", "policies/promotion/replay",
    "policies/promotion/rules/fairness", "policies/checks", "evidence-schemas", "frameworks",
    "tests/scenarios/trust",
)  # fmt: skip
SCENARIOS = ("base", "denied-young-selected-less")
RATIO = "policies/promotion/rules/fairness/selection_ratio_within_limit"
LIMITS = '"high": 8000'
LOG = (
    "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-11-25\n- Tighter.\n\n## [1.0.0]\n- Old.\n"
)


def git(folder: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@hallgate.dev", *words],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One family of this tree, tagged v1.0.0, and a commit after it."""
    folder = tmp_path_factory.mktemp("house") / "house"
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part)
    shutil.copytree(ROOT / "trust", folder / "trust")
    for part in ("CODEOWNERS", "policies/retired-ids.yaml"):
        shutil.copy(ROOT / part, folder / part)
    (folder / "tracks").mkdir()
    (folder / "tests/scenarios/finance").mkdir()
    for name in SCENARIOS:
        part = f"tests/scenarios/finance/{name}.yaml"
        shutil.copy(ROOT / part, folder / part)
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## [1.0.0]\n- Old.\n")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "all")
    git(folder, "tag", "v1.0.0")
    return folder


def check(house: Path, *words: str) -> int:
    return app.main(["release", "check", "--repository", str(house), "--quiet", *words])


def test_built_twice_and_the_version_says_enough(
    house: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLGATE_OPA", os.environ.get("HALLGATE_OPA") or f"{ROOT}/.tools/bin/opa")
    assert check(house, "--channel", "next") == 0, capsys.readouterr().err
    assert "twice the same\nnothing stands against 1.0.1-next.0" in capsys.readouterr().out
    assert check(house) == 2
    assert "needs a version" in capsys.readouterr().err
    rule = house / RATIO / "selection_ratio_within_limit.rego"
    rule.write_text(rule.read_text().replace(LIMITS, '"high": 9900'))
    (house / "CHANGELOG.md").write_text(LOG)
    assert check(house, "--version", "1.1.0") == 3
    assert "differs from the commit" in capsys.readouterr().err
    git(house, "commit", "--quiet", "--all", "--message", "Tighter.")
    assert check(house, "--version", "1.1.0") == 3
    assert "1.1.0 says too little for what changed since 1.0.0" in capsys.readouterr().err
