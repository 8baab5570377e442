"""A house's next releases as consumers live them: waivers, 1.1.0 with a pending rule, and what is
refused by every consumer that we configure: rollback, unsigned, delta."""

from __future__ import annotations

import io
import json
import tarfile
from contextlib import ExitStack
from dataclasses import replace

import pytest

from hallgate.model.documents import Approval
from hallgate.publish.bundle.archive import MANIFEST, SIGNATURES, pack, unpack
from hallgate.publish.registry.artifact import BUNDLE_LAYER, CONFIG, EMPTY, describe
from hallgate.publish.registry.client import MANIFEST as MANIFEST_TYPE
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.files import write_atomic

from .conftest import answers, free_port
from .released import FIRST, ROOT, World, answered, case_of, commit, hallgate, kit_of, served

pytestmark = pytest.mark.services

SECOND = FIRST.replace("## [1.0.0]", "## [1.1.0] - 2026-11-26\n- A pending rule.\n\n## [1.0.0]")
PENDING = """# METADATA
# scope: package
# title: Groups are named
# description: A group without a name cannot be looked after.
# custom:
#   id: FAIR-090
#   severity: medium
#   evidence: [fairness_report]
#   waivable: [fail]
#   controls: ["nist-ai-rmf:MEASURE-2.11"]
#   effective_from: "2099-01-01T00:00:00Z"
#   remediation: Name every group in the report.
package promotion.rules.fairness.groups_named

deny contains {"key": "groups", "message": "no group is named", "observed": 0, "limit": 1} if {
	some report in input.evidence.fairness_report
	count(report.result.attributes) == 0
}
"""
PENDING_TEST = """package promotion.rules.fairness.groups_named_test

import data.promotion.rules.fairness.groups_named as policy

_report(attributes) := {"evidence": {"fairness_report": [{"result": {"attributes": attributes}}]}}

test_deny_no_group if {
	finding := {"key": "groups", "message": "no group is named", "observed": 0, "limit": 1}
	policy.deny == {finding} with input as _report([])
}

test_allow_a_group if {
	policy.deny == set() with input as _report([{"name": "age"}])
}
"""


@pytest.fixture(scope="module")
def kit(world):
    return kit_of(world)


@pytest.fixture
def placed_waivers(world: World) -> str:
    """Where OPA reads waivers, as file://; there are none where no test published any before."""
    if not world.placed.exists():
        world.publish_waivers(world.signed_waivers(()), "1.0.1")
    return f"file://{world.placed}"


def test_waivers_and_revocations_arrive_within_one_poll(world: World, kit, start, opa) -> None:
    one = case_of(kit, "waived-selection-ratio")
    policies = world.first["all"]

    def allowed(server) -> object:
        return server.decision(one.document)["allowed"]

    with served(world, start, opa, policies, None) as server:
        assert allowed(server) is False, "no bundle of waivers means no waivers"
    world.publish_waivers(world.signed_waivers(()), "1.0.2")
    port, shelf = free_port(), world.folder / "shelf"

    def place() -> dict:
        return world.pull("waivers", "--place", shelf / "waivers/bundle.tar.gz")

    place()
    words = ["bundle", "serve", shelf, "--port", port, "--trusted", world.trusted]
    serving = start([ROOT / ".venv/bin/hallgate", *words])
    status = f"http://127.0.0.1:{port}/status.json"
    serving.wait_for(lambda: answers(status), "the shelf's answer")
    address = f"http://127.0.0.1:{port}/waivers/bundle.tar.gz"
    with served(world, start, opa, policies, address) as server:
        wait = server.running.wait_for
        assert allowed(server) is False
        world.publish_waivers(world.signed_waivers(one.waivers), "1.0.3")
        place()
        wait(lambda: allowed(server) is True, "the waiver")
        # Unsigned, at the tag: pull refuses it, the file stays, and so does the waiver.
        _put(world, "waivers", _unsigned(world.signed_waivers(one.waivers)), "stable")
        assert place()["fault"] is not None
        assert allowed(server) is True
        who = Approval("risk", "risk", "revoke", 0, 2_000_000_000, "x.approval.json")
        ended = [replace(it, approvals=(*it.approvals, who)) for it in one.waivers]
        world.publish_waivers(world.signed_waivers(ended), "1.0.4", serial=90)
        place()
        wait(lambda: allowed(server) is False, "the revocation")
    serving.stop()


def test_a_pending_rule_changes_no_answer_and_what_goes_back_is_refused(
    world: World, kit, start, opa, placed_waivers, tmp_path
) -> None:
    base = case_of(kit, "allowed-medium-tier")
    second, held = _release_second(world, tmp_path)
    data = (tmp_path / "second/bundle.tar.gz").read_bytes()
    placed = world.folder / "placed/all.tar.gz"
    world.pull("all", "--place", placed)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(served(world, start, opa, policies, placed_waivers))
            for policies in (f"file://{placed}", second)
        ]
        for server in servers:
            said = server.decision(base.document)
            assert said["allowed"] is True, said
            (found,) = [one for one in said["verdicts"] if one["id"] == "FAIR-090"]
            assert found["outcome"] == "pending"
        revision = held["revision"]
        assert {one.revision("hallgate") for one in servers} == {revision}
        _rollback(world, second, placed, tmp_path)
        _unsigned_and_delta(world, start, opa, data, placed, tmp_path)
        # Each server polled meanwhile; by file and by digest, what was good stays.
        assert {one.revision("hallgate") for one in servers} == {revision}


