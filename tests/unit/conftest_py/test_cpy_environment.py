"""Traps in the surroundings: environment, configuration files, folders, plugins, network."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conftest_py import (
    BinaryError,
    Conftest,
    ConftestError,
    EngineError,
    UsageError,
    WorkspaceError,
)

DENY = 'package main\n\ndeny contains "no"\n'


@pytest.mark.parametrize(
    "variable", ["CONFTEST_NO_FAIL=true", "CONFTEST_COMBINE=true", "CONFTEST_NAMESPACE=other"]
)
def test_environment_is_scrubbed(bare, tool, write, document, item, monkeypatch, variable) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny contains "no" if input.x == 1\n')
    name, value = variable.split("=")
    assert bare.test(policy, document).code == 1
    assert bare.test(policy, document, env={name: value}).code == 0
    monkeypatch.setenv(name, value)
    assert not tool.test([policy], [item]).passed


def test_environment_cannot_choose_policies(bare, tool, write, document, item, monkeypatch) -> None:
    good = write("good/a.rego", 'package main\n\ndeny contains "no" if input.x == 2\n')
    bad = write("bad/a.rego", DENY)
    assert bare("test", "-o", "json", document, env={"CONFTEST_POLICY": str(good)}).code == 0
    monkeypatch.setenv("CONFTEST_POLICY", str(good))
    assert not tool.test([bad], [item]).passed


def test_environment_cannot_inject_data(bare, tool, write, document, item, monkeypatch) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny contains "no" if not data.allow.all\n')
    data = write("d/data.json", '{"allow": {"all": true}}')
    env = {"CONFTEST_DATA": str(data)}
    assert bare.test(policy, document).code == 1
    assert bare.test(policy, document, env=env).code == 0
    monkeypatch.setenv("CONFTEST_DATA", str(data))
    report = tool.test([policy], [item], allow_undefined_data=["allow"])
    assert not report.passed


@pytest.mark.parametrize(
    ("name", "text"), [("conftest.toml", "no-fail = true\n"), ("conftest.yaml", "no-fail: true\n")]
)
def test_configuration_in_working_directory(
    bare, tool, write, document, item, monkeypatch, name, text
) -> None:
    policy = write("p/a.rego", DENY)
    write(f"bare-cwd/{name}", text)
    assert bare.test(policy, document).code == 0
    monkeypatch.chdir(bare.cwd)
    assert not tool.test([policy], [item]).passed


def test_empty_configuration_is_a_toml_file(bare, tool, write, document, item) -> None:
    policy = write("p/a.rego", DENY)
    ran = bare.test(policy, document, "-c", "/dev/null")
    assert (ran.code, ran.out) == (1, "")  # the obvious way fails, and looks like a denial
    assert [finding.message for finding in tool.test([policy], [item]).failures] == ["no"]


def test_plugin_cache_is_left_alone(bare, tool, write, document, item, monkeypatch) -> None:
    policy = write("p/a.rego", DENY)
    mine = write("data-home/.conftest/plugins/mine/notes.txt", "keep")
    monkeypatch.setenv("XDG_DATA_HOME", str(mine.parents[3]))
    tool.test([policy], [item])
    assert mine.exists()
    bare.test(policy, document, env={"XDG_DATA_HOME": str(mine.parents[3])})
    assert not mine.exists()


def test_comma_in_a_policy_path(bare, tool, write, document, item) -> None:
    denying = write("bare-cwd/a,b/deny.rego", DENY)
    write("bare-cwd/a/other.rego", 'package main\n\ndeny contains "no" if input.x == 2\n')
    write("bare-cwd/b/other.rego", "package other\n")
    assert bare.test(Path("a,b"), document).code == 0
    assert not tool.test([denying.parent], [item]).passed


def test_comma_in_the_temporary_folder(tool, write, item, monkeypatch, tmp_path) -> None:
    policy = write("p/a.rego", DENY)
    (tmp_path / "t,mp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t,mp"))
    with pytest.raises(WorkspaceError, match="TMPDIR"):
        tool.test([policy], [item])


def test_environment_is_invisible_to_policies(bare, tool, write, document, item) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny contains "no" if not opa.runtime().env.SKIP\n')
    assert bare.test(policy, document, env={"SKIP": "1"}).code == 0
    with pytest.raises(EngineError, match=r"opa\.runtime"):
        tool.test([policy], [item])


class _Yes(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def test_network_is_banned(bare, tool, write, document, item) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Yes) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        call = f'http.send({{"method": "GET", "url": "{url}"}})'
        policy = write(
            "p/a.rego", f'package main\n\ndeny contains "no" if {call}.status_code != 200\n'
        )
        ran = bare.test(policy, document)
        server.shutdown()
        thread.join()
    assert ran.code == 0  # a server elsewhere decided
    with pytest.raises(EngineError, match=r"http\.send"):
        tool.test([policy], [item])


def test_path_is_never_searched(binary, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(binary.parent))
    with pytest.raises(UsageError, match="absolute"):
        Conftest(Path("conftest"), lint=False)
    with pytest.raises(BinaryError):
        Conftest(Path("/nowhere/conftest"), lint=False)


def test_opa_of_another_version_is_refused(binary, fake, write, item) -> None:
    other = fake.says('echo "Version: 0.1.0"')
    with pytest.raises(BinaryError, match="is not OPA"):
        Conftest(binary, opa=other).test([write("p/a.rego", DENY)], [item])


def test_every_command_gets_the_empty_surroundings(
    fake, write, item, monkeypatch, tmp_path
) -> None:
    monkeypatch.setenv("CONFTEST_NO_FAIL", "true")
    policy, log = write("p/a.rego", DENY), tmp_path / "log"
    wrapper = Conftest(
        fake.says(f'{{ echo "$@"; env; pwd; ls -A; cat "$XDG_DATA_HOME"/*; }} >> {log} 2>&1'),
        lint=False,
    )
    commands: dict[str, Callable[[], object]] = {
        "test": lambda: wrapper.test([policy], [item]),
        "verify": lambda: wrapper.verify([policy]),
        "parse": lambda: wrapper.parse(policy, parser="ini"),
        "push": lambda: wrapper.push("127.0.0.1:9/a/b:c", policy.parent),
        "pull": lambda: wrapper.pull("file:///nowhere", tmp_path / "out"),
    }
    for name, command in commands.items():
        log.unlink(missing_ok=True)
        with pytest.raises(ConftestError):
            command()
        said = log.read_text()
        assert said.startswith(name)
        assert re.search(r"--config-file /\S+/empty\.toml ", said.splitlines()[0] + " ")
        assert "CONFTEST_" not in said
        assert re.search(r"^HOME=/\S+/conftest-py-\w+/home$", said, re.MULTILINE)
        assert re.search(r"^XDG_DATA_HOME=/\S+/conftest-py-\w+/xdg$", said, re.MULTILINE)
        assert re.search(r"^/\S+/conftest-py-\w+/(cwd|bundle)$", said, re.MULTILINE)
