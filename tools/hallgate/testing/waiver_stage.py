"""Puts a scenario's waivers and their approvals on disk, in Git, and reads them back.

The history is a real one: who touched a waiver is whoever committed its file.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hallgate.intake.history import History
from hallgate.intake.schema import Schemas
from hallgate.intake.shapes import APPROVAL_TYPE
from hallgate.intake.waivers import read_waivers
from hallgate.model.documents import Waiver
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.statement import statement as in_toto
from hallgate.testing.cast import Cast, address
from hallgate.testing.pointer import apply_change
from hallgate.testing.scenario import Scenario


def stage_waivers(
    scenario: Scenario,
    cast: Cast,
    schemas: Schemas,
    folder: Path,
    families: Mapping[str, str],
) -> tuple[Waiver, ...]:
    """Write, sign, commit and read back the waivers of a scenario; none without any.

    families maps live policies to their family, which is the waiver's folder.
    Raises InvalidDocument as `hallgate decide` would.
    """
    changes = scenario.change.get("waivers") or ()
    if not changes:
        return ()
    folder.mkdir()
    written = [_write(scenario, cast, folder, change, families) for change in changes]
    if any(touchers for _, touchers in written):
        _git(folder.parent, "init", "--quiet")
    for path, touchers in written:
        _commit(folder, path, touchers or ())
    return read_waivers(
        folder,
        cast.trust,
        schemas,
        history=History.read(folder),
        live=frozenset(families),
        at=scenario.now,
    )


def _write(
    scenario: Scenario,
    cast: Cast,
    folder: Path,
    change: Mapping[str, Any],
    families: Mapping[str, str],
) -> tuple[Path, Sequence[str] | None]:
    document = apply_change(scenario.base["waiver"], change)
    name = document["id"]
    family = folder / families.get(document["policy"], "none")
    family.mkdir(exist_ok=True)
    path = family / f"{name}.yaml"
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    for word in change.get("approvals") or ():
        said = {"role": word} if isinstance(word, str) else word
        approval = _approval(cast, document, said)
        identity = said.get("identity", said["role"])
        target = family / f"{name}.{identity}.approval.json"
        target.write_text(json.dumps(approval), encoding="utf-8")
    return path, change.get("touched_by", (document["requester"],))


def _approval(cast: Cast, waiver: dict[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    identity = said.get("identity", said["role"])
    predicate = {
        "action": "waiver",
        "role": said["role"],
        "identity": identity,
        "decision": "approve",
        "to_stage": None,
        "approved_at": waiver["opened"],
        "valid_until": waiver["expires"],
        "reason": "The residual risk is acceptable until the remedy is due.",
        "conditions": None,
    }
    subject = said.get("subject") or {}
    document = in_toto(
        subject.get("name", waiver["id"]),
        subject.get("digest", sha256_digest(canonical_bytes(waiver))),
        APPROVAL_TYPE,
        apply_change(predicate, said),
    )
    return dict(cast.approve(said.get("signer", identity), document))


def _commit(folder: Path, path: Path, touchers: Sequence[str]) -> None:
    """One commit of the file by each; the words stay the same, only a last line end moves."""
    text = path.read_text(encoding="utf-8")
    for number, who in enumerate(touchers):
        path.write_text(text + "\n" * number, encoding="utf-8")
        _git(folder, "add", "--", str(path))
        _git(folder, "commit", "--quiet", "--message", f"Touch {path.name}", who=who)


def _git(folder: Path, *arguments: str, who: str = "nobody") -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": who,
        "GIT_AUTHOR_EMAIL": address(who),
        "GIT_COMMITTER_NAME": who,
        "GIT_COMMITTER_EMAIL": address(who),
    }
    command = ["git", "-c", "commit.gpgsign=false", "-c", "gc.auto=0", *arguments]
    subprocess.run(
        command, check=True, cwd=folder, env=environment, timeout=60, stdout=subprocess.DEVNULL
    )
