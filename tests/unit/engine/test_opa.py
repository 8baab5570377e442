"""The engine adapter: a complete answer, or an error that says why."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hallgate.engine.bundle import build_bundle
from hallgate.engine.opa import Opa, find_opa
from hallgate.engine.process import run
from hallgate.model.errors import EngineAborted, EngineMissing, EngineTimeout

ROOT = Path(__file__).parents[3]
SLOW = b"""package promotion.main
n := numbers.range(1, 4000)
decision := count([x | some x in n; some y in n; x * y == 7])
"""


@pytest.fixture
def opa():
    return Opa(find_opa(ROOT))


def bundle(text, path="promotion/main/main.rego"):
    return build_bundle({path: text}, ("promotion",), {})


def test_the_value_of_a_query(opa):
    built = bundle(b"package promotion.main\ndecision := input.x + 1\n")
    assert opa.evaluate([built], "data.promotion.main.decision", {"x": 41}) == 42


def test_no_value_is_an_error(opa):
    built = bundle(b"package promotion.main\ndecision := input.x + 1\n")
    with pytest.raises(EngineAborted, match="no value"):
        opa.evaluate([built], "data.promotion.main.decision", {})


def test_a_builtin_error_aborts_and_names_the_policy_file(opa):
    path = "promotion/rules/fairness/divides/divides.rego"
    built = bundle(b"package promotion.rules.fairness.divides\ndeny := 1 / input.zero\n", path)
    with pytest.raises(EngineAborted, match="divide by zero") as caught:
        opa.evaluate([built], "data.promotion.rules.fairness.divides.deny", {"zero": 0})
    assert caught.value.policy_file == path


def test_a_bundle_that_does_not_compile_is_an_error(opa):
    with pytest.raises(EngineAborted):
        opa.evaluate([bundle(b"package promotion.main\ndecision := nowhere\n")], "data", {})


def test_overlapping_bundles_are_an_error(opa):
    built = bundle(b"package promotion.main\nx := 1\n")
    with pytest.raises(EngineAborted):
        opa.evaluate([built, built], "data.promotion.main.x", {})


def test_time_limit_stops_the_engine(opa):
    quick = Opa(opa.program, timeout=0.3)
    started = time.monotonic()
    with pytest.raises(EngineTimeout, match=r"within 0\.3 s"):
        quick.evaluate([bundle(SLOW)], "data.promotion.main.decision", {})
    assert time.monotonic() - started < 5


def test_a_killed_engine_is_an_error(tmp_path):
    killer = tmp_path / "opa"
    killer.write_text("#!/bin/sh\nkill -9 $$\n")
    killer.chmod(0o755)
    with pytest.raises(EngineAborted, match="code -9"):
        Opa(killer).evaluate([], "data", {})


def test_half_an_answer_is_an_error(tmp_path):
    torn = tmp_path / "opa"
    torn.write_text('#!/bin/sh\nprintf \'{"result": [{"expres\'\n')
    torn.chmod(0o755)
    with pytest.raises(EngineAborted):
        Opa(torn).evaluate([], "data", {})


def test_another_version_is_refused(tmp_path):
    other = tmp_path / "opa"
    other.write_text("#!/bin/sh\necho 'Version: 1.21.1'\n")
    other.chmod(0o755)
    with pytest.raises(EngineMissing, match=r"opa 1\.21\.1, not 1\.22\.0"):
        Opa(other).version()


def test_the_pinned_version(opa):
    assert opa.version() == "1.22.0"


def test_an_opa_on_path_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.delenv("HALLGATE_OPA", raising=False)
    monkeypatch.setenv("PATH", str(ROOT / ".tools" / "bin"))
    with pytest.raises(EngineMissing, match="make tools"):
        find_opa(tmp_path)


def test_an_opa_the_user_names_is_taken(tmp_path, monkeypatch):
    program = tmp_path / "my-opa"
    program.touch()
    monkeypatch.setenv("HALLGATE_OPA", str(program))
    assert find_opa(ROOT) == program


def test_settings_in_the_environment_do_not_reach_the_engine(monkeypatch):
    monkeypatch.setenv("OPA_EVAL_STRICT_BUILTIN_ERRORS", "false")
    done = run(["/usr/bin/env"], stdin=b"", timeout=10)
    assert b"OPA_" not in done.stdout


def test_interruption_leaves_no_child_behind(tmp_path):
    marker = tmp_path / "pid"
    slow = tmp_path / "opa"
    slow.write_text(f"#!/bin/sh\necho $$ > {marker}\nexec sleep 60\n")
    slow.chmod(0o755)
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pathlib import Path; from hallgate.engine.opa import Opa\n"
        f"Opa(Path({str(slow)!r})).evaluate([], 'data', {{}})"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not (marker.exists() and marker.read_text().strip()) and time.monotonic() < deadline:
        time.sleep(0.05)
    engine = int(marker.read_text())
    child.send_signal(signal.SIGINT)
    child.wait(timeout=20)
    with pytest.raises(ProcessLookupError):
        os.kill(engine, 0)
