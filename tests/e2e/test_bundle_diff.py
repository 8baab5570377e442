"""Three prepared changes: what each may deny gives major, minor or patch; a lower version fails."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from hallgate.cli import app

from .bundle_world import git

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
FAMILIES = ("fairness", "supply_chain")
SCENARIOS = ("base", "denied-young-selected-less", "denied-critical-vulnerability")
RATIO = "policies/promotion/rules/fairness/selection_ratio_within_limit"
RULE = f"{RATIO}/selection_ratio_within_limit.rego"
LIMITS = '{"low": 7000, "medium": 8000, "high": 8000}'
NEW = """# METADATA
# scope: package
# title: Groups are named
# description: Made for a test.
# custom:
#   id: FAIR-090
#   severity: high
#   evidence: [fairness_report]
#   waivable: [fail]
#   controls: ["nist-ai-rmf:MEASURE-2.11"]
#   effective_from: "{since}"
#   remediation: Name them.
package promotion.rules.fairness.groups_named

deny contains {{"key": "names", "message": "none", "observed": null, "limit": null}} if {{
	count(input.evidence.fairness_report) > 0
}}
"""


TRACK = """track: fair
title: One family
families: [fairness]
frameworks: []
limits: []
dates: []
rollout: []
baseline:
  - {models: [churn], policies: [FAIR-001], since: "2026-11-01T00:00:00Z",
     until: "2027-05-01T00:00:00Z", reason: It is older than the policy.}
"""
MODEL = """name: churn
title: Says who leaves
owner: release-pipeline
origin: in_house
vendor: null
sector: finance
use: Says who leaves.
gated: true
why_ungated: null
status: active
since: "2025-01-01T00:00:00Z"
retired_at: null
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Two families and three scenarios of this tree, tagged v1.2.0."""
    folder = tmp_path_factory.mktemp("house") / "house"
    for part in ("policies/promotion/main", "policies/promotion/lib", "policies/promotion/replay"):
        shutil.copytree(ROOT / part, folder / part)
    for family in FAMILIES:
        part = f"policies/promotion/rules/{family}"
        shutil.copytree(ROOT / part, folder / part)
    for part in ("evidence-schemas", "frameworks", "tests/scenarios/trust"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copytree(ROOT / "tests/scenarios/trust", folder / "trust")
    words = ["--trust", str(folder / "trust"), "--keys", str(folder.parent / "keys")]
    assert app.main(["init", *words, "--machine", "release-pipeline=release-pipeline"]) == 0
    (folder / "tests/scenarios/finance").mkdir()
    for path, text in (("tracks/fair.yaml", TRACK), ("inventory/churn.yaml", MODEL)):
        (folder / path).parent.mkdir()
        (folder / path).write_text(text)
    for name in SCENARIOS:
        part = f"tests/scenarios/finance/{name}.yaml"
        shutil.copy(ROOT / part, folder / part)
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n## [1.2.0]\n- Old.\n")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "all")
    git(folder, "tag", "v1.2.0")
    return folder


@pytest.fixture
def change(house, tmp_path):
    """A clone of the house with one commit more."""

    def make(path, *pairs, new=None):
        clone = tmp_path / "clone"
        git(house.parent, "clone", "--quiet", str(house), str(clone))
        text = (clone / path).read_text() if new is None else new
        for old, other in pairs:
            assert old in text
            text = text.replace(old, other)
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_text(text)
        git(clone, "add", ".")
        git(clone, "commit", "--quiet", "--message", "change")
        return clone

    return make


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """The old side is the same in every test."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def diff(capsys, monkeypatch, cache):
    monkeypatch.setenv("HALLGATE_OPA", os.environ.get("HALLGATE_OPA") or f"{ROOT}/.tools/bin/opa")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))

    def run(clone, *words, code=0):
        said = ["bundle", "diff", "v1.2.0", "HEAD", "--repository", str(clone)]
        found = app.main([*said, "--quiet", "--format", "json", *words])
        out, err = capsys.readouterr()
        assert found == code, out + err
        return json.loads(out), err

    return run


def steps(report, source="policies"):
    return [
        (one["level"], one["policy"], one["what"])
        for one in report["steps"]
        if one["source"] == source
    ]


def test_a_tighter_limit_is_major_and_a_lower_version_fails(change, diff):
    clone = change(RULE, (LIMITS, LIMITS.replace("8000", "9900")))
    report, err = diff(clone, "--version", "1.3.0", code=1)
    assert report["level"] == "major"
    assert report["least_version"] == "2.0.0"
    assert ("major", "FAIR-001", "limit at tier high: 8,000 → 9,900 basis points, tightened") in (
        steps(report)
    )
    assert report["impact"]["newly_denied"] == ["finance/base.yaml"]
    assert "1.3.0 says too little: a major change after 1.2.0" in err
    assert "release it as 2.0.0 or higher" in err


@pytest.mark.parametrize(
    ("since", "level", "what"),
    [
        ("2099-01-01T00:00:00Z", "minor", "is new (Groups are named), pending until 2099-01-01"),
        ("2026-01-01T00:00:00Z", "major", "is new (Groups are named) and in force at once"),
    ],
)
def test_a_new_policy_is_minor_while_it_is_pending(change, diff, since, level, what):
    path = "policies/promotion/rules/fairness/groups_named/groups_named.rego"
    clone = change(path, new=NEW.format(since=since))
    report, _ = diff(clone)
    assert report["level"] == level
    assert [(one, policy) for one, policy, _ in steps(report)] == [(level, "FAIR-090")]
    assert steps(report)[0][2].startswith(what)


