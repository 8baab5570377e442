"""Rego tests of a repository, run once with the generated constants beside them."""

from __future__ import annotations

import io
import re
import tarfile
import tempfile
from pathlib import Path
from typing import Any, cast

from hallgate.decide.policies import PolicySet
from hallgate.engine.opa import Opa
from hallgate.engine.process import run
from hallgate.intake.repository import Repository

_EXPLAINED = 20
_RULE = "-" * 80


def rego_files(data: bytes) -> dict[str, bytes]:
    """The .rego files of a bundle, by path."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for entry in archive.getmembers():
            content = archive.extractfile(entry)
            if content is not None and entry.name.endswith(".rego"):
                found[entry.name] = content.read()
    return found


def unpack(data: bytes, folder: Path) -> None:
    """Write the .rego files of a bundle below a folder."""
    for name, content in rego_files(data).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def rego_results(
    repository: Repository, policies: PolicySet, engine: Opa
) -> dict[tuple[str, str], str]:
    """By (package, rule): nothing where it passed, else OPA's words with the Rego line."""
    with tempfile.TemporaryDirectory(prefix="hallgate-rego-") as name:
        folder = Path(name)
        unpack(policies.bundle.data, folder)
        for path in sorted((repository.root / "policies").rglob("*.rego")):
            target = folder / path.relative_to(repository.root / "policies")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
        results = [cast("dict[str, Any]", one) for one in engine.test(["."], cwd=folder)]
        troubles = {_key(result): trouble(result) for result in results}
        wrong = [result for result in results if result.get("fail")]
        for result in wrong[:_EXPLAINED]:
            troubles[_key(result)] += _explained(engine, folder, result)
    return troubles


def _key(result: dict[str, Any]) -> tuple[str, str]:
    return str(result["package"]).removeprefix("data."), str(result["name"])


def trouble(result: dict[str, Any]) -> str:
    """What one result of `opa test --format json` says against the test; empty if nothing."""
    if not (result.get("fail") or result.get("error") or result.get("skip")):
        return ""
    place = result.get("location") or {}
    where = f"policies/{place.get('file')}:{place.get('row')}"
    why = result["error"].get("message", "") if result.get("error") else ""
    word = "was skipped (todo_)" if result.get("skip") else f"failed {why}".strip()
    return f"{where}: {result['package']}.{result['name']} {word}"


def _explained(engine: Opa, folder: Path, result: dict[str, Any]) -> str:
    """The line that did not hold, with the values in it: the test run once more, alone."""
    pattern = f"^{re.escape(result['package'] + '.' + result['name'])}$"
    command = [str(engine.program), "test", ".", "--run", pattern, "--var-values"]
    done = run(command, stdin=b"", timeout=engine.timeout, cwd=folder)
    told = done.stdout.decode(errors="replace").split(_RULE)
    # Between the third rule and the last stands the name again, then line and values.
    lines = told[2].strip().splitlines()[1:] if len(told) > 3 else []
    return "\n" + "\n".join(lines).strip("\n") if lines else ""
