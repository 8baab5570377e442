"""Traps in conftest's output formats, none of which the wrapper uses."""

from __future__ import annotations

import json

import pytest

from conftest_py import Conftest, OutputError


def test_github_format_mangles_messages(bare, tool, write, document, item) -> None:
    message = "80% of rows\n::error::injected"
    policy = write("p/a.rego", f"package main\n\ndeny contains {json.dumps(message)}\n")
    out = bare("test", "-o", "github", "-p", policy, document).out
    assert "%!o(MISSING)" in out
    assert "\n::error::injected" in out
    assert [finding.message for finding in tool.test([policy], [item]).failures] == [message]


def test_junit_format_confuses_severities(bare, tool, write, document, item) -> None:
    policy = write("p/a.rego", 'package main\n\nwarn contains "careful"\n')
    ran = bare("test", "-o", "junit", "-p", policy, document)
    assert ran.code == 0
    assert "<failure" in ran.out
    report = tool.test([policy], [item])
    assert report.passed
    assert [finding.severity for finding in report.warnings] == ["warning"]


def test_sarif_format_loses_rules(bare, tool, write, document, item) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny_a contains "1"\n\ndeny_b contains "2"\n')
    ran = bare("test", "-o", "sarif", "-p", policy, document)
    rules = {result["ruleId"] for result in json.loads(ran.out)["runs"][0]["results"]}
    assert rules == {"main/deny"}
    assert [finding.rule for finding in tool.test([policy], [item]).failures] == [
        "deny_a",
        "deny_b",
    ]


def test_findings_keep_metadata_and_place(bare, tool, write, document, item) -> None:
    finding = '{"msg": "no", "id": "A-1", "limit": 0.8, "_loc": {"file": "m.py", "line": 7}}'
    policy = write("p/a.rego", f"package main\n\ndeny contains {finding}\n")
    raw = bare.test(policy, document).json[0]["failures"][0]
    (found,) = tool.test([policy], [item]).failures
    assert raw["metadata"]["query"] == "data.main.deny"
    assert (found.rule, found.metadata) == ("deny", (("id", '"A-1"'), ("limit", "0.8")))
    assert (found.file, found.line) == ("m.py", "7")
    assert hash(found)


def test_a_result_too_many_or_too_few(binary, fake, write, item) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny contains "no" if input.x == 2\n')
    for change in ("s/conftest_py_guard/other/", "s/input.json/output.json/"):
        body = f'"{binary}" "$@" > "$TMPDIR/out"; sed "{change}" "$TMPDIR/out"'
        with pytest.raises(OutputError):
            Conftest(fake.says(body), lint=False).test([policy], [item])
