"""Version 1.0.0 as it was released: every consumer, with its real program, decides every scenario
as the published kit says."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

import hallgate
from conftest_py import Conftest
from hallgate.cli import app
from hallgate.publish.bundle.archive import pack, unpack_any
from hallgate.record.canonical import canonical_bytes, sha256_digest

from .released import ROOT, case_of, kit_of, served

pytestmark = pytest.mark.services


def call(*words: object, code: int = 0) -> None:
    assert app.main([str(word) for word in words]) == code


@pytest.fixture(scope="module")
def kit(world):
    found = kit_of(world)
    assert len(found.cases) > 200
    return found


def test_an_opa_server(world, kit, start, opa, capsys):
    """Whole decisions: by the command, and cases with exceptions by the Data API too.

    The command puts a case's waivers in place of the server's, which the Query API alone can do and
    which has no strict builtin errors; so the server is also given all of them as a bundle.
    """
    excepted = [one for one in kit.cases if one.waivers or one.overrides]
    waivers = [waiver for one in excepted for waiver in one.waivers]
    overrides = [override for one in excepted for override in one.overrides]
    world.publish_waivers(world.signed_waivers(waivers, overrides), "1.0.1")
    with served(world, start, opa, world.first["all"], f"file://{world.placed}") as server:
        address = server.address
        call("conformance", world.kit_file, "--opa", address, "--format", "json")
        report = json.loads(capsys.readouterr().out)
        assert report["cases"] == report["conform"] == len(kit.cases)
        with ThreadPoolExecutor(4) as pool:
            said = list(pool.map(server.decision, [one.document for one in excepted]))
    differing = [
        one.scenario.name
        for one, body in zip(excepted, said, strict=True)
        if sha256_digest(canonical_bytes(body)) != kit.bodies[one.scenario.file]
    ]
    assert (differing, len(excepted) > 10) == ([], True)
    call("conformance", world.kit_file, "--opa", address, code=4)  # nobody answers any more


def test_conftest_pulled_by_digest(world, conftest_program, opa, tmp_path):
    program = Conftest(conftest_program, opa=opa)
    program.pull(world.first["all"], tmp_path / "pulled", tls=False)
    words = ["--repository", ROOT, "--conftest", tmp_path / "pulled"]
    call("conformance", world.kit_file, *words, "--conftest-program", conftest_program)


def test_decide_by_bundle_and_the_python_api(world, kit, opa, tmp_path, monkeypatch):
    """With the kit that is attached to the very artifact."""
    monkeypatch.setenv("HALLGATE_OPA", str(opa))
    address = world.first["all"]
    by = ["--bundle", address, "--scope", "all", "--trusted", world.trusted, "--timeout", 300]
    call("conformance", address, *by, "--bundle-cache", tmp_path / "kept")
    gate = hallgate.open_gate(
        address, scope="all", trusted=[world.trusted], trust=ROOT / "tests/scenarios/trust",
        cache=tmp_path / "kept",
    )  # fmt: skip
    assert gate.judge(case_of(kit, "base").document).allowed
    assert gate.chosen.age is not None


def test_a_kit_that_expects_something_else_is_noticed(world, opa, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HALLGATE_OPA", str(opa))
    entries = unpack_any(world.kit_file.read_bytes())
    path = "cases/finance/base.json"
    case = json.loads(entries[path])
    case["expect"]["allowed"] = False
    about = {**json.loads(entries["kit.json"]), "cases": 1}
    (tmp_path / "kit").write_bytes(
        pack({path: canonical_bytes(case), "kit.json": canonical_bytes(about)})
    )
    by = ["--bundle", world.first["all"], "--scope", "all", "--trusted", world.trusted]
    call("conformance", tmp_path / "kit", *by, "--bundle-cache", tmp_path / "kept", code=1)
    assert "allowed: expected no, decided yes" in capsys.readouterr().out