def _release_second(world: World, tmp_path) -> tuple[str, dict]:
    rule = world.house / "policies/promotion/rules/fairness/groups_named"
    rule.mkdir()
    (rule / "groups_named.rego").write_text(PENDING)
    (rule / "groups_named_test.rego").write_text(PENDING_TEST)
    (world.house / "CHANGELOG.md").write_text(SECOND)
    # The kit of 1.0.0 held every scenario; that of 1.1.0 says what is new of one.
    for path in (world.house / "tests/scenarios").glob("*/*.yaml"):
        if path.parent.name != "trust" and (path.parent.name, path.stem) != ("finance", "base"):
            path.unlink()
    only = world.house / "tests/scenarios/finance/base.yaml"
    text = only.read_text()
    only.write_text(
        text.replace("  verdicts:\n", "  verdicts:\n    FAIR-090: {outcome: pending}\n")
    )
    code, _, out = answered(*world.words, "--version", "1.1.0", "--quiet")
    assert (code, "differs from the commit" in out) == (3, True)
    commit(world.house, "A pending rule.")
    code, _, out = answered(*world.words, "--version", "1.0.1", "--quiet")
    assert (code, "no section for 1.0.1" in out) == (3, True)
    said = json.loads(hallgate(*world.words, "--version", "1.1.0", "--format", "json", "--quiet"))
    second = said["artifacts"]["all"]
    held = world.pull("all", "--output", tmp_path / "second")
    assert held["artifact"] == second
    assert held["pointer"]["version"] == "1.1.0"
    return second, held


def _rollback(world: World, second: str, placed, tmp_path) -> None:
    """The tag goes back to 1.0.0, which is signed and was good."""
    client = world.client("all")
    found = client.manifest(world.first["all"].partition("@")[2])
    assert found is not None
    client.put_manifest(found[0], "stable")
    again = world.pull("all", "--place", placed)
    assert again["artifact"] == second
    assert "rollback" in again["fault"]
    _tags_are_no_configuration(world, f"{world.to}/all:stable", tmp_path)


def _tags_are_no_configuration(world: World, tag: str, tmp_path) -> None:
    """No consumer that we configure follows a tag: OPA, sidecar, conftest, decide."""
    image = "openpolicyagent/opa@sha256:" + "a" * 64
    common = ["--scope", "all", "--bundle", tag]
    for kind, what in (("opa", "moved back"), ("k8s", "moved back"), ("conftest", "pin it")):
        words = ["consumer", "config", "--kind", kind, "--key", world.trusted, "--image", image]
        code, _, errors = answered(*words, *common)
        assert (code, what in errors) == (2, True), errors
    (tmp_path / "request.json").write_text("{}")
    (tmp_path / "evidence").mkdir(exist_ok=True)
    code, _, errors = answered(*_decide(world, tmp_path), "--bundle", tag)
    assert (code, "pin it" in errors) == (2, True), errors


def _decide(world: World, tmp_path) -> list:
    words = ["decide", tmp_path / "request.json", "--evidence", tmp_path / "evidence"]
    words += ["--trust", world.house / "trust", "--scope", "all", "--trusted", world.trusted]
    return [*words, "--bundle-cache", tmp_path / "kept"]


def _unsigned_and_delta(world: World, start, opa, good: bytes, placed, tmp_path) -> None:
    """At the tag, by its digest, and in the file's place: OPA keeps what it has, and so do we."""
    delta = _delta(json.loads(unpack(good)[MANIFEST])["revision"])
    for data, words in (
        (_unsigned(good), "missing .signatures.json"),
        (delta, "delta bundles do not"),
    ):
        digest = _put(world, "all", data, "stable")
        held = world.pull("all", "--place", placed)
        assert held["fault"] is not None
        assert held["pointer"]["version"] == "1.1.0"
        assert placed.read_bytes() == good
        code, _, errors = answered(
            *_decide(world, tmp_path), "--bundle", f"{world.to}/all@{digest}"
        )
        assert code in {1, 3}, errors
        # A stranger who writes where OPA reads, and OPA starts again.
        write_atomic(placed, data)
        files = (f"file://{placed}", f"file://{world.placed}")
        with served(world, start, opa, *files, loads=False) as fresh:
            log = fresh.running.log
            fresh.running.wait_for(lambda words=words, log=log: words in log.read_text(), words)
            assert fresh.revision("hallgate") is None
        write_atomic(placed, good)


def _unsigned(good: bytes) -> bytes:
    return pack({path: data for path, data in unpack(good).items() if path != SIGNATURES})


def _put(world: World, name: str, data: bytes, tag: str) -> str:
    """An artifact with this bundle alone, under a tag; its digest."""
    manifest = canonical_bytes(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": describe(EMPTY, CONFIG),
            "layers": [describe(data, BUNDLE_LAYER)],
        }
    )
    client = world.client(name)
    client.put_blob(EMPTY)
    client.put_blob(data)
    client.put_manifest(manifest, tag)
    return sha256_digest(manifest)


def _delta(revision: str) -> bytes:
    patch = {"data": [{"op": "upsert", "path": "/promotion/main/allowed", "value": True}]}
    files = {
        ".manifest": {"revision": f"{revision}-delta", "roots": ["promotion"]},
        "patch.json": patch,
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, value in files.items():
            data = json.dumps(value).encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()
