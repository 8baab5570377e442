"""What is live against register and records, through the installed command."""

import json
import shutil
import time
from pathlib import Path

import pytest

from hallgate.intake.rfc3339 import text as rfc3339
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.record.keys import generate_key, public_pem

from .test_bundle import BASELINED

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
OPA = {"HALLGATE_OPA": str(ROOT / ".tools/bin/opa")}


class Estate:
    def __init__(self, bank, run):
        self.bank, self.run, self.root = bank, run, bank.folder
        for part in ("policies", "evidence-schemas", "frameworks"):
            shutil.copytree(ROOT / part, self.root / part)
        request = json.loads(bank.request.read_text())
        self.model, self.stage = request["model"], request["to_stage"]
        self.owner = sorted(one.stem for one in (self.root / "trust/identities").iterdir())[0]
        self.register(self.model["name"])

    def register(self, name, **facts):
        said = {
            "name": name, "title": name, "owner": self.owner, "origin": "in_house",
            "vendor": None, "sector": "finance", "use": "Scores.", "gated": True,
            "why_ungated": None, "status": "active", "since": "2026-01-01T00:00:00Z",
            "retired_at": None, **facts,
        }  # fmt: skip
        folder = self.root / "inventory"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.yaml").write_text(json.dumps(said))

    def decide(self, *words, code=0):
        self.run(
            "decide", self.bank.request, "--evidence", self.bank.evidence, "--repository",
            self.root, "--record", self.root / "records", "--key", self.bank.key, *words,
            code=code, env=OPA,
        )  # fmt: skip

    def track(self, text):
        """Options that decide by a signed bundle of this track."""
        (self.root / "tracks").mkdir()
        (self.root / "tracks/tight.yaml").write_text(text)
        bundle, key = self.root / "tight.tar.gz", generate_key("p256")
        words = ("--repository", self.root, "--track", "tight", "--output", bundle)
        self.run("bundle", "build", *words, env=OPA)
        bundle.write_bytes(sign_bundle(bundle.read_bytes(), "tight", key).data)
        (self.root / "tight.pem").write_text(public_pem(key))
        return "--bundle", bundle, "--scope", "tight", "--trusted", self.root / "tight.pem"

    def live(self, name=None, digest=None, stage=None):
        return {"name": name or self.model["name"], "digest": digest or self.model["digest"],
                "stage": stage or self.stage, "where": "cluster a"}  # fmt: skip

    def reconcile(self, *live, expected=None, code=1):
        said = {
            "observed_at": "2026-11-01T00:00:00Z",
            "source": {"system": "cluster", "query": "kubectl get inferenceservices -A"},
            "completeness": {
                "expected": len(live) if expected is None else expected, "observed": len(live),
            },
            "deployments": list(live),
        }  # fmt: skip
        path = self.root / "deployed.json"
        path.write_text(json.dumps(said))
        found = self.run(
            "reconcile", "--deployed", path, "--records", self.root / "records",
            "--repository", self.root, "--format", "json", code=code, env=OPA,
        )  # fmt: skip
        answer = json.loads(found.out)
        return answer, [one["code"] for one in answer["facts"]]


@pytest.fixture
def estate(bank, run):
    found = Estate(bank, run)
    found.decide()
    return found


def test_everything_live_without_a_valid_record_is_named(estate):
    answer, codes = estate.reconcile(estate.live(), code=0)
    assert (answer["live"], answer["valid"], codes) == (1, 1, [])
    estate.register("bought", origin="vendor", vendor="A vendor", gated=False,
                    why_ungated="It cannot be measured.")  # fmt: skip
    estate.register("old", status="retired", retired_at="2026-02-01T00:00:00Z")
    estate.register("idle")
    answer, codes = estate.reconcile(
        estate.live(),
        estate.live(digest="sha256:" + "9" * 64),
        estate.live("shadow"),
        {**estate.live("bought"), "digest": None},
        estate.live("old"),
        {**estate.live(), "digest": None},
        expected=9,
    )
    assert codes == [
        "incomplete", "no_valid_record", "unregistered", "no_valid_record", "ungated",
        "retired", "no_valid_record", "no_digest",
    ]  # fmt: skip
    assert (answer["live"], answer["valid"], answer["not_live"]) == (6, 1, ["idle"])
    record = next((estate.root / "records").glob("*.record.json"))
    record.write_bytes(record.read_bytes().replace(b"A", b"B", 1))
    assert estate.reconcile(estate.live())[1] == ["no_valid_record"]


def test_a_policy_since_tightened_is_named(estate):
    rule = estate.root / "policies/promotion/rules/fairness/selection_ratio_within_limit"
    path = rule / "selection_ratio_within_limit.rego"
    text = path.read_text()
    assert '"high": 8000' in text
    path.write_text(text.replace('"high": 8000', '"high": 9999'))
    answer, codes = estate.reconcile(estate.live())
    assert codes == ["policy_tightened"]
    assert "today's policies would deny it: FAIR-001" in answer["facts"][0]["what"]
    path.write_text(text.replace('"high": 8000', '"high": 7999'))
    assert estate.reconcile(estate.live(), code=0)[1] == []


def test_what_a_track_only_observes_was_not_tightened(estate):
    now, name = int(time.time()), estate.model["name"]
    (estate.bank.evidence / "rollback_drill.json").unlink()
    (estate.bank.evidence / "secret_scan.json").unlink()  # which no family of the track asks for
    by = estate.track(BASELINED % (name, rfc3339(now - 86_400), rfc3339(now + 86_400)))
    estate.decide(*by)
    answer, codes = estate.reconcile(estate.live(), code=0)
    assert (answer["valid"], codes) == (1, [])
    # Another policy of the same decision still can be.
    rule = next((estate.root / "policies/promotion/rules/approvals").glob("*/quorum_reached.rego"))
    text = rule.read_text()
    assert '"high": 3}' in text
    rule.write_text(text.replace('"high": 3}', '"high": 9}'))
    (fact,) = estate.reconcile(estate.live())[0]["facts"]
    assert fact["code"] == "policy_tightened"
    assert fact["what"] == "today's policies would deny it: APR-001"
