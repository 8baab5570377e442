"""`hallgate mutate` in a small repository: a sound test is enough, a weakened one is found out."""

import json

import pytest

from hallgate.cli.app import main

from .conftest import POLICY

NAME = POLICY.rpartition("/")[2]
LISTED = "policies/equivalent-mutants.yaml"


@pytest.fixture
def mutate(repository, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*words):
        capsys.readouterr()
        code = main(["mutate", *words, "--json", "--quiet", "--repository", str(repository)])
        out = capsys.readouterr()
        return code, json.loads(out.out) if out.out else out.err

    return run


def rego_tests(repository):
    return repository / "policies/promotion/rules" / POLICY / f"{NAME}_test.rego"


def without(case, text):
    """The tests less one of them: under another name nobody runs it."""
    assert text.count(case) == 1
    return text.replace(case, f"_{case}")


def test_our_tests_notice_every_mutant_and_without_one_case_they_do_not(mutate, repository):
    code, sound = mutate("PRO-002")
    assert (code, [one["after"] for one in sound["survivors"]]) == (0, [])
    (target,) = sound["targets"]
    assert target["mutants"] > 40
    judged = target["tests"] + target["stillborn"] + target["equivalent"]
    assert judged == target["mutants"]

    path = rego_tests(repository)
    kept = path.read_text(encoding="utf-8")
    path.write_text(without("test_deny_builder_listed_twice", kept), encoding="utf-8")
    code, weak = mutate("PRO-002")
    assert code == 1, "one case less is found out"
    assert {one["operator"] for one in weak["survivors"]} == {"operator"}
    assert any("max(build.granted)" in line for one in weak["survivors"] for line in one["after"])
    assert all(one["missing"].startswith("no case ") for one in weak["survivors"])

    path.write_text(kept, encoding="utf-8")
    code, again = mutate("PRO-002")
    assert code == 0
    assert [one["seconds"] for one in again["targets"]] == [0.0], "it was judged before"


def test_equivalents_excuse_and_stale_ones_are_faults(mutate, repository):
    path = rego_tests(repository)
    path.write_text(path.read_text(encoding="utf-8").replace("test_allow", "_allow"))
    listed = repository / LISTED
    listed.write_text("equivalents: []\n")
    _, weak = mutate("PRO-002")
    entries = [
        {"mutant": one["mutant"], "file": one["file"], "change": "x", "reason": "A test says so."}
        for one in weak["survivors"]
    ]
    listed.write_text(json.dumps({"equivalents": entries}))
    code, excused = mutate("PRO-002")
    assert (code, excused["survivors"]) == (0, [])
    assert excused["targets"][0]["equivalent"] == len(weak["survivors"])

    stale = {**entries[0], "mutant": "M0000000000"}
    listed.write_text(json.dumps({"equivalents": [*entries, stale]}))
    code, found = mutate("PRO-002")
    assert code == 1
    (fault,) = found["stale_equivalents"]
    assert "M0000000000" in fault
    assert LISTED in fault

    listed.write_text(json.dumps({"equivalents": [*entries, {"mutant": "M1"}]}))
    code, words = mutate("PRO-002")
    assert code == 3
    assert LISTED in words


def test_tests_that_fail_without_a_change_prove_nothing(mutate, repository):
    path = rego_tests(repository)
    path.write_text(path.read_text(encoding="utf-8") + "\ntest_deny_wrong if 1 == 2\n")
    code, words = mutate("PRO-002")
    assert code == 1
    assert "fail without any change" in words
    assert "test_deny_wrong" in words


def test_unknown_names_are_refused_with_the_nearest(mutate):
    code, words = mutate("PRO-003")
    assert code == 2
    assert "PRO-002" in words
