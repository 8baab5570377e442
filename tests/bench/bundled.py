"""The first decision of a new process: by a pulled bundle from the cache, and by the local tree."""

from __future__ import annotations

from pathlib import Path

from cold import COMMAND, own_caches, run_quietly, write_trust
from timing import WALL, Row, alternate, ratio, say
from world import World

from hallgate.intake.rfc3339 import text as time_text
from hallgate.publish.bundle.archive import unpack
from hallgate.publish.bundle.build import Origin, build_published
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.publish.registry.artifact import pack_artifact
from hallgate.publish.registry.pull import BUNDLE, MANIFEST, POLICIES
from hallgate.record.keys import generate_key, public_pem


def measure(world: World) -> list[Row]:
    """`hallgate decide` both ways, in turn; what OPA said of each is cached."""
    say("decide --bundle: a new process from the cache, in turn with the local tree")
    world.stage(world.base, world.folder / "bundled")
    trust = write_trust(world, world.folder / "bundled-trust")
    (world.folder / "bundled-waivers").mkdir()
    command = [COMMAND, "decide", str(world.folder / "bundled" / "request.json")]
    command += ["--evidence", str(world.folder / "bundled" / "evidence"), "--trust", str(trust)]
    command += ["--waivers", str(world.folder / "bundled-waivers"), "--format", "json"]
    command += ["--repository", str(world.root), "--at", time_text(world.base.now)]
    by_bundle = [*command, *_pulled(world, world.folder / "artifacts")]
    caches = own_caches(world, "bundled")
    works = {
        "local": lambda: run_quietly(command, caches),
        "bundle": lambda: run_quietly(by_bundle, caches),
    }
    samples = alternate(works, 9)
    value = ratio(samples, "bundle", "local", WALL)
    return [
        Row(
            "decide-by-bundle", "hallgate decide --bundle, cached / the same from the tree", 1.2,
            WALL, value, "pulled by digest, signature verified, no network", samples,
        )
    ]  # fmt: skip


def _pulled(world: World, cache: Path) -> list[str]:
    """The options of a bundle that lies in the cache as a pull leaves it."""
    policies, engine = world.policies, world.engine
    key = generate_key("p256")
    built = build_published(policies, (), None, Origin(None, {}, "bench"), engine)
    data = sign_bundle(built.data, "all", key).data
    artifact = pack_artifact(data)
    folder = cache / "sha256" / artifact.digest.removeprefix("sha256:")
    rego = {path: one for path, one in unpack(data).items() if path.endswith(".rego")}
    files = {f"{POLICIES}/{path}": one for path, one in rego.items()}
    for name, one in {**files, BUNDLE: data, MANIFEST: artifact.manifest}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(one)
    pem = cache / "key.pem"
    pem.write_text(public_pem(key))
    address = f"oci://localhost/all@{artifact.digest}"
    return ["--bundle", address, "--scope", "all", "--trusted", str(pem),
            "--bundle-cache", str(cache)]  # fmt: skip
