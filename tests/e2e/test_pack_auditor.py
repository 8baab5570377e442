"""What an auditor brings to a pack: roots of trust, an archive as it came, a look at its pages."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile

import pytest

from hallgate.publish.pack.answers import ANSWERS
from hallgate.publish.pack.examine import Question, answered, verified
from hallgate.publish.pack.verifier.program import Roots, read_roots
from hallgate.publish.pack.verifier.program import verify as check
from hallgate.publish.pack.verifier.state import Pack, Report
from hallgate.record.keys import generate_key, public_pem
from hallgate.testing.authority import make_authority

from .pack_world import Office, resummed, verify

pytestmark = pytest.mark.e2e


def liar(path, old, new):
    def lie(folder):
        data = (folder / path).read_bytes()
        assert old in data
        (folder / path).write_bytes(data.replace(old, new, 1))

    return lie


def one_more_page(folder):
    shutil.copy(folder / "decisions/0001.html", folder / "decisions/0002.html")


def no_plan(folder):
    (folder / "oscal/poam.json").unlink()


@pytest.mark.parametrize(
    ("lie", "path"),
    [
        (liar("index.html", b"1 denied", b"0 denied"), "index.html"),
        (liar("decisions/0001.html", b">denied<", b">allowed<"), "decisions/0001.html"),
        (liar("decisions.csv", b"denied", b"allowed"), "decisions.csv"),
        (liar("evidence.csv", b"synthetic", b"real"), "evidence.csv"),
        (liar("oscal/assessment-results.json", b"satisfied", b"satisfiee"),
         "oscal/assessment-results.json"),
        (one_more_page, "decisions/0002.html"),
        (no_plan, "oscal/poam.json"),
    ],
)  # fmt: skip
def test_a_page_that_says_other_than_the_records_is_named_by_an_audit(built, tmp_path, lie, path):
    folder = tmp_path / "pack"
    shutil.copytree(built, folder)
    assert verified(folder, Roots()).wrong == []
    lie(folder)
    resummed(folder)
    report = Report()
    check(Pack(folder), Roots(), report)
    assert report.wrong == []  # nothing of it is signed, so verify.py says that it did not look
    assert verified(folder, Roots()).wrong == [f"{path}: says other than the records do"]


def test_another_version_is_not_accused(built, tmp_path):
    folder = tmp_path / "pack"
    shutil.copytree(built, folder)
    liar("pack.json", b'"made_by":"hallgate ', b'"made_by":"hallgate 9')(folder)
    resummed(folder)
    report = verified(folder, Roots())
    assert report.wrong == []
    assert any("another version made them" in one for one in report.unchecked)


def test_another_key_another_checkpoint_and_nobodys_trust_are_named(office, built, tmp_path):
    other = generate_key()
    (tmp_path / "other.pem").write_text(public_pem(other))
    wrong = verify(built, "--log-key", tmp_path / "other.pem", code=1)["wrong"]
    assert any("not signed with --log-key" in one for one in wrong)
    both = ("--log-key", tmp_path / "other.pem", "--log-key", built / "keys/log-0.pub.pem")
    assert verify(built, *both)["wrong"] == []  # a log may have had several keys
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


def test_evidence_of_a_signer_who_may_not_is_no_accusation(bank, run, tmp_path):
    """It is a gap in the decision, which was denied, and was never published."""
    office = Office(bank, run)
    file = bank.evidence / "pii_scan.json"
    envelope = json.loads(file.read_text())
    said = json.loads(base64.b64decode(envelope["payload"]))
    file.write_text(json.dumps(bank.cast.sign("build-service", said)))
    office.decide(1)
    office.pack(tmp_path / "pack")
    said = verify(tmp_path / "pack", "--trust", tmp_path / "pack/keys/trust.json")
    assert said["wrong"] == []
    assert any("3 decisions in the scope" in one for one in said["held"])


def test_trust_is_given_to_an_auditor_before_any_pack(office, built, tmp_path):
    told = office.command("pack", "trust", "--output", tmp_path / "trust.json").out
    data = (built / "keys/trust.json").read_bytes()
    assert (tmp_path / "trust.json").read_bytes() == data
    assert hashlib.sha256(data).hexdigest() in told
    office.command("pack", "trust", "--output", tmp_path / "trust.json", code=2)


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
    assert not any("signatures are of" in one or "signed with" in one for one in said["held"])
    unchecked = " ".join(said["unchecked"])
    for one in ("signatures of machines", "signatures of people", "log/checkpoint: its signature"):
        assert one in unchecked


def test_an_archive_is_opened_and_a_hostile_one_refused(office, built, tmp_path):
    archive = built.with_suffix(".tar.gz")
    program = tmp_path / "verify.py"
    told = office.run("pack", "verifier", "--output", program).out
    assert hashlib.sha256((built / "verify.py").read_bytes()).hexdigest() in told
    again = office.run("pack", "verifier", "--output", program, code=2)
    assert "there is a file already" in again.err
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


def test_a_timestamp_is_held_against_its_checkpoint_by_the_auditors_root(office, built, tmp_path):
    house, other = (make_authority(tmp_path / name, name) for name in ("house", "other"))
    pack = tmp_path / "pack"
    shutil.copytree(built, pack)
    (kept,) = (pack / "log/kept").glob("*.checkpoint")
    token = kept.with_name(f"{kept.stem}.house.tsr")
    token.write_bytes(house.stamp(kept.read_bytes()))
    resummed(pack)
    said = verify(pack, "--tsa-root", house.root)
    assert any(f"{token.name}: your authority saw these" in one for one in said["held"])
    assert any("1 timestamps: give --tsa-root" in one for one in verify(pack)["unchecked"])
    wrong = verify(pack, "--tsa-root", other.root, code=1)["wrong"]
    assert any(f"{token.name}: no timestamp of your authority" in one for one in wrong)
    words = ("audit", pack, "--no-replay", "--format", "json", "--tsa-root")
    assert json.loads(office.command(*words, house.root).out)["wrong"] == []
    office.command(*words, other.root, code=1)
    token.write_bytes(house.stamp(b"another checkpoint"))
    resummed(pack)
    assert len(verify(pack, "--tsa-root", house.root, code=1)["wrong"]) == 1


def test_an_audit_of_a_broken_pack_ends_with_findings(office, built, tmp_path):
    for number, (name, data) in enumerate(
        (("results.json", b"[{}]"), ("results.json", b'[{"sample": ["../../x"]}]'),
         ("pack.json", b"{}"))
    ):  # fmt: skip
        folder = tmp_path / str(number)
        shutil.copytree(built, folder)
        (folder / name).write_bytes(data)
        said = json.loads(office.command("audit", folder, "--format", "json", code=1).out)
        assert said["wrong"]
        assert name == "pack.json" or said["reperformed"][0]["trouble"]


BROKEN = {
    "empty": b"", "null": b"null", "object": b"{}", "number": b"1e999", "deep": b"[" * 100_000,
    "bytes": b"\xff\xfe\x00",
}  # fmt: skip


@pytest.mark.parametrize("how", BROKEN)
def test_a_file_of_another_form_is_a_finding_and_stops_nothing(built, tmp_path, how):
    """Also where a forger lists the files anew: no traceback, and the rest is still checked."""
    records = sorted(one.relative_to(built) for one in (built / "records").rglob("*"))
    record = next(one for one in records if one.name.endswith(".record.json"))
    roots = read_roots([built / "keys/log-0.pub.pem"], [], built / "keys/trust.json", None)
    for name in (
        "pack.json", "controls.json", "results.json", "log/checkpoint", "log/entries.jsonl",
        "SHA256SUMS", record.as_posix(), "index.html",
    ):  # fmt: skip
        folder = tmp_path / name.replace("/", "-")
        shutil.copytree(built, folder)
        (folder / name).write_bytes(BROKEN[how])
        if name != "SHA256SUMS":
            resummed(folder)
        report = verified(folder, roots)
        assert report.wrong, name
        assert len(report.held) >= 3, name
        asked = [Question("1", "auditor", "?", answer, "") for answer in ANSWERS]
        assert len(answered(folder, asked)) == len(asked)
        shutil.rmtree(folder)
