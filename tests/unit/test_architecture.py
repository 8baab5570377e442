"""Small rooms and floors that import downward."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "tools").rglob("*.py")) + sorted((ROOT / "examples").rglob("*.py"))
SUITES = sorted((ROOT / "tests").rglob("*.py"))
RULES = sorted((ROOT / "policies").rglob("*.rego"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_are_small(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400, "split it"
    long = [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 >= 60
    ]
    assert not long


@pytest.mark.parametrize("path", SUITES + RULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_of_tests_and_of_policies_are_small(path):
    assert path.read_text(encoding="utf-8").count("\n") <= 400, "split it"


def test_the_median_module_is_about_120_lines():
    sizes = sorted(path.read_text().count("\n") for path in MODULES)
    assert sizes[len(sizes) // 2] <= 160


def test_policies_are_small():
    rules = [path for path in (ROOT / "policies").rglob("*.rego") if "_test" not in path.name]
    long = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in rules
        if "/rules/" in str(path) and len(path.read_text().splitlines()) >= 80
    }
    assert not long


def test_every_policy_has_a_test_beside_it():
    rules = set((ROOT / "policies").rglob("*.rego"))
    bare = [
        path
        for path in rules
        if not path.name.endswith("_test.rego")
        and path.with_name(path.stem + "_test.rego") not in rules
        and "/rules/" in str(path)
        and path.parents[1].name != "rules"  # a family's METADATA, without rules
    ]
    assert not bare


def test_floors_import_only_downward():
    command = [str(Path(sys.executable).with_name("lint-imports"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


def test_no_wrapper_is_named_like_pytests_plugin():
    assert not list((ROOT / "tools").rglob("conftest.py"))


def test_nothing_names_a_machine_or_holds_a_key():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode().split("\0")  # fmt: skip
    words = ["BEGIN " + "PRIVATE KEY", "BEGIN " + "OPENSSH", "/wo" + "rk/", "/ro" + "ot/"]
    found = []
    for name in filter(None, listed):
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            text = path.read_bytes().decode(errors="replace")
            found += [(name, word) for word in words if word in text]
    assert not found
