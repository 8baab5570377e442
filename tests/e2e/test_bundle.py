"""Bundles: the same bytes from two clones, signed, verified, and deciding like the tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time

import pytest

from hallgate.decide.compose import waiver_bundle
from hallgate.decide.explain import tier_limits
from hallgate.decide.policies import PolicySet
from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa, find_opa
from hallgate.intake.frameworks import read_frameworks
from hallgate.intake.rfc3339 import text as rfc3339
from hallgate.intake.tracks import read_track
from hallgate.publish.bundle.archive import unpack
from hallgate.publish.bundle.build import Origin, build_published
from hallgate.testing.runner import Prepared, run_served

from .bundle_world import ROOT, TIGHT, builder, git, make_home, make_origin

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    return make_origin(tmp_path_factory.mktemp("origin"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def build(run, home, tmp_path):
    return builder(run, home, tmp_path)


def clone(origin, folder, umask):
    subprocess.run(
        ["git", "clone", "--quiet", "--no-hardlinks", origin, folder], check=True, umask=umask
    )


@pytest.mark.parametrize("words", [(), ("--track", "mlops"), ("--track", "security")])
def test_two_clones_give_the_same_bytes(origin, build, tmp_path, words):
    first, second = tmp_path / "one", tmp_path / "b" / "a longer path é" / "two"
    clone(origin, first, 0o022)
    clone(origin, second, 0o077)
    for number, path in enumerate(sorted(second.rglob("*"))):
        if ".git" not in path.parts:
            os.utime(path, (1e9 + number, 1e9 + number))
            if os.getuid() == 0:
                os.chown(path, 12345, 54321)
    build(first, *words, out="one.tar.gz")
    build(
        second, *words, "--no-cache", out="two.tar.gz",
        TZ="Pacific/Kiritimati", LC_ALL="C", PYTHONHASHSEED="7", SOURCE_DATE_EPOCH="1",
    )  # fmt: skip
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()
    files = unpack((tmp_path / "one.tar.gz").read_bytes())
    manifest = json.loads(files[".manifest"])
    assert manifest["metadata"]["commit"] == git(origin, "rev-parse", "HEAD")
    assert manifest["metadata"]["track"] == (words[1] if words else "all")
    assert manifest["metadata"]["opa"] == "1.22.0"
    assert set(manifest["metadata"]["inputs"]) == {"policies", "schemas", "frameworks", "track"}
    assert (manifest["metadata"]["inputs"]["track"] is None) == (not words)


def test_what_ships_and_what_never_does(origin, build, tmp_path):
    build(origin, "--track", "security")
    files = unpack((tmp_path / "built.tar.gz").read_bytes())
    assert {path.rpartition(".")[2] for path in files} == {"rego", "manifest"}
    assert not [path for path in files if path.endswith("_test.rego") or "checks" in path]
    families = {path.split("/")[2] for path in files if path.startswith("promotion/rules/")}
    assert families == {
        "access", "approvals", "llm", "network", "pipeline", "privacy", "provenance", "secrets",
        "supply_chain", "threats",
    }  # fmt: skip
    generated = {path.split("/")[2] for path in files if path.startswith("promotion/generated/")}
    assert generated == {
        "catalog.rego", "documents.rego", "law.rego", "schemas.rego", "track.rego",
    }  # fmt: skip
    for path, data in files.items():
        source = origin / "policies" / path
        if path.startswith(("promotion/rules/", "promotion/lib/")):
            assert data == source.read_bytes(), path
    opa = Opa(find_opa(ROOT))
    law = opa.evaluate([Bundle(
        (tmp_path / "built.tar.gz").read_bytes(), ""
    )], "data.promotion.generated.law.controls", {})  # fmt: skip
    assert {name.split(":")[0] for name in law} >= {"hipaa", "gdpr"}
    assert not {name for name in law if name.startswith("reg-b:")}
    assert set(law["slsa:Build-L3"] if "slsa:Build-L3" in law else next(iter(law.values()))) == {
        "title", "force", "status", "since", "until", "superseded_by",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("policies/promotion/lib/tiers/tiers.rego", None),
        ("policies/promotion/lib/stray/stray.rego", "package promotion.lib.stray\n"),
        ("tracks/mlops.yaml", None),
    ],
)
def test_a_tree_that_is_no_commit_names_none(origin, build, tmp_path, name, text):
    clone(origin, tmp_path / "clone", 0o022)
    path = tmp_path / "clone" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(path.read_text() + "# changed\n" if text is None else text)
    said = build(tmp_path / "clone", "--track", "mlops")
    assert f"warning: no source commit is named: not as in the commit: {name}" in said.err
    files = unpack((tmp_path / "built.tar.gz").read_bytes())
    assert json.loads(files[".manifest"])["metadata"]["commit"] is None


def test_an_ignored_policy_would_ship_so_it_is_told(origin, build, tmp_path):
    clone(origin, tmp_path / "clone", 0o022)
    (tmp_path / "clone/.git/info/exclude").write_text("stray.rego\n")
    stray = tmp_path / "clone/policies/promotion/lib/stray/stray.rego"
    stray.parent.mkdir()
    stray.write_text("package promotion.lib.stray\n")
    assert "stray.rego" in build(tmp_path / "clone").err


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("limit: 99", "limit: 2", ": 2 would loosen APR-001: its minimum is 3"),
        ("APR-001", "APR-999", "tracks/tight.yaml:6:14: APR-999 is no policy"),
        ("tier: high", "tier: top", "tracks/tight.yaml:6:"),
        ("tight\n", "other\n", "tracks/tight.yaml:1:8: 'other' is not the file's name"),
    ],
)
def test_a_track_that_loosens_is_refused_by_line(origin, build, tmp_path, old, new, words):
    clone(origin, tmp_path / "clone", 0o022)
    (tmp_path / "clone/tracks/tight.yaml").write_text(TIGHT.replace(old, new, 1))
    assert words in build(tmp_path / "clone", "--track", "tight", code=3).err
    assert not (tmp_path / "built.tar.gz").exists()


def conftest(folder):
    """The other engine's answer about the bundle's files."""
    shutil.rmtree(folder / "policy", ignore_errors=True)
    files = {**unpack((folder / "built.tar.gz").read_bytes()), **unpack(NO_WAIVERS.data)}
    for path, data in files.items():
        if path.endswith(".rego"):
            (folder / "policy" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "policy" / path).write_bytes(data)
    return subprocess.run(
        [ROOT / ".tools/bin/conftest", "test", "--policy", "policy", "--namespace",
         "promotion.main", "--output", "json", "input.json"],
        cwd=folder, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


# Told by whom publishes: there are no waivers, and no emergency owes its review.
NO_WAIVERS = waiver_bundle((), 0, overrides=())


def outcomes(decision):
    return {verdict["id"]: verdict["outcome"] for verdict in decision["verdicts"]}


def test_the_bundle_decides_like_the_tree_and_a_track_only_more_strictly(
    bank, run, origin, build, tmp_path
):
    said = json.loads(bank.decide("--format", "json").out)
    document = json.loads(
        run("input", bank.request, "--evidence", bank.evidence, *bank.options()).out
    )
    opa = Opa(find_opa(ROOT))

    def decide(*words):
        build(origin, *words)
        bundle = Bundle((tmp_path / "built.tar.gz").read_bytes(), "")
        return opa.evaluate([bundle, NO_WAIVERS], "data.promotion.main.decision", document)

    build(origin)
    alone = Bundle((tmp_path / "built.tar.gz").read_bytes(), "")
    # Nobody has told which emergencies there were: that is not "none".
    assert opa.evaluate([alone], "data.promotion.main.allowed", document) is False
    whole = decide()
    assert whole["allowed"] is True
    assert outcomes(whole) == {one["id"]: one["outcome"] for one in said["verdicts"]}
    assert outcomes(decide("--track", "mlops")) == outcomes(whole)
    for track in ("security", "senior-platform", "architect", "llmops"):
        answer = decide("--track", track)
        assert answer["allowed"] is True
        assert outcomes(answer).items() <= outcomes(whole).items()
    tight = decide("--track", "tight")
    assert tight["allowed"] is False
    (wrong,) = [one for one in tight["verdicts"] if one["outcome"] != "pass"]
    assert (wrong["id"], wrong["outcome"]) == ("APR-001", "fail")
    assert wrong["findings"][0]["limit"] == 99
    (tmp_path / "input.json").write_text(json.dumps(document))
    assert conftest(tmp_path).returncode == 1
    assert "APR-001 fail" in conftest(tmp_path).stdout
    build(origin, "--track", "mlops")
    assert conftest(tmp_path).returncode == 0


BASELINED = """track: tight
title: A track with a model that is older than a policy
families: [approvals, monitoring]
frameworks: [nist-ai-rmf]
limits: []
dates: []
rollout: []
baseline:
  - {models: [%s], policies: [MON-003], since: "%s", until: "%s", reason: It was there before.}
