"""Each attack of the threat model, as a pull request in a real clone.

An attack is let through when the review answers 0 and its report does not say what the
attack does, or when anything of the head ran. What the report has to say stands beside each.
"""

import http.server
import json
import re
import subprocess
import sys
import threading

import pytest

from . import installed
from .review_world import Pull, make_world

pytestmark = pytest.mark.e2e

_RULE = "selection_ratio_within_limit"
FAIR = f"policies/promotion/rules/fairness/{_RULE}/{_RULE}.rego"
TRIED, THROUGH = [], []


@pytest.fixture(scope="session")
def world(tmp_path_factory, made_bank):
    return make_world(tmp_path_factory.mktemp("hostile"), made_bank)


@pytest.fixture
def canary(tmp_path):
    """A file that exists once anything of the head has run."""
    return tmp_path / "canary"


def judge(name, done, code, *words):
    """Note whether the attack was let through, and require what the review has to answer."""
    TRIED.append(name)
    told = done.says(*words)
    if done.code == 0 and not told:
        THROUGH.append(name)
    assert done.code == code, done.text[-3000:] + done.err
    assert told, f"{words} not in {done.text[-4000:]}{done.err}"


def edit(path, *swaps):
    text = path.read_text()
    for old, new in swaps:
        assert old in text, f"{old} is not in {path}"
        text = text.replace(old, new)
    path.write_text(text)


def rule(extra):
    """A change that adds a line to the rule of FAIR-001."""
    return lambda clone: (clone / FAIR).write_text((clone / FAIR).read_text() + f"\n{extra}\n")


def fair(*swaps):
    return lambda clone: edit(clone / FAIR, *swaps)


def swap(name, *swaps):
    return lambda clone: edit(clone / name, *swaps)


def write(name, text):
    def change(clone):
        path = clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return change


def remove(name):
    return lambda clone: (clone / name).unlink()


def link(name, target):
    def change(clone):
        path = clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    return change


MAIN = "policies/promotion/main/main.rego"
TRACK = "tracks/mlops.yaml"
SCHEMA = "evidence-schemas/pii_scan.v1.schema.json"

