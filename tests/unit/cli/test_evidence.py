"""`hallgate evidence`: reports, cards and attestations become statements; signing."""

import base64
import json
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from hallgate.cli import app
from hallgate.intake.evidence import read_evidence
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.record.keys import generate_key, public_pem, write_private_key

ROOT = Path(__file__).parents[3]
HEX = "a" * 64
MODEL = ("--model", f"credit-risk@sha256:{HEX}")
BUILDER = "https://builder.example/hosted"
SCHEMAS = Schemas.load(ROOT / "evidence-schemas")
NOW = 4_000_000_000
CARD = json.loads((Path(__file__).parent / "data/model_card.json").read_text())
BOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "components": [
        {"type": "library", "name": "numpy", "version": "2.0"},
        {"type": "machine-learning-model", "name": "credit-risk", "version": "1",
         "hashes": [{"alg": "SHA-256", "content": HEX}]},
    ],
}  # fmt: skip
SECRETS = {"version": "1.5.0", "plugins_used": [{"name": "AWSKeyDetector"}], "results": {}}


def evidence(*words):
    return app.main(["evidence", *map(str, words)])


def wrap(kind, file, *words):
    return evidence("wrap", kind, file, *MODEL, "--repository", ROOT, *words)


def write(path, document):
    dump = yaml.safe_dump if path.suffix == ".yaml" else json.dumps
    path.write_text(dump(document))
    return path


def predicate(capsys):
    statement = json.loads(capsys.readouterr().out)
    kind = statement["predicateType"].split(":")[3]
    state = "" if statement["predicate"]["status"] == "measured" else ":unmeasured"
    assert SCHEMAS.accepts(statement, f"statement:{kind}{state}")
    return statement["predicate"]


@pytest.fixture
def trust(tmp_path):
    """A build service with a key in tmp_path, and a scanner whose key may not sign builds."""
    folder = tmp_path / "trust"
    (folder / "identities").mkdir(parents=True)
    (folder / "roles.yaml").write_text((ROOT / "trust/roles.yaml").read_text())
    write(folder / "sources.yaml", {"base_models": [], "builders": [], "model_signers": []})
    since = "2020-01-01T00:00:00Z"
    for name, role in (("build-service", "builder"), ("scan-pipeline", "scanner")):
        key = generate_key()
        write_private_key(tmp_path / f"{name}.pem", key)
        listed = {"public": public_pem(key), "valid_from": since, "valid_until": None,
                  "revoked_at": None, "compromised": False}  # fmt: skip
        write(
            folder / "identities" / f"{name}.yaml",
            {"id": name, "kind": "machine", "title": name, "emails": [], "keys": [listed],
             "roles": [{"role": role, "since": since, "until": None}]},
        )  # fmt: skip
    return folder


def test_a_card_written_by_a_person_becomes_evidence(tmp_path, capsys):
    card = write(tmp_path / "card.yaml", CARD)
    assert wrap("model_card", card, "--note", "staged=for a test", "--note", "a=b") == 0
    made = predicate(capsys)
    assert made["result"] == CARD
    assert made["raw_digest"] == "sha256:" + sha256(card.read_bytes()).hexdigest()
    notes = [(one["name"], one["value"]) for one in made["source"]["parameters"]]
    assert ("staged", "for a test") in notes
    assert notes == sorted(notes)


def test_a_card_of_another_shape_is_invalid_with_its_place(tmp_path, capsys):
    card = write(tmp_path / "card.yaml", {**CARD, "colour": "blue"})
    assert wrap("model_card", card) == 3
    streams = capsys.readouterr()
    assert "colour" in streams.err
    assert f"{card}:" in streams.err
    assert streams.out == ""


