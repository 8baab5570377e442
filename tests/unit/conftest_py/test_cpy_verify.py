"""Traps of ``verify`` and ``parse``."""

from __future__ import annotations

import pytest

from conftest_py import Conftest, DocumentError, EngineError, IncompleteResultError, UsageError

TESTS = """package a_test

test_good if true

test_bad if false

todo_test_later if false
"""


def test_no_tests_found(bare, tool, unlinted, write) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny contains "no"\n')
    ran = bare("verify", "-o", "json", "-p", policy)
    assert (ran.code, ran.out.strip()) == (0, "null")
    for wrapper in (tool, unlinted):
        with pytest.raises(IncompleteResultError):
            wrapper.verify([policy])


def test_failures_and_skips_are_named(bare, tool, write) -> None:
    policy = write("p/a_test.rego", TESTS)
    assert bare("verify", "-o", "json", "-p", policy).code == 1
    report = tool.verify([policy])
    assert report.failed == ("data.a_test.test_bad",)
    assert report.skipped == ("data.a_test.todo_test_later",)
    assert (report.successes, report.total, report.passed) == (1, 3, False)


def test_skipped_tests_are_no_pass(bare, tool, write) -> None:
    policy = write("p/a_test.rego", TESTS.replace("test_bad if false", "test_fine if true"))
    assert bare("verify", "-o", "json", "-p", policy).code == 0
    assert not tool.verify([policy]).passed


def test_runtime_error_in_a_test(bare, tool, write) -> None:
    text = "package a_test\n\nf(x) := 1 if x\n\nf(x) := 2 if x\n\ntest_a if f(true)\n"
    policy = write("p/a_test.rego", text)
    ran = bare("verify", "-o", "json", "-p", policy)
    assert (ran.code, ran.out) == (1, "")
    with pytest.raises(EngineError, match="conflict"):
        tool.verify([policy])


def test_builtin_error_in_a_negated_test(bare, tool, write) -> None:
    policy = write("p/a_test.rego", "package a_test\n\nbad if 1 / 0 == 1\n\ntest_a if not bad\n")
    assert bare("verify", "-o", "json", "-p", policy).code == 0
    with pytest.raises(EngineError, match="divide by zero"):
        tool.verify([policy])


def test_too_few_tests(tool, unlinted, binary, fake, write) -> None:
    policy = write("p/a_test.rego", "package a_test\n\ntest_a if true\n")
    assert tool.verify([policy], expected_tests=1).passed
    for wrapper in (tool, unlinted):
        with pytest.raises(IncompleteResultError, match="1 tests of 2"):
            wrapper.verify([policy], expected_tests=2)


def test_every_parsed_test_must_have_run(binary, opa, fake, write) -> None:
    policy = write("p/a_test.rego", TESTS.replace("test_bad if false", "test_fine if true"))
    one = '[{"filename": "x", "namespace": "", "successes": 1}]'
    body = f'case "$1" in verify) echo \'{one}\';; *) exec "{binary}" "$@";; esac'
    with pytest.raises(IncompleteResultError, match="1 tests of 3"):
        Conftest(fake.says(body), opa=opa).verify([policy])


def test_verify_ignores_surroundings(bare, tool, write, monkeypatch) -> None:
    policy = write("p/a_test.rego", TESTS)
    good = write("q/a_test.rego", "package a_test\n\ntest_good if true\n")
    env = {"CONFTEST_NAMESPACE": "nothing"}
    assert bare("verify", "-o", "json", "-p", policy, env=env).code == 0
    monkeypatch.setenv("CONFTEST_NAMESPACE", "nothing")
    monkeypatch.setenv("CONFTEST_POLICY", str(good))
    assert not tool.verify([policy]).passed


def test_parse_yaml_stream(bare, tool, write) -> None:
    document = write("in.yaml", "a: 1\n--- # c\nb: 2\n")
    assert bare("parse", document).json == {"a": 1}
    assert tool.parse(document, parser="yaml") == [{"a": 1}, {"b": 2}]


def test_parse_duplicate_keys_and_wide_numbers(bare, tool, write) -> None:
    twice = write("a.json", '{"a": 1, "a": 2}')
    wide = write("b.toml", "n = 9007199254740993\n")
    assert bare("parse", twice).json == {"a": 2}
    assert bare("parse", wide).code == 0
    for path, parser in ((twice, "json"), (wide, "toml")):
        with pytest.raises(DocumentError):
            tool.parse(path, parser=parser)


def test_parse_empty_file(bare, tool, write) -> None:
    document = write("in.yaml", "# nothing\n")
    assert (bare("parse", document).code, bare("parse", document).out.strip()) == (0, "null")
    with pytest.raises(DocumentError):
        tool.parse(document, parser="yaml")


def test_parse_environment_chooses_parser(bare, tool, write, monkeypatch) -> None:
    document = write("Dockerfile", "FROM scratch\n")
    assert bare("parse", document, env={"CONFTEST_COMBINE": "true"}).json[0]["path"]
    monkeypatch.setenv("CONFTEST_COMBINE", "true")
    assert tool.parse(document, parser="dockerfile") == bare("parse", document).json
    with pytest.raises(UsageError):
        tool.parse(document, parser="guess")
    with pytest.raises(EngineError):
        tool.parse(document, parser="hcl2")
