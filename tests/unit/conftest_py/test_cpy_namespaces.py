"""Traps in what is evaluated: namespaces, missing results, order."""

from __future__ import annotations

import pytest

from conftest_py import IncompleteResultError, Input, LintError, UsageError

DENY = 'package main\n\ndeny contains "no"\n'


def test_unknown_namespace(bare, tool, unlinted, write, document, item) -> None:
    policy = write("p/a.rego", DENY)
    ran = bare.test(policy, document, "-n", "mian")
    assert (ran.code, ran.json[0]["successes"]) == (0, 0)
    with pytest.raises(LintError, match="no policy has this package"):
        tool.test([policy], [item], namespaces=["mian"])
    with pytest.raises(IncompleteResultError):
        unlinted.test([policy], [item], namespaces=["mian"])


def test_namespace_without_rules(bare, tool, unlinted, write, document, item) -> None:
    policy = write("p/a.rego", "package main\n\nlimit := 5\n")
    assert bare.test(policy, document).code == 0
    with pytest.raises(LintError, match="no rule that conftest would run"):
        tool.test([policy], [item])
    with pytest.raises(IncompleteResultError):
        unlinted.test([policy], [item])


@pytest.mark.parametrize("name", ["nothing.*", "m?in", "[m]ain", "main,other", "", "main."])
def test_namespace_patterns_are_refused(bare, tool, write, document, item, name) -> None:
    policy = write("p/a.rego", DENY)
    assert bare.test(policy, document, "-n", "nothing.*").code == 0
    with pytest.raises(UsageError, match="plain namespace"):
        tool.test([policy], [item], namespaces=[name])


def test_no_namespace_is_refused(tool, write, item) -> None:
    policy = write("p/a.rego", DENY)
    for names in ((), "main"):
        with pytest.raises(UsageError, match="at least one namespace"):
            tool.test([policy], [item], namespaces=names)


def test_only_named_namespaces_run(bare, tool, write, document, item) -> None:
    write("p/a.rego", 'package main\n\ndeny contains "no" if input.x == 2\n')
    write("p/lib.rego", 'package lib\n\ndeny contains "internal"\n')
    policy = write("p/a_test.rego", 'package a_test\n\ndeny contains "fixture"\n').parent
    ran = bare.test(policy, document, "--all-namespaces")
    assert sorted(check["namespace"] for check in ran.json) == ["a_test", "lib", "main"]
    assert ran.code == 1
    report = tool.test([policy], [item])
    assert [result.namespace for result in report.results] == ["main"]
    assert report.passed


def test_results_are_sorted(bare, tool, write) -> None:
    for name in "abcd":
        write(
            f"p/{name}.rego",
            f'package {name}\n\ndeny_z contains "0"\n\ndeny contains m if some m in ["2", "1"]\n',
        )
    policy = write("p/e.rego", "package e\n").parent
    documents = [write(f"in/{n}.json", "{}") for n in (3, 1, 2)]
    names = [flag for name in "dcba" for flag in ("-n", name)]
    seen = {bare("test", "-o", "json", "-p", policy, *names, *documents).out for _ in range(12)}
    assert len(seen) > 1  # the bare order follows Go's maps
    reports = {tool.test([policy], documents, namespaces=list("dcba")) for _ in range(4)}
    (report,) = reports
    keys = [(result.input, result.namespace) for result in report.results]
    assert keys == sorted(keys)
    assert len(keys) == 12
    assert all(list(result.failures) == sorted(result.failures) for result in report.results)


def test_every_input_has_a_result(tool, unlinted, write) -> None:
    policy = write("p/a.rego", "package main\n\ndeny contains data.conftest.file.name\n")
    items = [Input(f"dir{n}/same.json", "{}") for n in range(3)]
    for wrapper in (tool, unlinted):
        report = wrapper.test([policy], items)
        assert [result.input for result in report.results] == [i.name for i in items]
        assert {finding.message for finding in report.failures} == {"same.json"}


def test_no_inputs_and_duplicate_names(tool, write, item) -> None:
    policy = write("p/a.rego", DENY)
    with pytest.raises(UsageError, match="no inputs"):
        tool.test([policy], [])
    with pytest.raises(UsageError, match="two inputs"):
        tool.test([policy], [item, item])
