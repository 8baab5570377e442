"""The log through the installed command: decide, publish, prove, stamp, audit, and refusals."""

import json
import shutil
import sqlite3
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from hallgate.record.keys import generate_key, write_private_key
from hallgate.testing.authority import make_authority

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
OPA = {"HALLGATE_OPA": str(ROOT / ".tools/bin/opa")}
PARTS = ("policies", "evidence-schemas", "frameworks")


class Office:
    """A repository of its own with a log, and a bank that decides in it."""

    def __init__(self, bank, run):
        self.bank, self.run, self.root = bank, run, bank.folder
        for part in PARTS:
            shutil.copytree(ROOT / part, self.root / part)
        self.key = self.root / "keys" / "log.pem"
        write_private_key(self.key, generate_key())
        self.git("init", "-q")

    def git(self, *words):
        names = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        done = subprocess.run(
            ["git", *names, *words], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout

    def log(self, *words, code=0):
        return self.run("log", *words, "--repository", self.root, code=code, env=OPA)

    def records(self, *words, code=0):
        return self.run("records", *words, "--repository", self.root, code=code, env=OPA)

    def decide(self, *words, code=0):
        return self.run(
            "decide", self.bank.request, "--evidence", self.bank.evidence, "--repository",
            self.root, "--key", self.bank.key, *words, code=code, env=OPA,
        )  # fmt: skip


@pytest.fixture
def office(bank, run):
    found = Office(bank, run)
    found.log("init", "--origin", "example.org/bank", "--key", found.key)
    return found


def test_a_decision_is_published_proven_and_audited(office, tmp_path):
    records = office.root / "records"
    missing = office.decide("--record", records, code=2)
    assert "name the log's private key with --log-key" in missing.err
    elsewhere = office.decide("--record", tmp_path, "--log-key", office.key, code=2)
    assert "records into its log" in elsewhere.err
    assert "entry 0 of the log" in office.decide("--record", records, "--log-key", office.key).err
    approval = next(office.bank.evidence.glob("*.approval.json"))
    evidence = office.bank.evidence / "fairness_report.json"
    size = 1 + len(list(office.bank.evidence.glob("*.json")))
    words = ("append", approval, evidence, "--key", office.key, "--format", "json")
    again = json.loads(office.log(*words).out)
    assert [one["new"] for one in again] == [False, False]
    assert f"{size} of {size} entries are proven" in office.log("verify").out
    shown = json.loads(office.log("show", "--last", "0", "--format", "json").out)
    kinds = [one["kind"] for one in shown["entries"]]
    assert len(kinds) == size
    assert kinds[0] == "decision"
    assert {kinds[one["index"]] for one in again} == {"approval", "evidence"}

    words = ("search", "--kind", "decision", "--control", "gdpr:22", "--format", "json")
    assert json.loads(office.records(*words).out)["total"] == 1
    assert "nothing found" in office.records("search", "no such words", code=1).out
    assert "no policy cites" in office.records("search", "--control", "x:1", code=2).err
    assert f"{size} records indexed, {size} in all" in office.records("index", "--anew").out
    store = tmp_path / "copy.sqlite"
    assert f"{size} records indexed" in office.records("index", "--store", store).out
    words = ("search", "--store", store, "--kind", "decision", "--format", "json")
    assert json.loads(office.records(*words).out)["total"] == 1
    with sqlite3.connect(store) as copy:
        assert copy.execute("SELECT count(*) FROM payload").fetchone() == (size,)
    copy.close()
    assert "0 records indexed" in office.records("index", "--store", store).out
    plan = json.loads(office.run("retention", "plan", "--repository", office.root,
                                 "--format", "json", env=OPA).out)  # fmt: skip
    assert {one["standing"] for one in plan["records"]} <= {"in_effect", "kept"}

    (record,) = records.glob("*.record.json")
    check = ("verify", record, "--repository", office.root)
    assert "The record holds" in office.run(*check, env=OPA).out
    copy = tmp_path / "moved"
    shutil.move(records, copy)
    moved = ("verify", copy / record.name, "--repository", office.root)
    assert "no log here" in office.run(*moved, code=2, env=OPA).err
    office.run(*moved, env={**OPA, "HALLGATE_LOG": str(copy)})
    shutil.move(copy, records)

    proof = tmp_path / "one.tlog-proof"
    office.log("prove", evidence, "--output", proof)
    assert proof.read_text().startswith("c2sp.org/tlog-proof@v1\nextra ")
    about = ("verify", "--proof", proof, "--record")
    assert f"The proof holds: entry {again[1]['index']}" in office.log(*about, evidence).out
    assert "altered, or another" in office.log(*about, approval, code=1).err
    assert json.loads(office.log("prove", "--since", "2").out)["first"] == 2

    (record,) = records.glob("*.record.json")
    record.write_bytes(record.read_bytes()[:-1] + b" ")
    found = json.loads(office.log("verify", "--format", "json", code=1).out)
    assert [(one["code"], one["index"]) for one in found["findings"]] == [("altered_record", 0)]
    assert found["proven"] == size - 1


def test_what_would_not_count_is_not_published(office):
    evidence = office.bank.evidence / "fairness_report.json"
    envelope = json.loads(evidence.read_text())
    envelope["signatures"][0]["sig"] = "AAAA" + envelope["signatures"][0]["sig"][4:]
    evidence.write_text(json.dumps(envelope))
    refused = office.log("append", evidence, "--key", office.key, code=1)
    assert "not published: the signature does not match" in refused.err
    plain = office.root / "plain.json"
    plain.write_text("{}")
    assert "is no signed" in office.log("append", plain, "--key", office.key, code=3).err
    stranger = office.root / "keys" / "other.pem"
    write_private_key(stranger, generate_key())
    approval = next(office.bank.evidence.glob("*.approval.json"))
    assert "none of the log's" in office.log("append", approval, "--key", stranger, code=2).err
    assert json.loads(office.log("show", "--format", "json").out)["size"] == 0


@pytest.fixture
def authority(tmp_path):
    """A time-stamping authority on loopback: (its root, its address)."""
    made = make_authority(tmp_path / "tsa", "house")

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(made.answer(query))

        def log_message(self, *words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made.authority.root, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_checkpoint_is_stamped_and_committed(office, authority):
    root, address = authority
    refused = office.log("checkpoint", "--tsa", address, code=1)
    assert "no trusted authority gave this timestamp" in refused.err
    said = office.root / "trust/log.yaml"
    document = json.loads(said.read_text().split("\n", 1)[1])
    document["authorities"] = [{"name": "house", "root": root, "certificate": None}]
    said.write_text(json.dumps(document))
    office.git("config", "user.name", "x")
    office.git("config", "user.email", "x@example.org")
    made = json.loads(
        office.log("checkpoint", "--tsa", address, "--commit", "--format", "json").out
    )
    names = [Path(one).name for one in made["files"]]
    assert names == ["000000000000.checkpoint", "000000000000.house.tsr"]
    assert "Checkpoint of the log at 0 entries" in office.git("log", "--format=%s")
    assert office.git("show", "--name-only", "--format=").split() == [
        f"checkpoints/{name}" for name in names
    ]
    found = json.loads(office.log("verify", "--format", "json").out)
    assert [one["authority"] for one in found["timestamps"]] == ["house"]
    down = office.log("checkpoint", "--tsa", "http://127.0.0.1:9/", code=4)
    assert "did not answer" in down.err
