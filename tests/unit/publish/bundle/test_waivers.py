"""The bundle of waivers: what lives is in it, Git must know, and it lets nothing through."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hallgate.decide.policies import PolicySet
from hallgate.engine.bundle import build_bundle
from hallgate.engine.opa import Opa
from hallgate.intake.history import History
from hallgate.intake.repository import Repository
from hallgate.model.documents import Waiver
from hallgate.model.errors import EngineAborted, UsageError
from hallgate.publish.bundle.archive import unpack
from hallgate.publish.bundle.build import Origin
from hallgate.publish.bundle.signing import read_manifest, sign_bundle, verify_bundle
from hallgate.publish.bundle.waivers import build_waivers, require_history, waiver_inputs

ORIGIN = Origin("c" * 40, {"exceptions": "sha256:1", "trust": "sha256:2"}, "1.2.3")
DIGEST = f"sha256:{'1' * 64}"
MAIN = b"""package promotion.main

default allowed := false

decision := {"allowed": allowed}
"""


def waiver(number: int, expires: int) -> Waiver:
    name = f"EXC-2026-{number:04d}"
    document = {"id": name, "expires": expires, "subject": {"digests": [DIGEST]}}
    return Waiver(name, document, f"{name}.yaml", DIGEST, (), ())


def ranged(number: int, expires: int) -> Waiver:
    versions = {"from": "1.2.0", "to": "1.2.9"}
    document = {**waiver(number, expires).document, "subject": {"name": "m", "versions": versions}}
    return replace(waiver(number, expires), document=document)


def policies(main: bytes = MAIN) -> PolicySet:
    return PolicySet((), build_bundle({"promotion/main/main.rego": main}, ("promotion",), {}))


def test_what_lives_is_in_it_and_nothing_else(
    opa: Opa, pem: str, key: ec.EllipticCurvePrivateKey
) -> None:
    built = build_waivers([waiver(1, 200), waiver(2, 100)], [], 100, policies(), ORIGIN, opa)
    manifest = read_manifest(unpack(built.data))
    assert (manifest.track, manifest.roots) == ("waivers", ("waivers",))
    assert manifest.metadata["inputs"] == dict(ORIGIN.inputs)
    text = unpack(built.data)["waivers/waivers.rego"].decode()
    assert "EXC-2026-0001" in text
    assert "EXC-2026-0002" not in text
    again = build_waivers([waiver(2, 100), waiver(1, 200)], [], 100, policies(), ORIGIN, opa)
    assert again == built
    verify_bundle(sign_bundle(built.data, "waivers", key).data, [pem], "waivers")


def test_ranges_are_in_it_by_model(opa: Opa) -> None:
    some = [waiver(1, 200), ranged(2, 200), ranged(3, 100)]
    built = build_waivers(some, [], 100, policies(), ORIGIN, opa)
    told = opa.evaluate([built], "data.waivers", {})
    held = {name: told[name] for name in ("by_digest", "by_model")}  # type: ignore[index, call-overload]
    assert [one["id"] for one in held["by_model"]["m"]] == ["EXC-2026-0002"]
    assert [one["id"] for one in held["by_digest"][DIGEST]] == ["EXC-2026-0001"]


def test_none_is_a_bundle_too(opa: Opa) -> None:
    built = build_waivers([], [], 0, policies(), ORIGIN, opa)
    assert list(unpack(built.data)) == [".manifest", "waivers/waivers.rego"]


def test_one_that_would_let_through_is_not_published(opa: Opa) -> None:
    lax = MAIN + b"\nallowed if count(data.waivers.by_digest) > 0\n"
    with pytest.raises(EngineAborted, match="lets an empty request through"):
        build_waivers([waiver(1, 200)], [], 100, policies(lax), ORIGIN, opa)


def test_without_history_nobody_could_be_cleared(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs Git's history"):
        require_history(History.read(tmp_path))
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / "README.md").write_text("x")
    words = ["git", "-c", "user.name=t", "-c", "user.email=t@hallgate.dev"]
    subprocess.run([*words, "add", "."], cwd=tmp_path, check=True)
    subprocess.run([*words, "commit", "--quiet", "-m", "x"], cwd=tmp_path, check=True)
    require_history(History.read(tmp_path))


def test_inputs_are_named_by_their_contents(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    for name in ("exceptions", "trust"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text("x")
    first = waiver_inputs(repository)
    (tmp_path / "exceptions/x").write_text("y")
    second = waiver_inputs(repository)
    assert first["trust"] == second["trust"]
    assert first["exceptions"] != second["exceptions"]
