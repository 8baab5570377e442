"""The demo: may this credit model go to production?

Trains two models on real data, measures them by the real commands, and lets Hallgate decide,
from nothing. Every number printed was measured in this run; what stands in for a person or a
system that is not here is called staged. Exit 0 when every step came out as told.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from story import ROOT, DiffersError, Story, require

HERE = Path(__file__).resolve().parent
DATA = ROOT / "examples" / "data" / "german_credit.csv"
MARK = ".hallgate-demo"
MEGABYTES, SECONDS = 2, 20
FAIRNESS = ("FAIR-001", "FAIR-002", "FAIR-003", "FAIR-004")


def main() -> int:
    """Tell the story; 1 when a step came out otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "out", help="default: out/ beside this")
    out = parser.parse_args().out.resolve()
    if not _cleared(out):
        print(f"{out} holds other things; name another folder by --out", file=sys.stderr)
        return 2
    story = Story(out / "commands.sh")
    try:
        _tell(story, out)
    except DiffersError as error:
        print(f"\nThis step came out otherwise than told.\n{error}", file=sys.stderr)
        return 1
    return 0


def _cleared(out: Path) -> bool:
    """Whether the folder is empty now: only what an earlier run left is removed."""
    if (out / MARK).is_file():
        shutil.rmtree(out)
    if out.is_dir() and any(out.iterdir()):
        return False
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).touch()
    return True


def _tell(story: Story, out: Path) -> None:
    from organisation import Organisation

    print("MAY THIS CREDIT MODEL GO TO PRODUCTION?\n")
    story.say(
        f"""A lender asks Hallgate. Data, training and measurements are real; the lender, its people
        and their keys are made up. This takes about {SECONDS} seconds and {MEGABYTES} MB, all of it
        in the folder OUT; the keys lie in KEYS. Commands run from {ROOT} with .venv/bin on the
        PATH; every one of them is in $OUT/commands.sh."""
    )
    lender = Organisation(story, out)
    story.name("OUT", story.path(out))
    story.name("KEYS", str(lender.keys))
    lender.found()
    first = _chapter_one(story, lender, out)
    second, left = _chapter_two(story, lender, out, first)
    _chapter_three(story, lender, second, left)
    _epilogue(story, lender, out, first, second)


def _chapter_one(story: Story, lender: Any, out: Path) -> Any:
    story.chapter("1. A model that uses age and sex")
    release = _train(story, lender, out, "with-age-and-sex", "1.0.0")
    release.measure(shown=True)
    release.stage()
    release.approve("It ranks applicants better than the scorecard.")
    print("\n  What is in the evidence folder; the rest of the commands is in $OUT/commands.sh:\n")
    _evidence_table(story, release)
    _fairness_words(story, release)
    decision = _decide(story, lender, release, expect=1)
    blocked = _outcomes(decision, "fail", "insufficient", "error")
    gaps = {"HUM-001": "oversight_plan", "SUP-006": "artifact_scan", "THR-001": "artifact_scan"}
    for policy, kind in gaps.items():
        require(f"evidence:{kind}" in _keys(decision, policy), f"{policy} misses no {kind}")
    unfair = [policy for policy in blocked if policy in FAIRNESS]
    require(set(blocked) == set(gaps) | set(unfair), f"something else blocks: {blocked}")
    require({"FAIR-001", "FAIR-002"} <= set(unfair), f"fairness does not block: {blocked}")
    for policy in ("FAIR-001", "FAIR-002"):
        young = any("age=under 26" in key for key in _keys(decision, policy))
        require(young, f"{policy} finds nothing about people under 26")
    failed = [policy for policy in unfair if blocked[policy] == "fail"]
    verdict = (
        f"{' and '.join(failed)}: beyond the limit as a whole."
        if failed
        else """No interval lies beyond its limit as a whole, so none of these is called `fail`; they
        are `insufficient`, and that blocks as well: what was not shown to be fair is not promoted."""
    )
    story.say(
        f"""Denied, for two reasons. Fairness: {verdict} Missing evidence: nobody looked whether
        loading the model file can run code (artifact_scan), and nobody said who reviews a denial
        (oversight_plan). The three signatures change none of it."""
    )
    return release


def _chapter_two(story: Story, lender: Any, out: Path, first: Any) -> tuple[Any, dict[str, str]]:
    story.chapter("2. Trained again without both, and the missing evidence supplied")
    release = _train(story, lender, out, "without-age-and-sex", "2.0.0", ("age", "sex"))
    story.say("The same measurements again, not shown, and the two pieces that were missing:")
    release.measure(shown=False)
    release.stage()
    release.measure_artifact()
    release.stage_oversight()
    release.approve("Validation report read; limits of the data known.")
    print()
    _evidence_table(story, release)
    change = (release.outcome.auc_bp - first.outcome.auc_bp) / 10_000
    story.say(
        f"""The area under the curve changes by {change:+.3f}. Approvals name a digest, so those of
        the first model are worth nothing here: the three signed again."""
    )
    _fairness_words(story, release)
    decision = _decide(story, lender, release, expect=1)
    left = _outcomes(decision, "fail", "insufficient", "error")
    require(bool(left), "nothing is left to waive")
    require(set(left) <= set(FAIRNESS), f"more than fairness is left: {left}")
    require(set(left.values()) == {"insufficient"}, f"not merely insufficient: {left}")
    story.say(
        """Denied, and nothing is missing any more. What is left is `insufficient`: the gaps came out
        small, but the groups are so small that they might as well be beyond the limit. Nobody can
        retrain that away; only more people would tell."""
    )
    return release, {policy: _keys(decision, policy) for policy in left}


def _chapter_three(story: Story, lender: Any, release: Any, left: dict[str, Any]) -> None:
    import papers

    story.chapter("3. A waiver for exactly that")
    year = time.gmtime().tm_year
    folder = lender.exceptions / "fair"
    papers.write_folder(folder)
    waivers = []
    for number, (policy, keys) in enumerate(sorted(left.items()), start=1):
        path = folder / f"EXC-{year}-{number:04d}.yaml"
        why = f"{policy} cannot be judged: the data hold too few people for narrow intervals."
        document = papers.waiver(path.stem, policy, release.outcome.digest, keys, why)
        waivers.append(papers.write_yaml(path, document))
    lender.commit("model-owner", "Ask for waivers of what cannot be shown")
    story.say(
        f"""The model owner asks for {len(waivers)} waivers, one per policy, each of exactly these
        findings of this digest and stage, for 90 days, with a compensating control: every denial of
        a woman or a person under 26 goes to a second officer. Residual risk 2 x 3 is moderate: two
        roles must sign, neither the requester nor anybody who touched the file in Git."""
    )
    story.rows([(path.stem, left[policy][0]) for path, policy in zip(waivers, sorted(left), strict=True)]
               if False else [(f"{path.stem}", policy, ", ".join(left[policy]))
                              for path, policy in zip(waivers, sorted(left), strict=True)])
    for path in waivers:
        lender.approve_waiver(path, shown=path == waivers[0])
    lender.commit("release-manager", "Merge the waivers with their approvals")