"""
MODEL = """name: %s
title: Scores credit
owner: model-owner
origin: in_house
vendor: null
sector: finance
use: Scores credit.
gated: true
why_ungated: null
status: %s
since: "2025-01-01T00:00:00Z"
retired_at: %s
"""


def test_a_baseline_observes_one_model_until_its_second(bank, run, origin, build, tmp_path):
    clone_of, opa = tmp_path / "clone", Opa(find_opa(ROOT))
    clone(origin, clone_of, 0o022)
    given = run("input", bank.request, "--evidence", bank.evidence, *bank.options()).out
    document = json.loads(given)
    name, until = document["request"]["model"]["name"], int(time.time()) + 1
    del document["evidence"]["rollback_drill"]
    track, model = clone_of / "tracks/tight.yaml", clone_of / "inventory" / f"{name}.yaml"
    track.write_text(BASELINED % (name, rfc3339(until - 365 * 86400), rfc3339(until)))
    words = (clone_of, "--track", "tight", "--trust", bank.trust)
    missing = f"tracks/tight.yaml:9:15: {name} is no active model of inventory/"
    assert missing in build(*words, code=3).err
    check = ("check", clone_of / "tracks", "--repository", clone_of, "--trust", bank.trust)
    told = run(*check, "--quiet", cwd=clone_of, code=3, env={"HALLGATE_OPA": str(find_opa(ROOT))})
    assert missing in told.out
    model.parent.mkdir()
    model.write_text(MODEL % (name, "retired", '"2026-01-01T00:00:00Z"'))
    assert missing in build(*words, code=3).err
    model.write_text(MODEL % (name, "active", "null"))
    build(*words)
    bundle = Bundle((tmp_path / "built.tar.gz").read_bytes(), "")

    def decide(now, **change):
        said = {**document, "now": now, "request": {**document["request"], **change}}
        query = "data.promotion.replay.decision"
        found = opa.evaluate([bundle, NO_WAIVERS], query, said)
        (verdict,) = [one for one in found["verdicts"] if one["id"] == "MON-003"]
        return found["allowed"], verdict["outcome"], verdict["observed"]

    mark = {"by": "baseline", "until": until}
    assert decide(until - 1) == (True, "pending", mark)
    assert decide(until) == (False, "insufficient", None)
    other = {**document["request"]["model"], "name": "another"}
    assert decide(until - 1, model=other)[1:] == ("insufficient", None)
    # Without the baseline the bundle has the bytes it always had: nothing else moved.
    entries = unpack(bundle.data)
    track.write_text(track.read_text().partition("baseline:")[0] + "baseline: null\n")
    build(*words)
    plain = unpack((tmp_path / "built.tar.gz").read_bytes())
    changed = {path for path in plain if plain[path] != entries[path]}
    assert changed == {
        ".manifest", "promotion/generated/catalog.rego", "promotion/generated/track.rego",
    }  # fmt: skip
    assert b"observed" not in plain["promotion/generated/catalog.rego"]
    assert b"baseline" not in plain["promotion/generated/track.rego"]


def as_the_house(harness, folder):
    """A track that takes everything and repeats every limit: the generated main, no change."""
    house = tier_limits(harness.engine, harness.policies, harness.policies.catalog)
    limits = [
        {"policy": name, "quantity": one.quantity.name or None, "tier": tier.value,
         "limit": value, "reason": "As the house has it."}
        for name, entries in house.items() for one in entries for tier, value in one.values
    ]  # fmt: skip
    families = sorted({policy.family for policy in harness.policies.catalog})
    track = {
        "track": "same", "title": "The house again", "families": families, "frameworks": [],
        "limits": limits, "dates": [], "rollout": [], "baseline": None,
    }  # fmt: skip
    (folder / "same.yaml").write_text(json.dumps(track, indent=1))
    return read_track(folder, "same", harness.schemas)


@pytest.mark.proof
def test_published_bundles_decide_every_scenario_like_the_tree(harness, tmp_path):
    """Byte for byte the same body; through the generated main of a track as well.

    Two minutes, so a proof: `make test-services` asks a published bundle every scenario too.
    """
    law = read_frameworks(harness.repository.frameworks, harness.schemas)
    prepared = [one for one in harness.prepared.values() if isinstance(one, Prepared)]
    assert len(prepared) >= 100
    same = as_the_house(harness, tmp_path)
    security = read_track(ROOT / "tracks", "security", harness.schemas)
    for track in (None, same, security):
        published = build_published(
            harness.policies, law, track, Origin(None, {}, "0"), harness.engine
        )
        catalog = tuple(
            one for one in harness.policies.catalog if not track or one.family in track.families
        )
        policies = PolicySet(catalog, published, harness.policies.rule_digests)
        taken = {one.id for one in catalog}
        for path, decision in run_served(prepared, harness.engine, policies).items():
            tree = harness.decisions[path]
            wanted = {one["id"]: one for one in tree.body["verdicts"] if one["id"] in taken}
            found = {one["id"]: one for one in decision.body["verdicts"]}
            if track is security:
                # One limit is tighter, and a waiver of what the track leaves out is not its own.
                for name in ("SUP-006", "APR-005"):
                    wanted.pop(name)
                    found.pop(name)
            assert found == wanted, path
            if track is not security:
                assert decision.body == tree.body, path
