"""Identifiers in CSV and JSON lines: one RE2 alternation over raw chunks, then the records hit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hallgate.measure.extras import polars, re2
from hallgate.measure.pii_columns import (
    csv_frame,
    csv_records,
    has_bare_names,
    named_in_csv,
    tally_column,
)
from hallgate.measure.pii_entities import CANDIDATE, find
from hallgate.measure.pii_stream import RecordFile, record_at, split_cells
from hallgate.measure.pii_tally import Tally
from hallgate.model.errors import InvalidDocument, Location

_SPARSE = 4096  # above one record hit per so many bytes, columns are cheaper than records
_PROBED = 1000
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class TextScan:
    """What was read: digest, bytes, data rows, columns, notes for the parameters."""

    digest: str
    size: int
    rows: int
    columns: int
    notes: dict[str, str] = field(default_factory=dict)


def scan_csv(path: Path, tally: Tally) -> TextScan:
    """Count identifiers by column. A first record that holds some itself is data, not a header."""
    reader, pattern = RecordFile(path, quoted=True), _candidate()
    columns: list[str] = []
    delimiter, header = ",", True
    for buffer, end in reader.chunks():
        start = 0
        if not columns:
            columns, delimiter, header, start = _header(path, buffer, end)
        chunk = _Chunk(path, buffer, start, end, reader.chunk_quoted)
        found = _hits(chunk, pattern, (end - start) // _SPARSE + 100)
        if found is None and _by_columns(chunk, columns, delimiter, tally):
            continue
        for record in _records(chunk, pattern) if found is None else found:
            for at, cell in enumerate(split_cells(record, delimiter)):
                if pattern.search(cell.encode()):
                    tally.add(_name(columns, at), find(cell))
    if header and has_bare_names(columns):
        named_in_csv(path, columns, delimiter, tally)
    stray = reader.stray_quote or reader.quotes % 2 == 1
    notes = {"stray_quote": "lines taken for records"} if stray else {}
    records = csv_records(path, balanced=not stray) if reader.size else 0
    rows = max(0, records - int(header))
    return TextScan(reader.digest, reader.size, rows, len(columns), notes)


def scan_jsonl(path: Path, tally: Tally) -> TextScan:
    """Count identifiers by field; nested fields are named a.b, lists a[].

    Columns are the fields of the first thousand records and of every record looked at closely.
    """
    reader, pattern = RecordFile(path, quoted=False), _candidate(r"|\\u00[2-7]")
    columns: set[str] = set()
    first = True
    for buffer, end in reader.chunks():
        if first:
            head = bytes(memoryview(buffer)[: min(end, 1 << 20)]).decode("utf-8", "replace")
            for line in head.splitlines()[:_PROBED]:
                columns.update(name for name, _ in _fields(line))
            first = False
        for record in _records(_Chunk(path, buffer, 0, end, False), pattern):
            for name, cell in _fields(record):
                columns.add(name)
                if pattern.search(cell.encode()):
                    tally.add(name, find(cell))
    columns.discard(_UNPARSED)
    notes = {"fields": f"of the first {_PROBED:,} records and of those with candidates"}
    return TextScan(reader.digest, reader.size, reader.lines, len(columns), notes)


def safe_names(names: list[str]) -> list[str]:
    """Column names as they may stand in a report: one that is itself an identifier is replaced."""
    safe = []
    for at, name in enumerate(names, start=1):
        telling = any(entity.valid for entity in find(name))
        safe.append(f"(column {at})" if telling or not name.strip() else name.strip())
    return safe


@dataclass(frozen=True, slots=True)
class _Chunk:
    path: Path
    buffer: bytearray
    start: int
    end: int
    quoted: bool


_UNPARSED = "(unparsed)"


def _candidate(more: str = "") -> Any:
    library = re2()
    options = library.Options()
    options.encoding = options.Encoding.LATIN1
    options.never_capture = True
    return library.compile((CANDIDATE + r"|\x00" + more).encode(), options)


def _header(path: Path, buffer: bytearray, end: int) -> tuple[list[str], str, bool, int]:
    skip = len(_BOM) if buffer.startswith(_BOM) else 0
    _, stop = record_at(buffer, skip, end, since=skip, quoted=True)
    record = bytes(buffer[skip:stop]).decode("utf-8", "replace").rstrip("\r")
    delimiter = "\t" if path.suffix.lower() == ".tsv" else max(",;\t|", key=record.count)
    cells = split_cells(record, delimiter)
    if any(entity.valid for cell in cells for entity in find(cell)):
        return [f"(column {at})" for at in range(1, len(cells) + 1)], delimiter, False, skip
    return safe_names(cells), delimiter, True, min(stop + 1, end)


def _records(chunk: _Chunk, pattern: Any) -> Iterator[str]:
    """Text of every record in which the pattern matches, each once."""
    at = chunk.start
    while at < chunk.end and (match := pattern.search(chunk.buffer, at, chunk.end)):
        hit = match.end() - 1
        start, stop = record_at(chunk.buffer, hit, chunk.end, since=at, quoted=chunk.quoted)
        record = bytes(chunk.buffer[start:stop])
        if b"\0" in record:
            raise InvalidDocument.one(
                "holds zero bytes: it is no text in UTF-8 (UTF-16, or compressed?)",
                remedy="convert it to UTF-8, or to Parquet",
                where=Location(str(chunk.path)),
            )
        yield record.decode("utf-8", "replace").rstrip("\r")
        at = min(max(stop, hit) + 1, chunk.end)


def _hits(chunk: _Chunk, pattern: Any, most: int) -> list[str] | None:
    """The records hit, or None when there are more than `most`."""
    found = []
    for record in _records(chunk, pattern):
        found.append(record)
        if len(found) > most:
            return None
    return found


def _by_columns(chunk: _Chunk, columns: list[str], delimiter: str, tally: Tally) -> bool:
    """Count a dense chunk column by column; False where its records are too irregular."""
    pl = polars()
    data = bytes(memoryview(chunk.buffer)[chunk.start : chunk.end])
    try:
        frame = csv_frame(data, len(columns), delimiter, header=False)
    except pl.exceptions.PolarsError:
        return False
    for at, column in enumerate(columns):
        tally_column(frame[str(at)], column, tally)
    return True


def _name(columns: list[str], at: int) -> str:
    return columns[at] if at < len(columns) else f"(column {at + 1})"


def _fields(line: str) -> list[tuple[str, str]]:
    """(field, text) of every scalar in a JSON line, duplicates included; numbers as written."""
    try:
        value = json.loads(line, object_pairs_hook=tuple, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return [(_UNPARSED, line)]
    found: list[tuple[str, str]] = []
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        name, part = waiting.pop()
        if isinstance(part, tuple):
            for key, inner in part:
                safe = safe_names([key])[0]
                waiting.append((f"{name}.{safe}" if name else safe, inner))
        elif isinstance(part, list):
            waiting.extend((f"{name}[]", inner) for inner in part)
        elif isinstance(part, str):
            found.append((name or "(value)", part))
    return found
