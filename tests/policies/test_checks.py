"""policies/checks through policy_faults: ours are clean, each bad policy is found out.

Each file of bad/ says in comments, `# expect <check> …`, which line which check must name. All
lie in one copy of the policy tree, so one parse and one question to OPA serve every test.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from hallgate.decide.check_sources import check_sources
from hallgate.decide.policies import load_policies
from hallgate.decide.policy_checks import policy_faults
from hallgate.engine.bundle import build_bundle
from hallgate.engine.opa import Opa
from hallgate.intake.frameworks import read_frameworks
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.model.errors import Fault

ROOT = Path(__file__).parents[2]
BAD = sorted((Path(__file__).parent / "bad").glob("*.rego"))
NOW = 1_795_219_200  # 2026-11-21
_RULES = "policies/promotion/rules"
_TESTS = {"untested": (), "tested_one_way": ("test_deny_a",)}
_RETIRED = """retired:
  - {id: BAD-999, name: gone, retired: "2026-01-01T00:00:00Z", reason: A test.}
  - {id: BAD-998, name: name_retired, retired: "2026-01-01T00:00:00Z", reason: A test.}
"""
_CONTROL = """  - {id: %s, title: A, force: house, status: %s, from: %s, until: %s,
     superseded_by: null, source: nowhere, verified: unverified}
"""
_LAW = "".join(
    [
        "id: test\ntitle: Made for a test\nsource: nowhere\ncontrols:\n",
        _CONTROL % ("old", "superseded", "null", "null"),
        _CONTROL % ("past", "in_force", "null", '"2026-11-21T00:00:00Z"'),
        _CONTROL % ("ending", "in_force", "null", '"2027-12-31T00:00:00Z"'),
        _CONTROL % ("draft", "draft", "null", "null"),
        _CONTROL % ("undated", "pending", "null", "null"),
    ]
)

# Most of these trees have the same sources: what OPA said of them is asked once in this file.
_KEPT = tempfile.TemporaryDirectory(prefix="hallgate-tests-")

Found = dict[str, Counter[tuple[int | None, str]]]


def _faults(root: Path, at: int = NOW) -> tuple[Fault, ...]:
    repository, engine = Repository(root), Opa(ROOT / ".tools/bin/opa")
    schemas = Schemas.load(repository.evidence_schemas)
    policies = load_policies(repository, schemas, engine, Path(_KEPT.name))
    register = read_frameworks(repository.frameworks, schemas)
    return policy_faults(
        repository, engine, policies, register, schemas, at=at, cache=Path(_KEPT.name)
    )


def _copy(folder: Path) -> Path:
    for name in ("policies", "evidence-schemas", "frameworks"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def _check(fault: Fault) -> str:
    match = re.search(r"\((\w+)\)$", fault.what)
    assert match, fault
    return match[1]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What is found in a copy of our tree with every bad policy in it, by file."""
    root = _copy(tmp_path_factory.mktemp("bad"))
    (root / "policies/retired-ids.yaml").write_text(_RETIRED)
    (root / "frameworks/test.yaml").write_text(_LAW)
    for path in BAD:
        _place(root, path)
    faults: Found = {}
    fresh = _faults(root)
    shutil.rmtree(Path(_KEPT.name) / "lint", ignore_errors=True)
    assert _faults(root) == fresh, "facts that were kept do not stand for their modules"
    for fault in fresh:
        assert fault.where
        assert fault.remedy
        faults.setdefault(fault.where.file, Counter())[fault.where.line, _check(fault)] += 1
    return faults


def _place(root: Path, path: Path) -> None:
    target = root / _file(path)
    target.parent.mkdir(parents=True)
    text = path.read_text()
    target.write_text(text)
    package = re.search(r"^package (\S+)", text, re.MULTILINE)
    assert package, path
    names = _TESTS.get(path.stem, ("test_allow_a", "test_deny_a"))
    rules = "\n\n".join(f"{name} if true" for name in names)
    target.with_name(f"{path.stem}_test.rego").write_text(f"package {package[1]}_test\n\n{rules}\n")


def _file(path: Path) -> str:
    return f"{_RULES}/bad/{path.stem}/{path.name}"


