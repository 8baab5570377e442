"""The adopter's example: one family more, one limit tighter, upstream untouched and pinned."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hallgate.publish.bundle.signing import sign_bundle
from hallgate.record.canonical import sha256_digest
from hallgate.record.keys import generate_key, public_pem, write_private_key

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
OWN = "policies/promotion/rules/house/jurisdiction_served/jurisdiction_served.rego"


@pytest.fixture(scope="module")
def upstream(tmp_path_factory, made_bank):
    """Upstream's bundle of all policies as it is released, and its key."""
    from hallgate.cli import app

    folder = tmp_path_factory.mktemp("upstream")
    words = ["--repository", str(ROOT), "--output", str(folder / "all.tar.gz")]
    assert app.main(["bundle", "build", *words]) == 0
    key = generate_key("p256")
    data = sign_bundle((folder / "all.tar.gz").read_bytes(), "all", key).data
    (folder / "all.tar.gz").write_bytes(data)
    (folder / "key.pem").write_text(public_pem(key))
    return folder


@pytest.fixture(scope="module")
def made_house(upstream, tmp_path_factory):
    from hallgate.cli import app

    folder = tmp_path_factory.mktemp("own") / "house"
    shutil.copytree(ROOT / "examples/adopter", folder)
    words = ["--adopt", str(upstream / "all.tar.gz"), "--trusted", str(upstream / "key.pem")]
    roles = ["--roles", str(ROOT / "tests/scenarios/trust")]
    assert app.main(["init", "--repository", str(folder), *words, *roles]) == 0
    return folder


@pytest.fixture
def house(made_house, tmp_path, monkeypatch):
    monkeypatch.setenv("HALLGATE_OPA", str(ROOT / ".tools/bin/opa"))
    return Path(shutil.copytree(made_house, tmp_path / "house"))


def test_its_decisions_show_both_sources(run, house, upstream, bank, edited, tmp_path):
    digest = sha256_digest((upstream / "all.tar.gz").read_bytes())
    key = generate_key("p256")
    write_private_key(tmp_path / "own.pem", key)
    (tmp_path / "own.pub.pem").write_text(public_pem(key))
    out = tmp_path / "releases.tar.gz"
    run("bundle", "build", "--track", "releases", "--output", out, cwd=house)
    run("bundle", "sign", out, "--key", tmp_path / "own.pem", "--scope", "releases", cwd=house)
    decide = ["decide", bank.request, "--evidence", bank.evidence, *bank.options()]
    by = ["--bundle", out, "--scope", "releases", "--trusted", tmp_path / "own.pub.pem"]
    report = json.loads(run(*decide, *by, "--format", "json", cwd=house).out)
    verdicts = {one["id"]: one for one in report["verdicts"]}
    assert verdicts["HSE-001"]["outcome"] == "pass"
    assert len(verdicts) > 20
    assert report["sources"][0].startswith(f"upstream {digest}, families access, approvals")
    assert report["sources"][1] == "own families house"

    def abroad(request):
        return {**request, "use": {**request["use"], "jurisdictions": ["us", "other"]}}

    edited(bank.request, abroad)
    told = run(*decide, *by, cwd=house, code=1).out
    assert "the organisation does not serve other" in told
    assert f"source: upstream {digest}" in " ".join(told.split())
    # The same from the repository itself, with the limits of upstream.
    assert "source: own families house" in run(*decide, cwd=house, code=1).out


def test_the_limit_is_the_tighter_one(run, house, tmp_path):
    from hallgate.decide.bundled import constants_of, limits_in_force, policies_of
    from hallgate.engine.bundle import Bundle
    from hallgate.engine.opa import Opa
    from hallgate.intake.schema import Schemas
    from hallgate.model.values import Tier
    from hallgate.publish.bundle.archive import unpack

    out = tmp_path / "releases.tar.gz"
    run("bundle", "build", "--track", "releases", "--output", out, cwd=house)
    data = out.read_bytes()
    engine, bundle = Opa(ROOT / ".tools/bin/opa"), Bundle(data, sha256_digest(data))
    sources = {path: one for path, one in unpack(data).items() if path.endswith(".rego")}
    schemas = Schemas.load(house / "evidence-schemas")
    policies = policies_of(bundle, sources, schemas, engine, None)
    limits = limits_in_force(policies, constants_of(bundle, engine))
    assert limits["FAIR-001"][0].at(Tier.HIGH) == 8200
    theirs = (
        "promotion/rules/fairness/selection_ratio_within_limit/selection_ratio_within_limit.rego"
    )
    assert sources[theirs] == (ROOT / "policies" / theirs).read_bytes()


