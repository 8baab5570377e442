"""References, credentials and tokens."""

import base64
import json

import pytest

from hallgate.model.errors import HallgateError, InvalidDocument, UsageError
from hallgate.publish.registry.client import Options, RegistryClient
from hallgate.publish.registry.credentials import Credentials, find_credentials
from hallgate.publish.registry.reference import Reference
from hallgate.publish.registry.transport import Patience, RegistryError

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    "text",
    [
        "policies", "hallgate/policies", "ghcr.io/UPPER/x", "ghcr.io/a@sha256:12", "ghcr.io/a/../b",
        "ghcr.io/a:", "https://ghcr.io/a", "user:pw@ghcr.io/a", "ghcr.io/a b", "ghcr.io/a\n",
    ],
)  # fmt: skip
def test_odd_references_are_refused(text):
    with pytest.raises(UsageError, match="no reference"):
        Reference.parse(text)


def test_references_are_read_whole():
    found = Reference.parse(f"oci://ghcr.io:443/acme/hall-gate:1.0@{DIGEST}")
    assert (found.host, found.repository, found.tag, found.digest) == (
        "ghcr.io:443", "acme/hall-gate", "1.0", DIGEST,
    )  # fmt: skip
    assert str(Reference.parse("127.0.0.1:5000/a").at(DIGEST)) == f"127.0.0.1:5000/a@{DIGEST}"


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost:5000", "[::1]:5000"])
def test_loopback_is_known(host):
    assert Reference.parse(f"{host}/a").is_loopback
    assert not Reference.parse("127.0.0.1.evil.example/a").is_loopback


def test_plain_http_elsewhere_must_be_said():
    client = RegistryClient(Reference.parse("registry.invalid/a:b"), Options(plain_http=False))
    assert client._base.startswith("https://")


def docker(tmp_path, **config):
    (tmp_path / "config.json").write_text(json.dumps(config))
    return {"DOCKER_CONFIG": str(tmp_path)}


def test_the_environment_comes_first_and_may_be_bound_to_a_host(tmp_path):
    both = {"HALLGATE_REGISTRY_USER": "u", "HALLGATE_REGISTRY_PASSWORD": "secret"}
    assert find_credentials("ghcr.io", both) == Credentials("u", "secret")
    assert "secret" not in repr(find_credentials("ghcr.io", both))
    assert find_credentials("evil.example", {**both, "HALLGATE_REGISTRY_HOST": "ghcr.io"}) is None
    with pytest.raises(UsageError, match="only one of"):
        find_credentials("ghcr.io", {"HALLGATE_REGISTRY_USER": "u"})


def test_docker_auths_are_read_for_their_host_alone(tmp_path):
    auth = base64.b64encode(b"me:pa:ss").decode()
    environment = docker(tmp_path, auths={"https://ghcr.io/v1/": {"auth": auth}})
    assert find_credentials("ghcr.io", environment) == Credentials("me", "pa:ss")
    assert find_credentials("ghcr.io.evil.example", environment) is None
    assert find_credentials("ghcr.io", {"HOME": str(tmp_path)}) is None
    assert find_credentials("ghcr.io", {}) is None


@pytest.mark.parametrize(
    "config",
    [
        {"auths": {"ghcr.io": {}}, "credsStore": "desktop"},
        {"credHelpers": {"ghcr.io": "gcloud"}},
        {"auths": {"ghcr.io": {"identitytoken": "t"}}},
        {"auths": {"ghcr.io": {"auth": "%%"}}},
        {"auths": {"ghcr.io": {"auth": "bm9jb2xvbg=="}}},
    ],
)
def test_what_only_docker_can_use_is_refused_and_not_skipped(tmp_path, config):
    with pytest.raises(InvalidDocument) as raised:
        find_credentials("ghcr.io", docker(tmp_path, **config))
    assert "HALLGATE_REGISTRY_USER" in raised.value.remedy


def guarded(hostile, challenge, wanted):
    def wrong(_method, path):
        if path.startswith("/token"):
            return {"reply": (200, {}, b'{"token": "t0k"}')}
        if hostile.seen[-1].get("Authorization") == wanted:
            return None
        return {"reply": (401, {"WWW-Authenticate": challenge}, b"{}")}

    hostile.wrong = wrong


def test_a_bearer_token_is_fetched_once(hostile, connect):
    challenge = f'Bearer realm="http://{hostile.host}/token",service="s"'
    guarded(hostile, challenge, "Bearer t0k")
    client = connect(credentials=Credentials("u", "p"))
    assert client.resolve("stable") is None
    assert client.resolve("stable") is None
    tokens = [one for one in hostile.asked if "/token" in one]
    assert tokens == ["GET /token?scope=repository%3Ahallgate%2Fpolicies%3Apull&service=s"]
    assert "Basic dTpw" in [one.get("Authorization") for one in hostile.seen]


def test_basic_is_answered_and_nobody_is_told_what_to_set(hostile, connect):
    guarded(hostile, 'Basic realm="x"', "Basic dTpw")
    assert connect(credentials=Credentials("u", "p")).resolve("stable") is None
    with pytest.raises(RegistryError, match="who we are") as raised:
        connect().resolve("stable")
    assert "docker login" in raised.value.remedy
    with pytest.raises(HallgateError, match="refuses us"):
        connect(credentials=Credentials("u", "wrong")).resolve("stable")


def test_a_redirect_elsewhere_takes_no_credentials_along(hostile, connect):
    other = type(hostile)()
    guarded(hostile, 'Basic realm="x"', "Basic dTpw")
    within = hostile.wrong
    moved = {"reply": (307, {"Location": f"http://{other.host}/blob"}, b"")}
    hostile.wrong = lambda method, path: (
        within(method, path) or (moved if "/blobs/" in path else None)
    )
    other.wrong = lambda _method, _path: {"reply": (200, {}, b"data")}
    from hallgate.record.canonical import sha256_digest

    client = connect(credentials=Credentials("u", "p"), patience=Patience(waits=()))
    assert client.blob(sha256_digest(b"data"), 4) == b"data"
    assert [one for one in other.seen if "Authorization" in one] == []
    other.server.shutdown()
    other.server.server_close()
