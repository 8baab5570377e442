"""The input document and the waiver bundle."""

from dataclasses import replace

import pytest

from hallgate.decide.compose import at, compose_input, exceptions, quarantine, waiver_bundle
from hallgate.model.documents import Approval, Evidence, EvidenceSet, Rejection, Request, Waiver
from hallgate.model.trust import Builder, Trust

DIGEST = "sha256:" + "a" * 64
TRUST = Trust((), (), (Builder("https://builder.example.org", 3),), ("signer",))


def request():
    return Request({"model": {"name": "m", "digest": DIGEST}}, "request.yaml", DIGEST)


def waiver(number, *, expires, digests=(DIGEST,), approvals=(), touched=("one",)):
    name = f"EXC-2026-{number:04d}"
    document = {
        "id": name,
        "policy": "FAIR-001",
        "subject": {"name": "m", "digests": list(digests), "to_stage": "production"},
        "expires": expires,
        "findings": None,
    }
    return Waiver(name, document, f"{name}.yaml", DIGEST, approvals, touched)


def test_evidence_is_grouped_by_type_and_rejections_are_kept():
    evidence = EvidenceSet(
        statements=(
            Evidence("pii_scan", {"n": 1}, "a.json", DIGEST),
            Evidence("model_card", {"n": 2}, "b.json", DIGEST),
            Evidence("pii_scan", {"n": 3}, "c.json", DIGEST),
        ),
        rejections=(Rejection("d.json", None, "unreadable", "no JSON"),),
        ignored=(("e.json", "foreign"),),
    )
    document = compose_input(request(), evidence, TRUST)
    assert document["evidence"] == {"pii_scan": [{"n": 1}, {"n": 3}], "model_card": [{"n": 2}]}
    assert document["rejected"] == [
        {"file": "d.json", "type": None, "fault": "unreadable", "message": "no JSON"}
    ]
    assert document["trust"] == {
        "builders": [{"id": "https://builder.example.org", "level": 3}],
        "model_signers": ["signer"],
        "base_models": [],
    }
    assert "now" not in document


def test_time_and_quarantine_leave_the_document_alone():
    document = {"quarantined": []}
    assert at(document, 5) == {"quarantined": [], "now": 5}
    assert quarantine(document, ["B", "A"]) == {"quarantined": ["A", "B"]}
    assert document == {"quarantined": []}


@pytest.fixture
def published(engine):
    def read(*waivers, now):
        bundle = waiver_bundle(waivers, now, overrides=())
        return engine.evaluate([bundle], "data.waivers.by_digest", {})

    return read


def test_expired_waivers_stay_at_home(published):
    found = published(waiver(1, expires=100), waiver(2, expires=101), now=100)
    assert [one["id"] for one in found[DIGEST]] == ["EXC-2026-0002"]


def test_a_waiver_stands_under_each_of_its_digests_once(published):
    other = "sha256:" + "b" * 64
    found = published(waiver(1, expires=9, digests=(DIGEST, other, DIGEST)), now=1)
    assert {digest: len(entries) for digest, entries in found.items()} == {DIGEST: 1, other: 1}


def ranged(number, name, *, expires=9):
    document = waiver(number, expires=expires).document
    versions = {"from": "1.2.0", "to": "1.2.9"}
    subject = {"name": name, "versions": versions, "to_stage": "production"}
    return replace(waiver(number, expires=expires), document={**document, "subject": subject})


def test_ranges_stand_by_model_and_digests_as_ever():
    exact, some = waiver(1, expires=9), [ranged(2, "m"), ranged(3, "n"), ranged(4, "m", expires=1)]
    told = exceptions([*some, exact], 1, overrides=None)
    assert {name: [one["id"] for one in held] for name, held in told["by_model"].items()} == {
        "m": ["EXC-2026-0002"], "n": ["EXC-2026-0003"],
    }  # fmt: skip
    assert told["by_digest"] == exceptions([exact], 1, overrides=None)["by_digest"]
    assert set(exceptions([exact], 1, overrides=None)) == {"by_digest"}
    assert set(exceptions(some, 1, {DIGEST}, overrides=None, models={"m"})["by_model"]) == {"m"}
    assert set(exceptions(some, 1, {DIGEST}, overrides=None, models={"k"})) == {"by_digest"}


def test_no_waivers_is_an_empty_bundle(published):
    assert published(now=1) == {}


def test_what_was_verified_goes_along(published):
    word = Approval("boss", "model-risk", "approve", 5, 50, "x.approval.json", "sha256:1", 7)
    (entry,) = published(waiver(1, expires=9, approvals=(word,), touched=None), now=1)[DIGEST]
    assert entry["touched_by"] is None
    assert entry["approvals"] == [
        {
            "identity": "boss",
            "role": "model-risk",
            "decision": "approve",
            "approved_at": 5,
            "valid_until": 50,
            "published_at": 7,
            "rule_digest": "sha256:1",
        }
    ]


def test_equal_waivers_give_equal_bytes():
    both = waiver(1, expires=9), waiver(2, expires=9)
    assert waiver_bundle(both, 1, overrides=()) == waiver_bundle(both[::-1], 1, overrides=())
