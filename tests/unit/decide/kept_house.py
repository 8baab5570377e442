"""A small policy repository in Git, with a law that lapses and people with keys."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from hallgate.intake.rfc3339 import seconds
from hallgate.intake.rfc3339 import text as time_text
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.statement import statement
from hallgate.testing.commits import git

ROOT = Path(__file__).parents[3]
NOW = seconds("2026-11-21T00:00:00Z")
DAY = 86_400
OPENED, DUE, EXPIRES, SPOKEN_UNTIL = NOW - 9 * DAY, NOW + 20 * DAY, NOW + 60 * DAY, NOW + 40 * DAY
LAPSES = NOW + 50 * DAY
POLICY = "policies/promotion/rules/made/one/one.rego"
RULE = """# METADATA
# scope: package
# title: Made for a test
# description: Made for a test.
# custom:
#   id: MAD-001
#   severity: high
#   evidence: []
#   waivable: [fail]
#   controls: ["made:one", "made:two"]
#   effective_from: "2020-01-01T00:00:00Z"
#   remediation: None.
package promotion.rules.made.one

deny contains {"key": "k", "message": "m", "observed": null, "limit": null} if {
	input.request.use.summary == "Bad."
}
"""
FAMILY = """# METADATA
# scope: subpackages
# title: Made
# description: Made for a test.
# custom:
#   owner: model-owner
package promotion.rules.made
"""
LAW = """id: made
title: Made for a test
source: nowhere
controls:
  - {id: one, title: A, force: house, status: in_force, from: null, until: "%s",
     superseded_by: null, source: nowhere, verified: unverified}
  - {id: two, title: A, force: house, status: in_force, from: null, until: null,
     superseded_by: null, source: nowhere, verified: unverified}
"""
APPROVERS = ("model-risk", "compliance")


@dataclass(frozen=True)
class House:
    """A small policy repository in Git, and the keys of its people."""

    root: Path
    cast: object

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        return path

    def commit(self, who="nobody"):
        git(self.root, "add", "--all")
        when = time_text(OPENED)
        git(self.root, "commit", "--quiet", "--message", "As it is.", who=who, when=when)

    def waiver(self, number, **changes):
        name = f"EXC-2026-{number:04d}"
        document = {
            "id": name,
            "policy": "MAD-001",
            "subject": {
                "name": f"m{number}",
                "digests": ["sha256:" + "a" * 64],
                "to_stage": "production",
            },
            "findings": None,
            "reason": "The release waits.",
            "risk": {
                "inherent": {"likelihood": 5, "impact": 4},
                "residual": {"likelihood": 2, "impact": 3},
                "rationale": "Looked at.",
            },
            "compensating_controls": [],
            "remediation": {"plan": "Mend it.", "due": time_text(DUE)},
            "owner": "model-owner",
            "requester": "model-owner",
            "opened": time_text(OPENED),
            "expires": time_text(EXPIRES),
            "renews": None,
            **changes,
        }
        self.write(f"exceptions/made/{name}.yaml", document)
        return document

    def approve(self, document, who, rule, valid_until=EXPIRES):
        predicate = {
            "action": "waiver", "role": who, "identity": who, "decision": "approve",
            "to_stage": None, "approved_at": document["opened"],
            "valid_until": time_text(valid_until), "reason": "Fine until then.",
            "conditions": None, "rule_digest": rule,
        }  # fmt: skip
        made = sha256_digest(canonical_bytes(document))
        word = statement(document["id"], made, "urn:hallgate:approval:v1", predicate)
        name = f"exceptions/made/{document['id']}.{who}.approval.json"
        return self.write(name, self.cast.approve(who, word))

    def trust(self, **changes):
        shutil.copytree(ROOT / "tests/scenarios/trust", self.root / "trust", dirs_exist_ok=True)
        for one in self.cast.trust.identities:
            facts = changes.get(one.id.replace("-", "_"), {})
            document = {
                "id": one.id, "kind": one.kind, "title": one.title, "emails": list(one.emails),
                "roles": [{"role": one.id, "since": "2017-07-14T02:40:00Z", "until": None}],
                "keys": [
                    {
                        "public": key.public, "valid_from": "2017-07-14T02:40:00Z",
                        "valid_until": None, "revoked_at": None, "compromised": False, **facts,
                    }
                    for key in one.keys
                ],
            }  # fmt: skip
            self.write(f"trust/identities/{one.id}.yaml", document)
