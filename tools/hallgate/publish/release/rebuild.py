"""The same bundles once more, in a fresh clone, by that clone's own code.

Another path, umask, time zone and home than the first build had: what depends on any of them
shows as a difference.
"""

from __future__ import annotations

import os
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from hallgate.engine.process import run
from hallgate.intake.tracks import ALL
from hallgate.model.errors import EngineAborted, NotProven
from hallgate.publish.bundle.archive import SIGNATURES, pack, unpack
from hallgate.publish.release.history import clone_at

_TIMEOUT = 900.0
_RUN = "import os, sys; os.umask(0o077); from hallgate.cli.app import main; sys.exit(main())"


def rebuilt(root: Path, commit: str, names: Sequence[str], opa: Path) -> dict[str, bytes]:
    """The unsigned bundle of each track (or `all`), built from a commit in a fresh clone.

    opa is the engine to build with. Raises EngineAborted where that commit does not build.
    """
    with tempfile.TemporaryDirectory(prefix="hallgate-rebuild-") as name:
        folder = Path(name).resolve()
        clone = clone_at(root, commit, folder / "some" / "where" / "else")
        paths = [str(_as_of(clone, folder / "installed")), str(clone / "tools")]
        home = folder / "home"
        home.mkdir(mode=0o700)
        environment = (
            "env", f"PYTHONPATH={os.pathsep.join(paths)}", f"HOME={home}", f"HALLGATE_OPA={opa}",
            "TZ=Pacific/Kiritimati", "LC_ALL=C", "PYTHONDONTWRITEBYTECODE=1",
        )  # fmt: skip
        found = {}
        for track in names:
            output = folder / f"{track}.tar.gz"
            words = ["bundle", "build", "--repository", str(clone), "--output", str(output)]
            if track != ALL:
                words += ["--track", track]
            command = [*environment, sys.executable, "-c", _RUN, *words]
            done = run(command, stdin=b"", timeout=_TIMEOUT, cwd=home)
            if done.code != 0 or not output.is_file():
                said = done.stderr.decode(errors="replace").strip()
                raise EngineAborted(
                    f"{track} of {commit[:12]} does not build again: {said}",
                    remedy="check that commit out and run `make tools dev` there",
                )
            found[track] = output.read_bytes()
        return found


def unsigned(bundle: bytes) -> bytes:
    """A bundle without its signature, packed anew as signing packs it.

    Raises InvalidDocument where it is no bundle.
    """
    entries = unpack(bundle)
    return pack({path: data for path, data in entries.items() if path != SIGNATURES})


def require_same(track: str, first: bytes, second: bytes, what: str) -> None:
    """Raise NotProven, naming the first file that differs, unless both are the same bytes."""
    if first == second:
        return
    before, after = unpack(first), unpack(second)
    differing = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    raise NotProven(
        f"{what}: {track} differs in {differing[0] if differing else 'its archive'}"
        f"{f' and {len(differing) - 1} more' if len(differing) > 1 else ''}",
        remedy="do not use it; compare the two with `hallgate bundle diff`",
    )


def _as_of(clone: Path, folder: Path) -> Path:
    """Metadata that say the version which that commit has, whatever is installed here."""
    version = None
    with suppress(OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        project = tomllib.loads((clone / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        if project["name"] == "hallgate":
            version = project["version"]
    if version is not None:
        facts = folder / f"hallgate-{version}.dist-info"
        facts.mkdir(parents=True)
        text = f"Metadata-Version: 2.1\nName: hallgate\nVersion: {version}\n"
        (facts / "METADATA").write_text(text, encoding="utf-8")
    return folder
