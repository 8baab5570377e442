"""Staging: what a change does is what intake finds."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hallgate.model.errors import InvalidDocument
from hallgate.record.dsse import verify_envelope
from hallgate.record.faults import SignatureFault
from hallgate.record.statement import statement
from hallgate.testing.cast import OUTSIDER, is_machine, tampered
from hallgate.testing.scenario import read_scenario
from hallgate.testing.stage import stage

DIGEST = "sha256:" + "9f" * 32


@pytest.fixture
def base(harness):
    return read_scenario(harness.scenarios / "finance" / "base.yaml")


@pytest.fixture
def staged(harness, base, tmp_path):
    def put(change, now=None):
        scenario = replace(base, change=change, now=now or base.now)
        return stage(scenario, harness.cast, harness.schemas, tmp_path, harness.policies)

    return put


def faults(found):
    return {(one.type, one.fault) for one in found.evidence.rejections}


def one_of(found, kind):
    (statement,) = [one for one in found.evidence.statements if one.type == kind]
    return statement.document


def test_a_base_is_read_back_whole(base, staged):
    found = staged({})
    assert not found.evidence.rejections
    assert not found.evidence.ignored
    kinds = {one.type for one in found.evidence.statements}
    assert kinds == {*base.base["evidence"], "approval"}
    assert len(found.evidence.statements) == len(base.base["evidence"]) + 3
    assert found.waivers == ()


def test_every_role_that_may_sign_is_held(harness):
    trust = harness.cast.trust
    for role in trust.roles:
        identity = trust.identity(role.role)
        assert identity.kind == ("machine" if is_machine(role) else "person")
        assert identity.roles_at(1795176000) == (role.role,)
    assert trust.identity(OUTSIDER) is None
    for kind in set(harness.schemas.evidence_types):
        assert trust.roles_that_sign(kind), kind


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"tampered": True}, ("pii_scan", "bad_signature")),
        ({"signer": OUTSIDER}, ("pii_scan", "unknown_signer")),
        ({"raw": "{"}, ("pii_scan", "malformed")),
        ({"remove": ["/result/rows"]}, ("pii_scan", "malformed")),
        ({"also": [{"tampered": True}]}, ("pii_scan", "bad_signature")),
    ],
)
def test_what_intake_rejects(staged, change, fault):
    assert faults(staged({"evidence": {"pii_scan": change}})) == {fault}


def test_what_intake_reads_and_main_judges(staged):
    change = {"pii_scan": {"signer": "nobody"}, "ml_bom": {"subject": {"digest": DIGEST}}}
    found = staged({"evidence": {**change, "secret_scan": {"missing": True}}})
    assert one_of(found, "pii_scan")["signer"] is None
    assert one_of(found, "ml_bom")["subject"]["digest"] == DIGEST
    assert "secret_scan" not in {one.type for one in found.evidence.statements}


def test_stray_files_lie_beside_the_evidence(staged):
    found = staged({"files": {"notes.json": "[", "pii_scan-9.json": "["}})
    assert faults(found) == {(None, "malformed"), ("pii_scan", "malformed")}


def test_a_change_of_evidence_the_base_lacks_is_an_error(staged):
    with pytest.raises(KeyError, match="the base has no evidence 'approvals'"):
        staged({"evidence": {"approvals": {"missing": True}}})


def test_a_revocation_of_nobody_is_an_error(staged):
    with pytest.raises(KeyError, match="nobody is called 'ghost'"):
        staged({"revoke": {"ghost": "2026-11-19T12:00:00Z"}})


def test_an_approval_by_a_role_the_base_does_not_name(staged):
    found = staged({"approvals": {"privacy-officer": {}}})
    roles = [
        s.document["result"]["role"] for s in found.evidence.statements if s.type == "approval"
    ]
    assert sorted(roles) == ["compliance", "model-risk", "privacy-officer", "security-officer"]


def test_an_approval_tampered_with(staged):
    found = staged({"approvals": {"compliance": {"tampered": True}}})
    assert faults(found) == {("approval", "bad_signature")}


@pytest.mark.parametrize(
    ("waiver", "approvals", "touched_by"),
    [
        ({}, (), ("model-owner",)),
        ({"touched_by": None}, (), None),
        ({"touched_by": ["compliance", "model-owner"]}, (), ("compliance", "model-owner")),
        ({"touched_by": ["passer-by"]}, (), ("passer-by@example.org",)),
        ({"approvals": ["compliance"]}, ("compliance",), ("model-owner",)),
        ({"approvals": [{"role": "compliance", "signer": OUTSIDER}]}, (), ("model-owner",)),
        (
            {"approvals": [{"role": "compliance", "subject": {"digest": DIGEST}}]},
            (),
            ("model-owner",),
        ),
    ],
)
def test_waivers_with_a_real_history(staged, waiver, approvals, touched_by):
    (found,) = staged({"waivers": [waiver]}).waivers
    assert tuple(one.identity for one in found.approvals) == approvals
    assert found.touched_by == touched_by
    assert Path(found.file).parent.name == "fairness"


def test_one_waiver_without_history_among_two(staged):
    second = {"set": {"/id": "EXC-2026-0002"}, "touched_by": None}
    first, other = staged({"waivers": [{}, second]}).waivers
    assert (first.touched_by, other.touched_by) == (("model-owner",), None)


def test_a_waiver_that_intake_refuses_stops_the_scenario(staged):
    with pytest.raises(InvalidDocument, match="is no live policy"):
        staged({"waivers": [{"set": {"/policy": "OLD-001"}}]})


def test_tampering_changes_one_bit_that_matters(harness, base):
    document = statement("m", DIGEST, "urn:example", {"status": "measured"})
    envelope = harness.cast.sign("build-service", document)
    assert verify_envelope(envelope, harness.cast.trust, base.now).identity == "build-service"
    with pytest.raises(SignatureFault) as caught:
        verify_envelope(tampered(envelope), harness.cast.trust, base.now)
    assert caught.value.fault == "bad_signature"
    assert json.dumps(envelope) != json.dumps(tampered(envelope))


@pytest.mark.parametrize("name", ["../out.json", "/tmp/out.json", "a/b.json", ".hidden", ""])
def test_a_name_that_leads_out_of_the_folder_is_refused(staged, tmp_path, name):
    with pytest.raises(ValueError, match="names no file"):
        staged({"files": {name: "{}"}})
    assert not list(tmp_path.iterdir())
