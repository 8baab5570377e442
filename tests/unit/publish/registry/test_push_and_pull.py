"""What is pushed is pulled; what lies, is cut off, drags or breaks installs nothing."""

import json
import resource

import pytest

from hallgate.model.errors import HallgateError, NotProven, StorageError, UsageError
from hallgate.publish.registry.artifact import pack_artifact
from hallgate.publish.registry.cache import Cache
from hallgate.publish.registry.pull import pull
from hallgate.publish.registry.push import move_tag, push
from hallgate.publish.registry.transport import Patience, RegistryError, TooSlow


def anything(_bundle):
    pass


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.fixture
def pushed(connect, bundle):
    artifact = pack_artifact(bundle())
    client = connect()
    push(client, artifact)
    move_tag(client, artifact, "stable", None)
    return artifact


def test_a_bundle_comes_back_with_its_policies(connect, pushed, bundle, tmp_path):
    pull(connect(), pushed.digest, tmp_path / "out", anything)
    assert (tmp_path / "out/bundle.tar.gz").read_bytes() == bundle()
    assert (tmp_path / "out/policies/promotion/main/main.rego").is_file()
    assert names(tmp_path) == [
        "out", "out/bundle.tar.gz", "out/manifest.json", "out/policies",
        "out/policies/promotion", "out/policies/promotion/main",
        "out/policies/promotion/main/main.rego",
    ]  # fmt: skip


def test_the_same_bundle_is_the_same_artifact(bundle):
    assert pack_artifact(bundle()).manifest == pack_artifact(bundle()).manifest
    layers = json.loads(pack_artifact(bundle()).manifest)["layers"]
    assert layers[0]["mediaType"] == "application/vnd.oci.image.layer.v1.tar+gzip"
    assert layers[1]["annotations"] == {
        "org.opencontainers.image.title": "promotion/main/main.rego"
    }


def test_what_is_there_is_not_sent_again(hostile, connect, pushed):
    hostile.asked.clear()
    push(connect(), pushed)
    assert not [one for one in hostile.asked if one.startswith("POST")]


def test_the_tag_moves_last(hostile, connect, pushed, bundle):
    newer = pack_artifact(bundle(b"package promotion.main\n"))
    for broken in ("POST", "PUT"):
        hostile.wrong = lambda method, _path, broken=broken: (
            {"drop": True} if method == broken else None
        )
        with pytest.raises(RegistryError):
            push(connect(), newer)
        assert hostile.tags == {"stable": pushed.digest}
    hostile.wrong = lambda _method, _path: None
    push(connect(), newer)
    assert hostile.tags == {"stable": pushed.digest}
    move_tag(connect(), newer, "stable", pushed.digest)
    assert hostile.tags == {"stable": newer.digest}


def test_of_two_releases_one_is_told(connect, pushed, bundle, hostile):
    late = pack_artifact(bundle(b"package promotion.main\n\nx := 1\n"))
    push(connect(), late)
    with pytest.raises(RegistryError, match="another release moved it"):
        move_tag(connect(), late, "stable", None)
    assert hostile.tags == {"stable": pushed.digest}


def test_a_blob_stored_wrongly_is_seen_by_the_pusher(hostile, connect, bundle):
    hostile.wrong = lambda method, path: (
        {"data": b"other"} if method == "GET" and "/blobs/" in path else None
    )
    with pytest.raises(NotProven, match="altered"):
        push(connect(), pack_artifact(bundle()))


