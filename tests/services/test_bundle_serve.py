"""A running OPA takes what `pull --place` puts there within one poll, and nothing else.

The bundles are small; that a real waiver and its revocation arrive in this way shows
test_release_story.py.
"""

from __future__ import annotations

import json
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hallgate.engine.bundle import build_bundle
from hallgate.publish.bundle.archive import SIGNATURES, pack, unpack
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.publish.registry.client import Options, RegistryClient
from hallgate.publish.registry.publish import Release, publish
from hallgate.publish.registry.reference import Reference
from hallgate.record.files import write_atomic
from hallgate.record.keys import PrivateKey, generate_key, public_pem

from .conftest import answers, free_port
from .released import ROOT, Server, hallgate, served

pytestmark = pytest.mark.services

MAIN = """package promotion.main

version := {version}

default allowed := false

allowed if data.waivers.granted == true
"""


@dataclass(frozen=True)
class House:
    """A publisher, and the folder that its consumer keeps."""

    folder: Path
    to: str
    key: PrivateKey

    @property
    def trusted(self) -> Path:
        return self.folder / "key.pub.pem"

    @property
    def shelf(self) -> Path:
        return self.folder / "shelf"

    def release(self, track: str, rego: str, version: str) -> bytes:
        root = "waivers" if track == "waivers" else "promotion"
        path = "waivers/waivers.rego" if track == "waivers" else "promotion/main/main.rego"
        built = build_bundle({path: rego.encode()}, (root,), {"track": track})
        data = sign_bundle(built.data, track, self.key).data
        client = RegistryClient(Reference.parse(f"{self.to}/{track}"), Options())
        release = Release(data, track, version, "stable")
        publish(client, release, self.key, (), int(time.time()))
        return data

    def policies(self, number: int) -> bytes:
        return self.release("mlops", MAIN.format(version=number), f"{number}.0.0")

    def waivers(self, granted: bool, version: str) -> None:
        said = "true" if granted else "false"
        self.release("waivers", f"package waivers\n\ngranted := {said}\n", version)

    def place(self, track: str) -> None:
        """What a timer runs."""
        words: list[str | Path] = ["bundle", "pull", f"{self.to}/{track}:stable", "--scope", track]
        words += ["--trusted", self.trusted, "--cache", self.folder / "cache"]
        hallgate(*words, "--place", self.shelf / track / "bundle.tar.gz")


@pytest.fixture
def house(registry, tmp_path) -> House:
    key = generate_key("p256")
    made = House(tmp_path, f"oci://{registry.host}/serve/{tmp_path.name.lower()}", key)
    made.trusted.write_text(public_pem(key))
    return made


def ask(server: Server, name: str) -> Any:
    return server.ask("POST", f"/v1/data/promotion/main/{name}", {"input": {}})[1].get("result")


def status(port: int) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/status.json", timeout=10) as answer:
        return json.load(answer)


def test_within_one_poll_and_never_back(house: House, start, opa, tmp_path) -> None:
    port = free_port()
    first = house.policies(1)
    house.waivers(False, "1.0.0")
    for track in ("mlops", "waivers"):
        house.place(track)
    old_pointer = (house.shelf / "mlops/stable.json").read_bytes()
    words = ["bundle", "serve", house.shelf, "--port", port, "--trusted", house.trusted]
    shelf = start([ROOT / ".venv/bin/hallgate", *words, "--state", tmp_path / "state"])
    shelf.wait_for(lambda: answers(f"http://127.0.0.1:{port}/status.json"), "the shelf's answer")
    policies, waivers = (
        f"http://127.0.0.1:{port}/{track}/bundle.tar.gz" for track in ("mlops", "waivers")
    )
    kept = tmp_path / "kept"

    def opened():
        return served(house, start, opa, policies, waivers, scope="mlops", kept=kept)

    with opened() as server:
        wait = server.running.wait_for
        assert (ask(server, "version"), ask(server, "allowed")) == (1, False)
        # A release, a waiver and its revocation: each bites without a restart.
        second = house.policies(2)
        house.place("mlops")
        wait(lambda: ask(server, "version") == 2, "the new release")
        house.waivers(True, "1.0.1")
        house.place("waivers")
        wait(lambda: ask(server, "allowed") is True, "the waiver")
        house.waivers(False, "1.0.2")
        house.place("waivers")
        wait(lambda: ask(server, "allowed") is False, "the revocation")
        # Somebody puts other things there by hand: told, with the age of what stays in use.
        unsigned = pack({path: one for path, one in unpack(second).items() if path != SIGNATURES})
        for data, pointer, words_ in (
            (first, old_pointer, "rollback"),
            (first, None, "the pointer names"),
            (unsigned, None, "not signed"),
        ):
            good_pointer = (house.shelf / "mlops/stable.json").read_bytes()
            write_atomic(house.shelf / "mlops/bundle.tar.gz", data)
            write_atomic(house.shelf / "mlops/stable.json", pointer or good_pointer)
            shelf.wait_for(lambda words_=words_: words_ in shelf.log.read_text(), words_)
            told = status(port)["mlops"]
            assert words_ in told["fault"]
            assert told["serial"] == 2
            assert told["age_seconds"] >= 0
            assert ask(server, "version") == 2
            house.place("mlops")  # the timer mends it
            assert status(port)["mlops"]["fault"] is None
        assert "the last good one stays, serial 2, in use for" in shelf.log.read_text()
        assert server.running.process.poll() is None
    # Nobody serves any more: OPA starts from what it kept, with its signature verified.
    shelf.stop()
    with opened() as server:
        assert ask(server, "version") == 2
    assert {one.parent.name for one in kept.rglob("*.tar.gz")} == {"hallgate", "hallgate-waivers"}
