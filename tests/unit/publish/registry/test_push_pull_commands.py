"""`hallgate bundle push` and `pull` as they are called: what they print, write and refuse."""

import json
import resource
import socket
import time

import pytest

from hallgate.cli import app, bundle_registry
from hallgate.engine.bundle import build_bundle
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.publish.consumers.shelf import Shelf
from hallgate.publish.registry.client import Options
from hallgate.publish.registry.transport import Patience
from hallgate.record.keys import generate_key, private_pem, public_pem


@pytest.fixture
def place(tmp_path, hostile, monkeypatch):
    """A signed bundle, keys, and a registry that is not waited for."""
    key = generate_key("p256")
    (tmp_path / "key.pem").write_bytes(private_pem(key))
    (tmp_path / "key.pem").chmod(0o600)
    (tmp_path / "pub.pem").write_text(public_pem(key))
    quick = Options(patience=Patience(silence=2, whole=5, waits=()))
    monkeypatch.setattr(bundle_registry, "registry_options", lambda _where, _options: quick)
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_WORKFLOW_REF", "GITHUB_RUN_ID"):
        monkeypatch.delenv(name, raising=False)

    def write(version):
        rule = f"package promotion.main\n\nversion := {version}\n".encode()
        files = {"promotion/main/main.rego": rule}
        built = build_bundle(files, ("promotion",), {"track": "mlops"})
        (tmp_path / "b.tar.gz").write_bytes(sign_bundle(built.data, "mlops", key).data)

    write(1)
    return write


@pytest.fixture
def push(hostile, capsys):
    def run(*words, code=0, version="1.0.0"):
        address = f"oci://{hostile.host}/hallgate/policies"
        said = ["bundle", "push", "b.tar.gz", address, "--scope", "mlops", "--key", "key.pem"]
        assert app.main([*said, "--version", version, *words]) == code
        return capsys.readouterr()

    return run


@pytest.fixture
def pull(hostile, capsys):
    def run(*words, code=0, suffix=":stable"):
        address = f"oci://{hostile.host}/hallgate/policies{suffix}"
        said = ["bundle", "pull", address, "--scope", "mlops", "--trusted", "pub.pem"]
        assert app.main([*said, "--cache", "cache", *words]) == code
        return capsys.readouterr()

    return run


def test_what_is_placed_for_serving_has_its_pointer_beside_it(place, push, pull, tmp_path):
    push("--channel", "stable")
    pull("--place", "shelf/mlops/bundle.tar.gz")
    first = (tmp_path / "shelf/mlops/stable.json").read_bytes()
    pem = (tmp_path / "pub.pem").read_text()
    said = []
    shelf = Shelf(tmp_path / "shelf", (pem,), "stable", None, said.append)
    found = shelf.answer("/mlops/bundle.tar.gz", None, int(time.time()))
    assert (found.status, found.body) == (200, (tmp_path / "b.tar.gz").read_bytes())
    place(2)
    push("--channel", "stable", version="1.1.0")
    pull("--place", "shelf/mlops/bundle.tar.gz")
    assert (tmp_path / "shelf/mlops/stable.json").read_bytes() != first
    found = shelf.answer("/mlops/bundle.tar.gz", found.headers["ETag"], int(time.time()))
    assert (found.status, found.body) == (200, (tmp_path / "b.tar.gz").read_bytes())
    assert said == []
    # Elsewhere the bundle stands alone.
    pull("--place", "alone/opa.tar.gz")
    assert [one.name for one in (tmp_path / "alone").iterdir()] == ["opa.tar.gz"]


def test_a_full_disk_leaves_what_was_placed(place, push, pull, tmp_path):
    push("--channel", "stable")
    pull("--place", "shelf/mlops/bundle.tar.gz")
    folder = tmp_path / "shelf/mlops"
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    place(2)
    push("--channel", "stable", version="1.1.0")
    pull()  # what is new lies in the cache already
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, limit[1]))
    try:
        said = pull("--place", "shelf/mlops/bundle.tar.gz", code=4)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert "could not be written" in said.err
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before


def test_serving_is_refused_where_it_would_be_pointless(place, tmp_path, capsys):
    words = ["bundle", "serve", "--trusted", "pub.pem"]
    assert app.main([*words, "nowhere"]) == 2
    assert "there is no folder nowhere" in capsys.readouterr().err
    assert app.main([*words, ".", "--port", "70000"]) == 2
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert app.main([*words, ".", "--port", str(taken.getsockname()[1])]) == 4
    assert "cannot be used" in capsys.readouterr().err
    assert app.main([*words, ".", "--host", "0.0.0.0"]) == 2


