"""Each command and each format, by the installed command, on content."""

import json
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]


def test_an_allowed_promotion_from_decision_to_replay(bank, run, tmp_path):
    records = tmp_path / "records"
    table = bank.decide("--record", records, "--key", bank.key)
    assert "ALLOWED" in table.out
    assert "FAIR-001" in table.out
    (record,) = records.glob("*.record.json")
    assert str(record) in table.err

    verified = run("verify", record, *bank.options())
    assert "The record holds: ALLOWED." in verified.out
    facts = json.loads(run("verify", record, "--format", "json", *bank.options()).out)
    assert facts["decided_by"] == "decision-service"
    subject = ["verify", "--subject", facts["digest"], "--records", records, *bank.options()]
    assert "credit-risk" in run(*subject, "--to", "production").out
    assert "no " in run(*subject, "--to", "staging", code=1).err

    assert "byte for byte: allowed" in run("replay", record, *bank.options()).out
    body = run("replay", record, "--body", *bank.options()).out
    assert json.loads(body)["allowed"] is True

    whole = record.read_bytes()
    for spot in (10, len(whole) // 2, len(whole) - 10):
        flipped = bytearray(whole)
        flipped[spot] ^= 1
        record.write_bytes(flipped)
        assert "hallgate: " in run("verify", record, *bank.options(), code=1).err
    record.write_bytes(whole)
    blob = next((records / "blobs/sha256").iterdir())
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.write_bytes(data)
    assert blob.name[:12] in run("verify", record, *bank.options(), code=1).err


def test_a_denied_promotion_in_every_format(bank):
    (bank.evidence / "artifact_scan.json").unlink()
    table = bank.decide(code=1).out
    assert "DENIED" in table
    # Problems stand first.
    assert table.index("THR-001") < table.index("FAIR-001")
    assert "hallgate measure artifact" in " ".join(table.split())

    document = json.loads(bank.decide("--format", "json", code=1).out)
    verdicts = {one["id"]: one for one in document["verdicts"]}
    assert document["allowed"] is False
    assert verdicts["THR-001"]["findings"][0]["key"] == "evidence:artifact_scan"

    suite = ElementTree.fromstring(bank.decide("--format", "junit", code=1).out)
    cases = list(suite.iter("testcase"))
    failed = [case.get("name") for case in cases if case.find("failure") is not None]
    assert any(name.startswith("THR-001") for name in failed)

    sarif = json.loads(bank.decide("--format", "sarif", code=1).out)
    assert sarif["version"] == "2.1.0"
    assert "THR-001" in {result["ruleId"] for result in sarif["runs"][0]["results"]}

    github = bank.decide("--format", "github", code=1).out
    assert all(line.startswith("::") for line in github.splitlines())
    assert "THR-001" in github

    markdown = bank.decide("--format", "markdown", code=1).out.replace("\\", "")
    assert "THR-001" in markdown
    assert "DENIED" in markdown


def test_a_denial_is_recorded_and_blocks_the_deployment(bank, run, tmp_path):
    records = tmp_path / "records"
    bank.decide("--record", records, "--key", bank.key)
    (bank.evidence / "secret_scan.json").unlink()
    # A second later, so that it is the newer one.
    bank.decide("--record", records, "--key", bank.key, code=1)
    digest = json.loads(bank.request.read_text())["model"]["digest"]
    answer = run(
        "verify", "--subject", digest, "--to", "production", "--records", records,
        *bank.options(), code=1,
    )  # fmt: skip
    assert "denied" in answer.err.lower() or "denial" in answer.err.lower()


def test_a_question_about_another_time_promotes_nothing(bank, tmp_path):
    later = bank.decide("--at", "2035-01-01T00:00:00Z", code=1).out
    assert "WOULD BE DENIED" in later
    answer = bank.decide(
        "--at", "2035-01-01T00:00:00Z", "--record", tmp_path, "--key", bank.key, code=2
    )
    assert "--at excludes --record" in answer.err
    assert "--record and --key" in bank.decide("--record", tmp_path, code=2).err


def test_only_a_decider_may_sign(bank, tmp_path):
    records = tmp_path / "records"
    key = bank.folder / "keys" / "security-scanner.pem"
    assert "may not sign decisions" in bank.decide("--record", records, "--key", key, code=2).err
    assert not list(records.glob("*")) if records.exists() else True


def test_input_for_plain_opa_gives_the_same_answer(bank, run, tmp_path):
    answer = run("input", bank.request, "--evidence", bank.evidence, *bank.options()).out
    document = json.loads(answer)
    assert document["request"]["model"]["name"] == "credit-risk"
    assert document["evidence"]["fairness_report"][0]["signer"]["identity"] == "evaluation-pipeline"
    records = tmp_path / "records"
    bank.decide("--record", records, "--key", bank.key)
    (record,) = records.glob("*.record.json")
    facts = json.loads(run("verify", record, "--format", "json", *bank.options()).out)
    blob = records / "blobs" / "sha256" / facts["policies"].removeprefix("sha256:")
    bundle = shutil.copy(blob, tmp_path / "policies.tar.gz")
    told = records / "blobs" / "sha256" / facts["waivers"].removeprefix("sha256:")
    waivers = shutil.copy(told, tmp_path / "waivers.tar.gz")
    done = subprocess.run(
        [ROOT / ".tools/bin/opa", "eval", "-b", bundle, "-b", waivers, "-I", "--format", "raw",
         "--strict-builtin-errors", "data.promotion.main.allowed"],
        input=answer, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "true"


def test_plan_names_evidence_freshness_commands_and_roles(bank, run):
    table = run("plan", bank.request, *bank.options()).out
    assert "hallgate measure" in table
    assert "evaluation-pipeline" in table
    plan = json.loads(run("plan", bank.request, "--format", "json", *bank.options()).out)
    assert plan["tier"] == "high"


def test_explain(run):
    assert "four-fifths" in run("explain", "FAIR-001").out
    assert "FAIR-001" in run("explain", "FAIR-01", code=2).err
    document = json.loads(run("explain", "FAIR-001", "--format", "json").out)
    assert document["id"] == "FAIR-001"


def test_check_is_clean_here_and_names_every_fault_elsewhere(bank, run, tmp_path):
    assert "Clean." in run("check").out
    copy = tmp_path / "repository"
    for name in ("policies", "evidence-schemas", "trust", "frameworks", "exceptions"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copytree(ROOT / ".tools", copy / ".tools", symlinks=True)
    (copy / "trust/roles.yaml").write_text("roles: []\nextra: yes\n")
    broken = copy / "frameworks/gdpr.yaml"
    broken.write_text(broken.read_text().replace("binding", "bindng", 1))
    answer = run("check", "--repository", copy, "--format", "json", cwd=copy, code=3)
    faults = [one for part in json.loads(answer.out)["parts"] for one in part["faults"]]
    files = {Path(one["where"]["file"]).name for one in faults if one["where"]}
    assert {"roles.yaml", "gdpr.yaml"} <= files
    assert all(one["remedy"] for one in faults)


def test_check_reads_requests_and_evidence(bank, run):
    assert run("check", bank.request, bank.evidence, *bank.options()).code == 0
    (bank.evidence / "model_card.json").write_text("{")
    answer = run("check", bank.evidence, *bank.options(), code=1)
    assert "model_card.json" in answer.out


def test_new_forms_do_not_pass_unread(run, tmp_path):
    copy = tmp_path / "repository"
    for name in ("policies", "evidence-schemas", "trust", "frameworks", "exceptions"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copytree(ROOT / ".tools", copy / ".tools", symlinks=True)
    digest = "sha256:" + "a" * 64
    waiver = run(
        "waiver", "new", "FAIR-001", "--model", "m", "--digest", digest, "--repository", copy
    ).out.strip()
    assert Path(waiver).name.startswith("EXC-")
    words = ["new", "policy", "FAIR-007", "fairness", "made_here", "--title", "Made"]
    written = run(*words, "--repository", copy).out.split()
    assert [Path(path).name for path in written] == [
        "made_here.rego",
        "made_here_test.rego",
    ]
    assert run(*words, "--repository", copy, code=2).err
    run("check", "--repository", copy, cwd=copy, code=3)
    scenario = run("new", "scenario", "finance", "denied-x", "--repository", copy).out.strip()
    assert Path(scenario).is_file()


def test_usage(run):
    assert "COMMAND" in run("--help").out
    assert "did you mean decide?" in run("decid", code=2).err
    assert run("--version").out.startswith("hallgate 0.")
    assert "required" in run("decide", code=2).err
