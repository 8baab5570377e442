"""Bad input through the installed command: a sentence, a place, the right exit code."""

import json

import pytest

pytestmark = pytest.mark.e2e


def set_request(bank, change):
    document = json.loads(bank.request.read_text())
    change(document)
    bank.request.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"model": ', "request.json:1:"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": NaN}', "request.json:1:"),
        ("[" * 50 + "]" * 50, "deep"),
        ('{"a": "\\ud800"}', "request.json:1:"),
    ],
)
def test_a_request_that_cannot_be_read_is_invalid(bank, text, said):
    bank.request.write_text(text)
    answer = bank.decide(code=3)
    assert said in answer.err
    assert answer.out == ""


def test_a_request_of_another_shape_names_every_fault(bank):
    def spoil(document):
        document["extra"] = 1
        document["use"]["domain"] = "credti"
        del document["to_stage"]

    set_request(bank, spoil)
    said = bank.decide(code=3).err
    assert "extra" in said
    assert "credit" in said
    assert "to_stage" in said


@pytest.mark.parametrize(
    "data",
    [
        b'{"payload": "',
        b"\xff\xfe{}",
        b"[" * 50 + b"]" * 50,
        b'{"a": "' + b"x" * 10_000_000 + b'"}',
        b'{"payloadType": "x", "payloadType": "y"}',
        b"",
    ],
    ids=["truncated", "utf-16", "deep", "large", "duplicate", "empty"],
)
def test_evidence_that_cannot_be_read_is_a_finding(bank, data):
    (bank.evidence / "secret_scan.json").write_bytes(data)
    document = json.loads(bank.decide("--format", "json", code=1).out)
    verdicts = {one["id"]: one for one in document["verdicts"]}
    assert verdicts["SEC-001"]["outcome"] == "insufficient"
    assert "secret_scan.json" in verdicts["SEC-001"]["findings"][0]["message"]


def test_evidence_about_another_digest_is_a_finding(bank):
    def other(document):
        document["model"]["digest"] = "sha256:" + "f" * 64

    set_request(bank, other)
    assert "another model or digest" in " ".join(bank.decide(code=1).out.split())


def test_an_engine_killed_in_mid_decision_allows_and_records_nothing(bank, run, tmp_path):
    dying = tmp_path / "opa"
    dying.write_text("#!/bin/sh\nprintf '{\"result\":'\nkill -9 $$\n")
    dying.chmod(0o755)
    records = tmp_path / "records"
    words = ["decide", bank.request, "--evidence", bank.evidence, *bank.options()]
    words += ["--record", records, "--key", bank.key]
    answer = run(*words, code=4, env={"HALLGATE_OPA": str(dying)})
    assert answer.out == ""
    assert not records.exists()


def test_no_engine_is_an_error_that_says_what_to_do(bank, run, tmp_path):
    words = ["decide", bank.request, "--evidence", bank.evidence, *bank.options()]
    answer = run(*words, code=4, env={"HALLGATE_OPA": str(tmp_path / "none")})
    assert "make tools" in answer.err


def waiver(bank, name="EXC-2026-0001", folder="fairness", **change):
    digest = json.loads(bank.request.read_text())["model"]["digest"]
    document = {
        "id": name, "policy": "FAIR-001",
        "subject": {"name": "credit-risk", "digests": [digest], "to_stage": "production"},
        "findings": None, "reason": "Made.",
        "risk": {
            "inherent": {"likelihood": 2, "impact": 2},
            "residual": {"likelihood": 1, "impact": 1}, "rationale": "Made.",
        },
        "compensating_controls": [],
        "remediation": {"plan": "Made.", "due": "2098-01-01T00:00:00Z"},
        "owner": "model-owner", "requester": "model-owner",
        "opened": "2026-01-01T00:00:00Z", "expires": "2099-01-01T00:00:00Z", "renews": None,
    } | change  # fmt: skip
    path = bank.folder / "exceptions" / folder / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def test_a_waiver_for_no_live_policy_is_invalid(bank):
    waiver(bank, policy="FAIR-999")
    said = bank.decide(code=3).err
    assert "FAIR-999" in said
    assert "EXC-2026-0001.yaml:1:" in said


def test_one_id_in_two_families_is_invalid(bank):
    waiver(bank)
    waiver(bank, folder="privacy")
    assert "EXC-2026-0001" in bank.decide(code=3).err


def test_every_waivers_faults_are_named_in_one_pass(bank):
    waiver(bank, owner="nobody-known")
    waiver(bank, "EXC-2026-0002", surplus=1)
    said = bank.decide(code=3).err
    assert "nobody-known" in said
    assert "surplus" in said


def test_a_broken_trust_file_is_invalid(bank):
    (bank.trust / "sources.yaml").write_text("builders: yes\n")
    assert "sources.yaml:1:" in bank.decide(code=3).err