def _expected(path: Path) -> Counter[tuple[int | None, str]]:
    return Counter(
        (row, check)
        for row, line in enumerate(path.read_text().splitlines(), start=1)
        for check in line.partition("# expect ")[2].split()
    )


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_bad_policy_is_found_out_and_for_nothing_else(path: Path, found: Found) -> None:
    assert _expected(path), "say with `# expect` what is bad here"
    assert found.get(_file(path), Counter()) == _expected(path)


def test_good_policies_beside_bad_ones_stay_clean(found: Found) -> None:
    assert set(found) == {_file(path) for path in BAD}


def test_every_check_has_a_bad_policy() -> None:
    checks = {path.parent.name for path in (ROOT / "policies/checks").glob("*/*_test.rego")}
    assert {check for path in BAD for _, check in _expected(path)} == checks - {
        "facts",
        "main",
        "overrides",
        "syntax",
        "waivers",
    }


def test_our_policies_are_clean() -> None:
    assert _faults(ROOT, int(time.time())) == ()


def test_policy_in_a_file_for_tests_is_missed(tmp_path: Path) -> None:
    root = _copy(tmp_path)
    text = next(path for path in BAD if path.stem == "untested").read_text()
    path = root / _RULES / "bad/drugs/drug_test.rego"
    path.parent.mkdir(parents=True)
    path.write_text(text.replace("bad.untested # expect tests tests", "bad.drug_test"))
    (fault,) = _faults(root)
    assert "promotion.rules.bad.drug_test" in fault.what
    assert _check(fault) == "layout"


def test_libraries_are_linted_too(tmp_path: Path) -> None:
    root = _copy(tmp_path)
    path = root / "policies/promotion/lib/tiers/tiers.rego"
    rows = len(path.read_text().splitlines())
    lines = (
        "_a if not input.request.first_promotion",
        "_b if data.promotion.lib.tires.x",
        '_c := object.get(input.request, "x", {})',
        "_d(thing) := thing.misspelt",
        "_e := time.now_ns()",
        "_f := input.evidence.pii_scan",
    )
    path.write_text(path.read_text() + "\n".join(lines) + "\n")
    found = [(fault.where.line, _check(fault)) for fault in _faults(root) if fault.where]
    checks = ("negation", "references", "constructs", "fields", "builtins", "evidence")
    assert [one for one in found if one[0] and one[0] > rows] == [
        (rows + number, check) for number, check in enumerate(checks, start=1)
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "there is no list of retired ids"),
        ("retired:\n  - {id: X-1}\n", "is no list of retired ids"),
        ("retired: []\nother: []\n", "is no list of retired ids"),
        ("ids: []\n", "is no list of retired ids"),
        ("retired: [", ""),
    ],
)
def test_list_of_retired_ids_must_be_there_and_sound(
    text: str | None, what: str, tmp_path: Path
) -> None:
    root = _copy(tmp_path)
    path = root / "policies/retired-ids.yaml"
    path.unlink() if text is None else path.write_text(text)
    (fault,) = _faults(root)
    assert what in fault.what
    assert fault.where
    assert fault.where.file == str(path)


def test_repository_without_checks_is_at_fault(tmp_path: Path) -> None:
    root = _copy(tmp_path)
    shutil.rmtree(root / "policies/checks")
    (fault,) = _faults(root)
    assert fault.what == "there are no policies about policies"


_PARTS = {
    "modules": {}, "facts": {}, "tests": {}, "catalog": [], "retired": [],
    "schemas": {"types": [], "fields": []}, "register": {}, "now": NOW,
}  # fmt: skip


@pytest.mark.parametrize("part", [None, *_PARTS])
def test_input_without_a_part_is_no_clean_one(part: str | None) -> None:
    engine = Opa(ROOT / ".tools/bin/opa")
    document = {name: value for name, value in _PARTS.items() if name != part}
    bundle = build_bundle(check_sources(Repository(ROOT)), ("checks",), {})
    answer = engine.evaluate([bundle], "data.checks.main.findings", document)
    assert isinstance(answer, list)
    assert [one["key"] for one in answer] == ([part] if part else [])