def test_upstream_cannot_be_changed_from_here(run, house):
    explain = ["explain", "HSE-001", "--no-cache"]
    run(*explain, cwd=house)
    lib = house / "policies/promotion/lib/tiers/tiers.rego"
    lib.parent.mkdir(parents=True)
    lib.write_text("package promotion.lib.tiers\n")
    assert "would change what upstream decides with" in run(*explain, cwd=house, code=3).err
    shutil.rmtree(house / "policies/promotion/lib")
    taken = house / "policies/promotion/rules/fairness/mine"
    shutil.copytree((house / OWN).parent, taken)
    assert "the family fairness is upstream's" in run(*explain, cwd=house, code=3).err
    shutil.rmtree(taken.parent)
    schema = house / "evidence-schemas/common.v1.schema.json"
    text = schema.read_text()
    schema.write_text(text.replace('"maximum"', '"minimum"', 1) if '"maximum"' in text else "{}")
    assert "common.v1.schema.json" in run(*explain, cwd=house, code=3).err
    schema.write_text(text)
    with (house / "upstream/bundle.tar.gz").open("ab") as file:
        file.write(b"\0")
    assert "not the one that was adopted" in run(*explain, cwd=house, code=3).err


def test_looser_than_upstream_is_refused(run, house):
    track = house / "tracks/releases.yaml"
    track.write_text(track.read_text().replace("limit: 8200", "limit: 7900"))
    said = run("bundle", "build", "--track", "releases", cwd=house, code=3).err
    assert "7900 would loosen FAIR-001" in said


def test_what_cannot_be_adopted(run, house, upstream, tmp_path):
    adopt = ["init", "--repository", tmp_path / "new", "--adopt", upstream / "all.tar.gz"]
    assert "no key is trusted" in run(*adopt, code=2).err
    trusted = ["--trusted", upstream / "key.pem"]
    assert "roles.yaml is missing" in run(*adopt, *trusted, code=2).err
    own = ["init", "--repository", ROOT, "--adopt", upstream / "all.tar.gz", *trusted]
    assert "holds upstream's policies itself" in run(*own, code=2).err
    other = tmp_path / "other.pem"
    other.write_text(public_pem(generate_key("p256")))
    assert "not trusted" in run(*adopt, "--trusted", other, code=1).err


def test_what_upstream_would_allow_is_denied_by_the_tighter_limit(
    run, house, upstream, harness, tmp_path
):
    """Under 26 are selected 0.825 times as often, surely above 0.80 and not surely above 0.82."""
    from dataclasses import replace

    from hallgate.decide.bundled import policies_of
    from hallgate.engine.bundle import Bundle
    from hallgate.measure.fairness import compare
    from hallgate.measure.fairness_table import GroupCounts
    from hallgate.publish.bundle.archive import unpack
    from hallgate.testing.runner import prepare, run_all
    from hallgate.testing.scenario import read_scenario

    base = read_scenario(harness.scenarios / "finance/base.yaml")
    old = GroupCounts("26 and over", 16000, 11200, 11050, 10195, 855)
    young = GroupCounts("under 26", 4000, 2140, 2279, 1948, 331)
    attribute = {
        "name": "age", "reference": "26 and over",
        "groups": [
            {"name": one.name, "rows": one.rows, "positives": one.positives,
             "selected": one.selected, "true_positives": one.true_positives,
             "false_positives": one.false_positives}
            for one in (old, young)
        ],
        "comparisons": [compare(young, old)],
    }  # fmt: skip
    change = {"evidence": {"fairness_report": {"set": {"/result/attributes/1": attribute}}}}
    asked = prepare(replace(base, change=change), harness.cast, harness.schemas, harness.policies)

    def decided(data):
        bundle = Bundle(data, sha256_digest(data))
        sources = {path: one for path, one in unpack(data).items() if path.endswith(".rego")}
        policies = policies_of(bundle, sources, harness.schemas, harness.engine, None)
        (decision,) = run_all([asked], harness.engine, policies).values()
        return decision

    assert decided((upstream / "all.tar.gz").read_bytes()).allowed
    out = tmp_path / "releases.tar.gz"
    run("bundle", "build", "--track", "releases", "--output", out, cwd=house)
    ours = decided(out.read_bytes())
    blocking = {one.id: one for one in ours.verdicts if one.outcome.blocks}
    assert not ours.allowed
    assert list(blocking) == ["FAIR-001"]
    (finding,) = blocking["FAIR-001"].findings
    assert (finding.key, finding.limit) == ("insufficient:age=under 26", 8200)
