"""Rego tests of a repository, run once with the generated constants beside them."""

from __future__ import annotations

import io
import tarfile
import tempfile
from pathlib import Path
from typing import Any, cast

from hallgate.decide.policies import PolicySet
from hallgate.engine.opa import Opa
from hallgate.intake.repository import Repository


def unpack(data: bytes, folder: Path) -> None:
    """Write the .rego files of a bundle below a folder."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for entry in archive.getmembers():
            content = archive.extractfile(entry)
            if content is None or not entry.name.endswith(".rego"):
                continue
            target = folder / entry.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())


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
        results = engine.test(["."], cwd=folder)
    return {_key(result): _trouble(cast("dict[str, Any]", result)) for result in results}


def _key(result: Any) -> tuple[str, str]:
    return str(result["package"]).removeprefix("data."), str(result["name"])


def _trouble(result: dict[str, Any]) -> str:
    if not (result.get("fail") or result.get("error") or result.get("skip")):
        return ""
    place = result.get("location") or {}
    where = f"policies/{place.get('file')}:{place.get('row')}"
    why = result.get("error", {}).get("message") if result.get("error") else ""
    word = "was skipped" if result.get("skip") else f"failed {why or ''}".strip()
    return f"{where}: {result['package']}.{result['name']} {word}"
