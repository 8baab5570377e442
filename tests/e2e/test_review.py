"""`hallgate review` by the installed command, on pull requests in real clones."""

import json
import re
import subprocess
from hashlib import sha256

import pytest

from .review_world import ROOT, make_world

pytestmark = pytest.mark.e2e
FAIR = "policies/promotion/rules/fairness/selection_ratio_within_limit"


@pytest.fixture(scope="session")
def world(tmp_path_factory, made_bank):
    return make_world(tmp_path_factory.mktemp("review"), made_bank)


def loosen(clone):
    path = clone / FAIR / "selection_ratio_within_limit.rego"
    text = path.read_text()
    limits = '{"low": 7000, "medium": 8000, "high": 8000}'
    assert limits in text
    path.write_text(text.replace(limits, '{"low": 6000, "medium": 6000, "high": 6000}'))


def test_of_a_head_nothing_is_kept_not_even_its_syntax(world, tmp_path):
    pull = world.pull(tmp_path, loosen)
    assert pull.review().code == 0
    policies = world.repository / "policies/promotion"
    known = {
        sha256(path.read_bytes()).hexdigest()
        for path in policies.rglob("*.rego")
        if not path.name.endswith("_test.rego")
    }
    for about in ("facts", "metadata", "rule"):
        kept = (world.folder / "cache/hallgate" / about).glob("*.json")
        found = {path.stem.partition("-")[0] for path in kept}
        assert found
        assert found <= known


def test_a_proposed_waiver(world, tmp_path):
    pull = world.pull(tmp_path, lambda clone: world.write(clone, world.waiver()), "model-owner")
    done = pull.review()
    assert done.code == 1, done.text
    report = done.report
    (waiver,) = report["waivers"]
    assert (waiver["change"], waiver["band"], waiver["approved"]) == ("added", "moderate", False)
    told = " ".join(waiver["words"] + waiver["signers"])
    assert "model-owner asks to waive FAIR-001" in told
    assert "31.0 days" in told
    assert "2 must still sign: " in told
    assert "model-risk" in told
    supposed, merged = report["blast_radius"]
    # Signed, it would let the denied model through; unsigned, it does nothing today.
    assert len(supposed["newly_allowed"]) == 1
    assert merged["newly_allowed"] == []
    assert merged["replayed"] >= 1
    moments = {one["moment"] for one in supposed["effects"]}
    assert moments == {"then", "last second of EXC-2026-0001"}
    assert {"policy": "FAIR-001", "before": "fail", "after": "waived"}.items() <= (
        supposed["effects"][0]["policies"][0].items()
    )
    assert any("roles have approved" in one["what"] for one in report["refused"])


def test_an_approved_waiver_lets_through_what_it_names_today(world, tmp_path):
    document = world.waiver()

    def change(clone):
        path = world.write(clone, document)
        for who in ("compliance", "model-risk"):
            world.approve(path, document, who, rule=world.rule("FAIR-001"))

    done = world.pull(tmp_path, change, "model-owner").review()
    assert done.code == 0, done.text
    assert done.report["waivers"][0]["approved"] is True
    assert len(done.report["blast_radius"][1]["newly_allowed"]) == 1
    assert "1 promotion newly allowed" in done.report["headline"]


def test_a_range_lets_through_whatever_has_a_version_in_it(world, tmp_path):
    def subject(first, last):
        versions = {"from": first, "to": last}
        return {"name": "credit-risk", "versions": versions, "to_stage": "production"}

    def change(clone):
        world.write(clone, world.waiver(subject=subject("2.1.0", "2.1.4")))
        world.write(clone, world.waiver(id="EXC-2026-0002", subject=subject("2.1.5", "2.1.9")))

    report = world.pull(tmp_path, change, "model-owner").review().report
    one, _ = report["waivers"]
    assert "for versions 2.1.0 to 2.1.4, as signed bills of materials say" in " ".join(one["words"])
    assert any("names 5 versions of the 10 that are allowed" in line for line in one["signers"])
    assert (
        "EXC-2026-0002 waives the same policy for the same model (versions 2.1.5"
        in (one["conflicts"][0])
    )
    supposed, merged = report["blast_radius"]
    # The record and the scenario are of one version and two digests; the second range has neither.
    allowed = supposed["newly_allowed"]
    assert len(allowed) == 2
    assert any(name.endswith(".record.json") for name in allowed)
    assert "finance/denied-young-selected-less.yaml" in allowed
    assert merged["newly_allowed"] == []
    assert all("twice" not in one["what"] for one in report["refused"])


