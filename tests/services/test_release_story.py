"""Releases as consumers live them: 1.0.0, waivers, 1.1.0 with a pending rule, and what is refused.

The tree is this one, without its code, as an adopter has it; the registry is Debian's
docker-registry, the consumers are real programs.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from conftest_py import Conftest
from hallgate.decide.bundled import policies_of
from hallgate.decide.compose import waiver_bundle
from hallgate.engine.bundle import Bundle, build_bundle
from hallgate.model.decision import Decision
from hallgate.model.documents import Approval
from hallgate.publish.bundle.archive import MANIFEST, SIGNATURES, pack, unpack
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.publish.consumers.opa import ACCEPTED
from hallgate.publish.registry.artifact import BUNDLE_LAYER, CONFIG, EMPTY, describe, pack_artifact
from hallgate.publish.registry.client import MANIFEST as MANIFEST_TYPE
from hallgate.publish.registry.client import Options, RegistryClient
from hallgate.publish.registry.publish import Release, publish
from hallgate.publish.registry.push import push
from hallgate.publish.registry.reference import Reference
from hallgate.record.canonical import canonical_bytes
from hallgate.record.files import write_atomic
from hallgate.record.keys import generate_key, private_pem, public_pem
from hallgate.testing.parity import denials_by_conftest, denials_of
from hallgate.testing.runner import prepare, run_all
from hallgate.testing.scenario import read_scenario
from hallgate.testing.session import Session

from .conftest import ROOT

pytestmark = pytest.mark.services

PARTS = ("policies", "evidence-schemas", "frameworks", "trust", "exceptions", "tests/scenarios")
FIRST = "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-11-25\n- The first.\n"
SECOND = FIRST.replace("## [1.0.0]", "## [1.1.0] - 2026-11-26\n- A pending rule.\n\n## [1.0.0]")
TRACK = """track: fair
title: One family, so that a release has more than one bundle
families: [fairness]
frameworks: [nist-ai-rmf]
limits: []
dates: []
rollout: []
"""
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


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@hallgate.dev", *words],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def commit(house: Path, what: str) -> None:
    git(house, "add", ".")
    git(house, "commit", "--quiet", "--message", what)


def hallgate(*words: str | Path) -> str:
    """What the command prints; fails the test unless it ends with 0."""
    code, out, errors = answered(*words)
    assert code == 0, out + errors
    return out


def answered(*words: str | Path) -> tuple[int, str, str]:
    environment = {**os.environ, "HALLGATE_OPA": str(ROOT / ".tools/bin/opa")}
    done = subprocess.run(
        [ROOT / ".venv/bin/hallgate", *map(str, words)],
        env=environment, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def world(registry, tmp_path_factory) -> SimpleNamespace:
    """A house that released 1.0.0, its key, and its scenarios with what OPA decides locally."""
    house = tmp_path_factory.mktemp("story") / "house"
    house.mkdir()
    for part in PARTS:
        shutil.copytree(ROOT / part, house / part)
    (house / "tracks").mkdir()
    (house / "tracks/fair.yaml").write_text(TRACK)
    shutil.copy(ROOT / "CODEOWNERS", house)
    (house / "CHANGELOG.md").write_text(FIRST)
    git(house, "init", "--quiet", "--initial-branch", "main")
    commit(house, "The first.")
    key = generate_key("p256")
    folder = house.parent
    (folder / "key.pem").write_bytes(private_pem(key))
    (folder / "key.pem").chmod(0o600)
    (folder / "key.pub.pem").write_text(public_pem(key))
    to = f"oci://{registry.host}/story/policies"
    words = ["release", "publish", to, "--key", folder / "key.pem", "--repository", house]
    said = json.loads(hallgate(*words, "--version", "1.0.0", "--format", "json", "--quiet"))
    # No tag: what a version may say is replayed in tests/e2e/test_release_check.py.
    return SimpleNamespace(
        house=house, folder=folder, key=key, to=to, registry=registry, first=said["artifacts"],
        words=words,
    )  # fmt: skip


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    opened = Session.open(ROOT)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def two(session: Session) -> SimpleNamespace:
    """A scenario that is allowed, and one that a waiver alone lets through."""
    folder = session.scenarios / "finance"
    base, waived = (
        prepare(read_scenario(folder / name), session.cast, session.schemas, session.policies)
        for name in ("allowed-medium-tier.yaml", "waived-selection-ratio.yaml")
    )
    decided = run_all([base, waived], session.engine, session.policies)
    assert [one.allowed for one in decided.values()] == [True, True]
    return SimpleNamespace(base=base, waived=waived)


def client_of(world, name: str) -> RegistryClient:
    return RegistryClient(Reference.parse(f"{world.to}/{name}"), Options())


def waivers_signed(world, waivers, overrides=()) -> bytes:
    plain = waiver_bundle(waivers, 0, overrides=overrides)
    files = {path: data for path, data in unpack(plain.data).items() if path != MANIFEST}
    built = build_bundle(files, ("waivers",), {"track": "waivers"})
    return sign_bundle(built.data, "waivers", world.key).data


def publish_waivers(world, data: bytes, version: str, serial: int | None = None) -> None:
    """serial: over a tag that a stranger moved it is said by hand."""
    release = Release(data, "waivers", version, "stable", serial=serial)
    publish(client_of(world, "waivers"), release, world.key, (), int(time.time()))


def pull(world, name: str, *more: str | Path, cache: str = "cache") -> dict[str, Any]:
    words = ["bundle", "pull", f"{world.to}/{name}:stable", "--scope", name]
    words += ["--trusted", world.folder / "key.pub.pem", "--cache", world.folder / cache]
    return json.loads(hallgate(*words, "--format", "json", *more))


class Server:
    """A real OPA with the configuration that we generate."""

    def __init__(self, running, path: Path) -> None:
        self.running, self._path = running, path

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("localhost", timeout=20)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(20)
        try:
            connection.sock.connect(str(self._path))
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        except OSError:
            return 0, {}
        finally:
            connection.close()

    def decision(self, document: object) -> Any:
        url = "/v1/data/promotion/replay/decision?strict-builtin-errors"
        status, said = self.ask("POST", url, {"input": document})
        return said.get("result") if status == 200 else (status, said)

    def status(self, name: str) -> dict[str, Any]:
        found = self.ask("GET", "/v1/status")[1].get("result", {}).get("bundles", {})
        return dict(found.get(name, {}))

    def revision(self, name: str) -> str | None:
        return self.status(name).get("active_revision")


@contextmanager
def served(world, start, opa, policies: str, waivers: str | None, kept: str) -> Iterator[Server]:
    config = world.folder / f"{kept}.yaml"
    words = ["consumer", "config", "--kind", "opa", "--bundle", policies, "--scope", "all"]
    words += ["--key", world.folder / "key.pub.pem", "--persistence", world.folder / kept]
    words += ["--waivers", waivers] if waivers else []
    config.unlink(missing_ok=True)
    moves = any("stable" in one for one in (policies, waivers or ""))
    if moves:
        # Never without these words: OPA alone would follow an older release too.
        code, _, errors = answered(*words, "--output", config)
        assert (code, "can be moved back" in errors) == (2, True)
        words += [ACCEPTED]
    hallgate(*words, "--output", config)
    assert answered("consumer", "check", config, "--opa-version", "1.22.0")[0] == int(moves)
    value = yaml.safe_load(config.read_text())
    for one in value["bundles"].values():
        one["polling"] = {"min_delay_seconds": 1, "max_delay_seconds": 1}
    config.write_text(yaml.safe_dump(value))
    folder = Path(tempfile.mkdtemp(prefix="hg-"))
    path = folder / "opa.sock"
    words = ["run", "--server", f"--addr=unix://{path}", "--config-file", config]
    server = Server(start([opa, *words, "--disable-telemetry"]), path)
    try:
        server.running.wait_for(lambda: server.ask("GET", "/health")[0] == 200, "OPA's answer")
        for name in value["bundles"]:
            server.running.wait_for(lambda name=name: bool(server.revision(name)), name, 60)
        yield server
    finally:
        server.running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def everything(session: Session) -> SimpleNamespace:
    """Every scenario, and what OPA decides about it from the tree itself."""
    prepared = [one for one in session.prepared.values() if not isinstance(one, str)]
    assert len(prepared) == len(session.prepared) > 100
    decided = {path: one for path, one in session.decisions.items() if isinstance(one, Decision)}
    return SimpleNamespace(
        prepared=prepared, decided=decided, policies=session.policies, engine=session.engine
    )


def test_every_consumer_decides_the_same_on_every_scenario(
    world, session, start, opa, conftest_program, tmp_path
) -> None:
    local = everything(session)
    waivers = [waiver for one in local.prepared for waiver in one.waivers]
    overrides = [override for one in local.prepared for override in one.overrides]
    publish_waivers(world, waivers_signed(world, waivers, overrides), "1.0.1")
    # As `hallgate decide --bundle` does: pulled, verified, evaluated by the pinned engine.
    held = pull(world, "all", "--output", tmp_path / "all")
    assert held["artifact"] == world.first["all"]
    data = (tmp_path / "all/bundle.tar.gz").read_bytes()
    policies = replace(local.policies, bundle=Bundle(data, held["bundle"]))
    ours = run_all(local.prepared, local.engine, policies)
    assert {path: one.body for path, one in local.decided.items()} == {
        path: ours[path].body for path in local.decided
    }
    # conftest, on the titled files of the same artifact.
    program = Conftest(conftest_program, opa=opa, timeout=300)
    denied = denials_by_conftest(local.prepared, program, tmp_path / "all/policies", tmp_path)
    assert {path: denied[path] for path in local.decided} == {
        path: denials_of(one) for path, one in local.decided.items()
    }
    # An OPA server with both bundles.
    addresses = (f"{world.to}/all:stable", f"{world.to}/waivers:stable")
    with served(world, start, opa, *addresses, "same") as server:
        differing = [
            one.scenario.name
            for one in local.prepared
            if one.scenario.file in local.decided
            and server.decision(one.document) != local.decided[one.scenario.file].body
        ]
    assert differing == []


def test_waivers_and_revocations_arrive_in_one_poll(world, two, start, opa) -> None:
    one = two.waived

    def allowed() -> object:
        return server.decision(one.document)["allowed"]

    with served(world, start, opa, f"{world.to}/all:stable", None, "without") as server:
        assert allowed() is False, "no bundle of waivers means no waivers"
    publish_waivers(world, waivers_signed(world, ()), "1.0.2")
    addresses = (f"{world.to}/all:stable", f"{world.to}/waivers:stable")
    with served(world, start, opa, *addresses, "with") as server:
        assert allowed() is False
        publish_waivers(world, waivers_signed(world, one.waivers), "1.0.3")
        server.running.wait_for(lambda: allowed() is True, "the waiver", 10)
        # Unsigned: the good one stays.
        artifact = pack_artifact(waiver_bundle(one.waivers, 0, overrides=()).data)
        client = client_of(world, "waivers")
        push(client, artifact)
        client.put_manifest(artifact.manifest, "stable")
        server.running.wait_for(
            lambda: "missing .signatures.json" in server.running.log.read_text(), "the refusal"
        )
        assert allowed() is True
        who = Approval("risk", "risk", "revoke", 0, 2_000_000_000, "x.approval.json")
        ended = [replace(it, approvals=(*it.approvals, who)) for it in one.waivers]
        publish_waivers(world, waivers_signed(world, ended), "1.0.4", serial=90)
        server.running.wait_for(lambda: allowed() is False, "the revocation", 10)


def test_a_pending_rule_changes_no_answer_and_what_goes_back_is_refused(
    world, session, two, start, opa, tmp_path
) -> None:
    rule = world.house / "policies/promotion/rules/fairness/groups_named"
    rule.mkdir()
    (rule / "groups_named.rego").write_text(PENDING)
    (rule / "groups_named_test.rego").write_text(PENDING_TEST)
    (world.house / "CHANGELOG.md").write_text(SECOND)
    code, _, out = answered(*world.words, "--version", "1.1.0", "--quiet")
    assert (code, "differs from the commit" in out) == (3, True)
    commit(world.house, "A pending rule.")
    code, _, out = answered(*world.words, "--version", "1.0.1", "--quiet")
    assert (code, "no section for 1.0.1" in out) == (3, True)
    said = json.loads(hallgate(*world.words, "--version", "1.1.0", "--format", "json", "--quiet"))
    second = said["artifacts"]["all"]
    held = pull(world, "all", "--output", tmp_path / "second")
    assert held["artifact"] == second
    assert held["pointer"]["version"] == "1.1.0"
    data = (tmp_path / "second/bundle.tar.gz").read_bytes()
    sources = {path: text for path, text in unpack(data).items() if path.endswith(".rego")}
    bundle = Bundle(data, held["bundle"])
    policies = policies_of(bundle, sources, session.schemas, session.engine, None)
    ours = run_all([two.base], session.engine, policies)
    assert [one.allowed for one in ours.values()] == [True]

    placed = world.folder / "placed/bundle.tar.gz"
    pull(world, "all", "--place", placed)
    tag, file = f"{world.to}/all:stable", f"file://{placed}"
    waivers = f"{world.to}/waivers:stable"
    pinned = f"{world.to}/all@{second.partition('@')[2]}"
    with (
        served(world, start, opa, tag, waivers, "by-tag") as by_tag,
        served(world, start, opa, file, waivers, "by-file") as by_file,
        served(world, start, opa, pinned, waivers, "by-digest") as by_digest,
    ):
        servers = (by_tag, by_file, by_digest)
        for server in servers:
            said = server.decision(two.base.document)
            assert said["allowed"] is True, said
            (found,) = [one for one in said["verdicts"] if one["id"] == "FAIR-090"]
            assert found["outcome"] == "pending"
        revision = by_file.revision("hallgate")
        _unsigned_and_delta(world, by_tag, data)
        pull(world, "all", "--place", placed)
        assert {one.revision("hallgate") for one in servers} == {revision}
        # Rollback. OPA alone follows an older tag, as the configuration says; who lets us fetch,
        # or pins, does not.
        _back_to(world, "all", world.first["all"])
        again = pull(world, "all", "--place", placed)
        assert again["artifact"] == second
        assert "rollback" in again["fault"]
        by_tag.running.wait_for(lambda: by_tag.revision("hallgate") != revision, "the older one")
        time.sleep(2)  # two polls
        assert {one.revision("hallgate") for one in (by_file, by_digest)} == {revision}
        # What is put in the file's place by somebody else is not loaded.
        write_atomic(placed, b"no bundle")
        time.sleep(2)
        assert by_file.revision("hallgate") == revision


def _back_to(world, name: str, artifact: str) -> None:
    client = client_of(world, name)
    found = client.manifest(artifact.partition("@")[2])
    assert found is not None
    client.put_manifest(found[0], "stable")


def _unsigned_and_delta(world, server: Server, good: bytes) -> None:
    """OPA keeps what it has, and so do we."""
    entries = unpack(good)
    unsigned = pack({path: data for path, data in entries.items() if path != SIGNATURES})
    delta = _delta(json.loads(entries[MANIFEST])["revision"])
    client = client_of(world, "all")
    for data, words in ((unsigned, "missing .signatures.json"), (delta, "delta bundles do not")):
        manifest = canonical_bytes(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST_TYPE,
                "config": describe(EMPTY, CONFIG),
                "layers": [describe(data, BUNDLE_LAYER)],
            }
        )
        client.put_blob(EMPTY)
        client.put_blob(data)
        client.put_manifest(manifest, "stable")
        server.running.wait_for(
            lambda words=words: words in server.running.log.read_text(), f"refusal: {words}"
        )
        held = pull(world, "all")
        assert held["fault"] is not None
        assert held["pointer"]["version"] == "1.1.0"


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
