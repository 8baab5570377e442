"""The report that the guide shows is what a review of that very change says.

HALLGATE_WRITE_GUIDE=1 writes the page anew. Nothing in it depends on keys: nobody has signed.
Ids of commits depend on every file, and are left out.
"""

import json
import os
import re

import pytest

from hallgate.cli.review import _Reviewer
from hallgate.cli.revisions import Revisions
from hallgate.intake.rfc3339 import seconds
from hallgate.intake.tree_objects import Objects
from hallgate.publish.review import FORMATS
from hallgate.testing.scenario import read_scenario

from .review_world import OPA, ROOT, git, make_repository

pytestmark = pytest.mark.e2e
PAGE = ROOT / "docs/guide/review-example.md"
AT = seconds("2026-11-20T12:00:00Z")
RULE = "policies/promotion/rules/fairness/selection_ratio_within_limit"
INTRODUCTION = """# A review, as generated

A pull request against a repository with a few policies and three scenarios: the limit of FAIR-001
for the high tier goes from 8000 to 6500 basis points, and a waiver of SUP-002 asks for one
vulnerability. Below is the comment that `hallgate review main..HEAD` writes, unedited save for the
ids of the commits; [how to read it](review.md). `tests/e2e/test_review_in_the_guide.py` makes it
again and compares.

---

"""


def change(clone):
    path = clone / RULE / "selection_ratio_within_limit.rego"
    text = path.read_text()
    old = '{"low": 7000, "medium": 8000, "high": 8000}'
    assert old in text
    path.write_text(text.replace(old, '{"low": 7000, "medium": 8000, "high": 6500}'))
    waiver = json.loads(
        json.dumps(read_scenario(ROOT / "tests/scenarios/finance/base.yaml").base["waiver"])
    )
    waiver.update(
        policy="SUP-002",
        findings=["CVE-2026-31337=libtensor@4.2.0"],
        reason="The fixed version changes the scores; it is being validated.",
        compensating_controls=[
            {
                "control": "The service that loads the library is cut off from the network.",
                "evidence": "playbooks/credit-review.md",
            }
        ],
        remediation={"plan": "Release 2.1.1 with libtensor 4.2.1.", "due": "2026-12-10T00:00:00Z"},
        expires="2026-12-15T00:00:00Z",
    )
    waiver["risk"]["rationale"] = "Nobody outside can reach the library; inside, two people can."
    target = clone / "exceptions/supply_chain" / f"{waiver['id']}.yaml"
    target.parent.mkdir()
    target.write_text(json.dumps(waiver, indent=2))


def test_the_guide_shows_the_report_as_generated(tmp_path, made_bank, monkeypatch):
    clone, private = tmp_path / "clone", tmp_path / "private"
    make_repository(clone, made_bank.trust)
    change(clone)
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "A change.", who="model-owner")
    private.mkdir(mode=0o700)
    monkeypatch.setenv("HALLGATE_OPA", str(OPA))
    sides = Revisions(Objects(clone), private, AT, 120.0, cached=False, quiet=True)
    review = _Reviewer(sides, None).review("main", "HEAD")
    assert review.exit_code == 1
    assert len(review.reaches[0].impact.newly_allowed) == 2
    text = FORMATS["markdown"](review)
    text = re.sub(r"`[0-9a-f]{12}\.\.[0-9a-f]{12}`", "`main..HEAD`", text)
    assert not re.search(r"\b[0-9a-f]{12}\b", text)
    page = INTRODUCTION + text
    if os.environ.get("HALLGATE_WRITE_GUIDE"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "HALLGATE_WRITE_GUIDE=1 writes it anew"