@pytest.mark.parametrize("kind", ["ml_bom", "cyclonedx"])
def test_a_bill_of_materials_by_type_or_by_tool(tmp_path, kind, capsys):
    assert wrap(kind, write(tmp_path / "bom.json", BOM)) == 0
    result = predicate(capsys)["result"]
    assert result["components"] == 2
    assert result["models"][0]["sha256"] == f"sha256:{HEX}"
    assert result["without"]["sha256"] == ["numpy@2.0"]


def test_a_secret_scan_needs_the_files_it_looked_at(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    report = write(tmp_path / "report.json", SECRETS)
    assert wrap("secret_scan", report) == 1
    streams = capsys.readouterr()
    assert json.loads(streams.out)["predicate"]["status"] == "not_run"
    assert "no file was looked at" in streams.err

    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x = 1\n")
    assert wrap("secret_scan", report, "--scanned", "src") == 0
    made = predicate(capsys)
    assert [one["path"] for one in made["result"]["files"]] == ["src/a.py"]
    assert made["result"]["findings_total"] == 0


def test_a_secret_in_a_file_nobody_listed_shows_as_incomplete(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x = 1\n")
    found = {"other/b.py": [{"type": "AWS Access Key", "line_number": 3}]}
    report = write(tmp_path / "report.json", {**SECRETS, "results": found})
    assert wrap("secret_scan", report, "--scanned", "src") == 0
    assert predicate(capsys)["completeness"] == {"expected": 2, "observed": 1}


def test_two_scanners_of_vulnerabilities_are_told_apart(tmp_path, capsys):
    packages = [{"Name": "numpy", "Version": "2.0"}]
    trivy = {"SchemaVersion": 2, "ArtifactName": "x", "Results": [
        {"Target": "Python", "Class": "lang-pkgs", "Packages": packages}]}  # fmt: skip
    words = ("--database-at", "2026-01-01T00:00:00Z", "--target-digest", "sha256:" + "b" * 64)
    assert wrap("vulnerability_report", write(tmp_path / "t.json", trivy), *words) == 0
    made = predicate(capsys)
    assert made["collector"]["tool"] == "trivy"
    assert made["result"]["scanned"] == 1
    assert made["result"]["target_digest"] == "sha256:" + "b" * 64

    grype = write(tmp_path / "g.json", {"matches": [], "descriptor": {"version": "0.1"}})
    assert wrap("vulnerability_report", grype, "--packages", "7") == 0
    made = predicate(capsys)
    assert (made["collector"]["tool"], made["result"]["scanned"]) == ("grype", 7)
    assert wrap("vulnerability_report", grype, "--tool", "trivy") == 3


def test_text_of_picklescan(tmp_path, capsys):
    model = tmp_path / "model.json"
    model.write_text("{}")
    digest = sha256(b"{}").hexdigest()
    output = tmp_path / "picklescan.txt"
    output.write_text("----------- SCAN SUMMARY -----------\nScanned files: 1\n")
    words = ("--model", f"m@sha256:{digest}", "--repository", ROOT, "--scanned", model)
    assert evidence("wrap", "picklescan", output, *words) == 0
    assert predicate(capsys)["result"]["files"][0]["path"] == "model.json"


def provenance():
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "credit-risk", "digest": {"sha256": HEX}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {"buildType": "https://b.example/v1", "resolvedDependencies": []},
            "runDetails": {"builder": {"id": BUILDER}},
        },
    }


def test_a_builder_is_believed_only_with_its_signature(tmp_path, trust, capsys):
    plain = write(tmp_path / "provenance.json", provenance())
    assert wrap("build_provenance", plain, "--level", "3") == 0
    result = predicate(capsys)["result"]
    assert (result["builder"], result["level"]) == (f"unverified:{BUILDER}", 1)
    assert wrap("build_provenance", plain, "--builder", BUILDER) == 2
    assert "--builder needs a signed provenance" in capsys.readouterr().err

    signed, claim = tmp_path / "signed.json", ("--builder", BUILDER, "--level", "3")
    assert _sign(plain, tmp_path / "build-service.pem", signed) == 0
    assert wrap("build_provenance", signed, "--trust", trust, *claim) == 0
    result = predicate(capsys)["result"]
    assert (result["builder"], result["level"]) == (BUILDER, 3)


