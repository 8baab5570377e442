"""The kit gives back the scenarios it was made of, and finds every consumer that differs."""

import json
import shutil
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from conftest_py import Conftest
from hallgate.decide.compose import waiver_bundle, waiver_constant
from hallgate.decide.judge import read_decision
from hallgate.model.errors import EngineError, InvalidDocument, UsageError
from hallgate.publish.bundle.archive import pack, unpack_any
from hallgate.record.canonical import canonical_bytes
from hallgate.testing.conformance import run_kit, run_kit_by_conftest
from hallgate.testing.kit import read_kit, steady, unexpected, write_kit
from hallgate.testing.rego import unpack
from hallgate.testing.runner import by_engine, prepare, run_all
from hallgate.testing.scenario import read_scenario
from hallgate.testing.server import Server, by_server

NAMES = (
    "base", "denied-young-selected-less", "waived-selection-ratio", "error-quarantined-policy",
    "insufficient-missing-reason-audit", "waived-range-of-versions",
)  # fmt: skip
DECISION = "promotion/main/main.rego"


@pytest.fixture(scope="module")
def prepared(harness):
    files = [harness.scenarios / "finance" / f"{name}.yaml" for name in NAMES]
    return [
        prepare(read_scenario(one), harness.cast, harness.schemas, harness.policies)
        for one in files
    ]


@pytest.fixture(scope="module")
def made(harness, prepared):
    """The kit's bytes, from documents that name no made-up key."""
    ready = [steady(one) for one in prepared]
    decided = run_all(ready, harness.engine, harness.policies)
    assert not unexpected(ready, decided, None)
    return write_kit("all", "sha256:1", ready, decided)


@pytest.fixture(scope="module")
def kit(made):
    return read_kit(made)


def answers(server):
    try:
        return server.post("/v1/data", {}) is not None
    except EngineError:
        return False


@pytest.fixture(scope="module")
def serve(harness, tmp_path_factory):
    """A real OPA server on a private socket with these bundle bytes."""
    started, folders = [], []

    def begin(data):
        folder = Path(tempfile.mkdtemp(prefix="hg-"))
        folders.append(folder)
        (folder / "b.tar.gz").write_bytes(data)
        (folder / "w.tar.gz").write_bytes(waiver_bundle([], 0, overrides=[]).data)
        command = [harness.engine.program, "run", "--server", "--log-level", "error"]
        command += ["--addr", f"unix://{folder}/s", "-b", "b.tar.gz", "-b", "w.tar.gz"]
        started.append(subprocess.Popen(command, cwd=folder))
        ends = time.monotonic() + 60
        server = Server(f"unix://{folder}/s")
        while not answers(server):
            assert started[-1].poll() is None
            assert time.monotonic() < ends
            time.sleep(0.02)
        return server

    yield begin
    for one in started:
        one.terminate()
        one.wait(20)
    for folder in folders:
        shutil.rmtree(folder)


def changed(policies, old, new):
    """The bundle with other words in one file: a consumer that took something else."""
    entries = unpack_any(policies.bundle.data)
    path = next(path for path in sorted(entries) if old in entries[path])
    return pack({**entries, path: entries[path].replace(old, new)})


def test_a_kit_gives_back_its_scenarios(prepared, kit):
    assert [one.scenario.name for one in kit.cases] == sorted(NAMES)
    before = {one.scenario.name: one for one in prepared}
    for one in kit.cases:
        old = before[one.scenario.name]
        assert one.scenario.expected == old.scenario.expected
        assert [waiver_constant(w) for w in one.waivers] == [
            waiver_constant(w) for w in old.waivers
        ]
        assert one.document == steady(old).document


def test_the_engine_conforms_and_another_bundle_does_not(harness, kit):
    assert all(
        one.conforms for one in run_kit(kit, by_engine(harness.engine, harness.policies.rules))
    )
    rules = replace(harness.policies.rules, index=harness.policies.rules.index[1:])
    assert all(one.error for one in run_kit(kit, by_engine(harness.engine, rules)))


