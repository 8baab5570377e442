"""policies/checks on real syntax trees: ours are clean, each bad one is found out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from hallgate.intake.schema import Schemas

ROOT = Path(__file__).parents[2]
OPA = ROOT / ".tools" / "bin" / "opa"
AT = 1_795_176_000  # 2026-11-20
BAD = sorted((Path(__file__).parent / "bad").glob("*.rego"))
_LAWS = {
    "test:old": {"status": "superseded", "from": 0, "until": None},
    "test:past": {"status": "in_force", "from": 0, "until": 1_795_176_000},
    "test:ending": {"status": "in_force", "from": 0, "until": 1_800_000_000},
}
_TESTS = {"untested": (), "tested_one_way": ("test_deny_a",)}


def test_our_policies_are_clean(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "policies" / "promotion", tmp_path / "promotion")
    document = _compose(tmp_path)
    assert len(document["modules"]) > 30
    assert len(document["catalog"]) >= 24
    assert _findings(document) == []


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_each_check_fires_and_nothing_else(path: Path, tmp_path: Path) -> None:
    text = path.read_text()
    expected = sorted(
        line.removeprefix("# expect: ") for line in text.splitlines() if line.startswith("# expect")
    )
    document = _beside_ours(tmp_path, {path.stem: text})
    found = _findings(document)
    assert sorted({one["key"] for one in found}) == expected
    wanted = f"promotion/rules/bad/{_folder(path.stem)}/{path.stem}.rego"
    assert all(one["file"] == wanted and one["row"] > 0 for one in found)


def test_one_id_twice(tmp_path: Path) -> None:
    good = (Path(__file__).parent / "bad" / "good.rego").read_text()
    document = _beside_ours(tmp_path, {"good": good, "twin": good.replace("bad.good", "bad.twin")})
    assert [(one["key"], one["message"]) for one in _findings(document)] == [
        ("id=BAD-001", "id BAD-001 is used 2 times"),
        ("id=BAD-001", "id BAD-001 is used 2 times"),
    ]


def test_entry_without_module(tmp_path: Path) -> None:
    document = _beside_ours(tmp_path, {})
    gone = {**document["catalog"][0], "id": "GON-001", "package": "promotion.rules.gone.away"}
    document["catalog"].append(gone)
    assert [one["key"] for one in _findings(document)] == ["module=GON-001"]


@pytest.mark.parametrize(
    "part", ["at", "catalog", "controls", "modules", "request", "retired_ids", "schemas", "tests"]
)
def test_an_input_without_its_parts_is_no_clean_one(part: str, tmp_path: Path) -> None:
    document = _beside_ours(tmp_path, {})
    del document[part]
    assert f"input={part}" in {one["key"] for one in _findings(document)}


def test_rego_tests_of_the_checks() -> None:
    done = subprocess.run(
        [OPA, "test", "--fail-on-empty", ROOT / "policies" / "checks"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _beside_ours(folder: Path, bad: dict[str, str]) -> dict[str, Any]:
    """Our libraries and main with these policies instead of ours."""
    ours = ROOT / "policies" / "promotion"
    for part in ("lib", "main", "replay"):
        shutil.copytree(ours / part, folder / "promotion" / part)
    for name, text in bad.items():
        target = folder / "promotion" / "rules" / "bad" / _folder(name)
        target.mkdir(parents=True, exist_ok=True)
        (target / f"{name}.rego").write_text(text)
        package = next(line for line in text.splitlines() if line.startswith("package "))
        tests = "\n\n".join(
            f"{one} if true" for one in _TESTS.get(name, ("test_allow_a", "test_deny_a"))
        )
        (target / f"{name}_test.rego").write_text(f"{package}_test\n\n{tests}\n")
    if not bad:
        shutil.copytree(ours / "rules" / "secrets", folder / "promotion" / "rules" / "secrets")
    document = _compose(folder)
    document["controls"] |= _LAWS
    document["retired_ids"] = ["BAD-999"]
    return document


def _folder(name: str) -> str:
    return "deeper/too_deep" if name == "too_deep" else name


def _compose(tree: Path) -> dict[str, Any]:
    """The input document of policies/checks/README.md for the .rego files under tree."""
    schemas = Schemas.load(ROOT / "evidence-schemas")
    files = sorted(tree.rglob("*.rego"))
    return {
        "at": AT,
        "modules": [
            {"path": path.relative_to(tree).as_posix(), "module": _parse(path)}
            for path in files
            if not path.name.endswith("_test.rego")
        ],
        "tests": _tests_of(files),
        "catalog": _catalog(tree),
        "retired_ids": yaml.safe_load((ROOT / "policies" / "retired-ids.yaml").read_text())["ids"],
        "schemas": {kind: schemas.schema(f"flat:{kind}") for kind in schemas.evidence_types},
        "request": schemas.request_constant(),
        "controls": _controls(),
    }


def _parse(path: Path) -> Any:
    command = [OPA, "parse", "--format", "json", "--json-include", "locations", path]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def _tests_of(files: list[Path]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in files:
        text = path.read_text()
        package = re.search(r"^package (\S+)", text, re.MULTILINE)
        assert package, path
        names = re.findall(r"^(test_\w+)", text, re.MULTILINE)
        if names:
            found.setdefault(package[1], []).extend(names)
    return found


def _catalog(tree: Path) -> list[dict[str, Any]]:
    command = [OPA, "inspect", "--annotations", "--format", "json", "."]
    answer = json.loads(subprocess.run(command, capture_output=True, check=True, cwd=tree).stdout)
    return [
        _entry(one)
        for one in answer.get("annotations", [])
        if "id" in one["annotations"].get("custom", {})
    ]


def _entry(one: dict[str, Any]) -> dict[str, Any]:
    custom = one["annotations"]["custom"]
    limits = custom.get("limits") or ({"": custom["limit"]} if "limit" in custom else {})
    return {
        "id": custom["id"],
        "package": ".".join(part["value"] for part in one["path"][1:]),
        "severity": custom["severity"],
        "evidence": custom["evidence"],
        "limits": [{"name": name, **limit} for name, limit in sorted(limits.items())],
        "waivable": custom["waivable"],
        "why_not": custom.get("why_not"),
        "controls": custom["controls"],
        "effective_from": _seconds(custom["effective_from"]),
        "file": one["location"]["file"],
        "row": one["location"]["row"],
    }


def _controls() -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted((ROOT / "frameworks").glob("*.yaml")):
        framework = yaml.safe_load(path.read_text())
        for one in framework.get("controls", []):
            found[f"{framework['id']}:{one['id']}"] = {
                "status": one["status"],
                "from": _seconds(one["from"]),
                "until": _seconds(one["until"]),
            }
    return found


def _seconds(text: str | None) -> int | None:
    return None if text is None else int(datetime.fromisoformat(text).timestamp())


def _findings(document: dict[str, Any]) -> list[dict[str, Any]]:
    """data.checks.main.findings about an input document, sorted."""
    command = [OPA, "eval", "--strict-builtin-errors", "--format", "json", "--stdin-input"]
    command += ["--data", ROOT / "policies" / "checks", "data.checks.main.findings"]
    done = subprocess.run(
        command, input=json.dumps(document).encode(), capture_output=True, check=False
    )
    answer = json.loads(done.stdout)
    assert done.returncode == 0, answer
    return answer["result"][0]["expressions"][0]["value"]
