"""The three chapters and the epilogue. Each checks that what was told did happen."""

from __future__ import annotations

import base64
import json
import shutil
import time
from pathlib import Path
from typing import Any

import papers
from facts import (
    BLOCKING,
    calibration_rows,
    decide,
    evidence_rows,
    fairness_rows,
    findings,
    keys,
    outcomes,
    wronged,
)
from organisation import Organisation
from release import Release
from story import ROOT, DiffersError, Story, require
from train import PLAN

DATA = ROOT / "examples" / "data" / "german_credit.csv"
FAIRNESS = {"FAIR-001", "FAIR-002", "FAIR-003", "FAIR-004", "FAIR-005", "FAIR-006"}
GAPS = {
    "HUM-001": "oversight_plan",
    "HUM-004": "oversight_plan",
    "SUP-006": "artifact_scan",
    "THR-001": "artifact_scan",
}


def chapter_one(story: Story, lender: Organisation, out: Path) -> Release:
    """Denied: fairness, and two pieces of evidence are missing."""
    story.chapter("1. A model that uses age and sex")
    story.say(
        f"""1,000 real credits (Statlog German credit). Logistic regression, {PLAN.folds} folds by
        row hash; every person is scored by the fold model that never saw them, and granted credit
        from a probability of {PLAN.threshold} on. All this was fixed before anything was measured:
        $OUT/plan.yaml."""
    )
    release = Release.train(story, lender, DATA, out / "with-age-and-sex", "1.0.0")
    story.name("MODEL", release.model)
    release.measure(shown=True)
    release.stage()
    release.approve("It ranks applicants better than the old scorecard.", shown=False)
    story.say("\nThe evidence so far (the other commands are in $OUT/commands.sh):")
    story.rows(evidence_rows(release))
    story.rows(fairness_rows(release))
    story.rows(calibration_rows(release))
    young, others, gap = wronged(release)
    named = release.outcome.denied_by("age", "sex")
    story.say(
        f"""Of people under 26 who do repay, {young} are denied; of the others, {others}: a gap of
        {gap} points, 95 % interval in brackets. {named} denials give age or sex as a main reason.
        Three officers have signed all the same. May it go to production?"""
    )
    decision = decide(story, lender, release, expect=1)
    release.blocked = outcomes(decision, *BLOCKING)
    unfair = _denied_for_gaps_and_fairness(decision)
    measured = unfair.keys() - {"FAIR-005"}
    failed = sorted(one for one in measured if unfair[one] == "fail")
    story.say(
        f"""Denied, whoever signed. Age and sex are features, and the card says so (FAIR-005).
        {_why(failed)} And evidence is missing: nobody looked whether
        loading the model file can run code (artifact_scan), and nobody said who reviews a denial
        (oversight_plan)."""
    )
    return release


def _denied_for_gaps_and_fairness(decision: dict[str, Any]) -> dict[str, str]:
    blocked = outcomes(decision, *BLOCKING)
    for policy, kind in GAPS.items():
        require(f"evidence:{kind}" in keys(decision, policy), f"{policy} does not miss {kind}")
    unfair = {one: outcome for one, outcome in blocked.items() if one in FAIRNESS}
    require(set(blocked) == set(GAPS) | set(unfair), f"something else blocks: {blocked}")
    require("protected=age" in keys(decision, "FAIR-005"), "FAIR-005 does not find the age")
    for policy in ("FAIR-001", "FAIR-002"):
        young = any("age=under 26" in key for key in keys(decision, policy))
        require(young, f"{policy} finds nothing about people under 26")
    return unfair


def _why(failed: list[str]) -> str:
    if failed:
        return f"Beyond a limit of fairness as a whole: {', '.join(failed)}."
    return """The gaps are there, but no interval lies beyond its limit as a whole: 1,000 people
        cannot tell how far. So Hallgate does not say `fail`; it says `insufficient`, and that
        blocks as well, for fairness has to be shown."""


def chapter_two(
    story: Story, lender: Organisation, out: Path, first: Release
) -> tuple[Release, dict[str, list[str]]]:
    """Denied: nothing is missing, and fairness cannot be shown. Returns what is left, by policy."""
    story.chapter("2. Trained again without both, and the missing evidence supplied")
    left_out = ("age", "sex")
    folder = out / "without-age-and-sex"
    release = Release.train(story, lender, DATA, folder, "2.0.0", left_out=left_out)
    story.name("MODEL", release.model)
    release.measure(shown=False)
    release.stage()
    release.measure_artifact()
    release.stage_oversight()
    release.approve("Validation report read; the limits of the data are known.", shown=True)
    change = (release.outcome.auc_bp - first.outcome.auc_bp) / 10_000
    young, others, gap = wronged(release)
    story.say(
        f"""\nThe same measurements as before (not shown), the two pieces that were missing, and
        three new signatures: approvals name a digest, and this is another model. The area under the
        curve changes by {change:+.3f}. Of people under 26 who repay, {young} are denied now, of the
        others {others}: a gap of {gap} points."""
    )
    story.rows(evidence_rows(release))
    story.rows(fairness_rows(release))
    story.rows(calibration_rows(release))
    decision = decide(story, lender, release, expect=1)
    left = release.blocked = outcomes(decision, *BLOCKING)
    require(bool(left), "nothing is left to waive")
    require(set(left) <= FAIRNESS, f"more than fairness is left: {left}")
    require(set(left.values()) == {"insufficient"}, f"not merely insufficient: {left}")
    story.say(
        f"""Denied, though nothing is missing. What is left is `insufficient`: {_left(decision)},
        but with so few people the true ones might lie above it; nor can calibration be shown for
        them (FAIR-006). No training removes that; more people would."""
    )
    return release, {policy: keys(decision, policy) for policy in sorted(left)}


