"""Governance of waivers on the real rules and catalog, fed by Python."""

import shutil
from pathlib import Path

import pytest

from hallgate.decide.judge import read_decision
from hallgate.decide.policies import load_policies
from hallgate.decide.waiver_checks import waiver_faults
from hallgate.decide.waiver_status import standings
from hallgate.intake.repository import Repository
from hallgate.intake.waiver_archive import Ended
from hallgate.model.documents import Approval, Request, Waiver
from hallgate.model.errors import EngineAborted

ROOT = Path(__file__).parents[3]
NOW = 1_800_000_000
DAY = 86_400
DIGEST = "sha256:" + "a" * 64


@pytest.fixture(scope="module")
def policies(engine, schemas):
    return load_policies(Repository(ROOT), schemas, engine, None)


@pytest.fixture
def govern(engine, policies):
    def ask(*waivers, ended=(), decided=()):
        found = waiver_faults(
            Repository(ROOT), engine, policies, waivers, ended, at=NOW, decided=decided
        )
        return [one.what for one in found]

    return ask


def waiver(policies, number=1, *, roles=("model-risk", "compliance"), **changes):
    name = f"EXC-2027-{number:04d}"
    document = {
        "id": name,
        "policy": "MON-003",
        "subject": {"name": "m", "digests": [DIGEST], "to_stage": "production"},
        "findings": ["age"],
        "reason": "The release waits.",
        "risk": {
            "inherent": {"likelihood": 3, "impact": 4},
            "residual": {"likelihood": 2, "impact": 3},
            "rationale": "Looked at.",
        },
        "compensating_controls": [],
        "remediation": {"plan": "Rehearse.", "due": NOW + DAY},
        "owner": "owner",
        "requester": "requester",
        "opened": NOW - DAY,
        "expires": NOW + 2 * DAY,
        "renews": None,
        **changes,
    }
    rule = policies.rule_digests.get(document["policy"])
    words = tuple(
        Approval(f"{one}-head", one, "approve", NOW - 9, NOW + 9, f"{one}.json", rule)
        for one in roles
    )
    return Waiver(name, document, f"exceptions/x/{name}.yaml", DIGEST, words, ("requester",))


def test_a_waiver_in_order(govern, policies):
    assert govern(waiver(policies)) == []
    assert govern() == []


def test_what_the_law_of_waivers_says_reaches_people(govern, policies):
    assert govern(waiver(policies, roles=("model-risk",))) == [
        "EXC-2027-0001: 1 of 2 roles have approved its moderate residual risk (waivers)"
    ]
    (secret,) = govern(waiver(policies, policy="SEC-001"))
    why = policies.policy("SEC-001").why_not
    assert secret == f"EXC-2027-0001: SEC-001 cannot be waived: {why} (waivers)"
    (long,) = govern(waiver(policies, expires=NOW + 900 * DAY))
    assert "901 days are too long" in long


@pytest.mark.parametrize(
    ("evidence", "there"),
    [
        ("README.md", True),
        ("README.md#what-it-does", True),
        (DIGEST, True),
        ("sha256:short", False),
        ("docs", False),
        ("docs/../README.md", False),
        ("/etc/passwd", False),
        ("no/such/file.md", False),
    ],
)
def test_evidence_of_controls_must_be_there(govern, policies, evidence, there):
    found = govern(
        waiver(
            policies,
            roles=("model-risk", "compliance", "security-officer"),
            risk={
                "inherent": {"likelihood": 5, "impact": 4},
                "residual": {"likelihood": 3, "impact": 4},
                "rationale": "Looked at.",
            },
            compensating_controls=[{"control": "Done.", "evidence": evidence}],
        )
    )
    assert (found == []) is there


def _decision(*keys):
    finding = {
        "kind": "fail", "message": "m", "observed": None, "limit": None, "waiver": None,
    }  # fmt: skip
    findings = [{**finding, "key": key} for key in keys]
    verdict = {
        "id": "MON-003", "outcome": "fail" if keys else "pass", "severity": "high", "reasons": [],
        "findings": findings, "findings_total": len(findings),
    }  # fmt: skip
    body = {"allowed": False, "decided_at": NOW, "tier": "high", "verdicts": [verdict]}
    return read_decision(body)


