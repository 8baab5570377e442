"""A repository of main, the libraries and one policy, with tests and without scenarios."""

import shutil
from pathlib import Path

import pytest

from hallgate.engine.opa import Opa

ROOT = Path(__file__).parents[4]
POLICY = "provenance/build_level_reached"


@pytest.fixture(scope="session")
def opa() -> Opa:
    return Opa(ROOT / ".tools" / "bin" / "opa", timeout=120)


@pytest.fixture
def repository(tmp_path):
    """Only the tests of the one policy are copied, so that little is judged."""
    promotion = ROOT / "policies" / "promotion"
    for name in ("main", "replay", "lib", f"rules/{POLICY}"):
        tests = (
            shutil.ignore_patterns() if POLICY in name else shutil.ignore_patterns("*_test.rego")
        )
        shutil.copytree(promotion / name, tmp_path / "policies/promotion" / name, ignore=tests)
    shutil.copytree(ROOT / "evidence-schemas", tmp_path / "evidence-schemas")
    listed = ROOT / "policies" / "equivalent-mutants.yaml"
    shutil.copy(listed, tmp_path / "policies")
    (tmp_path / ".tools").symlink_to(ROOT / ".tools")
    return tmp_path