def test_pushed_and_pulled(place, push, pull, tmp_path):
    said = json.loads(push("--channel", "stable", "--format", "json").out)
    assert said["pointer"]["serial"] == 1
    assert said["builder"] == "urn:hallgate:builder:by-hand"
    found = json.loads(pull("--output", "out", "--place", "at/opa.tar.gz", "--format", "json").out)
    assert (found["artifact"], found["fault"]) == (said["artifact"], None)
    assert (tmp_path / "out/policies/promotion/main/main.rego").is_file()
    assert (tmp_path / "at/opa.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()
    assert "is there already" in pull("--output", "out", code=2).err
    text = pull(suffix=f"@{said['artifact'].partition('@')[2]}").out
    assert "nothing says that this bundle is the current one" in text


def test_by_digest_alone_no_channel_moves(place, push, pull, hostile):
    assert "1 documents" not in push().out
    assert "stable" not in hostile.tags
    assert "is not there" in pull(code=4).err


def test_the_last_good_one_is_used_and_said_to_be_old(place, push, pull, hostile, tmp_path):
    push("--channel", "stable")
    pull("--place", "opa.tar.gz")
    kept = (tmp_path / "opa.tar.gz").read_bytes()
    hostile.wrong = lambda _method, _path: {"reply": (503, {}, b"")}
    said = pull("--place", "opa.tar.gz", "--format", "json")
    assert "503" in json.loads(said.out)["fault"]
    assert "the last good bundle is used" in said.err
    assert "could not be had" in pull("--newest", code=1).err
    assert (tmp_path / "opa.tar.gz").read_bytes() == kept


def test_a_workflow_is_the_builder_and_is_said_in_the_provenance(place, push, monkeypatch):
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://forge.hallgate.dev")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/policies")
    monkeypatch.setenv("GITHUB_WORKFLOW_REF", "acme/policies/.github/workflows/release.yml@main")
    monkeypatch.setenv("GITHUB_RUN_ID", "7")
    said = json.loads(push("--format", "json").out)
    wanted = "https://forge.hallgate.dev/acme/policies/.github/workflows/release.yml@main"
    assert said["builder"] == wanted


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        (["--version", "one"], 2, "no version"),
        (["--channel", "stable", "--days", "91"], 2, "at most 90 days"),
        (["--scope", "security"], 1, "not for 'security'"),
        (["--trusted", "missing.pem"], 4, "missing.pem"),
    ],
)
def test_what_cannot_be_pushed(place, push, hostile, words, code, what):
    assert what in push(*words, code=code).err
    assert hostile.tags == {}


def test_an_address_names_a_repository_alone(place, hostile, capsys):
    address = f"oci://{hostile.host}/hallgate/policies:stable"
    words = ["--scope", "mlops", "--key", "key.pem", "--version", "1.0.0"]
    assert app.main(["bundle", "push", "b.tar.gz", address, *words]) == 2
    assert "names a tag or digest" in capsys.readouterr().err


def test_a_directory_for_a_web_server(place, tmp_path, capsys):
    words = ["bundle", "push", "b.tar.gz", f"file://{tmp_path}/site", "--scope", "mlops"]
    words += ["--key", "key.pem", "--channel", "stable", "--version"]
    assert app.main([*words, "1.0.0"]) == 0
    place(2)
    assert app.main([*words, "1.1.0", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out.partition("version 1.0.0\n")[2])
    assert said["pointer"]["serial"] == 2
    names = sorted(one.name for one in (tmp_path / "site/mlops").iterdir())
    assert names == ["bundle.tar.gz", "metadata.json", "sbom.cdx.json", "stable.json"]
    verify = ["bundle", "verify", "site/mlops/bundle.tar.gz", "--trusted", "pub.pem"]
    verify += ["--scope", "mlops", "--pointer", "site/mlops/stable.json", "--state", "seen"]
    assert app.main(verify) == 0
    assert app.main([*words, "1.0.9"]) == 2
    assert "is older than 1.1.0" in capsys.readouterr().err
    (tmp_path / "site/mlops/stable.json").write_text("{}")
    assert app.main([*words, "1.2.0"]) == 3
