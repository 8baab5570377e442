"""What commands that read configuration documents share: files, and names of pipeline tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.model.errors import UsageError

if TYPE_CHECKING:
    from hallgate.measure.configuration import Source
    from hallgate.model.values import JsonValue


def sources_of(paths: Sequence[Path]) -> tuple[Source, ...]:
    """The files at or below these paths, read. Raises InvalidDocument."""
    from hallgate.intake.configuration import read_configurations
    from hallgate.measure.configuration import Source

    found = read_configurations(tuple(paths), instructions_of)
    return tuple(Source(one.path, one.digest, one.documents) for one in found)


def instructions_of(path: Path) -> JsonValue:
    """The instructions of a Dockerfile by conftest's parser. Raises InvalidDocument."""
    import os

    from conftest_py import Conftest, ConftestError
    from hallgate.intake.repository import Repository
    from hallgate.model.errors import EngineMissing, InvalidDocument, Location

    said = os.environ.get("HALLGATE_CONFTEST")
    program = Path(said) if said else Repository.find(Path.cwd()).root / ".tools/bin/conftest"
    if not program.is_file():
        raise EngineMissing(f"there is no conftest at {program}", remedy="run `make tools`")
    try:
        stages = Conftest(program.resolve()).parse(path, parser="dockerfile")
    except ConftestError as error:
        words = "check it with `docker build --check`"
        raise InvalidDocument.one(str(error), where=Location(str(path)), remedy=words) from error
    return (
        [one for stage in stages if isinstance(stage, list) for one in stage]
        if isinstance(stages, list)
        else []
    )


def said_steps(words: Sequence[str]) -> Mapping[str, str]:
    """`--step NAME=STEP` as a map. Raises UsageError."""
    from hallgate.measure.configuration import STEPS

    found = {}
    for word in words:
        name, _, step = word.partition("=")
        if not name or step not in STEPS:
            raise UsageError(
                f"--step {word!r} is no NAME=STEP", remedy=f"a step is one of {', '.join(STEPS)}"
            )
        found[name] = step
    return found
