"""A house that released 1.0.0 into a real registry, once for a whole run, and its consumers.

The release stages and decides every scenario for its conformance kits; the tests take the kit as a
consumer does, and stage nothing again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from hallgate.decide.compose import waiver_bundle
from hallgate.engine.bundle import build_bundle
from hallgate.engine.served import UnixConnection
from hallgate.publish.bundle.archive import MANIFEST, unpack
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.publish.registry.client import Options, RegistryClient
from hallgate.publish.registry.publish import Release, publish
from hallgate.publish.registry.reference import Reference
from hallgate.record.keys import PrivateKey, generate_key, private_pem, public_pem
from hallgate.testing.kit import Kit, read_kit
from hallgate.testing.runner import Prepared

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("policies", "evidence-schemas", "frameworks", "trust", "exceptions", "tests/scenarios")
FIRST = "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-11-25\n- The first.\n"
TRACK = """track: fair
title: One family, so that a release has more than one bundle
families: [fairness]
frameworks: [nist-ai-rmf]
limits: []
dates: []
rollout: []
baseline: null
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
        env=environment, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


class Trusting(Protocol):
    """Whoever publishes has a key; trusted is the file of its public half."""

    @property
    def trusted(self) -> Path: ...


@dataclass(frozen=True)
class World:
    """The house, its key, what it released first (by artifact), and the kit of every scenario."""

    house: Path
    folder: Path
    key: PrivateKey
    to: str
    first: dict[str, str]
    words: list[str | Path]

    @property
    def trusted(self) -> Path:
        return self.folder / "key.pub.pem"

    @property
    def kit_file(self) -> Path:
        return self.folder / "all.kit.tar.gz"

    @property
    def placed(self) -> Path:
        """The waivers that OPA servers read, as `bundle pull --place` keeps them."""
        return self.folder / "placed/waivers.tar.gz"

    def client(self, name: str) -> RegistryClient:
        return RegistryClient(Reference.parse(f"{self.to}/{name}"), Options())

    def pull(self, name: str, *more: str | Path, cache: str = "cache") -> dict[str, Any]:
        words = ["bundle", "pull", f"{self.to}/{name}:stable", "--scope", name]
        words += ["--trusted", self.trusted, "--cache", self.folder / cache]
        return json.loads(hallgate(*words, "--format", "json", *more))

    def signed_waivers(self, waivers, overrides=()) -> bytes:
        plain = waiver_bundle(waivers, 0, overrides=overrides)
        files = {path: data for path, data in unpack(plain.data).items() if path != MANIFEST}
        built = build_bundle(files, ("waivers",), {"track": "waivers"})
        return sign_bundle(built.data, "waivers", self.key).data

    def publish_waivers(self, data: bytes, version: str, serial: int | None = None) -> None:
        """Publish and place. serial: over a tag that a stranger moved it is said by hand."""
        release = Release(data, "waivers", version, "stable", serial=serial)
        publish(self.client("waivers"), release, self.key, (), int(time.time()))
        self.pull("waivers", "--place", self.placed)


def release_first(host: str, folder: Path) -> World:
    """Release 1.0.0 from a tree like this one without its code, as an adopter has it."""
    house = folder / "house"
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
    (folder / "key.pem").write_bytes(private_pem(key))
    (folder / "key.pem").chmod(0o600)
    (folder / "key.pub.pem").write_text(public_pem(key))
    to = f"oci://{host}/story/policies"
    words = ["release", "publish", to, "--key", folder / "key.pem", "--repository", house]
    said = json.loads(hallgate(*words, "--version", "1.0.0", "--format", "json", "--quiet"))
    # No tag: what a version may say is replayed in tests/e2e/test_release_check.py.
    world = World(house, folder, key, to, said["artifacts"], words)
    world.pull("all", "--kit", world.kit_file)
    return world


def case_of(kit: Kit, name: str, sector: str = "finance") -> Prepared:
    """One scenario of a kit."""
    (found,) = (
        one for one in kit.cases if (one.scenario.sector, one.scenario.name) == (sector, name)
    )
    return found


def kit_of(world: World) -> Kit:
    return read_kit(world.kit_file.read_bytes())


class Server:
    """A real OPA with the configuration that we generate."""

    def __init__(self, running, path: Path) -> None:
        self.running, self._path = running, path

    @property
    def address(self) -> str:
        return f"unix://{self._path}"

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        connection = UnixConnection(self._path, 60)
        try:
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

    def revision(self, name: str) -> str | None:
        found = self.ask("GET", "/v1/status")[1].get("result", {}).get("bundles", {})
        return dict(found.get(name, {})).get("active_revision")


@contextmanager
def served(
    world: Trusting, start, opa: Path, policies: str, waivers: str | None,
    loads: bool = True, scope: str = "all", kept: Path | None = None,
) -> Iterator[Server]:  # fmt: skip
    """OPA by a digest or a file, for policies and waivers; clean by our lint, polling quickly."""
    folder = Path(tempfile.mkdtemp(prefix="hg-"))
    config, path = folder / "opa.yaml", folder / "opa.sock"
    words: Sequence[str | Path] = ["--kind", "opa", "--bundle", policies, "--scope", scope]
    words = [*words, "--key", world.trusted, "--persistence", kept or folder / "kept"]
    words = [*words, *(["--waivers", waivers] if waivers else [])]
    hallgate("consumer", "config", *words, "--output", config)
    hallgate("consumer", "check", config, "--opa-version", "1.22.0")
    value = yaml.safe_load(config.read_text())
    for one in value["bundles"].values():
        one["polling"] = {"min_delay_seconds": 1, "max_delay_seconds": 1}
    config.write_text(yaml.safe_dump(value))
    words = ["run", "--server", f"--addr=unix://{path}", "--config-file", config]
    server = Server(start([opa, *words, "--disable-telemetry"]), path)
    try:
        server.running.wait_for(lambda: server.ask("GET", "/health")[0] == 200, "OPA's answer")
        for name in value["bundles"] if loads else ():
            server.running.wait_for(lambda name=name: bool(server.revision(name)), name, 60)
        yield server
    finally:
        server.running.stop()
        shutil.rmtree(folder, ignore_errors=True)
