"""A push that is killed, in a process of its own: the pointer is the old one, or whole."""

import signal
import subprocess
import sys

import pytest

from hallgate.publish.registry.artifact import pack_artifact
from hallgate.publish.registry.push import move_tag, push

RELEASE = """
import sys
from pathlib import Path
from hallgate.publish.registry.artifact import pack_artifact
from hallgate.publish.registry.client import Options, RegistryClient
from hallgate.publish.registry.push import move_tag, push
from hallgate.publish.registry.reference import Reference

client = RegistryClient(Reference.parse(sys.argv[1]), Options())
artifact = pack_artifact(Path(sys.argv[2]).read_bytes())
before = client.resolve("stable")
push(client, artifact)
move_tag(client, artifact, "stable", before)
"""


@pytest.mark.parametrize(
    "point", ["POST /v2/", "PUT /v2/hallgate/policies/blobs", "manifests/sha256", "PUT stable"]
)
def test_the_old_pointer_stays_and_the_next_push_completes(
    point, hostile, connect, bundle, tmp_path
):
    old = pack_artifact(bundle())
    push(connect(), old)
    move_tag(connect(), old, "stable", None)
    newer = bundle(b"package promotion.main\n")
    (tmp_path / "bundle").write_bytes(newer)
    where = f"{hostile.host}/hallgate/policies:stable"
    command = [sys.executable, "-c", RELEASE, where, str(tmp_path / "bundle")]
    children = []

    def kill(method, path):
        at = f"{method} {path}"
        tag = point == "PUT stable" and at.endswith("manifests/stable") and method == "PUT"
        if tag or point in at:
            children[0].send_signal(signal.SIGKILL)
            return {"drop": True}
        return None

    hostile.wrong = kill
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as child:
        children.append(child)
        assert child.wait(30) == -signal.SIGKILL
    assert hostile.tags == {"stable": old.digest}
    hostile.wrong = lambda _method, _path: None
    assert subprocess.run(command, timeout=30).returncode == 0
    assert hostile.tags == {"stable": pack_artifact(newer).digest}
