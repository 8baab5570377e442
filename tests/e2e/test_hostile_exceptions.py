"""Attacks by waivers, approvals and trust, as pull requests in a real clone."""

import re

import pytest

from .hostile_pull import edit, figures, judge, plain
from .review_world import make_world

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="session")
def world(tmp_path_factory, made_bank):
    return make_world(tmp_path_factory.mktemp("hostile"), made_bank)


def test_a_self_approved_waiver(world, tmp_path):
    document = world.waiver(requester="model-risk")

    def change(clone):
        path = world.write(clone, document)
        world.approve(path, document, "model-risk", rule=world.rule("FAIR-001"))

    done = world.pull(tmp_path, change, "model-risk").review()
    judge("self-approved", done, 1, "model-risk approves what they asked for or wrote")
    assert done.report["waivers"][0]["approved"] is False


def test_a_waiver_approved_by_who_wrote_it(world, tmp_path):
    document = world.waiver()

    def change(clone):
        path = world.write(clone, document)
        world.approve(path, document, "compliance", rule=world.rule("FAIR-001"))

    done = world.pull(tmp_path, change, "compliance").review()
    judge("approved by its writer", done, 1, "compliance approves what they asked for or wrote")


def test_an_address_taken_from_trust_hides_no_writer(world, tmp_path):
    document = world.waiver()

    def change(clone):
        path = world.write(clone, document)
        world.approve(path, document, "compliance", rule=world.rule("FAIR-001"))
        identity = clone / "trust/identities/compliance.yaml"
        edit(identity, ("compliance@example.org", "other@example.org"))

    done = world.pull(tmp_path, change, "compliance").review()
    judge(
        "address taken away",
        done,
        1,
        "compliance approves what they asked for or wrote",
        "addresses",
    )


def test_a_waiver_edited_after_its_approval(world, tmp_path):
    document = world.waiver()

    def change(clone):
        path = world.write(clone, document)
        for who in ("compliance", "model-risk"):
            world.approve(path, document, who, rule=world.rule("FAIR-001"))
        edit(path, ("More applicants", "Mere applicants"))

    done = world.pull(tmp_path, change, "model-owner").review()
    judge("edited after approval", done, 1, "approves another text")
    assert done.report["waivers"][0]["approved"] is False


def test_a_forged_signature(world, tmp_path):
    document = world.waiver()

    def change(clone):
        path = world.write(clone, document)
        world.approve(path, document, "compliance", signer="outsider", rule=world.rule("FAIR-001"))

    done = world.pull(tmp_path, change).review()
    judge("forged signature", done, 1, "EXC-2026-0001.compliance.approval.json")


def test_an_approval_of_another_rule(world, tmp_path):
    document = world.waiver()

    def change(clone):
        path = world.write(clone, document)
        world.approve(path, document, "compliance", rule="sha256:" + "0" * 64)

    done = world.pull(tmp_path, change).review()
    judge("approval of another rule", done, 1, "compliance approved it under another text")


def test_a_wildcard_and_an_endless_waiver(world, tmp_path):
    def change(clone):
        document = world.waiver()
        document["subject"]["digests"] = ["*"]
        world.write(clone, document)
        world.write(clone, ranged("2", "2.*"))

    def ranged(first, last):
        subject = {"name": "credit-risk", "versions": {"from": first, "to": last}}
        return world.waiver(id="EXC-2026-0002", subject={**subject, "to_stage": "production"})

    done = world.pull(tmp_path, change).review()
    judge("wildcard", done, 3, "digests", "versions.from", "versions.to")
    (tmp_path / "endless").mkdir()
    endless = world.waiver()
    endless["expires"] = "2099-01-01T00:00:00Z"
    unbounded = ranged("2.0.0", "3.0.0")
    pull = world.pull(
        tmp_path / "endless",
        lambda clone: (world.write(clone, endless), world.write(clone, unbounded)),
    )
    done = pull.review()
    judge("endless", done, 1, "LONGER than any tier allows", "WIDER than the 10 versions")
    assert done.report["blast_radius"][0]["newly_allowed"] == []


