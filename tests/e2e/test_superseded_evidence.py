"""Evidence that was collected again: the decision, its record, the pack and the auditor."""

from __future__ import annotations

import base64
import csv
import json
import shutil
from dataclasses import replace

import pytest

from hallgate.record.canonical import canonical_bytes, sha256_digest

from .pack_world import Office, verify

pytestmark = pytest.mark.e2e
FULL = "sha256:" + "7" * 64


@pytest.fixture(scope="module")
def again(made_bank, run, tmp_path_factory):
    """A bank whose fairness report was collected again, with all that evidence may say."""
    folder = tmp_path_factory.mktemp("again") / "bank"
    shutil.copytree(made_bank.folder, folder)
    office = Office(replace(made_bank, folder=folder), run)
    taken = json.loads((office.root / "taken").read_bytes())
    first = base64.b64decode(taken["payload"])
    said = json.loads(first)
    said["predicate"] |= {
        "supersedes": sha256_digest(first),
        "derived_from": [{"name": "predictions of the hold-out set", "digest": FULL}],
        "redactions": [{"pointer": "/rows", "reason": "personal data", "digest": FULL}],
        "sequence": {"series": "hold-out runs", "number": 4},
        "method": "examine",
    }
    (signer,) = made_bank.cast.trust.roles_that_sign("fairness_report")[:1]
    (office.bank.evidence / "fairness_report.json").write_bytes(
        (office.root / "taken").read_bytes()
    )
    later = office.bank.evidence / "fairness_report-2.json"
    later.write_bytes(canonical_bytes(made_bank.cast.sign(signer, said)))
    return office, sha256_digest(first)


def test_the_later_report_is_decided_on_and_the_pack_says_all_of_it(again, tmp_path):
    office, first = again
    told = office.command(
        "decide", office.bank.request, "--evidence", office.bank.evidence,
        "--key", office.bank.key, "--record", office.root / "records", "--log-key", office.key,
    )  # fmt: skip
    assert "fairness_report.json: is superseded by fairness_report-2.json" in told.out
    office.command("log", "checkpoint")
    office.pack(tmp_path / "pack")
    pack = tmp_path / "pack"
    rows = list(csv.DictReader((pack / "evidence.csv").read_text().splitlines()))
    (row,) = [one for one in rows if one["supersedes"]]
    assert row["type"] == "fairness_report"
    assert (row["supersedes"], row["method"]) == (first, "examine")
    assert row["derived_from"] == f"predictions of the hold-out set {FULL}"
    assert row["redactions"] == f"/rows: personal data (full document {FULL})"
    assert row["sequence"] == "hold-out runs 4"
    assert {one["method"] for one in rows if not one["supersedes"]} == {"test"}
    said = verify(pack, "--trust", pack / "keys/trust.json")
    assert said["wrong"] == []
    words = "\n".join(said["unchecked"])
    assert f"predictions of the hold-out set ({FULL}), which is not in the pack" in words
    assert "1 statements leave something out" in words
    assert "supersedes another statement" not in words  # the earlier one is in the pack as signed


def test_without_the_earlier_one_it_is_a_gap_with_a_remedy(again):
    office, first = again
    earlier = office.bank.evidence / "fairness_report.json"
    data = earlier.read_bytes()
    earlier.unlink()
    try:
        told = office.command(
            "decide", office.bank.request, "--evidence", office.bank.evidence, "--format", "json",
            code=1,
        )  # fmt: skip
    finally:
        earlier.write_bytes(data)
    assert f"supersedes {first}, which is not here: put the statement that it replaces" in told.out
