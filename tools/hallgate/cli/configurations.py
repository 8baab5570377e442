"""What commands that read configuration documents share: files, and names of pipeline tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.model.errors import UsageError

if TYPE_CHECKING:
    from hallgate.measure.configuration import Source


def sources_of(paths: Sequence[Path]) -> tuple[Source, ...]:
    """The files at or below these paths, read. Raises InvalidDocument."""
    from hallgate.intake.configuration import read_configurations
    from hallgate.measure.configuration import Source

    found = read_configurations(tuple(paths))
    return tuple(Source(one.path, one.digest, one.documents) for one in found)


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