def _left(decision: dict[str, Any]) -> str:
    gaps = findings(decision, "FAIR-002")
    below = sum(one["observed"] <= one["limit"] for one in gaps)
    return f"{below} of {len(gaps)} gaps came out below the limit"


def chapter_three(
    story: Story, lender: Organisation, out: Path, release: Release, left: dict[str, list[str]]
) -> Path:
    """Allowed, with the waived findings in sight. Returns the record."""
    story.chapter("3. A waiver for exactly that")
    waivers = [_waiver(lender, release, at, *one) for at, one in enumerate(left.items(), start=1)]
    lender.commit("model-owner", "Ask for waivers of what the data cannot show")
    story.say(
        """The model owner asks for one waiver per policy: these findings, this digest, this stage,
        45 days. Compensating control: every denial of a woman or of a person under 26 goes to a
        second officer before it takes effect. The residual risk, 2 x 3, asks for two roles; neither
        the requester nor anybody who touched the file in Git counts."""
    )
    rows = zip(waivers, left.items(), strict=True)
    story.rows([(path.stem, policy, ", ".join(named)) for path, (policy, named) in rows])
    for path in waivers:
        lender.approve_waiver(path, shown=path == waivers[0])
    lender.commit("release-manager", "Merge the waivers with their approvals")
    records = out / "records"
    record = ("--record", records, "--key", lender.key("decider"))
    print()
    decision = decide(story, lender, release, *record, expect=0)
    require(decision["allowed"] is True, "the decision does not allow")
    waived = outcomes(decision, "waived")
    require(set(waived) == set(left), f"waived are {sorted(waived)}, not {sorted(left)}")
    require(not outcomes(decision, *BLOCKING), "something still blocks")
    for policy in left:
        found = findings(decision, policy)
        require(sorted(left[policy]) == sorted(one["key"] for one in found), "findings changed")
        require(all(one["waiver"] for one in found), f"{policy} has a finding without its waiver")
    story.say("Allowed. The waived findings stay in sight, each with its waiver and its end.")
    found = sorted(records.glob("*.record.json"))
    require(len(found) == 1, f"there are {len(found)} records, not one")
    return found[0]


def _waiver(
    lender: Organisation, release: Release, number: int, policy: str, named: list[str]
) -> Path:
    path = lender.exceptions / "fair" / f"EXC-{time.gmtime().tm_year}-{number:04d}.yaml"
    why = f"{policy} cannot be judged: the data hold too few people for narrow intervals."
    document = papers.waiver(path.stem, policy, release.outcome.digest, named, why)
    return papers.write_yaml(path, document)


def epilogue(story: Story, lender: Organisation, out: Path, release: Release, record: Path) -> None:
    """The record holds, an altered one does not, and a pipeline can ask by digest."""
    story.chapter("4. What a pipeline sees")
    story.run("hallgate", "verify", record, "--trust", lender.trust)
    altered, place, before, after = _flip(out, record)
    story.say(
        f"""Now a copy of it with one byte changed, number {place}, from {before} to {after}. It
        must be refused:"""
    )
    story.run("hallgate", "verify", altered, "--trust", lender.trust, expect=1)
    story.say("And the one step before an alias moves: is this digest allowed to production?")
    story.run(
        "hallgate", "verify", "--subject", release.outcome.digest, "--to", "production",
        "--records", record.parent, "--trust", lender.trust,
    )  # fmt: skip


def _flip(out: Path, record: Path) -> tuple[Path, int, str, str]:
    """A copy of the records with one byte of the signed decision changed, and still JSON in it."""
    folder = out / "altered"
    shutil.copytree(record.parent, folder)
    path = folder / record.name
    data = bytearray(path.read_bytes())
    payload = json.loads(data)["decision"]["payload"].encode()
    start = data.index(payload)
    for place in range(start + len(payload) // 2, start + len(payload) - 4):
        before = data[place]
        data[place] = ord("B" if before == ord("A") else "A")
        if _is_json(bytes(data[start : start + len(payload)])):
            path.write_bytes(data)
            return path, place, chr(before), chr(data[place])
        data[place] = before
    raise DiffersError("no byte of the record can be changed so that it stays JSON")


def _is_json(payload: bytes) -> bool:
    try:
        json.loads(base64.b64decode(payload))
    except ValueError:
        return False
    return True
