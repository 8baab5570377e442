"""Facts of modules stand for them: the same findings, and never those of other bytes."""

import json

import pytest

from hallgate.decide.check_sources import check_sources
from hallgate.decide.kept_answers import KeptModules
from hallgate.decide.module_facts import Asked, facts_serve, found_by, kept_modules
from hallgate.engine.opa import Opa, find_opa
from hallgate.intake.repository import Repository
from hallgate.model.errors import EngineAborted

ONE, TWO = "policies/promotion/lib/one/one.rego", "policies/promotion/lib/two/two.rego"
GOOD = b"package promotion.lib.one\n\nfirst(x) := x\n"
BAD = b"package promotion.lib.one\n\nfirst(x) := x.misspelt\n"
USER = b"package promotion.lib.two\n\nimport data.promotion.lib.one\n\nsecond(x) := one.first(x)\n"
REST = {
    "tests": {}, "catalog": [], "retired": [], "schemas": {"types": [], "fields": []},
    "register": {}, "now": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def engine(request):
    return Opa(find_opa(request.config.rootpath))


@pytest.fixture(scope="module")
def checks(request):
    return check_sources(Repository(request.config.rootpath))


@pytest.fixture
def find(checks, engine, tmp_path, monkeypatch):
    """Findings with what is kept; those asked afresh must be the same. Says what was parsed."""
    parsed = []
    parse = Opa.parse
    monkeypatch.setattr(
        Opa, "parse", lambda self, path: parsed.append(path.read_bytes()) or parse(self, path)
    )

    def ask(sources, kept=None, checks=checks):
        asked = Asked(sources, REST)
        fresh = found_by(checks, asked, engine, None)
        parsed.clear()
        found = found_by(checks, asked, engine, kept or KeptModules(tmp_path))
        assert found == fresh
        return [(one["check"], one["file"]) for one in found], sorted(parsed)

    return ask


def test_only_changed_modules_are_parsed(find):
    assert find({ONE: GOOD, TWO: USER}) == ([], [GOOD, USER])
    assert find({ONE: GOOD, TWO: USER}) == ([], [])
    assert find({ONE: BAD, TWO: USER}) == ([("fields", ONE)], [BAD])
    assert find({ONE: GOOD, TWO: USER}) == ([], [])
    assert find({ONE: BAD, TWO: USER}) == ([("fields", ONE)], [])


def test_what_a_module_means_follows_from_those_around_it(find):
    assert find({ONE: GOOD, TWO: USER}) == ([], [GOOD, USER])
    gone = GOOD.replace(b"first", b"other")
    assert find({ONE: gone, TWO: USER}) == ([("references", TWO)], [gone])
    assert find({TWO: USER}) == ([("references", TWO), ("references", TWO)], [])


def test_the_same_bytes_elsewhere_are_judged_where_they_lie(find):
    assert find({ONE: GOOD})[0] == []
    moved = ONE.replace("lib/one", "lib/else")
    assert find({moved: GOOD}) == ([("layout", moved)], [])


def test_a_damaged_answer_is_asked_again(find, tmp_path):
    find({ONE: BAD})
    (kept,) = (tmp_path / "facts").iterdir()
    kept.write_text("{")
    assert find({ONE: BAD}) == ([("fields", ONE)], [BAD])
    assert find({ONE: BAD}) == ([("fields", ONE)], [])


def test_other_checks_ask_again(find, checks):
    find({ONE: BAD})
    path = "checks/facts/facts.rego"
    other = {**checks, path: checks[path] + b"\n# other\n"}
    assert find({ONE: BAD}, checks=other) == ([("fields", ONE)], [BAD])


def test_of_other_modules_nothing_is_read_and_nothing_kept(find, tmp_path):
    repository = Repository(tmp_path)
    (tmp_path / ONE).parent.mkdir(parents=True)
    (tmp_path / ONE).write_bytes(GOOD)
    own = kept_modules(tmp_path, repository)
    find({ONE: BAD})  # somebody else kept it
    assert find({ONE: BAD}, own) == ([("fields", ONE)], [BAD])
    assert find({TWO: USER, ONE: GOOD}, own) == ([], [GOOD, USER])
    assert find({TWO: USER, ONE: GOOD}, own) == ([], [USER])
    assert len(list((tmp_path / "facts").iterdir())) == 2


def test_facts_that_pass_over_a_rule_are_no_clean_answer(checks, engine):
    path = "checks/facts/facts.rego"
    blind = checks[path].replace(b'"name": rule.head.ref[0].value,', b'"name": rule.nothing,')
    assert blind != checks[path]
    with pytest.raises(EngineAborted, match=f"does not say what stands in {ONE}"):
        found_by({**checks, path: blind}, Asked({ONE: GOOD}, REST), engine, None)


READER = b"""package checks.reader

findings contains {"key": file, "message": "m", "remedy": "r", "file": file, "row": 0} if {
	some file, _ in input.modules
}
"""


def test_a_check_that_reads_modules_itself_sees_all_of_them(find, checks):
    find({ONE: GOOD, TWO: USER})
    path = "checks/main/main.rego"
    main = checks[path].replace(
        b"_by_check := {", b'_by_check := {\n\t"reader": data.checks.reader.findings,'
    )
    own = {**checks, path: main, "checks/reader/reader.rego": READER}
    for _ in range(2):
        found = find({ONE: GOOD, TWO: USER}, checks=own)
        assert found == ([("reader", ONE), ("reader", TWO)], [GOOD, USER])


def test_checks_of_before_there_were_facts_are_asked_as_they_were(engine):
    old = {
        "checks/main/main.rego": b"package checks.main\n\nfindings := [{n | input.modules[n]}]\n"
    }
    assert found_by(old, Asked({ONE: GOOD}, REST), engine, None) == [[ONE]]


@pytest.mark.parametrize(
    ("line", "serve"),
    [
        ("_x := input.modules", False),
        ("_x := input\n\t.modules", False),
        ('_x := input["modules"]', False),
        ("_x := input[`modules`]", False),
        ("_x := object.get(input, _part, {})", False),
        ("_x := [y | walk(input, [_, y])]", False),
        ("_x := input.catalog", True),
        ('_x := "input.modules"', True),
        ("# reads input.modules", True),
    ],
)
def test_whoever_may_read_modules_is_handed_them(checks, line, serve):
    assert facts_serve(checks)
    changed = {**checks, "checks/names/names.rego": checks["checks/names/names.rego"]}
    changed["checks/names/names.rego"] += f"\n{line}\n".encode()
    assert facts_serve(changed) is serve


def test_what_is_kept_says_nothing_of_paths(find, tmp_path):
    find({ONE: BAD})
    (kept,) = (tmp_path / "facts").iterdir()
    assert "one.rego" not in kept.read_text()
    assert json.loads(kept.read_text())["package"] == ["promotion", "lib", "one"]
