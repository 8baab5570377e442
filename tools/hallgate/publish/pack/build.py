"""Builds an audit pack: records, log, law, keys, results and the program that verifies them."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from hallgate.model.errors import Location, StorageError, UsageError
from hallgate.model.law import Control, Extent
from hallgate.model.log import LogTrust
from hallgate.model.policy import Policy
from hallgate.model.trust import Trust
from hallgate.publish.pack.oscal import Assessed
from hallgate.publish.pack.rendered import MADE_BY, rendered
from hallgate.publish.pack.scope import (
    Decided,
    Scope,
    Statement,
    decisions,
    statements_of,
    tombstones,
)
from hallgate.publish.pack.verifier import one_file
from hallgate.publish.pack.verifier.archive import TOP
from hallgate.publish.pack.verifier.checks import SUMS
from hallgate.publish.pack.verifier.results import assess, canonical
from hallgate.record.files import write_atomic
from hallgate.record.log.anchors import Anchor
from hallgate.record.log.folder import Log

README = """An audit pack of Hallgate. Start with index.html, then let the program check it:

    python3 -I verify.py
    python3 -I verify.py --log-key LOG.pub.pem --trust TRUST.json --checkpoint KEPT.checkpoint

Take the log's key, the trusted identities, a checkpoint and verify.py itself from elsewhere:
what lies in keys/ is the issuer's own word, and so is this verify.py (`hallgate pack verifier`
writes one). decisions.csv, evidence.csv, waivers.csv and controls.csv
hold the tables; oscal/ the same for tools; records/ and log/ the signed originals. Every
control of the framework is listed, also those that nothing here says anything about.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """What a pack is made of: the log, kept checkpoints, the register, catalog and trust.

    commit names the repository's state, None where it is not exactly one.
    """

    log: Log
    log_trust: LogTrust
    anchors: Sequence[Anchor]
    controls: Sequence[Control]
    extents: Sequence[Extent]
    catalog: Sequence[Policy]
    trust: Trust
    commit: str | None


@dataclass(frozen=True, slots=True)
class Built:
    """A built pack: its folder, facts, results, how many decisions it has, and how many of the
    scope the log lists and has no more (verify.py says which of them have a tombstone)."""

    folder: Path
    facts: dict[str, Any]
    results: Sequence[dict[str, Any]]
    decided: int
    missing: int


def build_pack(
    source: Source,
    scope: Scope,
    folder: Path,
    *,
    seed: str,
    sample: int,
    say: Callable[[int], None] = lambda done: None,
) -> Built:
    """Write the pack into a new folder; equal inputs give equal bytes.

    Raises UsageError where the folder exists or nothing of the framework is registered,
    NotProven where a record was altered.
    """
    controls = [one for one in source.controls if one.framework == scope.framework]
    if not controls:
        known = sorted({one.framework for one in source.controls})
        raise UsageError(
            f"there is no framework {scope.framework}", remedy=f"one of {', '.join(known)}"
        )
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise UsageError(
            "the folder exists", where=Location(str(folder)), remedy="name a new one"
        ) from error
    pack = _Writer(folder)
    missing: list[str] = []
    decided = list(_records(source, scope, pack, missing, say))
    extent = next((one for one in source.extents if one.framework == scope.framework), None)
    mapped = [mapped_control(one, extent, source.catalog) for one in controls]
    results = assess([one.facts() for one in decided], mapped, seed, sample)
    facts = _facts(source, scope, seed, sample)
    _log(source, pack)
    _summary(pack, scope, facts, mapped, results)
    last = max((entry.at for _, entry in source.log.entries()), default=0)
    assessed = Assessed(scope, last, controls, results, decided)
    for path, data in rendered(assessed, facts, mapped):
        pack.write(path, data)
    pack.finish()
    return Built(folder, facts, results, len(decided), len(missing))


def _records(
    source: Source, scope: Scope, pack: _Writer, missing: list[str], say: Callable[[int], None]
) -> Iterator[Decided]:
    """Decisions of the scope; each one's record, blobs and statements go into the pack."""
    log = source.log
    originals = statements_of(log)
    for number, one in enumerate(decisions(log, scope, missing), start=1):
        say(number)
        pack.copy(log.folder / one.path, f"records/{one.path}")
        for digest in one.blobs:
            blob = f"blobs/sha256/{digest.removeprefix('sha256:')}"
            pack.copy(log.folder / blob, f"records/{blob}")
        for statement in one.statements:
            for original in _named(statement, originals):
                pack.copy(log.folder / original, f"records/{original}")
        for _, said in (word for waived in one.waived for word in waived.words):
            pack.copy(log.folder / said, f"records/{said}")
        yield one
    for path, files in tombstones(log):
        # What is not there the verifier names: a tombstone without its approvals does not count.
        for file in (path, *(one for one in files if (log.folder / one).is_file())):
            pack.copy(log.folder / file, f"records/{file}")


