"""A policy repository in Git with the made signers as its trust, for whole commands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from world import World, environment

from hallgate.model.trust import Identity

_PARTS = ("policies", "evidence-schemas", "frameworks", "tracks")
_SINCE = "2017-07-14T02:40:00Z"


def make_repository(world: World, clone: Path) -> None:
    """Main: the policies of this repository, and the made signers; nothing committed yet."""
    for name in _PARTS:
        shutil.copytree(world.root / name, clone / name)
    shutil.copytree(world.root / "tests/scenarios/trust", clone / "trust")
    for one in world.cast.trust.identities:
        path = clone / "trust/identities" / f"{one.id}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(_identity(one)), encoding="utf-8")
    (clone / "CODEOWNERS").write_text("* @bank/releases\n", encoding="utf-8")
    git(clone, "init", "--quiet", "--initial-branch", "main")


def lay(clone: Path, family: str, name: str, document: Any) -> Path:
    """A document below exceptions/."""
    path = clone / "exceptions" / family / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def commit(clone: Path) -> None:
    """Everything there is."""
    git(clone, "add", "--all", "--force")
    git(clone, "commit", "--quiet", "--message", "As measured.")


def git(clone: Path, *words: str) -> None:
    """Git without anybody's settings."""
    who = {
        f"GIT_{kind}_{name}": value
        for kind in ("AUTHOR", "COMMITTER")
        for name, value in (("NAME", "bench"), ("EMAIL", "bench@example.org"))
    }
    settings = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, **who}
    subprocess.run(
        ["git", "-c", "commit.gpgsign=false", "-c", "gc.auto=0", *words], cwd=clone, check=True,
        env=environment(settings), capture_output=True,
    )  # fmt: skip


def hallgate(world: World, cache: Path, words: Sequence[object]) -> tuple[int, bytes, str]:
    """The installed command with the pinned engine: code, output, messages."""
    command = [str(Path(sys.executable).with_name("hallgate")), *(str(one) for one in words)]
    more = {"HALLGATE_OPA": str(world.engine.program), "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(command, capture_output=True, env=environment(more))
    return done.returncode, done.stdout, done.stderr.decode()


def _identity(one: Identity) -> dict[str, Any]:
    ends = {"valid_until": None, "revoked_at": None, "compromised": False}
    return {
        "id": one.id,
        "kind": one.kind,
        "title": one.title,
        "emails": list(one.emails),
        "roles": [{"role": held.role, "since": _SINCE, "until": None} for held in one.roles],
        "keys": [{"public": key.public, "valid_from": _SINCE, **ends} for key in one.keys],
    }
