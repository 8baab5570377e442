"""Each attack of the threat model, as a pull request in a real clone.

What the report has to say stands beside each.
"""

import http.server
import json
import subprocess
import threading

import pytest

from . import installed
from .hostile_pull import FAIR, edit, fair, figures, judge, link, plain, remove, rule, swap, write
from .review_world import Pull, make_world

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="session")
def world(tmp_path_factory, made_bank):
    return make_world(tmp_path_factory.mktemp("hostile"), made_bank)


@pytest.fixture
def canary(tmp_path):
    """A file that exists once anything of the head has run."""
    return tmp_path / "canary"


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
    judge(name, plain(done), code, *words)
    assert not canary.exists()
    assert not (pull.folder / "canary").exists()
    assert "\x1b" not in done.text + done.err


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


def test_an_endless_rule_is_no_allow(world, tmp_path):
    endless = (
        "deny contains finding if {\n\tsome a in numbers.range(1, 30000)\n"
        '\tsome b in numbers.range(1, 30000)\n\ta * b == 0 - 1\n\tfinding := {"key": "x", '
        '"message": "x", "observed": null, "limit": null}\n}'
    )
    done = world.pull(tmp_path, rule(endless)).review("--timeout", "6", records=False)
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
    figures(capsys)


def test_usage_is_no_way_in(world, tmp_path):
    pull = world.pull(tmp_path, lambda clone: None)
    for words in (("--output=x..HEAD",), ("main...HEAD",), ("main",)):
        done = subprocess.run(
            [installed.COMMAND, "review", "--repository", pull.folder, "--", *words],
            capture_output=True, text=True, cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
    assert json.loads(pull.review().text)["exit_code"] == 0