def test_a_removed_waiver_denies_again(world, tmp_path):
    document = world.waiver()

    def change(clone):
        path = world.write(clone, document)
        for who in ("compliance", "model-risk"):
            world.approve(path, document, who, rule=world.rule("FAIR-001"))

    pull = world.pull(tmp_path, change, "model-owner")
    pull.git("branch", "--force", "main", "HEAD")
    for path in (pull.folder / "exceptions/fairness").iterdir():
        path.unlink()
    pull.commit("model-owner")
    report = pull.review().report
    assert report["waivers"][0]["change"] == "removed"
    assert len(report["blast_radius"][1]["newly_denied"]) == 1


def test_two_waivers_for_one_policy_and_digest(world, tmp_path):
    def change(clone):
        world.write(clone, world.waiver())
        world.write(clone, world.waiver(id="EXC-2026-0002"))

    report = world.pull(tmp_path, change, "model-owner").review().report
    assert all("waives the same policy" in one["conflicts"][0] for one in report["waivers"])


def test_a_loosened_limit(world, tmp_path):
    report = world.pull(tmp_path, loosen).review().report
    (line,) = [one for one in report["sections"]["Policies"] if "tier high" in one]
    assert "8,000 → 6,000 basis points, LOOSENED" in line
    allowed = report["blast_radius"][0]["newly_allowed"]
    assert any(one.endswith(".record.json") for one in allowed)
    assert "finance/denied-young-selected-less.yaml" in allowed
    assert report["corpus"] == ["3 scenarios of the base.", "2 archived decisions, proven."]


def test_a_tightened_limit_denies_no_less(world, tmp_path):
    def tighten(clone):
        path = clone / FAIR / "selection_ratio_within_limit.rego"
        text = path.read_text()
        limits = '{"low": 7000, "medium": 8000, "high": 8000}'
        path.write_text(text.replace(limits, '{"low": 7000, "medium": 8000, "high": 9900}'))

    report = world.pull(tmp_path, tighten).review().report
    assert any("8,000 → 9,900 basis points, tightened" in x for x in report["sections"]["Policies"])
    assert report["blast_radius"][0]["newly_allowed"] == []
    assert "finance/base.yaml" in report["blast_radius"][0]["newly_denied"]


def test_an_empty_corpus_is_called_nothing(world, tmp_path):
    def change(clone):
        for path in (clone / "tests/scenarios/finance").iterdir():
            path.unlink()

    pull = world.pull(tmp_path, change)
    pull.git("branch", "--force", "main", "HEAD")
    loosen(pull.folder)
    pull.commit()
    done = pull.review(records=False)
    assert "its effect is unknown" in done.report["headline"]
    assert [one["replayed"] for one in done.report["blast_radius"]] == [0, 0]
    shown = pull.review(records=False, form="markdown").text
    assert "NOTHING was replayed" in shown


def test_the_three_forms_agree(world, tmp_path):
    pull = world.pull(tmp_path, lambda clone: (loosen(clone), world.write(clone, world.waiver())))
    shown, page = pull.review(form="markdown"), pull.review(form="html")
    report = pull.review().report
    assert shown.text.splitlines()[0] == "<!-- hallgate:review -->"
    for text in (re.sub(r"\\(.)", r"\1", shown.text), page.text):
        assert "8,000 → 6,000" in text
        assert "EXC-2026-0001" in text
        assert "NOW ALLOWED" in text
        assert "residual" in text
    assert report["head"] in page.text

    assert not re.search(r"<(script|img|link|iframe)|\s(src|href)=", page.text)


