"""A text file in chunks of whole records, hashed and counted on the way.

One buffer is filled again and again (a fresh buffer per read costs more than the scan), so
memory does not grow with the file. Hashing runs in a second thread while the caller searches
the chunk: OpenSSL and RE2 both let go of the interpreter's lock. A record ends at a newline
outside quotes; quotes are counted, not parsed: in well-formed CSV (RFC 4180) their number
before such a newline is even.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from hallgate.measure.files import cannot_read
from hallgate.model.errors import InvalidDocument, Location

CHUNK = 1 << 21
LONGEST = 1 << 26
"""A record above 64 MiB is refused."""
_UNBALANCED = 1 << 20
_STRAY = 1 << 23  # no end of record for so long: a stray quote, not a cell


@dataclass(slots=True)
class RecordFile:
    """Reads one file; after the last chunk `digest`, `size`, `lines` and `quotes` are complete.

    lines are counted only where they are records (quoted is False). stray_quote: a quote was
    never closed, so that lines were taken for records. chunk_quoted: the current chunk may
    hold quotes.
    """

    path: Path
    quoted: bool
    chunk_size: int = CHUNK
    size: int = 0
    lines: int = 0
    quotes: int = 0
    chunk_quoted: bool = False
    stray_quote: bool = False
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def digest(self) -> str:
        """sha256:<hex> of all that was read."""
        return "sha256:" + self._hash.hexdigest()

    def chunks(self) -> Iterator[tuple[bytearray, int]]:
        """(buffer, end): whole records in buffer[0:end], valid until the next step.

        Raises UsageError if the file cannot be read, InvalidDocument if a record is too long.
        """
        buffer, filled = bytearray(self.chunk_size), 0
        try:
            with self.path.open("rb", buffering=0) as file, ThreadPoolExecutor(1) as beside:
                while True:
                    got = file.readinto(memoryview(buffer)[filled:]) or 0
                    fresh, filled = filled, filled + got
                    end = self._boundary(buffer, filled, last=got == 0)
                    task = beside.submit(self._take_in, buffer, fresh, filled, end)
                    if end:
                        yield buffer, end
                    task.result()
                    buffer[: filled - end] = buffer[end:filled]
                    filled -= end
                    if got == 0:
                        return
                    if filled == len(buffer):
                        self._grow(buffer)
        except OSError as error:
            raise cannot_read(self.path, error) from error

    def _take_in(self, buffer: bytearray, fresh: int, filled: int, end: int) -> None:
        """Hash what was read just now and count lines that end."""
        with memoryview(buffer) as view:
            self._hash.update(view[fresh:filled])
        self.size += filled - fresh
        if end and not self.quoted:
            self.lines += buffer.count(b"\n", 0, end) + (not buffer.endswith(b"\n", 0, end))

    def _boundary(self, buffer: bytearray, filled: int, *, last: bool) -> int:
        at = filled - 1 if last else buffer.rfind(b"\n", 0, filled)
        self.chunk_quoted = self.quoted and buffer.find(b'"', 0, filled) >= 0
        if not self.chunk_quoted or at < 0:
            return at + 1
        if last:
            self.quotes += buffer.count(b'"', 0, filled)
            return filled
        plain, odd = at, buffer.count(b'"', 0, at) % 2
        while odd and at >= 0:
            before = buffer.rfind(b"\n", 0, at)
            odd ^= buffer.count(b'"', max(before, 0), at) % 2
            at = before
        if at < 0 and filled > _STRAY:
            self.stray_quote, self.quoted, at = True, False, plain
        self.quotes += buffer.count(b'"', 0, at + 1)
        return at + 1

    def _grow(self, buffer: bytearray) -> None:
        if len(buffer) >= LONGEST:
            raise InvalidDocument.one(
                f"a record is longer than {LONGEST >> 20} MiB",
                remedy="write one record per line, or use Parquet",
                where=Location(str(self.path)),
            )
        buffer.extend(bytes(len(buffer)))


def record_at(buffer: bytearray, at: int, end: int, *, since: int, quoted: bool) -> tuple[int, int]:
    """Start and end of the record that holds position `at`; a record begins at `since` <= at.

    With quotes the record may hold newlines; what cannot be balanced within 1 MiB is taken as
    a line.
    """
    start = max(buffer.rfind(b"\n", since, at) + 1, since)
    stop = _line_end(buffer, at, end)
    if not quoted:
        return start, stop
    first, last = start, stop
    odd = buffer.count(b'"', since, start) % 2
    while odd and first > since and start - first < _UNBALANCED:
        before = max(buffer.rfind(b"\n", since, first - 1) + 1, since)
        odd ^= buffer.count(b'"', before, first) % 2
        first = before
    odd = buffer.count(b'"', first, last) % 2
    while odd and last < end and last - stop < _UNBALANCED:
        beyond = _line_end(buffer, last + 1, end)
        odd ^= buffer.count(b'"', last, beyond) % 2
        last = beyond
    return (start, stop) if odd else (first, last)


def split_cells(record: str, delimiter: str) -> list[str]:
    """Cells of one CSV record, quotes removed; equals the csv module's, without its size limit."""
    if '"' not in record:
        return record.split(delimiter)
    cells, at = [], 0
    while True:
        text, at = _quoted(record, at)
        end = record.find(delimiter, at)
        cells.append(text + record[at : len(record) if end < 0 else end])
        if end < 0:
            return cells
        at = end + 1


def _quoted(record: str, at: int) -> tuple[str, int]:
    if not record.startswith('"', at):
        return "", at
    parts: list[str] = []
    at += 1
    while True:
        end = record.find('"', at)
        if end < 0:
            return "".join([*parts, record[at:]]), len(record)
        parts.append(record[at:end])
        if not record.startswith('"', end + 1):
            return "".join(parts), end + 1
        parts.append('"')
        at = end + 2


def _line_end(buffer: bytearray, at: int, end: int) -> int:
    found = buffer.find(b"\n", at, end)
    return end if found < 0 else found