def test_a_real_server_conforms_also_under_waivers(harness, kit, serve):
    results = run_kit(kit, by_server(serve(harness.policies.bundle.data)))
    assert [one for one in results if not one.conforms] == []
    assert any(one.waivers for one in kit.cases)


def test_a_server_with_other_rules_is_told_in_words(harness, kit, serve):
    loose = serve(changed(harness.policies, b'"high": 8000}', b'"high": 100}'))
    results = {one.case: one.lines for one in run_kit(kit, by_server(loose))}
    assert results["finance/base"] == ()
    lines = results["finance/denied-young-selected-less"]
    assert lines[0] == "allowed: expected no, decided yes"
    assert any(line.startswith("FAIR-001: expected fail") for line in lines)


def test_the_same_verdicts_in_other_words_do_not_conform(harness, kit):
    def wordy(group):
        answers = by_engine(harness.engine, harness.policies.rules)(group)
        bodies = [json.loads(canonical_bytes(one.body)) for one in answers]
        for body in bodies:
            body["verdicts"][0]["reasons"] = ["something"]
        return [read_decision(body) for body in bodies]

    lines = {line for one in run_kit(kit, wordy) for line in one.lines}
    assert lines == {
        "the verdicts are the same, and something else is not: messages, order, waivers"
    }


def test_a_server_without_our_policies_gives_no_decision(kit, serve):
    empty = pack({".manifest": b'{"roots": ["x"]}', "x/x.rego": b"package x\n\ny := 1\n"})
    results = run_kit(kit, by_server(serve(empty)))
    assert all("no decision" in one.error for one in results if one.case != "x")
    gone = run_kit(kit, by_server(Server("unix:///nowhere/at/all")))
    assert all("does not answer" in one.error for one in gone)


@pytest.mark.parametrize("address", ["", "127.0.0.1:8181", "ftp://x", "unix:", "http://"])
def test_what_is_no_address_of_a_server(address):
    with pytest.raises(UsageError, match="is no address"):
        Server(address)


def test_conftest_conforms_and_denies_otherwise_with_other_rules(harness, kit, tmp_path):
    tools = harness.engine.program.parent
    program = Conftest(tools / "conftest", opa=tools / "opa", timeout=300)
    for name, data in (
        ("good", harness.policies.bundle.data),
        ("loose", changed(harness.policies, b'"high": 8000}', b'"high": 100}')),
    ):
        (tmp_path / name).mkdir()
        unpack(data, tmp_path / name / "tree")
        results = run_kit_by_conftest(kit, program, tmp_path / name / "tree", tmp_path / name)
        wrong = {one.case: one.lines for one in results if not one.conforms}
        assert bool(wrong) == (name == "loose")
    lines = wrong["finance/denied-young-selected-less"]
    assert lines[0].startswith("not by conftest: FAIR-001 fail ")


def test_what_is_no_kit(made):
    entries = unpack_any(made)
    first = next(iter(entries))
    about = {**json.loads(entries["kit.json"])}
    for wrong in (
        {},
        {"kit.json": entries["kit.json"]},
        {**entries, "cases/../../x.json": entries[first]},
        {**entries, first: b"{}"},
        {**entries, "kit.json": canonical_bytes({**about, "format": "other"})},
        {path: data for path, data in entries.items() if path != first},
    ):
        with pytest.raises(InvalidDocument):
            read_kit(pack(wrong))
    with pytest.raises(InvalidDocument):
        read_kit(made[:-100])


def test_nothing_is_published_that_was_not_decided(harness, prepared):
    with pytest.raises(InvalidDocument, match="there are no scenarios"):
        write_kit("all", "sha256:1", [], {})
    answers = {one.scenario.file: EngineError("it broke", remedy="x") for one in prepared}
    with pytest.raises(InvalidDocument, match="no decision about it: it broke"):
        write_kit("all", "sha256:1", prepared, answers)
    assert "it broke" in unexpected(prepared, answers, None)[0]