def test_a_signature_that_does_not_count_is_refused(tmp_path, trust, capsys):
    plain, signed = write(tmp_path / "p.json", provenance()), tmp_path / "signed.json"
    _sign(plain, tmp_path / "scan-pipeline.pem", signed)
    assert wrap("build_provenance", signed, "--trust", trust) == 1
    assert "whose roles may not sign build_provenance" in capsys.readouterr().err

    write_private_key(tmp_path / "stranger.pem", generate_key())
    _sign(plain, tmp_path / "stranger.pem", signed)
    assert wrap("build_provenance", signed, "--trust", trust) == 1
    assert "no machine key in trust/" in capsys.readouterr().err

    _sign(plain, tmp_path / "build-service.pem", signed)
    envelope = json.loads(signed.read_text())
    altered = base64.b64decode(envelope["payload"]).replace(b"hosted", b"h0sted")
    write(signed, {**envelope, "payload": base64.b64encode(altered).decode()})
    assert wrap("build_provenance", signed, "--trust", trust) == 1
    streams = capsys.readouterr()
    assert "forged, or altered" in streams.err
    assert streams.out == ""


def _sign(plain, key, out):
    return evidence("sign", plain, "--key", key, "--out", out, "--repository", ROOT)


def test_signed_evidence_is_read_back_with_its_signer(tmp_path, trust):
    folder = tmp_path / "evidence"
    card = write(tmp_path / "bom.json", BOM)
    assert wrap("ml_bom", card, "--out", tmp_path / "plain.json") == 0
    assert _sign(tmp_path / "plain.json", tmp_path / "build-service.pem", folder / "bom.json") == 0
    (read,) = read_evidence(folder, read_trust(trust, SCHEMAS), SCHEMAS, at=NOW).statements
    assert read.type == "ml_bom"
    assert read.document["signer"]["identity"] == "build-service"


def test_what_is_malformed_or_signed_already_is_not_signed(tmp_path, trust, capsys):
    key, out = tmp_path / "build-service.pem", tmp_path / "out.json"
    assert wrap("ml_bom", write(tmp_path / "bom.json", BOM), "--out", tmp_path / "p.json") == 0
    statement = json.loads((tmp_path / "p.json").read_text())
    assert _sign(tmp_path / "p.json", key, tmp_path / "signed.json") == 0
    assert _sign(tmp_path / "signed.json", key, out) == 2
    assert "is signed already" in capsys.readouterr().err
    statement["predicate"]["result"]["components"] = "many"
    assert _sign(write(tmp_path / "bad.json", statement), key, out) == 3
    assert "components" in capsys.readouterr().err
    assert _sign(write(tmp_path / "no.json", {"a": 1}), key, out) == 3
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("no_such_type", "bom.json"), 2, "nothing wraps a report as no_such_type"),
        (("ml_bom", "bom.json", "--tool", "trivy"), 2, "trivy writes no ml_bom"),
        (("ml_bom", "nope.json"), 2, "there is no such file"),
        (("ml_bom", "cut.json"), 3, "is no JSON"),
        (("ml_bom", "bom.json", "--note", "nothing"), 2, "is no NAME=TEXT"),
        (("ml_bom", "bom.json", "--target-digest", "abc"), 2, "is not sha256:"),
        (("ml_bom", "bom.json", "--scanned", "nowhere"), 2, "neither a file nor a folder"),
    ],
)
def test_a_wrong_call_says_what(tmp_path, monkeypatch, words, code, said, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "bom.json", BOM)
    (tmp_path / "cut.json").write_text(json.dumps(BOM)[:40])
    assert wrap(*words) == code
    streams = capsys.readouterr()
    assert said in " ".join(streams.err.split())
    assert streams.out == ""
