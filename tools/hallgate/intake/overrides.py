"""Reading emergency overrides: exceptions/overrides/, a folder that only ever grows.

An override that anybody approved leaves a debt, its review. So nothing here may be taken
away or altered once it was signed: each is a fault that stops everything (exit 3), as a
malformed file does. Words are proven as those about waivers are; expired ones as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hallgate.intake.approvals import LIMIT as APPROVAL_LIMIT
from hallgate.intake.approvals import SUFFIX, Word, parse_approval
from hallgate.intake.exceptions import Read, addresses, prove_words, read_exception, touched_by
from hallgate.intake.files import read_file
from hallgate.intake.history import History
from hallgate.intake.narrow import a_list, a_text, an_integer, texts
from hallgate.intake.positions import Pointer
from hallgate.intake.schema import Schemas
from hallgate.intake.waivers import OVERRIDES
from hallgate.model.documents import Override
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject

_NAME = re.compile(r"(OVR-[0-9]{4}-[0-9]{4})(?:\.yaml|\.[a-z][a-z0-9.-]*\.approval\.json)")
_RESTORE = "restore it: what was done in an emergency stays on record"


@dataclass(frozen=True, slots=True)
class OverrideSet:
    """Overrides in order of id, all faults, and words that do not count."""

    overrides: tuple[Override, ...]
    faults: tuple[Fault, ...]
    not_counted: tuple[Fault, ...]


def read_overrides(
    exceptions: Path, trust: Trust, schemas: Schemas, *, history: History
) -> tuple[Override, ...]:
    """Every override in order of id; raises InvalidDocument with every fault.

    exceptions is the folder of waivers, history that of this folder.
    """
    found = load_overrides(exceptions, trust, schemas, history=history)
    if found.faults:
        raise InvalidDocument(found.faults)
    return found.overrides


def load_overrides(
    exceptions: Path, trust: Trust, schemas: Schemas, *, history: History
) -> OverrideSet:
    """Every override with all that is wrong; arguments as read_overrides()."""
    reader = _Reader(exceptions, trust, schemas)
    for path in _files(exceptions / OVERRIDES, reader):
        reader.read(path)
    reader.gone(history)
    return reader.finish(history)


class _Reader:
    def __init__(self, exceptions: Path, trust: Trust, schemas: Schemas) -> None:
        self._exceptions, self._trust, self._schemas = exceptions, trust, schemas
        self._people = frozenset(one.id for one in trust.identities)
        self._read: dict[str, Read] = {}
        self._words: dict[str, list[Word]] = {}
        self._there: set[str] = set()
        self.faults: list[Fault] = []

    def read(self, path: Path) -> None:
        """Read an override or a word about one, noting its faults."""
        name = f"{OVERRIDES}/{path.name}"
        self._there.add(name)
        try:
            if path.name.endswith(SUFFIX):
                word = parse_approval(read_file(path, APPROVAL_LIMIT), str(path), self._schemas)
                self._words.setdefault(path.name[:13], []).append(word)
                return
            found = read_exception(path, name, "override", self._schemas)
        except InvalidDocument as error:
            self.faults.extend(error.faults)
            return
        for pointer, what, remedy in self._problems(found.timed, path):
            self.faults.append(Fault(what, found.source.locate(pointer), remedy))
        self._read[path.stem] = found

    def _problems(self, timed: JsonObject, path: Path) -> Iterator[tuple[Pointer, str, str]]:
        if path.stem != timed["id"]:
            words = f"name the file {timed['id']}.yaml"
            yield ("id",), f"the id {timed['id']} is not the file's name", words
        if an_integer(timed["opened"]) >= an_integer(timed["expires"]):
            yield ("expires",), "the override ends before it begins", "mend opened or expires"
        for who in ("owner", "requester"):
            if timed[who] not in self._people:
                yield (who,), f"{timed[who]} is no identity", "name an identity of trust/"
        named = texts(a_list(timed["policies"]))
        if len(set(named)) != len(named):
            yield ("policies",), "a policy stands here twice", "name each once"

    def gone(self, history: History) -> None:
        """Note files that the history has and the folder has no more."""
        prefix = f"{OVERRIDES}/"
        for name in sorted(history.known() - self._there):
            if name.startswith(prefix) and _NAME.fullmatch(name.removeprefix(prefix)):
                where = Location(str(self._exceptions / name))
                self.faults.append(Fault("was taken away", where, _RESTORE))

    def finish(self, history: History) -> OverrideSet:
        """Prove the words and put everything together."""
        worth: list[tuple[str, str, Word]] = []
        for key, words in sorted(self._words.items()):
            for word in sorted(words, key=lambda one: one.file):
                problem = _misplaced(word, key, self._read.get(key))
                if problem is None:
                    worth.append((key, f"{OVERRIDES}/{Path(word.file).name}", word))
                else:
                    self.faults.append(Fault(problem[0], Location(word.file), problem[1]))
        proven = prove_words(worth, self._trust, history)
        self.faults += proven.faults
        owners = addresses(self._trust)
        found = tuple(
            Override(
                id=key,
                document=read.timed,
                file=read.source.file,
                digest=read.digest,
                approvals=proven.counted.get(key, ()),
                touched_by=touched_by(history, read.name, owners),
                claimed_at=self._claimed_at(key),
            )
            for key, read in sorted(self._read.items())
        )
        return OverrideSet(found, tuple(self.faults), proven.not_counted)

    def _claimed_at(self, key: str) -> int | None:
        said = [one.approved_at for one in self._words.get(key, ()) if one.decision == "approve"]
        return min(said, default=None)


def _misplaced(word: Word, key: str, override: Read | None) -> tuple[str, str] | None:
    """Why a word does not belong where it lies, and what to do."""
    if override is None:
        return "there is no override beside this word", _RESTORE
    if word.action != "override" or word.subject_name != a_text(override.timed["id"]):
        return f"is no word about the override {key}", "lay it beside what it is about"
    wanted = re.escape(f"{key}.{word.identity}") + r"(\.[2-9]|\.[1-9][0-9])?" + re.escape(SUFFIX)
    if not re.fullmatch(wanted, Path(word.file).name):
        return f"is signed by {word.identity}, and its name does not say so", f"name it {key}.…"
    if word.subject_digest != override.digest:
        return (
            f"was signed for another text of {key} than the one beside it",
            "restore the text that was signed; for anything else open a new override",
        )
    return None


def _files(folder: Path, reader: _Reader) -> Iterator[Path]:
    if folder.is_symlink():
        reader.faults.append(Fault("is a link", Location(str(folder)), "put the files here"))
        return
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda one: one.name)
    for entry in found:
        where = Location(entry.path)
        if entry.is_symlink() or not entry.is_file():
            reader.faults.append(Fault("is no plain file", where, "put the file itself here"))
        elif _NAME.fullmatch(entry.name):
            yield Path(entry.path)
        elif entry.name != "README.md":
            words = "name overrides <id>.yaml, words <id>.<identity>.approval.json"
            reader.faults.append(Fault("is neither override nor word by its name", where, words))
