"""Reading waivers: every file, every fault, in one pass.

A malformed waiver or approval is a fault and stops everything (exit 3). An
approval that is not proven only does not count: a key that is found compromised
must not stop promotions that need no waiver.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hallgate.intake.approvals import ENDING, SUFFIX, Word, parse_approval
from hallgate.intake.approvals import LIMIT as APPROVAL_LIMIT
from hallgate.intake.exceptions import (
    Read,
    addresses,
    prove_words,
    read_exception,
    touched_by,
)
from hallgate.intake.files import read_file
from hallgate.intake.history import History
from hallgate.intake.narrow import a_text, an_integer, an_object
from hallgate.intake.positions import Pointer
from hallgate.intake.schema import Schemas
from hallgate.model.documents import Approval, Waiver
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject

ARCHIVE = "archive"  # what has ended, by year; no family
OVERRIDES = "overrides"  # emergencies, read by intake/overrides; no family either

_AGAIN = re.compile(r"(\.[2-9]|\.[1-9][0-9])?")
_ID = re.compile(r"EXC-[0-9]{4}-[0-9]{4}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WaiverSet:
    """Waivers of a folder in order of id, all faults, and approvals that do not count.

    ends are when those that were read expire, also of those that are at fault.
    """

    waivers: tuple[Waiver, ...]
    faults: tuple[Fault, ...]
    not_counted: tuple[Fault, ...]
    ends: frozenset[int] = frozenset()


def read_waivers(
    folder: Path,
    trust: Trust,
    schemas: Schemas,
    *,
    history: History,
    live: Collection[str] | None,
    at: int,
) -> tuple[Waiver, ...]:
    """Waivers of a folder, in order of id; raises InvalidDocument with every fault.

    Arguments as load_waivers().
    """
    found = load_waivers(folder, trust, schemas, history=history, live=live, at=at)
    if found.faults:
        raise InvalidDocument(found.faults)
    return found.waivers


def load_waivers(
    folder: Path,
    trust: Trust,
    schemas: Schemas,
    *,
    history: History,
    live: Collection[str] | None,
    at: int,
) -> WaiverSet:
    """Waivers of a folder with all that is wrong with them.

    history is that of the folder. live holds the ids of policies (None: not
    checked). At `at` (seconds) a waiver is expired: then its policy may be
    gone, and its approvals are not verified. No folder means no waivers.
    Raises EngineError or StorageError where a file or ssh-keygen fails.
    """
    reader = _Reader(trust, schemas, live, at)
    if folder.is_dir():
        for path, name in _files(folder, reader):
            reader.read(path, name)
    reader.check_approvals(history)
    return reader.finish(history)


class _Reader:
    def __init__(
        self, trust: Trust, schemas: Schemas, live: Collection[str] | None, at: int
    ) -> None:
        self._trust, self._schemas, self._at = trust, schemas, at
        self._live = None if live is None else frozenset(live)
        self._people = frozenset(one.id for one in trust.identities)
        self._by_id: dict[str, Read] = {}
        self._words: list[tuple[str, Word]] = []
        self._approvals: Mapping[str, tuple[Approval, ...]] = {}
        self.faults: list[Fault] = []
        self._not_counted: list[Fault] = []
        self._ends: set[int] = set()

    def read(self, path: Path, name: str) -> None:
        """Read a waiver or approval file, noting its faults."""
        try:
            if name.endswith(SUFFIX):
                data = read_file(path, APPROVAL_LIMIT)
                self._words.append((name, parse_approval(data, str(path), self._schemas)))
            else:
                self._waiver(path, name)
        except InvalidDocument as error:
            self.faults.extend(error.faults)

    def _waiver(self, path: Path, name: str) -> None:
        found = read_exception(path, name, "waiver", self._schemas)
        self._ends.add(an_integer(found.timed["expires"]))
        self.faults.extend(
            Fault(what, found.source.locate(pointer), remedy)
            for pointer, what, remedy in self._problems(found.timed, path)
        )
        identifier = a_text(found.timed["id"])
        first = self._by_id.get(identifier.casefold())
        if first is not None:
            what = f"the id {identifier} stands in {first.source.file} already"
            where = found.source.locate(("id",))
            self.faults.append(Fault(what, where, "take the next free number"))
            return
        self._by_id[identifier.casefold()] = found

    def _problems(self, timed: JsonObject, path: Path) -> Iterator[tuple[Pointer, str, str]]:
        identifier = a_text(timed["id"])
        if path.stem != identifier:
            words = f"name the file {identifier}.yaml"
            yield ("id",), f"the id {identifier} is not the file's name", words
        opened, expires = an_integer(timed["opened"]), an_integer(timed["expires"])
        if opened >= expires:
            yield ("expires",), "the waiver ends before it begins", "mend opened or expires"
        if an_integer(an_object(timed["remediation"])["due"]) >= expires:
            words = "set the due date before expires, or ask for less time"
            yield ("remediation", "due"), "the remediation is due after the waiver ends", words
        for role in ("owner", "requester"):
            if timed[role] not in self._people:
                words = "name an identity of trust/"
                yield (role,), f"{timed[role]} is no identity", words
        policy = a_text(timed["policy"])
        if self._live is not None and policy not in self._live and expires > self._at:
            yield ("policy",), f"{policy} is no live policy", "name a policy in the catalog"

    def check_approvals(self, history: History) -> None:
        """Match approvals with waivers and prove those that could count."""
        worth: list[tuple[str, str, Word]] = []
        for name, word in sorted(self._words):
            identifier, _, person = name.rpartition("/")[2].removesuffix(SUFFIX).partition(".")
            waiver = self._by_id.get(identifier.casefold())
            problem = _misplaced(word, person, waiver, name)
            if problem is not None:
                self.faults.append(Fault(problem[0], Location(word.file), problem[1]))
            elif waiver is not None and _of_another_text(word, waiver):
                what = "approves another text of the waiver"
                words = "read the waiver again, and sign it as it is now"
                self._not_counted.append(Fault(what, Location(word.file), words))
            elif waiver is not None and an_integer(waiver.timed["expires"]) > self._at:
                worth.append((identifier.casefold(), name, word))
        proven = prove_words(worth, self._trust, history)
        self._approvals = proven.counted
        self.faults += proven.faults
        self._not_counted += proven.not_counted

    def finish(self, history: History) -> WaiverSet:
        """Waivers in order of id."""
        owners = addresses(self._trust)
        waivers = []
        for key, read in sorted(self._by_id.items()):
            waivers.append(
                Waiver(
                    id=a_text(read.timed["id"]),
                    document=read.timed,
                    file=read.source.file,
                    digest=read.digest,
                    approvals=self._approvals.get(key, ()),
                    touched_by=touched_by(history, read.name, owners),
                )
            )
        told = tuple(self.faults), tuple(self._not_counted)
        return WaiverSet(tuple(waivers), *told, frozenset(self._ends))


def _misplaced(word: Word, person: str, waiver: Read | None, name: str) -> tuple[str, str] | None:
    """Why an approval file does not belong where it lies, and what to do."""
    if waiver is None or waiver.name.rpartition("/")[0] != name.rpartition("/")[0]:
        return "there is no waiver beside this approval", "lay it beside its waiver"
    identifier = a_text(waiver.timed["id"])
    if word.action != "waiver" or word.subject_name != identifier:
        return f"does not approve the waiver {identifier}", "lay it beside what it approves"
    # One person may speak again; refusals and conditions are kept: <id>.<identity>.<n>.
    wanted, base = f"{identifier}.{word.identity}", name.rpartition("/")[2].removesuffix(SUFFIX)
    if not base.startswith(wanted) or not _AGAIN.fullmatch(base, len(wanted)):
        return (
            f"is signed by {word.identity}, and its name says {person or 'nobody'}",
            f"name it {identifier}.{word.identity}{SUFFIX}",
        )
    return None


def _of_another_text(word: Word, waiver: Read) -> bool:
    """Whether a word is about other bytes; what ends a waiver ends it whatever it says since."""
    return word.decision not in ENDING and word.subject_digest != waiver.digest


def _files(folder: Path, reader: _Reader) -> Iterator[tuple[Path, str]]:
    """Waivers and approvals, sorted, as path and name below the folder; notes what is neither."""
    with os.scandir(folder) as entries:
        families = sorted(entries, key=lambda one: one.name)
    for family in families:
        path = Path(family.path)
        if family.name in {ARCHIVE, OVERRIDES} and family.is_dir(follow_symlinks=False):
            continue
        if family.is_symlink():
            reader.faults.append(_stray(path, "is a symbolic link", "put the files here"))
        elif family.is_dir():
            yield from _family(path, family.name, reader)
        elif path.suffix in {".yaml", ".yml", ".json"}:
            words = "move it into the folder of its policy's family"
            reader.faults.append(_stray(path, "lies outside a family folder", words))


def _family(folder: Path, family: str, reader: _Reader) -> Iterator[tuple[Path, str]]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda one: one.name)
    for entry in found:
        path = Path(entry.path)
        if entry.is_symlink():
            reader.faults.append(_stray(path, "is a symbolic link", "put the file itself here"))
        elif entry.is_dir():
            reader.faults.append(_stray(path, "is a folder within a family", "one level only"))
        elif entry.name.endswith((".yaml", SUFFIX)):
            yield path, f"{family}/{entry.name}"
        elif path.suffix in {".yml", ".json"} or _ID.match(entry.name):
            words = f"name waivers <id>.yaml, approvals <id>.<identity>{SUFFIX}"
            reader.faults.append(_stray(path, "is neither waiver nor approval by its name", words))


def _stray(path: Path, what: str, remedy: str) -> Fault:
    return Fault(what, Location(str(path)), remedy)
