"""Traps in how a run ends: exit codes, empty output, null, signals, time limits."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from conftest_py import (
    Conftest,
    EngineError,
    IncompleteResultError,
    OutputError,
    RunError,
    RunKilledError,
    RunTimeoutError,
    UsageError,
)

DENY = 'package main\n\ndeny contains "no"\n'


def test_builtin_error_is_not_a_pass(bare, tool, write, document, item) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny contains "no" if 1 / (input.x - 1) > 0\n')
    ran = bare.test(policy, document)
    assert (ran.code, ran.json[0]["successes"]) == (0, 1)
    with pytest.raises(EngineError, match="divide by zero"):
        tool.test([policy], [item])


def test_exit_code_1_without_output_is_no_denial(bare, tool, write, document, item) -> None:
    broken = write("p/a.rego", "package main\n\ndeny contains x\n")
    denied = write("q/a.rego", DENY)
    ran = bare.test(broken, document)
    assert (ran.code, ran.out) == (1, "")
    assert bare.test(denied, document).code == ran.code
    with pytest.raises(EngineError, match=r"p/a\.rego"):
        Conftest(tool._binary, lint=False).test([broken], [item])


def test_quiet_pass_prints_nothing(bare, tool, write, document, item) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny contains "no" if input.x == 2\n')
    ran = bare.test(policy, document, "--quiet")
    assert (ran.code, ran.out) == (0, "")
    report = tool.test([policy], [item])
    assert report.passed
    assert report.results[0].rules[0].rule == "deny"


def test_null_is_an_error(bare, fake, write, document, item) -> None:
    policy = write("p/a.rego", DENY)
    ran = bare.test(policy, document, "-n", "nothing.*")
    assert (ran.code, ran.out.strip()) == (0, "null")
    with pytest.raises(IncompleteResultError):
        Conftest(fake.says("echo null"), lint=False).test([policy], [item])


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("exit 0", EngineError),
        ("echo '[]'", IncompleteResultError),
        ("echo '{}'", OutputError),
        ('echo \'[{"filename": "a"\'', OutputError),
        (
            'echo \'[{"filename": "a", "namespace": "main", "successes": 1}]\'',
            IncompleteResultError,
        ),
        (
            'echo \'[{"filename": "a", "namespace": "main", "successes": 1, "new": 1}]\'',
            OutputError,
        ),
        ("exit 255", RunError),
        ("exit 2", RunError),
        ("kill -9 $$", RunKilledError),
    ],
)
def test_an_odd_end_is_an_error(fake, write, item, body, error) -> None:
    policy = write("p/a.rego", DENY)
    with pytest.raises(error):
        Conftest(fake.says(body), lint=False).test([policy], [item])


def test_exit_code_must_agree_with_results(bare, binary, fake, write, document, item) -> None:
    policy = write("p/a.rego", DENY)
    ran = bare.test(policy, document, "--no-fail")
    assert (ran.code, len(ran.json[0]["failures"])) == (0, 1)
    wrapper = Conftest(fake.says(f'"{binary}" "$@"; exit 0'), lint=False)
    with pytest.raises(OutputError, match="which its results deny"):
        wrapper.test([policy], [item])


def test_timeout_kills_the_whole_group(fake, write, item) -> None:
    policy = write("p/a.rego", DENY)
    wrapper = Conftest(fake.says(f"sleep 60 & echo $! > {fake.pid}; wait"), lint=False, timeout=1)
    began = time.monotonic()
    with pytest.raises(RunTimeoutError):
        wrapper.test([policy], [item])
    assert time.monotonic() - began < 30  # a child left alive would hold the pipe for 60 s
    child = int(fake.pid.read_text())
    for _ in range(100):
        if not _alive(child):
            break
        time.sleep(0.02)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_time_limit_must_be_positive(binary) -> None:
    with pytest.raises(UsageError):
        Conftest(binary, lint=False, timeout=0)


def test_version_names_both(tool) -> None:
    assert tool.version().opa == "1.22.0"