def test_every_fault_of_the_head_is_named(world, tmp_path):
    def change(clone):
        (clone / "trust/roles.yaml").write_text("roles: 3\n")
        (clone / "frameworks/soc2.yaml").write_text("id: soc3\n")
        (clone / FAIR / "selection_ratio_within_limit.rego").write_text("package x\n\n{\n")

    pull = world.pull(tmp_path, change)
    output = tmp_path / "review.json"
    done = pull.review("--output", output)
    assert done.code == 3
    assert done.text == ""
    report = json.loads(output.read_text())
    files = {(one["where"] or {}).get("file") for one in report["refused"]}
    assert {"trust/roles.yaml", "frameworks/soc2.yaml"} <= files
    assert "selection_ratio_within_limit" in output.read_text()
    assert all(str(tmp_path) not in one["what"] for one in report["refused"])
    for name in ("roles.yaml", "soc2.yaml", "selection_ratio_within_limit"):
        assert name in done.err


def test_what_cannot_be_reviewed_says_what_to_do(world, tmp_path):
    pull = world.pull(tmp_path, lambda clone: None)
    pull.git("checkout", "--quiet", "main")
    (pull.folder / "later").write_text("main moved on")
    pull.commit()
    pull.git("checkout", "--quiet", "change")
    moved = pull.review()
    assert moved.code == 2
    assert "does not contain main" in moved.err
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "--quiet", "--depth", "1", f"file://{world.repository}", shallow],
        check=True,
    )
    done = pull.__class__(shallow, pull.records, pull.home).review()
    assert done.code == 2
    assert "git fetch --unshallow" in done.err


def test_a_record_that_does_not_hold_is_named_and_not_replayed(world, tmp_path):
    pull = world.pull(tmp_path, loosen)
    records = tmp_path / "records"
    subprocess.run(["cp", "-r", pull.records, records], check=True)
    first = sorted(records.glob("*.record.json"))[0]
    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 1
    first.write_bytes(data)
    report = pull.review("--records", records, records=False).report
    assert [one["where"]["file"] for one in report["left_out"]] == [first.name]
    assert "1 archived decision, proven." in report["corpus"]


def test_the_command_explains_itself(run):
    shown = run("review", "--help").out
    assert "BASE..HEAD" in shown
    assert "exit codes" in shown
    assert (ROOT / "docs/guide/review.md").is_file()


def risky(world, number, digest):
    """A waiver of high residual risk, 4 by 4, about one of the digests of a model."""
    document = world.waiver(
        id=f"EXC-2026-{number:04d}",
        risk={
            "inherent": {"likelihood": 5, "impact": 4},
            "residual": {"likelihood": 4, "impact": 4},
            "rationale": "A second officer decides on every denial.",
        },
    )
    document["subject"]["digests"] = [digest]
    return document


def signed(world, document):
    """A change that lays the waiver down with the three words it needs."""

    def change(clone):
        path = world.write(clone, document)
        for who in ("compliance", "model-risk", "security-officer"):
            world.approve(path, document, who, rule=world.rule("FAIR-001"))

    return change


def test_two_pull_requests_fine_alone_and_wrong_together(world, tmp_path):
    one = risky(world, 1, world.digest)
    two = risky(world, 2, "sha256:" + "b" * 64)
    first = world.pull(tmp_path / "first", signed(world, one), "model-owner")
    second = world.pull(tmp_path / "second", signed(world, two), "model-owner")
    for pull in (first, second):
        alone = pull.review()
        assert alone.code == 0, alone.text
        assert alone.report["refused"] == []
    # What the merge queue makes of both: the branch of the first with the second merged in.
    first.git("fetch", "--quiet", str(second.folder), "HEAD")
    first.git("merge", "--quiet", "--no-edit", "FETCH_HEAD")
    together = first.review()
    assert together.code == 1, together.text
    (refused,) = together.report["refused"]
    assert refused["what"].startswith(
        "EXC-2026-0002: the model credit-risk has residual scores of 32 in open waivers, "
        "where 30 are allowed"
    )
