"""What Git says about a folder: who touched which file, and when it was merged.

The time of a merge is that of the newest commit on the first-parent line of HEAD that
changed the file: from then on everybody could see it as it is now. Authors and
committers are what commits claim; a forge that checks signatures makes the claim worth
something. What Git cannot tell is None, never "nobody".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hallgate.intake.commit_signatures import CommitCheck
from hallgate.model.errors import Fault, Location

_ENVIRONMENT = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "TZ": "UTC",  # in which ssh-keygen reads the dates of allowed signers
}
_SETTINGS = ("-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-c", "color.ui=false")
_FORMAT = "%x01%ae%x1f%ce%x1f%(trailers:key=Co-authored-by,valueonly,separator=%x1f)"
# How `git log` tells who touched what: renames followed, merges by what they change themselves.
TOUCHING = (
    "-z", "--topo-order", "--full-history", "-c", "--find-renames", "--name-status",
    "--no-mailmap", "--no-notes",
)  # fmt: skip
_STATUS = re.compile(r"[ACDMRTUXB]+[0-9]*")
_ADDRESS = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class History:
    """Git facts about the files of one folder; paths are relative to it, with slashes.

    head is the commit, None where nothing is known; why_unknown then says what
    to do. dirty holds files that differ from head or are not in it. logged says by digest
    when the repository's log first published a record, and then counts instead of merges;
    None where there is no log.
    """

    head: str | None
    why_unknown: str | None
    dirty: frozenset[str] = frozenset()
    _touched: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _merged: Mapping[str, int] = field(default_factory=dict)
    logged: Mapping[str, int] | None = None
    unsigned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        folder: Path,
        logged: Mapping[str, int] | None = None,
        check: CommitCheck | None = None,
    ) -> History:
        """Facts about a folder of a work tree; never raises for want of Git or history.

        check is given where commits must be signed; unsigned then names those that are not.
        """
        try:
            return replace(_read(folder, check), logged=logged)
        except _Unknown as error:
            return cls(None, str(error), logged=logged)

    def touchers(self, path: str) -> tuple[str, ...] | None:
        """Addresses of all who touched a file, renames followed; None where Git cannot tell.

        A file with changes that are in no commit has been touched by nobody knows whom.
        """
        if self.head is None or path in self.dirty or path in self.unsigned:
            return None
        return self._touched.get(path)

    def known(self) -> frozenset[str]:
        """Every path that any commit touched, also those that are gone; none without history."""
        return frozenset(self._touched) if self.head is not None else frozenset()

    def merged(self) -> Mapping[str, int] | None:
        """By path when it was merged as it is now (seconds); None where Git cannot tell.

        Files with changes that are in no commit are left out.
        """
        return None if self.head is None else self._merged

    def published(self, path: str, digest: str) -> int | None:
        """When a file of this digest was published; None where it was not yet.

        By the log where there is one, else by the merge that brought the file as it is.
        """
        if self.logged is not None:
            return self.logged.get(digest)
        return None if path in self.unsigned else self._merged.get(path)

    def told(self) -> str:
        """All that it tells as one text: of two that are equal every answer is the same."""
        logged = None if self.logged is None else sorted(self.logged.items())
        facts = (sorted(one.items()) for one in (self._touched, self._merged, self.unsigned))
        return repr((self.head is not None, sorted(self.dirty), logged, *facts))

    @property
    def tells_times(self) -> bool:
        """Whether it is known at all when files were published."""
        return self.logged is not None or self.head is not None


def unsigned_faults(history: History, folder: Path) -> tuple[Fault, ...]:
    """One fault for each file that a commit changed which is not signed as it must be."""
    return tuple(
        Fault(
            f"was changed by {', '.join(commits)}, not signed by a key of its committer in trust/",
            Location(str(folder / path)),
            "no approval counts here: make the commit anew, signed (git commit -S, gpg.format ssh)",
        )
        for path, commits in sorted(history.unsigned.items())
    )


class _Unknown(Exception):
    """Git cannot tell; the message says what to do."""


def _read(folder: Path, check: CommitCheck | None) -> History:
    if not folder.is_dir():
        raise _Unknown(f"there is no folder {folder}")
    facts = _git(
        folder, "rev-parse", "--is-shallow-repository", "--is-inside-work-tree", "--show-prefix"
    )
    shallow, inside, prefix = [*_text(facts).split("\n"), "", ""][:3]
    if inside != "true":
        raise _Unknown("this is no Git work tree; run inside a clone")
    if shallow != "false":
        raise _Unknown("this clone is shallow; run `git fetch --unshallow`")
    head = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD").decode().strip()
    log = _git(folder, "log", *TOUCHING, f"--format={_FORMAT}", head, "--", ".")
    changed = _git(
        folder, "diff", "-z", "--name-only", "--no-renames", "--relative", head, "--", "."
    )
    new = _git(folder, "ls-files", "-z", "--others", "--", ".")
    dirty = frozenset(name for name in _names(changed) + _names(new))
    # With -c, Git gives paths of merges from the root in spite of --relative: so do it here.
    touched = {name.removeprefix(prefix): who for name, who in _touched(_text(log)).items()}
    line = _git(
        folder, "log", "-z", "--first-parent", "-m", "--no-renames", "--name-only", "--no-notes",
        "--format=%x01%ct", head, "--", ".",
    )  # fmt: skip
    merged = {
        name.removeprefix(prefix): when
        for name, when in _merged(_text(line)).items()
        if name.removeprefix(prefix) not in dirty
    }
    unsigned = _unsigned(folder, head, prefix, check) if check is not None else {}
    return History(head, None, dirty, touched, merged, unsigned=unsigned)


def _unsigned(
    folder: Path, head: str, prefix: str, check: CommitCheck
) -> Mapping[str, tuple[str, ...]]:
    def log(settings: Sequence[str], words: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        arguments = (*settings, "log", *TOUCHING, *words, "--", ".")
        touched = _touched(_text(_git(folder, *arguments)))
        return {name.removeprefix(prefix): who for name, who in touched.items()}

    return check.unsigned(head, log)


def _merged(log: str) -> dict[str, int]:
    """Commit time by path, of the first entry that names it; log is newest first."""
    found: dict[str, int] = {}
    when = 0
    for word in log.split("\0"):
        for part in word.lstrip("\n").split("\n"):
            if part.startswith("\x01"):
                when = int(part[1:])
            elif part:
                found.setdefault(part, when)
    return found


def _touched(log: str) -> dict[str, tuple[str, ...]]:
    """Addresses by path as of the newest commit; log is newest first.

    Under an old name of a renamed file, everybody earlier counts for the new
    name too. Where names were used again that bars too many, never too few.
    """
    touched: dict[str, set[str]] = {}
    later: dict[str, set[str]] = {}
    for who, before, after in _changes(log):
        names = {after} | later.get(after, set())
        for name in names:
            touched.setdefault(name, set()).update(who)
        if before is not None:
            later.setdefault(before, set()).update(names)
    return {name: tuple(sorted(who)) for name, who in touched.items()}


def _changes(log: str) -> Iterator[tuple[set[str], str | None, str]]:
    """Who, old name where renamed or copied, name; in the order of the log."""
    who: set[str] = set()
    words = iter(log.split("\0"))
    for word in words:
        word = word.lstrip("\n")
        if word.startswith("\x01"):
            author, committer, *others = word[1:].strip("\n").split("\x1f")
            found = [found for other in others for found in _ADDRESS.findall(other)]
            who = {one.casefold() for one in (author, committer, *found) if one}
        elif _STATUS.fullmatch(word):
            two_names = word[0] in "RC" and word[1:].isdigit()
            before = next(words) if two_names else None
            yield who, before, next(words)


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        import git  # 70 ms, and only decisions and checks need it
    except ImportError as error:
        raise _Unknown("git is not installed; install it") from error
    try:
        output = git.Git(str(folder)).execute(
            ["git", *_SETTINGS, *arguments],
            env=_ENVIRONMENT,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
        )
    except git.CommandError as error:
        said = re.sub(r"\s*(?:stderr:)?\s*'?(?:fatal: )?", "", str(error.stderr), count=1)
        reason = said.strip("' \n").splitlines()[0] if said.strip("' \n") else "git failed"
        if arguments[:2] == ("rev-parse", "--verify"):
            reason = "there is no commit yet; commit first"
        raise _Unknown(f"Git cannot tell: {reason}") from error
    return output if isinstance(output, bytes) else str(output).encode()


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _names(data: bytes) -> list[str]:
    return [name for name in _text(data).split("\0") if name]