# name, change, exit code, what must be said. 3: nothing of it is even compiled to the end.
# fmt: off
ATTACKS = [
    ("the deny rule never holds", fair(("deny contains finding if {", "deny contains finding if {\n\tinput.request.to_stage == \"never\"")), 0, ("FAIR-001", "NOW ALLOWED"), "markdown"),  # noqa: E501
    ("the limit is loosened", fair(('{"low": 7000, "medium": 8000, "high": 8000}', '{"low": 6000, "medium": 6000, "high": 6000}')), 0, ("LOOSENED", "8,000 → 6,000", "newly_allowed"), "json"),  # noqa: E501
    ("the limit of one tier is loosened", fair(('"high": 8000', '"high": 6000')), 1, ("LOOSENED", "8,000 → 6,000"), "json"),  # noqa: E501
    ("severity is lowered", fair(("severity: high", "severity: medium")), 0, ("severity high → medium, LOOSENED",), "json"),  # noqa: E501
    ("the rule takes effect never", fair(("2026-01-01T00:00:00Z", "2999-01-01T00:00:00Z")), 0, ("2999", "LOOSENED", "newly_allowed"), "json"),  # noqa: E501
    ("evidence may be waived", fair(("waivable: [fail, insufficient]", "waivable: [fail, insufficient, evidence]")), 0, ("may be waived: now also evidence, LOOSENED",), "json"),  # noqa: E501
    ("a finding is hidden by its name", fair(("\tsome measured in _measured\n\tintervals.below", '\tsome measured in _measured\n\tnot startswith(measured.key, "age")\n\tintervals.below')), 1, ("found no longer: age=under 26", "negation"), "html"),  # noqa: E501
    ("http.send in a rule", rule('leak := http.send({"url": "http://127.0.0.1:9", "method": "get"})'), 3, ("http.send", "selection_ratio"), "json"),  # noqa: E501
    ("opa.runtime in a rule", rule("leak := opa.runtime().env"), 3, ("opa.runtime",), "json"),
    ("a random answer", rule('leak := rand.intn("x", 2)'), 3, ("rand.intn",), "json"),
    ("a name is looked up", rule('leak := net.lookup_ip_addr("evil.example")'), 3, ("net.lookup_ip_addr",), "json"),  # noqa: E501
    ("a policy is deleted", remove(FAIR), 1, ("FAIR-001", "REMOVED", "newly_allowed"), "json"),
    ("main always allows", swap(MAIN, ("default allowed := false", "default allowed := true")), 1, ("it decides for every policy", "no complete answer"), "json"),  # noqa: E501
    ("main is lenient with one model", swap(MAIN, ("default allowed := false\n", 'default allowed := false\n\nallowed if input.request.model.name == "pet"\n')), 0, (f"{MAIN} is changed: it decides for every policy",), "json"),  # noqa: E501
    ("CODEOWNERS is emptied", write("CODEOWNERS", "# nobody\n"), 1, ("would belong to nobody",), "json"),  # noqa: E501
    ("trust loses its owner", swap("CODEOWNERS", ("/trust/ @bank/law", "/trust/")), 1, ("trust/", "would belong to nobody"), "json"),  # noqa: E501
    ("another CODEOWNERS wins", write(".github/CODEOWNERS", "* @bank/me\n"), 1, ("there are several",), "json"),  # noqa: E501
    ("CODEOWNERS nobody can read", write("CODEOWNERS", "!/trust/ @x\n"), 3, ("negation",), "json"),
    ("the workflow is changed", write(".github/workflows/review.yml", "on: push\n"), 0, ("review.yml is changed: it runs the checks",), "json"),  # noqa: E501
    ("the Makefile is changed", write("Makefile", "test:\n\ttrue\n"), 0, ("Makefile is changed: it is what CI calls",), "json"),  # noqa: E501
    ("pyproject is changed", write("pyproject.toml", "[project]\n"), 0, ("pyproject.toml is changed: it sets up the tool",), "json"),  # noqa: E501
    ("a schema is loosened", swap(SCHEMA, ('"minimum": 1', '"minimum": 0')), 0, ("pii_scan", "LOOSENED"), "json"),  # noqa: E501
    ("a schema asks for nothing", write(SCHEMA, '{"$id": "urn:hallgate:evidence:pii_scan:v1"}'), 3, ("pii_scan",), "json"),  # noqa: E501
    ("a schema is fetched", swap(SCHEMA, ('"type": "string"', '"$ref": "http://127.0.0.1:9/x"')), 3, ("pii_scan", "the type None is not allowed"), "json"),  # noqa: E501
    ("a waiver is a link", link("exceptions/fairness/EXC-2026-0001.yaml", "/etc/passwd"), 3, ("symbolic link",), "json"),  # noqa: E501
    ("trust is a link in a folder", link("trust/identities/me.yaml", "../../README.md"), 3, ("symbolic link",), "json"),  # noqa: E501
    ("another spelling of a folder", write("Exceptions/fairness/EXC-2026-0001.yaml", "{}"), 3, ("by case", ), "json"),  # noqa: E501
    ("another spelling of a file", write("trust/ROLES.yaml", "{}"), 3, ("by case",), "json"),
    ("an opa is brought along", write(".tools/bin/opa", "#!/bin/sh\ntouch canary\n"), 3, ("own tools",), "json"),  # noqa: E501
    ("a name with terminal codes", write("docs/\x1b[2Jall is well", ""), 3, ("control or invisible",), "json"),  # noqa: E501
    ("a name that reads backwards", write("docs/\u202egnp.exe", ""), 3, ("control or invisible",), "json"),  # noqa: E501
    ("a huge waiver", write("exceptions/fairness/EXC-2026-0001.yaml", "# " + "x" * 5_000_000), 3, ("bytes",), "json"),  # noqa: E501
    ("a YAML bomb", write("exceptions/fairness/EXC-2026-0001.yaml", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"), 3, ("EXC-2026-0001",), "json"),  # noqa: E501
    ("keys twice", write("exceptions/fairness/EXC-2026-0001.yaml", "id: EXC-2026-0001\nid: EXC-2026-0002\n"), 3, ("EXC-2026-0001",), "json"),  # noqa: E501
    ("the tests are dropped", remove("tests/scenarios/finance/denied-young-selected-less.yaml"), 0, ("denied-young-selected-less.yaml is REMOVED", "replayed as before"), "json"),  # noqa: E501
    ("a baseline takes another model", swap(TRACK, ("[churn]", "[churn, pet]")), 1, ("tracks/mlops.yaml", "FAIR-001 would no longer bind pet", "only shrinks"), "json"),  # noqa: E501
    ("a baseline takes another policy", swap(TRACK, ("[FAIR-001]", "[FAIR-001, SUP-004]")), 1, ("SUP-004 would no longer bind churn",), "html"),  # noqa: E501
    ("a baseline ends later", swap(TRACK, ("2027-05-01T00:00:00Z", "2027-05-01T00:00:01Z")), 1, ("would be observed of churn longer", "LOOSENED"), "json"),  # noqa: E501
    ("a baseline begins anew", lambda clone: (clone / TRACK).write_text((clone / TRACK).read_text().partition("baseline:")[0] + "baseline: null\n"), 1, ("null again",), "json"),  # noqa: E501
    ("a baseline nobody can read", swap(TRACK, ("2027-05-01T00:00:00Z", "never")), 1, ("tracks/mlops.yaml",), "json"),  # noqa: E501
    ("a baseline shrinks and is told", swap(TRACK, ("2027-05-01T00:00:00Z", "2027-04-01T00:00:00Z")), 0, ("mlops: FAIR-001 of churn", "tightened"), "json"),  # noqa: E501
    ("filters and hooks", write(".gitattributes", "* filter=evil diff=evil\n"), 0, (".gitattributes is added: it changes what Git",), "json"),  # noqa: E501
    ("checks are dropped with their subject", lambda clone: (subprocess.run(["rm", "-r", clone / "policies/checks"], check=True), edit(clone / FAIR, ("nist-ai-rmf:MEASURE-2.11", "nist-ai-rmf:NOWHERE-1"))), 1, ("NOWHERE-1",), "json"),  # noqa: E501
]
# fmt: on


@pytest.mark.parametrize("attack", ATTACKS, ids=[one[0] for one in ATTACKS])
def test_attack(world, tmp_path, canary, attack):
    name, change, code, words, form = attack
    pull = world.pull(tmp_path, change)
    # Whatever this clone would run on a checkout or a diff makes the canary sing.
    for key in ("filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv",
                "diff.evil.command", "core.fsmonitor"):  # fmt: skip
        pull.git("config", key, f"touch {canary}")
    done = pull.review("--timeout", "60", form=form)
    judge(name, _plain(done), code, *words)
    assert not canary.exists()
    assert not (pull.folder / "canary").exists()
    assert "\x1b" not in done.text + done.err


def _plain(done):
    """Without the escapes of Markdown, so that words can be found."""
    text = done.text.replace("\\u2192", "→")
    text = re.sub(r"\\([^u\"n])", r"\1", text) if done.text.startswith("<!--") else text
    return type(done)(done.code, text, done.err)


_GROWN = ("[churn]", "[churn, pet]")
MADE_AGAIN = {
    "a track made again takes another model": (_GROWN, 1, "FAIR-001 would no longer bind pet"),
    "a track made again to begin anew": ((None, "baseline: null\n"), 1, "null again"),
    "a track made again as it was": (("", ""), 0, f"{TRACK} is added: it is law or what teams"),
}


def test_a_track_made_again_draws_up_no_baseline_anew(world, tmp_path):
    text = (world.repository / TRACK).read_text()
    pull = world.pull(tmp_path, remove(TRACK))
    pull.git("branch", "--force", "main", "HEAD")  # it was merged that nobody takes this track
    for name, ((old, new), code, words) in MADE_AGAIN.items():
        made = text.replace(old, new) if old is not None else text.partition("baseline:")[0] + new
        write(TRACK, made)(pull.folder)
        pull.commit()
        judge(name, pull.review(records=False), code, words)
        if new == _GROWN[1]:  # and where nobody reviewed it
            done = pull.run("check", "--quiet", "--format", "json")
            assert done.says("would no longer bind pet, by a baseline drawn up anew"), done
        pull.git("reset", "--quiet", "--hard", "main")


def test_tests_and_tool_together_are_named(world, tmp_path):
    def change(clone):
        write("tests/test_policies.py", "")(clone)
        write("tools/hallgate/decide/judge.py", "ALLOW = True")(clone)
        write("tests/conftest.py", "")(clone)

    done = world.pull(tmp_path, change).review()
    words = (
        "judge.py is changed: it is the tool",
        "test_policies.py is changed: it tests the gate",
    )
    judge("tests and tool together", done, 0, *words)


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


def test_one_id_in_two_families(world, tmp_path):
    def change(clone):
        world.write(clone, world.waiver())
        world.write(clone, world.waiver(), family="privacy")

    judge("one id twice", world.pull(tmp_path, change).review(), 3, "EXC-2026-0001", "already")


def test_a_file_whose_case_differs(world, tmp_path):
    def change(clone):
        path = world.write(clone, world.waiver())
        path.with_name("exc-2026-0001.yaml").write_text(path.read_text())

    judge("case of a file", world.pull(tmp_path, change).review(), 3, "by case")


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
    judge("flood", _plain(done), 1, "model-risk approves what they asked for or wrote", "left off")
    assert len(done.text) < 65_536


def test_an_endless_rule_is_no_allow(world, tmp_path):
    endless = (
        "deny contains finding if {\n\tsome a in numbers.range(1, 30000)\n"
        '\tsome b in numbers.range(1, 30000)\n\ta * b == 0 - 1\n\tfinding := {"key": "x", '
        '"message": "x", "observed": null, "limit": null}\n}'
    )
    done = world.pull(tmp_path, rule(endless)).review("--timeout", "4", records=False)
    judge("endless rule", done, 1, "no complete answer")


def test_nothing_is_fetched(world, tmp_path):
    asked = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/schema"
    bad = f'leak := json.match_schema({{"a": 1}}, {{"$ref": "{url}"}})'
    noted = fair(
        ("# scope: package\n", f'# scope: package\n# schemas:\n# - input: {{"$ref": "{url}"}}\n')
    )
    try:
        for number, change in enumerate((rule(bad), noted)):
            folder = tmp_path / str(number)
            folder.mkdir()
            done = world.pull(folder, change).review()
            assert done.code != 0, done.text
            judge(f"fetching {number}", done, done.code)
        assert asked == []
    finally:
        server.shutdown()
        server.server_close()


def test_a_scenario_writes_nowhere_else(world, tmp_path):
    target = tmp_path / "written"
    hostile = (
        'title: A case that writes a file\nproves: ["nist-ai-rmf:MEASURE-2.11"]\n'
        "base: finance\nchange:\n  files:\n"
        f'    "{"../" * 12}{str(target)[1:]}": owned\nexpect:\n  allowed: true\n  tier: high\n'
        "  verdicts: {}\n"
    )
    pull = world.pull(tmp_path, write("tests/scenarios/finance/allowed-writing.yaml", hostile))
    done = pull.review()
    judge("a scenario that writes", done, 0, "names no file that may be written")
    assert not target.exists()


def _tree(pull: Pull, name: bytes, *, mode: str = "100644", literally: bool = True) -> None:
    """A commit on top whose tree holds one more entry, whatever Git thinks of its name."""
    blob = pull.git("hash-object", "-w", "--stdin", stdin=b"x")
    top = subprocess.run(
        ["git", "cat-file", "tree", "HEAD^{tree}"], cwd=pull.folder, capture_output=True, check=True
    ).stdout
    oid = pull.git("rev-parse", "HEAD") if mode == "160000" else blob
    entry = mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid)
    words = ["hash-object", "-t", "tree", "-w", "--stdin", *(["--literally"] if literally else [])]
    tree = pull.git(*words, stdin=top + entry)
    commit = pull.git("commit-tree", tree, "-p", "HEAD", "-m", "Crafted.")
    pull.git("update-ref", "refs/heads/change", commit)


CRAFTED = {
    "a name of ten megabytes": (b"z" * 10_000_000, "100644", "bytes"),
    "a folder above": (b"zz/../../owned", "100644", "another place"),
    "a .git of its own": (b".GIT", "100644", "another place"),
    "a submodule as tracks": (b"tracks", "160000", "submodule"),
    "a name in no encoding": (b"z\xff\xfe", "100644", "not UTF-8"),
    "a link as tracks": (b"tracks", "120000", "symbolic link"),
}


@pytest.mark.parametrize("name", CRAFTED)
def test_crafted_trees(world, tmp_path, name):
    pull = world.pull(tmp_path, lambda clone: None)
    entry, mode, word = CRAFTED[name]
    _tree(pull, entry, mode=mode)
    done = pull.review()
    judge(name, done, 3, word)
    assert len(done.text) < 100_000


def test_the_figures(capsys):
    with capsys.disabled():
        sys.stdout.write(
            f"\nhostile pull requests: tried {len(TRIED)}, let through {len(THROUGH)}\n"
        )
    assert not THROUGH
    assert TRIED


def test_usage_is_no_way_in(world, tmp_path):
    pull = world.pull(tmp_path, lambda clone: None)
    for words in (("--output=x..HEAD",), ("main...HEAD",), ("main",)):
        done = subprocess.run(
            [installed.COMMAND, "review", "--repository", pull.folder, "--", *words],
            capture_output=True, text=True, cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
    assert json.loads(pull.review().text)["exit_code"] == 0
