"""What a track's file said before: its baseline is drawn up once, even where the file was gone.

Read from the first-parent line, as merges are: what a branch tried out on its way was never
in force. Git's own answer is bounded while it is read.
"""

from __future__ import annotations

from collections.abc import Iterator

from hallgate.intake.schema import Schemas
from hallgate.intake.tracks import LIMIT, Baselined, earlier_baseline
from hallgate.intake.tree_objects import LIST_LIMIT, Objects
from hallgate.model.errors import InvalidDocument


def baseline_before(
    objects: Objects, commit: str, path: str, schemas: Schemas, *, gone_since: bool = False
) -> tuple[Baselined, ...] | None:
    """The newest baseline that a file had at a commit or before it; None where it had none.

    path is relative to the folder of the objects. Empty where a text of it cannot be read
    today: then no entry is known to be old. gone_since asks only for texts from before the
    file was last taken away. Raises StorageError where Git fails.
    """
    gone = False
    for oid in _texts(objects, commit, path):
        gone = gone or oid is None
        if oid is None or (gone_since and not gone):
            continue
        try:
            text = objects.read(["cat-file", "blob", oid], LIMIT)
        except InvalidDocument:
            return ()
        found = earlier_baseline(text, path, schemas)
        if found is not None:
            return found
    return None


def _texts(objects: Objects, commit: str, path: str) -> Iterator[str | None]:
    """Object ids of a file's texts, newest first; None where it was taken away."""
    log = [
        "log", "-z", "--first-parent", "-m", "--no-renames", "--raw", "--no-abbrev", "--relative",
        "--no-notes", "--no-textconv", "--no-ext-diff", "--format=", commit, "--", path,
    ]  # fmt: skip
    words = iter(objects.read(log, LIST_LIMIT).decode("utf-8", "surrogateescape").split("\0"))
    for word in words:
        facts = word.lstrip("\n").split(" ")
        if len(facts) == 5 and facts[0].startswith(":") and next(words, None) == path:
            oid = facts[3]
            yield oid if oid.strip("0") else None
