"""Traps in policies: names never run, findings dropped, native exceptions, test files."""

from __future__ import annotations

import json

import pytest

from conftest_py import (
    DataError,
    IncompleteResultError,
    LintError,
    LostFindingError,
    NativeExceptionError,
    PolicyError,
    RunError,
    UsageError,
    client,
    syntax,
)

OK = 'deny contains "other" if input.x == 2\n'


@pytest.mark.parametrize(
    "name", ["deny__x", "denyx", "deny_", "deny_x_", "Deny", "warnings", "violations", "DENY_x"]
)
def test_rule_names_that_never_run(bare, tool, unlinted, write, document, item, name) -> None:
    policy = write("p/a.rego", f'package main\n\n{OK}\n{name} contains "no"\n')
    assert bare.test(policy, document).code == 0
    with pytest.raises(LintError, match="never runs"):
        tool.test([policy], [item])
    with pytest.raises(LostFindingError, match="never runs"):
        unlinted.test([policy], [item])


def test_findings_below_a_rule_name(bare, tool, unlinted, write, document, item) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny.x contains "no"\n')
    assert bare.test(policy, document).code == 0
    with pytest.raises(LintError, match="below a rule's name"):
        tool.test([policy], [item])
    with pytest.raises(LostFindingError, match="type object"):
        unlinted.test([policy], [item])


@pytest.mark.parametrize(
    "rule",
    [
        "deny contains 5",
        'deny contains ["a"]',
        "deny contains true",
        "deny contains null",
        'deny := "x"',
        "deny := true",
        'deny := {"msg": "x"}',
        'deny contains ""',
        "deny contains [x | some x in [1]]",
    ],
)
def test_findings_conftest_cannot_see(bare, tool, unlinted, write, document, item, rule) -> None:
    policy = write("p/a.rego", f"package main\n\n{rule}\n")
    assert bare.test(policy, document).code == 0
    with pytest.raises(LintError):
        tool.test([policy], [item])
    with pytest.raises(LostFindingError):
        unlinted.test([policy], [item])


@pytest.mark.parametrize("member", ["[5]", '["a", 5]', '[""]', '[{"msg": ""}]', '[["a"], null]'])
def test_computed_members_without_message(bare, tool, write, document, item, member) -> None:
    policy = write("p/a.rego", f"package main\n\nwarn contains m if some m in {member}\n")
    ran = bare.test(policy, document)
    assert ran.code == 0
    assert len(ran.json[0].get("warnings", [])) < len(json.loads(member))
    with pytest.raises(LostFindingError, match="without a message"):
        tool.test([policy], [item])


def test_rule_twins_by_case(bare, tool, unlinted, write, document, item) -> None:
    text = 'package main\n\ndeny_a contains "no" if input.x == 2\n\ndeny_A contains "no"\n'
    policy = write("p/a.rego", text)
    assert bare.test(policy, document).code == 0
    with pytest.raises(LintError, match="only one of them"):
        tool.test([policy], [item])
    with pytest.raises(LostFindingError, match="conftest reported 0"):
        unlinted.test([policy], [item])


def test_package_twins_by_case(bare, tool, write, document, item) -> None:
    write("p/a.rego", f"package a\n\n{OK}")
    policy = write("p/b.rego", 'package A\n\ndeny contains "no"\n').parent
    namespaces = {
        tuple(check["namespace"] for check in bare.test(policy, document, "--all-namespaces").json)
        for _ in range(3)
    }
    assert all(len(names) == 1 for names in namespaces)  # two packages, one was evaluated
    with pytest.raises(LintError, match="takes them for one"):
        tool.test([policy], [item], namespaces=["a"])
    with pytest.raises(UsageError, match="case"):
        tool.test([policy], [item], namespaces=["a", "A"])


@pytest.mark.parametrize(("waived", "rule"), [("", "deny"), ("x", "deny_x")])
def test_native_exceptions(bare, tool, unlinted, write, document, item, waived, rule) -> None:
    write("p/a.rego", f'package main\n\n{rule} contains "no"\n')
    policy = write("p/b.rego", f'package main\n\nexception contains ["{waived}"]\n').parent
    assert bare.test(policy, document).code == 0
    with pytest.raises(LintError, match="exceptions are forbidden"):
        tool.test([policy], [item])
    with pytest.raises(NativeExceptionError):
        unlinted.test([policy], [item])


def test_exceptions_from_data(bare, tool, write, document, item) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny contains "no"\n')
    data = write("d/data.json", '{"main": {"exception": [[""]]}}')
    assert bare.test(policy, document, "-d", data).code == 0
    with pytest.raises(DataError, match=r"reaches into data\.main"):
        tool.test([policy], [item], data=[data])


