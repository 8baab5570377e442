"""Scan of data files for personal identifiers; counts only, never a value.

Text files are streamed once: SHA-256 and one google-re2 alternation run over the same buffer,
and only records with a candidate are split into cells and validated. Where candidates are
dense (tables of numbers) a chunk is read by Polars and its numbers are checked as vectors.
Parquet is read column by column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hallgate.measure.context import (
    Context,
    Origin,
    Population,
    Predicate,
    clip,
    measured,
    unmeasured,
)
from hallgate.measure.files import joint_digest, look_at
from hallgate.measure.pii_columns import scan_parquet
from hallgate.measure.pii_tally import CHANCE, FEW, Judged, Tally
from hallgate.measure.pii_text import TextScan, safe_names, scan_csv, scan_jsonl
from hallgate.model.errors import UsageError
from hallgate.model.values import JsonValue

KINDS = ("ssn", "pan", "iban", "email", "phone", "npi", "mrn", "ip")
_MAX_FILES = _MAX_HITS = 1000
_READERS = {
    ".csv": scan_csv,
    ".tsv": scan_csv,
    ".jsonl": scan_jsonl,
    ".ndjson": scan_jsonl,
}


@dataclass(frozen=True, slots=True)
class _Scanned:
    path: str
    scan: TextScan
    judged: Judged


def scan_pii(files: Mapping[str, Path], *, context: Context) -> Predicate:
    """A pii_scan of CSV, TSV, JSON-lines and Parquet files.

    files: path as it stands in the evidence (relative to the scan root) to file. No files, or
    files without a single row, give status not_run. Raises UsageError for missing files,
    unknown endings, more than 1,000 files or a missing library; InvalidDocument for unreadable
    files.
    """
    if len(files) > _MAX_FILES:
        raise UsageError(
            f"{len(files)} files are more than {_MAX_FILES}", remedy="join them, or scan by parts"
        )
    scanned = [_scan(name, path) for name, path in sorted(files.items())]
    rows = sum(one.scan.rows for one in scanned)
    digest = joint_digest(one.scan.digest for one in scanned) if scanned else None
    population = Population("rows of " + (", ".join(files) or "no files"), rows, digest)
    origin = _origin(scanned)
    if not rows:
        return unmeasured(context, origin, population, "not_run", "there were no rows to scan")
    hits = [(one.path, *hit) for one in scanned for hit in one.judged.hits]
    hits.sort(key=lambda hit: -hit[3])
    result: dict[str, JsonValue] = {
        "dataset_digest": digest,
        "files": [
            {
                "path": clip(one.path, 1000),
                "digest": one.scan.digest,
                "rows": one.scan.rows,
                "bytes": one.scan.size,
            }
            for one in scanned
        ],
        "rows": rows,
        "columns": sum(one.scan.columns for one in scanned),
        "hits": [
            {"kind": kind, "path": clip(path, 1000), "column": clip(column, 300), "count": count}
            for path, column, kind, count in hits[:_MAX_HITS]
        ],
        "hits_total": sum(count for *_, count in hits),
    }
    return measured(context, origin, population, result)


def _scan(name: str, path: Path) -> _Scanned:
    tally, suffix = Tally(), path.suffix.lower()
    if not path.is_file():
        raise UsageError(f"{path} is not a file", remedy="give existing data files")
    if suffix == ".parquet":
        seen = look_at(path)
        rows, columns = scan_parquet(path, tally)
        scan = TextScan(seen.digest, seen.size, rows, len(columns))
        return _Scanned(name, scan, _with_safe_names(tally.judge(), columns))
    if suffix not in _READERS:
        raise UsageError(
            f"{path} is none of .csv, .tsv, .jsonl, .ndjson, .parquet", remedy="convert the file"
        )
    return _Scanned(name, _READERS[suffix](path, tally), tally.judge())


def _with_safe_names(judged: Judged, columns: list[str]) -> Judged:
    safe = dict(zip(columns, safe_names(columns), strict=True))
    return Judged(
        tuple((safe[column], kind, count) for column, kind, count in judged.hits),
        tuple((safe[column], kind, count, seen) for column, kind, count, seen in judged.aside),
    )


def _origin(scanned: list[_Scanned]) -> Origin:
    chances = ", ".join(f"{kind} {chance:g}" for kind, chance in sorted(CHANCE.items()))
    parameters = {
        "kinds": ", ".join(KINDS),
        "bare_digits": (
            f"count only if fewer than {FEW} look-alikes in the column, the column is named for "
            "the kind, or the share that validates is above 1.2 times chance by its 99.7 % Wilson "
            f"bound; chance: {chances}"
        ),
    }
    for one in scanned:
        for name, value in one.scan.notes.items():
            parameters[f"{name}: {one.path}"] = value
    aside = [
        (seen, f"{one.path} {column}: {count} of {seen} {kind}")
        for one in scanned
        for column, kind, count, seen in one.judged.aside
    ]
    for place, (_, text) in enumerate(sorted(aside, reverse=True)[:50], start=1):
        parameters[f"set_aside_{place:02}"] = text
    if aside:
        parameters["set_aside"] = f"{len(aside)} columns with look-alikes no better than chance"
    query = "validated identifiers by column and kind; bare digits by the pass rate of their column"
    return Origin(", ".join(one.path for one in scanned) or "no files", query, parameters)