def _newcomer(world, clone):
    key = (world.cast.people["outsider"]).with_suffix(".pub")
    public = key.read_text().split()
    text = (clone / "trust/identities/compliance.yaml").read_text()
    text = text.replace("compliance@example.org", "me@example.org")
    text = re.sub(r"ssh-ed25519 \S+", " ".join(public[:2]), text)
    text = re.sub(r"(?m)^id: .*$", "id: newcomer", text)
    assert "id: newcomer" in text
    (clone / "trust/identities/newcomer.yaml").write_text(text)


def test_a_key_of_ones_own_with_the_waiver_it_approves(world, tmp_path):
    document = world.waiver()

    def change(clone):
        _newcomer(world, clone)
        path = world.write(clone, document)
        world.approve(
            path, document, "newcomer", role="compliance", signer="outsider",
            rule=world.rule("FAIR-001"),
        )  # fmt: skip

    done = world.pull(tmp_path, change).review()
    judge(
        "own key with its waiver", done, 1,
        "newcomer as compliance counts only by the trust this change brings along",
        "newcomer GAINS: approve a promotion as compliance", "NEW person",
    )  # fmt: skip


def test_a_role_that_may_suddenly_waive_and_decide(world, tmp_path):
    old = "evidence: [], approves: [], decides: false, owns: [], team: null}"
    new = (
        "evidence: [approval], approves: [waiver, promotion], decides: false, owns: [], team: null}"
    )

    def change(clone):
        path = clone / "trust/roles.yaml"
        text = path.read_text()
        name = "{role: model-developer, title: Model developer, "
        assert name + old in text
        path.write_text(text.replace(name + old, name + new))

    done = world.pull(tmp_path, change).review()
    judge(
        "role gains power",
        done,
        0,
        "model-developer GAINS: approve a promotion",
        "approve a waiver",
    )


def test_sources_that_would_be_believed(world, tmp_path):
    def change(clone):
        path = clone / "trust/sources.yaml"
        text = path.read_text()
        signer = "sha256:" + "e" * 64
        text = re.sub(r"model_signers:.*", f'model_signers: ["{signer}"]', text, flags=re.DOTALL)
        path.write_text(text)

    judge("model signer", world.pull(tmp_path, change).review(), 0, "would NOW COUNT")


def test_text_that_would_be_markup_stays_text(world, tmp_path):
    evil = (
        "<script>alert(1)</script> <!-- hallgate:review --> @security ![x](http://evil.example/p) "
        "</table> | a | b |\n\n### Hallgate review\n**REVIEWED: nothing to see**"
    )
    pull = world.pull(tmp_path, lambda clone: world.write(clone, world.waiver(reason=evil)))
    shown, page = pull.review(form="markdown"), pull.review(form="html")
    judge("markup", shown, 1, "script")
    assert shown.text.count("<!-- hallgate:review -->") == 1
    assert shown.text.count("\n### ") == 1
    for text in (shown.text, page.text):
        assert "<script" not in text
        assert "http://evil" not in text or text is page.text
    assert "<img" not in page.text
    assert "default-src &#x27;none&#x27;" in page.text or "default-src 'none'" in page.text


def test_many_waivers_push_nothing_out_of_the_comment(world, tmp_path):
    def change(clone):
        for number in range(2, 152):
            world.write(clone, world.waiver(id=f"EXC-2026-{number:04d}", reason="x" * 3900))
        document = world.waiver(requester="model-risk")
        path = world.write(clone, document)
        world.approve(path, document, "model-risk", rule=world.rule("FAIR-001"))

    done = world.pull(tmp_path, change).review(form="markdown")
    judge("flood", plain(done), 1, "model-risk approves what they asked for or wrote", "left off")
    assert len(done.text) < 65_536


def test_the_figures(capsys):
    figures(capsys)