def test_undefined_data_passes(bare, tool, write, document, item) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny contains "no" if input.x < data.limits.low\n')
    assert bare.test(policy, document, "--show-builtin-errors").code == 0
    with pytest.raises(LintError, match=r"data\.limits\.low is undefined"):
        tool.test([policy], [item])
    assert tool.test([policy], [item], allow_undefined_data=["data.limits"]).passed
    data = write("d/limits/data.json", '{"low": 5}').parents[1]
    assert not tool.test([policy], [item], data=[data]).passed


def test_undefined_import_passes(bare, tool, write, document, item) -> None:
    write("p/lib.rego", "package lib\n\nlimit := 5\n")
    text = "package main\n\nimport data.lib\n\n"
    policy = write("p/a.rego", text + 'deny contains "no" if input.x < lib.limti\n').parent
    assert bare.test(policy, document, "--show-builtin-errors").code == 0
    with pytest.raises(LintError, match=r"data\.lib\.limti is undefined"):
        tool.test([policy], [item])
    write("p/a.rego", text + 'deny contains "no" if input.x < lib.limit\n')
    assert not tool.test([policy], [item]).passed


def test_test_files_are_not_loaded(bare, tool, write, document, item) -> None:
    write("p/a.rego", f"package main\n\n{OK}")
    policy = write("p/a_test.rego", "package main_test\n\ntest_a if undefined_thing\n").parent
    assert bare.test(policy, document).out == ""  # a fault in a test stops the evaluation
    assert tool.test([policy], [item]).passed


def test_checks_in_test_files_are_refused(bare, tool, write, document, item) -> None:
    write("p/a.rego", f"package main\n\n{OK}")
    policy = write("p/latency_test.rego", 'package main\n\ndeny contains "no"\n').parent
    assert bare.test(policy, document).code == 1  # conftest runs it, our exclusion would hide it
    with pytest.raises(LintError, match=r"_test\.rego"):
        tool.test([policy], [item])


def test_successes_undercount(bare, tool, write, document, item) -> None:
    rules = "".join(f'deny contains "{n}" if input.x == {n}\n' for n in (1, 2, 3))
    policy = write(
        "p/a.rego", f'package main\n\n{rules}\ndeny contains m if some m in ["a", "b"]\n'
    )
    check = bare.test(policy, document).json[0]
    assert (check["successes"], len(check["failures"])) == (1, 3)  # 4 rules, 2 of them passed
    report = tool.test([policy], [item])
    assert [(rule.rule, rule.findings) for rule in report.results[0].rules] == [("deny", 3)]


def test_expected_rules_must_have_run(bare, tool, unlinted, write, document, item) -> None:
    policy = write("p/a.rego", f"package main\n\n{OK}")
    assert bare.test(policy, document).code == 0
    for wrapper in (tool, unlinted):
        assert wrapper.test([policy], [item], expected_rules=["main.deny"]).passed
        with pytest.raises(IncompleteResultError, match="deny_age"):
            wrapper.test([policy], [item], expected_rules=["main.deny_age"])
    with pytest.raises(UsageError):
        tool.test([policy], [item], expected_rules=["other.deny"])


def test_lint_needs_opa_or_an_opt_out(binary, write, item) -> None:
    from conftest_py import Conftest

    policy = write("p/a.rego", f"package main\n\n{OK}")
    with pytest.raises(UsageError, match="lint=False"):
        Conftest(binary).test([policy], [item])
    assert Conftest(binary, lint=False).test([policy], [item]).passed


def test_policies_that_vanish(bare, tool, write, document, item, tmp_path) -> None:
    write("p/a.rego", f"package main\n\n{OK}")
    policy = write("p/b.REGO", 'package main\n\ndeny contains "no"\n').parent
    assert bare.test(policy, document).code == 0
    with pytest.raises(PolicyError, match="ignores this suffix"):
        tool.test([policy], [item])
    (tmp_path / "p/b.REGO").unlink()
    (tmp_path / "p/link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="symbolic link"):
        tool.test([policy], [item])


def test_only_what_changed_is_parsed_again(tool, write, item, monkeypatch) -> None:
    parsed = []

    def parse(opa, sources, *rest):
        parsed.append([source.origin.rsplit("/", 1)[-1] for source in sources])
        return syntax.parse_modules(opa, sources, *rest)

    monkeypatch.setattr(client, "parse_modules", parse)
    policy = write("p/a.rego", f"package main\n\n{OK}").parent
    write("p/b.rego", "package main\n\nlimit := 2\n")
    assert tool.test([policy], [item]).passed
    assert tool.test([policy], [item]).passed
    write("p/b.rego", 'package main\n\ndeny__x contains "no"\n')
    with pytest.raises(LintError, match="never runs"):
        tool.test([policy], [item])
    write("p/b.rego", "package main\n\nlimit := {\n")
    with pytest.raises(RunError, match="opa eval ended with 2"):
        tool.test([policy], [item])
    write("p/b.rego", "package main\n\nlimit := 2\n")
    assert tool.test([policy], [item]).passed
    assert parsed == [["a.rego", "b.rego"], *[["b.rego"]] * 3]
