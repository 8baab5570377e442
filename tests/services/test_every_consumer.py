"""One published artifact, every consumer with its real program: the same decision everywhere."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec

import hallgate
from conftest_py import Conftest
from hallgate.cli import app
from hallgate.publish.bundle.archive import pack, unpack_any
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.publish.registry.artifact import pack_artifact
from hallgate.record.canonical import canonical_bytes
from hallgate.record.keys import private_pem, public_pem
from hallgate.testing.kit import read_kit, steady, write_kit
from hallgate.testing.runner import Prepared, run_all

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Published:
    """Addresses by digest of policies and waivers, the key's file and the kit's."""

    policies: str
    waivers: str
    folder: Path

    @property
    def key(self) -> Path:
        return self.folder / "key.pub.pem"

    @property
    def kit(self) -> Path:
        return self.folder / "all.kit.tar.gz"


def call(*words: object, code: int = 0) -> None:
    assert app.main([str(word) for word in words]) == code


@pytest.fixture(scope="module")
def published(registry, harness, tmp_path_factory) -> Published:
    """Version 1.0.0, released with the commands, and the kit of every scenario."""
    folder = tmp_path_factory.mktemp("released")
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "key.pem").write_bytes(private_pem(key))
    (folder / "key.pem").chmod(0o600)
    (folder / "key.pub.pem").write_text(public_pem(key))
    addresses = []
    for form, scope in (("build", "all"), ("build-waivers", "waivers")):
        file, where = folder / f"{scope}.tar.gz", f"{registry.host}/hallgate/{scope}"
        call("bundle", form, "--repository", ROOT, "--output", file)
        file.write_bytes(sign_bundle(file.read_bytes(), scope, key).data)
        words = ["--scope", scope, "--version", "1.0.0", "--key", folder / "key.pem"]
        call("bundle", "push", file, f"oci://{where}", *words, "--channel", "stable", "--quiet")
        addresses.append(f"oci://{where}@{pack_artifact(file.read_bytes()).digest}")
    ready = [steady(one) for one in harness.prepared.values() if isinstance(one, Prepared)]
    decided = run_all(ready, harness.engine, harness.policies)
    (folder / "all.kit.tar.gz").write_bytes(write_kit("all", "sha256:1", ready, decided))
    return Published(addresses[0], addresses[1], folder)


@pytest.fixture
def serve(start, opa, tmp_path):
    """OPA with the configuration that we generate, on a private socket."""
    folder = Path(tempfile.mkdtemp(prefix="hg-"))

    def begin(published: Published):
        path = tmp_path / "opa.yaml"
        words = ["--bundle", published.policies, "--scope", "all", "--key", published.key]
        words += ["--waivers", published.waivers, "--persistence", tmp_path / "kept"]
        call("consumer", "config", "--kind", "opa", *words, "--output", path)
        call("consumer", "check", path, "--opa-version", "1.22.0")
        address = f"unix://{folder}/opa.sock"
        return address, start([opa, "run", "--server", f"--addr={address}", "-c", path])

    yield begin
    shutil.rmtree(folder, ignore_errors=True)


def test_an_opa_server(published, serve, capsys):
    from hallgate.model.errors import EngineError
    from hallgate.testing.server import Server

    address, running = serve(published)

    def loaded():
        try:
            said = Server(address).post("/v1/data/waivers", {})
            found = Server(address).post("/v1/data/promotion/replay/deny", {"input": {}})
            return bool(found.get("result")) and "overrides" in said.get("result", {})
        except EngineError:
            return False

    running.wait_for(loaded, "both bundles", 60)
    call("conformance", published.kit, "--opa", address, "--format", "json")
    report = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))
    assert report["cases"] == report["conform"] > 200
    running.stop()
    call("conformance", published.kit, "--opa", address, code=4)


def test_conftest_pulled_by_digest(published, conftest_program, opa, tmp_path):
    program = Conftest(conftest_program, opa=opa)
    program.pull(published.policies, tmp_path / "pulled", tls=False)
    words = ["--repository", ROOT, "--conftest", tmp_path / "pulled"]
    call("conformance", published.kit, *words, "--conftest-program", conftest_program)


def test_decide_by_bundle_and_the_python_api(published, opa, tmp_path, monkeypatch):
    monkeypatch.setenv("HALLGATE_OPA", str(opa))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    by = ["--bundle", published.policies, "--scope", "all", "--trusted", published.key]
    call("conformance", published.kit, *by, "--bundle-cache", tmp_path / "kept")
    trust = ROOT / "tests/scenarios/trust"
    gate = hallgate.open_gate(
        published.policies, scope="all", trusted=[published.key], trust=trust,
        cache=tmp_path / "kept",
    )  # fmt: skip
    kit = read_kit(published.kit.read_bytes())
    case = next(one for one in kit.cases if one.scenario.name == "base")
    assert gate.judge(case.document).allowed
    assert gate.chosen.age is not None


def test_a_kit_that_expects_something_else_is_noticed(
    published, opa, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("HALLGATE_OPA", str(opa))
    entries = unpack_any(published.kit.read_bytes())
    path = "cases/finance/base.json"
    case = json.loads(entries[path])
    case["expect"]["allowed"] = False
    about = {**json.loads(entries["kit.json"]), "cases": 1}
    (tmp_path / "kit").write_bytes(
        pack({path: canonical_bytes(case), "kit.json": canonical_bytes(about)})
    )
    by = ["--bundle", published.policies, "--scope", "all", "--trusted", published.key]
    call("conformance", tmp_path / "kit", *by, "--bundle-cache", tmp_path / "kept", code=1)
    assert "allowed: expected no, decided yes" in capsys.readouterr().out


def test_the_sidecars_configuration_is_clean(published, tmp_path, capsys):
    image = "openpolicyagent/opa@sha256:" + "a" * 64
    words = ["--bundle", published.policies, "--scope", "all", "--key", published.key]
    words += ["--waivers", published.waivers, "--image", image]
    call("consumer", "config", "--kind", "k8s", *words)
    config, patch = yaml.safe_load_all(capsys.readouterr().out)
    (tmp_path / "opa.yaml").write_text(config["data"]["opa.yaml"])
    call("consumer", "check", tmp_path / "opa.yaml", "--opa-version", "1.22.0")
    (container,) = patch["spec"]["template"]["spec"]["containers"]
    mounts = {one["name"] for one in container["volumeMounts"]}
    assert mounts == {one["name"] for one in patch["spec"]["template"]["spec"]["volumes"]}
