"""`hallgate evidence sign` says of a statement what it replaces, rests on and leaves out."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from hallgate.cli.app import main
from hallgate.record.keys import generate_key, write_private_key

ROOT = Path(__file__).parents[3]
SUBJECT = [{"name": "credit-risk", "digest": {"sha256": "a" * 64}}]


def said() -> dict[str, Any]:
    common = json.loads((ROOT / "tests/schemas/common/valid/nothing-more.json").read_text())
    result = sorted((ROOT / "tests/schemas/pii_scan/valid").glob("*.json"))[0]
    return {
        "_type": "https://in-toto.io/Statement/v1", "subject": SUBJECT,
        "predicateType": "urn:hallgate:evidence:pii_scan:v1",
        "predicate": {**common, "result": json.loads(result.read_text())},
    }  # fmt: skip


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_private_key(tmp_path / "key.pem", generate_key())
    (tmp_path / "plain.json").write_text(json.dumps(said()))
    (tmp_path / "rows.csv").write_bytes(b"a,b\n1,2\n")
    return tmp_path


def sign(folder: Path, *words: object, out: str = "signed.json") -> int:
    return main([
        "evidence", "sign", str(folder / "plain.json"), "--key", str(folder / "key.pem"),
        "--repository", str(ROOT), "--out", str(folder / out), *map(str, words),
    ])  # fmt: skip


def signed(folder: Path, out: str = "signed.json") -> bytes:
    return base64.b64decode(json.loads((folder / out).read_text())["payload"])


def test_all_of_it_is_under_the_signature(folder: Path) -> None:
    assert sign(folder, out="first.json") == 0
    rows = digest((folder / "rows.csv").read_bytes())
    assert sign(
        folder, "--supersedes", folder / "first.json",
        "--derived-from", f"rows={folder / 'rows.csv'}",
        "--derived-from", f"first={folder / 'first.json'}",
        "--redacted", "/hits/0=personal data", "--full", folder / "rows.csv",
        "--sequence", "weekly=12", "--method", "examine",
    ) == 0  # fmt: skip
    first = digest(signed(folder, "first.json"))
    predicate = json.loads(signed(folder))["predicate"]
    assert predicate["supersedes"] == first
    assert predicate["derived_from"] == [
        {"name": "rows", "digest": rows}, {"name": "first", "digest": first},
    ]  # fmt: skip
    left = {"pointer": "/hits/0", "reason": "personal data", "digest": rows}
    assert predicate["redactions"] == [left]
    assert predicate["sequence"] == {"series": "weekly", "number": 12}
    assert predicate["method"] == "examine"


def test_without_options_nothing_is_added(folder: Path) -> None:
    assert sign(folder) == 0
    assert json.loads(signed(folder)) == said()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--supersedes", "nowhere.json"), 2, "there is no such file"),
        (("--derived-from", "rows"), 2, "has no value"),
        (("--derived-from", "rows="), 2, "has no value"),
        (("--redacted", "/a=b"), 2, "--redacted and --full belong together"),
        (("--full", "rows.csv"), 2, "--redacted and --full belong together"),
        (("--sequence", "weekly"), 2, "has no value"),
        (("--sequence", "weekly=twelve"), 2, "ends in no number"),
        (("--sequence", "weekly=0"), 3, "number"),
        (("--sequence", "=1"), 3, "series"),
    ],
)
def test_bad_input_says_what_to_do(
    folder: Path, words: tuple[str, str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sign(folder, *words) == code
    assert told in capsys.readouterr().err
    assert not (folder / "signed.json").exists()


def test_what_the_statement_says_is_not_said_twice(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = said()
    value["predicate"]["method"] = "test"
    (folder / "plain.json").write_text(json.dumps(value))
    assert sign(folder, "--method", "interview") == 2
    assert "says method already" in capsys.readouterr().err
