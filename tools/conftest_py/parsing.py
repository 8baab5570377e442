"""``conftest parse``: one file, a named parser, and an answer that is JSON without surprises."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from conftest_py import strict_json, strict_yaml
from conftest_py.errors import DocumentError, EngineError, UsageError, missing
from conftest_py.process import Completed
from conftest_py.strict_json import Json

_NAMES = """codeowners cue cyclonedx dockerfile dotenv edn groovy hcl1 hcl2 hocon ignore ini json
jsonnet nginx properties spdx textproto toml vcl xml yaml"""
PARSERS = frozenset(_NAMES.split())


@dataclass(frozen=True, slots=True)
class StagedDocument:
    """The private copies of one file, and the parser for them."""

    files: tuple[Path, ...]
    parser: str


def stage_document(path: Path, parser: str, folder: Path) -> StagedDocument:
    """Copy a file; JSON and YAML are read strictly and written as JSON, one file a document."""
    if parser not in PARSERS:
        raise UsageError(f"{parser!r} is not a parser of conftest")
    if not path.is_file():
        raise DocumentError(str(path), "is not a file" if path.exists() else missing(path))
    if parser not in {"json", "yaml"}:
        shutil.copyfile(path, folder / path.name)
        return StagedDocument((folder / path.name,), parser)
    raw, where = path.read_bytes(), str(path)
    if parser == "json":
        values: tuple[Json, ...] = (strict_json.loads(raw, where),)
    else:
        values = strict_yaml.load_all(raw, where)
    files = []
    for number, value in enumerate(values):
        files.append(folder / f"{number:05d}.json")
        files[-1].write_text(strict_json.dumps(value, where), encoding="utf-8")
    return StagedDocument(tuple(files), "json")


def read_parsed(done: Completed, where: str) -> Json:
    """Read what was printed; nothing, ``null`` and rounded numbers are errors."""
    if done.code != 0 or not done.stdout.strip():
        raise EngineError(f"conftest parse printed nothing: {done.stderr or 'no reason given'}")
    value = strict_json.loads(done.stdout, where)
    if value is None:
        raise DocumentError(where, "is empty")
    return value