def test_the_newest_decision_says_what_is_dead_or_broad(govern, policies):
    model = {"name": "m", "version": "1.2.3", "digest": DIGEST}
    request = Request({"model": model, "to_stage": "production"}, "made", DIGEST)
    old, new = (request, _decision("age")), (request, _decision())
    assert govern(waiver(policies), decided=[new, old]) == []
    (dead,) = govern(waiver(policies), decided=[old, new])
    assert "MON-003 finds nothing in what it waives" in dead
    (broad,) = govern(waiver(policies, findings=["age", "steps"]), decided=[old])
    assert "it waives more than was found: steps" in broad


def ranged(policies, number=1, first="1.2.0", last="1.2.9", **changes):
    subject = {"name": "m", "versions": {"from": first, "to": last}, "to_stage": "production"}
    control = {"control": "A person looks on.", "evidence": "README.md"}
    said = {"subject": subject, "compensating_controls": [control], **changes}
    return waiver(policies, number, **said)


def test_a_range_is_governed_with_more_care(govern, policies):
    assert govern(ranged(policies)) == []
    (wide,) = govern(ranged(policies, last="1.2.99"))
    most = {"critical": 5, "high": 10, "medium": 20}[policies.policy("MON-003").severity]
    assert f"names 100 versions, where the severity of MON-003 allows {most}" in wide
    (loose,) = govern(ranged(policies, last="1.3.0"))
    assert "not PATCH releases of one MAJOR.MINOR" in loose
    found = govern(ranged(policies, findings=None, compensating_controls=[]))
    assert len(found) == 2
    for words in ("range of versions, and nothing is done instead", "builds nobody has made"):
        assert any(words in one for one in found), words


def test_a_range_is_dead_or_broad_by_the_versions_it_names(govern, policies):
    def decided(version, *keys):
        model = {"name": "m", "version": version, "digest": DIGEST}
        request = Request({"model": model, "to_stage": "production"}, "made", DIGEST)
        return [(request, _decision(*keys))]

    assert govern(ranged(policies), decided=decided("1.2.3", "age")) == []
    (dead,) = govern(ranged(policies), decided=decided("1.2.3"))
    assert "finds nothing in what it waives" in dead
    assert govern(ranged(policies), decided=decided("1.10.0")) == []
    both = (ranged(policies), waiver(policies, 2))
    assert govern(*both, decided=decided("1.3.0", "age")) == []
    (twice,) = govern(*both, decided=decided("1.2.3", "age"))
    assert "EXC-2027-0002: it waives what EXC-2027-0001 waives" in twice


def test_standings_count_what_a_range_names(engine, policies):
    some = [ranged(policies), ranged(policies, 2, last="2.0.0"), waiver(policies, 3)]
    found = standings(engine, policies.bundle, some, NOW)
    most = {"critical": 5, "high": 10, "medium": 20}[policies.policy("MON-003").severity]
    assert [one.versions for one in found.values()] == [(10, most), (None, most), None]


def test_two_alone_in_order_are_wrong_together(govern, policies):
    one, two = waiver(policies), waiver(policies, 2)
    assert govern(two) == []
    (twice,) = govern(one, two)
    assert "EXC-2027-0002: it waives what EXC-2027-0001 waives" in twice


def test_ids_of_the_archive_are_taken(govern, policies):
    one = waiver(policies)
    gone = Ended(one.id, {**one.document, "reason": "Then."}, "exceptions/archive/2027/x.yaml")
    assert any("the id is that of" in what for what in govern(one, ended=[gone]))


def test_standings_of_none(engine, policies):
    assert standings(engine, policies.bundle, [], NOW) == {}


CHECKS = "policies/checks/waivers"
RULES = sorted(
    path.name for path in (ROOT / CHECKS).glob("*.rego") if not path.name.endswith("_test.rego")
)


@pytest.mark.parametrize("missing", RULES)
def test_no_file_of_the_rules_is_missed_in_silence(engine, policies, tmp_path, missing):
    shutil.copytree(ROOT / CHECKS, tmp_path / CHECKS)
    (tmp_path / CHECKS / missing).unlink()

    def ask():
        return waiver_faults(
            Repository(tmp_path), engine, policies, [waiver(policies)], (), at=NOW, decided=()
        )

    if missing == "waivers.rego":
        assert [one.what for one in ask()] == ["there are no policies about waivers"]
    else:
        with pytest.raises(EngineAborted, match=r"unsafe|undefined"):
            ask()