def _named(statement: Statement, originals: Mapping[str, str]) -> Iterator[str]:
    """The signed original of a statement, and those it supersedes or was derived from."""
    for digest in (statement.digest, *statement.sources):
        if digest in originals:
            yield originals[digest]


def mapped_control(
    control: Control, extent: Extent | None, catalog: Sequence[Policy]
) -> dict[str, Any]:
    """A control with the policies that cite it, and how far they can reach in it."""
    policies = sorted(one.id for one in catalog if control.name in one.controls)
    manual = {} if extent is None else dict(extent.manual)
    whole = extent is not None and control.id in extent.automated
    return {
        "name": control.name,
        "title": control.title,
        "force": control.force,
        "status": control.status,
        "from": control.since,
        "until": control.until,
        "superseded_by": control.superseded_by,
        "source": control.source,
        "verified": control.verified,
        "manual": control.id in manual,
        "shown_by": manual.get(control.id),
        "reach": "whole" if policies and whole else "part" if policies else "none",
        "policies": policies,
    }


def _facts(source: Source, scope: Scope, seed: str, sample: int) -> dict[str, Any]:
    head = source.log.checkpoint
    return {
        "format": "urn:hallgate:pack:v1",
        "scope": scope.facts(),
        "seed": seed,
        "sample": sample,
        "commit": source.commit,
        "made_by": MADE_BY,
        "log": {"origin": head.origin, "size": head.size, "root": head.root.hex()},
    }


def _log(source: Source, pack: _Writer) -> None:
    pack.write("log/checkpoint", source.log.note)
    raw = [data for _, data in source.log.tiles.all_entries(0)]
    pack.write("log/entries.jsonl", b"".join(data + b"\n" for data in raw))
    for anchor in source.anchors:
        pack.write(f"log/kept/{Path(anchor.file).name}", anchor.note)
        for file, token in anchor.tokens:
            pack.write(f"log/kept/{Path(file).name}", token)
    for number, key in enumerate(source.log_trust.keys):
        pack.write(f"keys/log-{number}.pub.pem", key.public.encode() + b"\n")
    for authority in source.log_trust.authorities:
        pack.write(f"keys/{authority.name}.root.pem", authority.root.encode())
    pack.write("keys/trust.json", trust_file(source.trust))


def trust_file(trust: Trust) -> bytes:
    """trust_json as a file."""
    return canonical(trust_json(trust)) + b"\n"


def trust_json(trust: Trust) -> dict[str, Any]:
    """Identities with dated roles and keys, and what each role may do: for verify.py --trust."""
    return {
        "roles": [
            {
                "role": one.role,
                "evidence": list(one.evidence),
                "approves": list(one.approves),
                "decides": one.decides,
            }
            for one in trust.roles
        ],
        "identities": [
            {
                "id": one.id,
                "kind": one.kind,
                "title": one.title,
                "roles": [
                    {"role": held.role, "since": held.since, "until": held.until}
                    for held in one.roles
                ],
                "keys": [
                    {
                        "public": key.public,
                        "valid_from": key.valid_from,
                        "valid_until": key.valid_until,
                        "revoked_at": key.revoked_at,
                        "compromised": key.compromised,
                    }
                    for key in one.keys
                ],
            }
            for one in trust.identities
        ],
    }


def _summary(
    pack: _Writer,
    scope: Scope,
    facts: dict[str, Any],
    mapped: list[dict[str, Any]],
    results: list[dict[str, Any]],
) -> None:
    pack.write("pack.json", canonical(facts) + b"\n")
    pack.write("controls.json", canonical(mapped) + b"\n")
    pack.write("results.json", canonical(results) + b"\n")
    pack.write("verify.py", one_file())
    pack.write("README.txt", README.encode())


class _Writer:
    """Writes the files of a pack and, last of all, their sums: without them it is no pack."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sums: dict[str, str] = {}

    def write(self, path: str, data: bytes) -> None:
        """A file with these bytes."""
        if path in self._sums:
            return
        target = self._folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        except OSError as error:
            raise StorageError(
                f"cannot write the pack: {error.strerror}",
                remedy="make room, remove the folder and build again",
                where=Location(str(target)),
            ) from error
        self._sums[path] = sha256(data).hexdigest()

    def copy(self, file: Path, path: str) -> None:
        """A file as it is, once."""
        if path not in self._sums:
            self.write(path, file.read_bytes())

    def finish(self) -> None:
        """The list of all files with their digests."""
        lines = [f"{digest}  {path}\n" for path, digest in sorted(self._sums.items())]
        write_atomic(self._folder / SUMS, "".join(lines).encode())


def archive_pack(folder: Path, out: BinaryIO) -> None:
    """The pack as a tar.gz, always in the same bytes: sorted, without owner, time or mode."""
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            entry = tarfile.TarInfo(f"{TOP}/{path.relative_to(folder).as_posix()}")
            entry.size, entry.mode = path.stat().st_size, 0o644
            with path.open("rb") as file:
                tar.addfile(entry, file)
