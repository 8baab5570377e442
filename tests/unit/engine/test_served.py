"""The engine as a server: the same answers, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hallgate.engine.bundle import build_bundle
from hallgate.engine.opa import Opa, find_opa
from hallgate.engine.served import served
from hallgate.model.errors import EngineAborted, EngineMissing, EngineTimeout

ROOT = Path(__file__).parents[3]
SLOW = b"""package promotion.main
n := numbers.range(1, 4000)
decision := count([x | some x in n; some y in n; x * y == 7])
"""
HELD = """
import sys, time
from pathlib import Path
from hallgate.engine.bundle import build_bundle
from hallgate.engine.opa import Opa
from hallgate.engine.served import served
bundle = build_bundle({"promotion/a.rego": b"package promotion\\nx := 1\\n"}, ("promotion",), {})
with served(Opa(Path(sys.argv[1])), [bundle]) as server:
    print(server.socket, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def opa():
    return Opa(find_opa(ROOT))


def bundle(text):
    return build_bundle({"promotion/main/main.rego": text}, ("promotion",), {})


def test_the_value_of_a_rule(opa):
    with served(opa, [bundle(b"package promotion.main\ndecision := input.x + 1\n")]) as server:
        assert server.value("promotion/main/decision", {"x": 41}) == 42
        with pytest.raises(EngineAborted, match="answered 200"):
            server.value("promotion/main/decision", {})
        folder = server.socket.parent
    assert not folder.exists()
    with pytest.raises(EngineAborted, match="went away"):
        server.value("promotion/main/decision", {"x": 41})


def test_builtin_errors_are_strict(opa):
    with served(opa, [bundle(b"package promotion.main\ndecision := 1 / input.x\n")]) as server:
        assert server.value("promotion/main/decision", {"x": 1}) == 1
        with pytest.raises(EngineAborted, match="divide by zero"):
            server.value("promotion/main/decision", {"x": 0})


def test_a_bundle_that_does_not_compile_is_an_error_at_once(opa):
    started = time.monotonic()
    broken = bundle(b"package promotion.main\ndecision := nowhere\n")
    with pytest.raises(EngineAborted, match="nowhere is unsafe"), served(opa, [broken]):
        pass
    assert time.monotonic() - started < 10


def test_time_limit(opa):
    quick = Opa(opa.program, timeout=0.3)
    with (
        served(quick, [bundle(SLOW)]) as server,
        pytest.raises(EngineTimeout, match=r"within 0\.3 s"),
    ):
        server.value("promotion/main/decision", {})


def test_a_missing_program(tmp_path):
    with (
        pytest.raises(EngineMissing, match="cannot be started"),
        served(Opa(tmp_path / "opa"), [bundle(b"package promotion.main\n")]),
    ):
        pass


def test_it_ends_with_a_parent_that_is_killed(opa):
    parent = subprocess.Popen(
        [sys.executable, "-c", HELD, str(opa.program)], stdout=subprocess.PIPE, text=True
    )
    socket = parent.stdout.readline().strip()
    assert socket in running()
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    ends = time.monotonic() + 10
    while socket in running():
        assert time.monotonic() < ends, "the server outlived its parent"
        time.sleep(0.05)
    Path(socket).unlink(missing_ok=True)


def running():
    """Command lines of all processes."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(line.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(found)