def test_a_looser_limit_is_minor_and_its_entry_is_written(change, diff):
    clone = change(RULE, (LIMITS, LIMITS.replace("8000", "100").replace("7000", "100")))
    report, _ = diff(clone, "--version", "1.3.0", "--write")
    assert report["level"] == "minor"
    assert "finance/denied-young-selected-less.yaml" in report["impact"]["newly_allowed"]
    text = (clone / "CHANGELOG.md").read_text()
    assert text.count("### Policies (minor)") == 1
    assert "- minor: FAIR-001: limit at tier high: 8,000 → 100 basis points, LOOSENED.\n" in text
    assert text.endswith("## [1.2.0]\n- Old.\n")


def test_words_are_a_patch(change, diff):
    clone = change(RULE, ("Selection rates are close", "Rates of selection are close"))
    report, _ = diff(clone, "--version", "1.2.1")
    assert report["level"] == "patch"
    assert steps(report) == [("patch", "FAIR-001", "says title in other words")]
    assert report["impact"]["replayed"] == report["impact"]["unchanged"] == len(SCENARIOS)


def test_a_baseline_that_grows_is_refused_under_any_version(
    change, diff, tmp_path, monkeypatch, capsys
):
    clone = change("tracks/fair.yaml", ("2027-05-01T00:00:00Z", "2027-05-01T00:00:01Z"))
    # Nobody looks at the track, and it is refused all the same.
    report, _ = diff(clone, "--version", "9.0.0", code=1)
    (refused,) = report["refused"]
    grown = "FAIR-001 would be observed of churn longer"
    assert refused.startswith(f"tracks/fair.yaml:9: fair: {grown}")
    assert report["level"] == "none"
    monkeypatch.chdir(tmp_path)  # short names: a long path is broken where a line ends
    files = []
    for tag in ("v1.2.0", "main"):
        git(clone, "checkout", "--quiet", tag)
        files.append(f"{tag}.tar.gz")
        words = ["--repository", str(clone), "--track", "fair", "--output", files[-1]]
        assert app.main(["bundle", "build", *words]) == 0
    words = ["bundle", "diff", *files, "--repository", str(clone), "--quiet"]
    assert app.main(words) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert f"REFUSED: {files[1]}: {grown}" in told
    assert "minor FAIR-001 policies baseline of churn: observed until 2027-05-01 00:00:00" in told


def test_a_baseline_that_ends_at_once_is_major(change, diff):
    clone = change("tracks/fair.yaml", ("2027-05-01T00:00:00Z", "2027-04-01T00:00:00Z"))
    report, _ = diff(clone, "--track", "fair", "--at", "2027-04-15T00:00:00Z")
    assert (report["level"], report["refused"]) == ("major", [])
    assert [policy for _, policy, _ in steps(report)] == ["FAIR-001"]


def test_bundle_files_are_compared_with_the_scenarios_around(house, change, diff, tmp_path):
    clone = change(RULE, (LIMITS, LIMITS.replace("8000", "9900")))
    files = []
    for folder in (house, clone):
        files.append(str(tmp_path / f"{folder.name}.tar.gz"))
        words = ["--repository", str(folder), "--output", files[-1]]
        assert app.main(["bundle", "build", *words]) == 0
    words = ["bundle", "diff", *files, "--repository", str(house), "--quiet", "--version", "1.9.0"]
    assert app.main(words) == 2  # the version of a file is not known
    assert app.main([*words, "--since", "1.2.0"]) == 1
    assert app.main(["bundle", "diff", files[0], "HEAD", "--repository", str(house)]) == 2


CLAIM = "# Changelog\n\n## [Unreleased]\n\n## [{}] - 2026-11-26\n- New.\n\n## [1.2.0]\n- Old.\n"


def claimed(clone, capsys, code):
    words = ["--repository", str(clone), "--quiet", "--claimed"]
    assert app.main(["bundle", "diff", "main", "HEAD", *words]) == code
    return "".join(capsys.readouterr())


def test_what_the_changelog_of_a_pull_request_claims_is_held_to(change, monkeypatch, capsys, cache):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("HALLGATE_OPA", os.environ.get("HALLGATE_OPA") or f"{ROOT}/.tools/bin/opa")
    clone = change(RULE, (LIMITS, LIMITS.replace("8000", "9900")))
    git(clone, "checkout", "--quiet", "-b", "work")
    git(clone, "branch", "--force", "main", "v1.2.0")
    assert "claims no version after 1.2.0" in claimed(clone, capsys, 0)
    for version, code, words in (("1.3.0", 1, "1.3.0 says too little"), ("2.0.0", 0, "major")):
        (clone / "CHANGELOG.md").write_text(CLAIM.format(version))
        git(clone, "commit", "--quiet", "--all", "--message", version)
        assert words in claimed(clone, capsys, code)
    git(clone, "tag", "--delete", "v1.2.0")
    assert "no version is released" in claimed(clone, capsys, 0)
    words = ["bundle", "diff", "main", "HEAD", "--claimed", "--version", "2.0.0"]
    assert app.main([*words, "--repository", str(clone)]) == 2
