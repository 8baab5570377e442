"""Timestamps on kept checkpoints, and their commit."""

from __future__ import annotations

import argparse
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from hallgate.intake.files import read_file
from hallgate.model.errors import Location, StorageError, UsageError
from hallgate.model.log import LogTrust
from hallgate.record.files import write_atomic
from hallgate.record.log.anchors import keep_token
from hallgate.record.log.timestamp import LARGEST_TOKEN, timestamp_query, verify_timestamp

_SECONDS = 30


def stamp(options: argparse.Namespace, anchor: Path, note: bytes, trust: LogTrust) -> list[Path]:
    """Ask for, or take, a timestamp on a checkpoint; kept only when it holds."""
    if options.query is not None:
        write_atomic(options.query, timestamp_query(note))
        return [options.query]
    if options.tsa is None and options.reply is None:
        return []
    if options.reply is not None:
        answer, where = read_file(options.reply, LARGEST_TOKEN), Location(str(options.reply))
    else:
        answer, where = _ask(options.tsa, timestamp_query(note)), Location(options.tsa)
    name, _ = verify_timestamp(answer, note, trust.authorities, where)
    return [keep_token(anchor, name, answer)]


def commit(root: Path, files: Sequence[Path], size: int) -> None:
    """Commit the files, and nothing else; raises UsageError where Git refuses."""
    import git  # 70 ms, and only this needs it

    names = [str(path.resolve()) for path in files]
    command = git.Git(str(root))
    try:
        command.execute(["git", "add", "--", *names])
        if command.execute(["git", "status", "--porcelain", "--", *names]):
            message = f"Checkpoint of the log at {size} entries"
            command.execute(["git", "commit", "--quiet", "--message", message, "--", *names])
    except git.CommandError as error:
        said = str(error.stderr).strip().strip("'").strip()
        raise UsageError(
            f"Git would not commit the checkpoint: {said or error}",
            remedy="mend what it says; the checkpoint is written, commit it",
            where=Location(str(files[0])),
        ) from error


def _ask(url: str, query: bytes) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{url} is no address of an authority", remedy="give http:// or https://")
    request = urllib.request.Request(
        url, data=query, headers={"Content-Type": "application/timestamp-query"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            return bytes(answer.read(LARGEST_TOKEN + 1))
    except (urllib.error.URLError, OSError) as error:
        raise StorageError(
            f"the time-stamping authority did not answer: {error}",
            remedy="repeat the command later; the checkpoint is kept without a timestamp",
            where=Location(url),
        ) from error