LIES = {
    "manifest": ("/manifests/", {"data": b"{}"}, NotProven, "altered"),
    "blob": ("/blobs/", {"data": b"x" * 100}, NotProven, "altered"),
    "cut off manifest": ("/manifests/", {"cut": 20}, RegistryError, "ends after|broke"),
    "cut off blob": ("/blobs/", {"cut": 20}, RegistryError, "ends after|broke"),
    "too long": ("/blobs/", {"data": b"x" * 2_000_000}, RegistryError, "longer than"),
    "500": ("/blobs/", {"reply": (500, {}, b"")}, RegistryError, "answered 500"),
    "hung up": ("/blobs/", {"drop": True}, RegistryError, "broke|reached"),
    "missing": ("/manifests/", {"reply": (404, {}, b"")}, RegistryError, "not there"),
    "denied": ("/blobs/", {"reply": (403, {}, b"")}, RegistryError, "refused"),
    "loop": ("/blobs/", {"reply": (307, {"Location": "/v2/x/blobs/1"}, b"")}, RegistryError, "end"),
    "to plain http": (
        "/blobs/", {"reply": (307, {"Location": "ftp://other.example/"}, b"")},
        RegistryError, "not https",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_hostile_registry_installs_nothing(lie, hostile, connect, pushed, tmp_path):
    where, twist, kind, words = LIES[lie]
    hostile.wrong = lambda _method, path: twist if where in path or "/v2/x/" in path else None
    with pytest.raises(kind, match=words) as raised:
        pull(connect(), pushed.digest, tmp_path / "out", anything)
    assert raised.value.remedy
    assert names(tmp_path) == []


def test_a_dripping_registry_is_given_up(hostile, connect, pushed, tmp_path):
    hostile.wrong = lambda _method, path: {"pause": 0.05} if "/blobs/" in path else None
    patience = Patience(silence=1, whole=0.3, waits=())
    with pytest.raises(TooSlow):
        pull(connect(patience=patience), pushed.digest, tmp_path / "out", anything)
    assert names(tmp_path) == []


def test_a_silent_registry_is_given_up(hostile, connect, pushed, tmp_path):
    hostile.wrong = lambda _method, path: {"pause": 1} if "/blobs/" in path else None
    with pytest.raises(TooSlow):
        pull(
            connect(patience=Patience(silence=0.2, waits=())),
            pushed.digest, tmp_path / "out", anything,
        )  # fmt: skip


def test_reads_are_repeated_and_uploads_are_not(hostile, connect, pushed, waits, tmp_path, bundle):
    left = [503, 502]
    hostile.wrong = lambda _method, path: (
        {"reply": (left.pop(), {}, b"")} if "/manifests/" in path and left else None
    )
    pull(connect(), pushed.digest, tmp_path / "out", anything)
    assert waits == [0.5, 2.0]
    hostile.wrong = lambda method, _path: {"reply": (503, {}, b"")} if method == "POST" else None
    hostile.asked.clear()
    with pytest.raises(RegistryError):
        push(connect(), pack_artifact(bundle(b"package promotion.main\n")))
    assert len([one for one in hostile.asked if one.startswith("POST")]) == 1


def test_a_full_disk_leaves_nothing(connect, pushed, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, before[1]))
    try:
        with pytest.raises(StorageError, match="could not be written"):
            pull(connect(), pushed.digest, tmp_path / "out", anything)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert names(tmp_path) == []


def test_a_refused_bundle_is_not_installed(connect, pushed, tmp_path):
    def refuse(_bundle):
        raise NotProven("no signature", remedy="sign it")

    with pytest.raises(NotProven, match="no signature"):
        pull(connect(), pushed.digest, tmp_path / "out", refuse)
    assert names(tmp_path) == []


def test_an_old_folder_is_not_pulled_into(connect, pushed, tmp_path):
    with pytest.raises(UsageError, match="there already"):
        pull(connect(), pushed.digest, tmp_path, anything)


def test_opa_and_conftest_may_not_be_shown_different_rules(connect, bundle, tmp_path, pushed):
    split = json.loads(pushed.manifest)
    other = pack_artifact(bundle(b"package promotion.main\n"))
    split["layers"][1] = json.loads(other.manifest)["layers"][1]
    client = connect()
    push(client, other)
    data = json.dumps(split).encode()
    from hallgate.record.canonical import sha256_digest

    client.put_manifest(data, sha256_digest(data))
    with pytest.raises(NotProven, match="other policies than OPA"):
        pull(client, sha256_digest(data), tmp_path / "out", anything)


def test_warm_costs_one_head_by_tag_and_nothing_by_digest(hostile, connect, pushed, tmp_path):
    cache = Cache(tmp_path)
    cache.fetch(connect(), 100, anything)
    hostile.asked.clear()
    assert cache.fetch(connect(), 200, anything).fault is None
    assert hostile.asked == ["HEAD /v2/hallgate/policies/manifests/stable"]
    hostile.asked.clear()
    cache.fetch(connect(f"@{pushed.digest}"), 300, anything)
    assert hostile.asked == []


def test_the_last_good_bundle_stays_with_its_age(hostile, connect, pushed, tmp_path, bundle):
    cache = Cache(tmp_path)
    cache.fetch(connect(), 100, anything)
    hostile.wrong = lambda _method, _path: {"reply": (503, {}, b"")}
    held = cache.fetch(connect(), 900, anything)
    assert (held.digest, held.fetched_at) == (pushed.digest, 100)
    assert "503" in held.fault
    hostile.wrong = lambda _method, _path: None
    newer = pack_artifact(bundle(b"package promotion.main\n"))
    push(connect(), newer)
    move_tag(connect(), newer, "stable", pushed.digest)

    def only_old(data):
        if data != bundle():
            raise NotProven("rolled back", remedy="ask the publisher")

    held = cache.fetch(connect(), 950, only_old)
    assert (held.digest, held.fetched_at, held.fault) == (pushed.digest, 100, "rolled back")
    assert cache.fetch(connect(), 999, anything).digest == newer.digest


def test_garbage_and_a_full_disk_leave_the_last_good_bundle_too(
    hostile, connect, pushed, tmp_path, bundle
):
    cache = Cache(tmp_path)
    cache.fetch(connect(), 100, anything)
    client = connect()
    client.put_manifest(b"no json", "stable")
    held = cache.fetch(connect(), 200, anything)
    assert (held.digest, held.fetched_at) == (pushed.digest, 100)
    assert "not strict JSON" in held.fault
    newer = pack_artifact(bundle(b"package promotion.main\n"))
    push(client, newer)
    move_tag(client, newer, "stable", client.resolve("stable"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, before[1]))
    try:
        held = cache.fetch(connect(), 300, anything)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (held.digest, held.fetched_at) == (pushed.digest, 100)
    assert "could not be written" in held.fault


def test_a_tampered_cache_is_refused(connect, pushed, tmp_path):
    held = Cache(tmp_path).fetch(connect(), 1, anything)
    (held.policies / "promotion/extra.rego").write_text("package promotion.main\n")
    with pytest.raises(NotProven, match="damaged"):
        Cache(tmp_path).fetch(connect(), 2, anything)


def test_nothing_there_is_an_error(connect, tmp_path):
    with pytest.raises(HallgateError, match="is not there"):
        Cache(tmp_path).fetch(connect(), 1, anything)
