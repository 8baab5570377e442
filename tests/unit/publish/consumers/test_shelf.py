"""What lies in a folder is served only once it holds, and never turned back."""

from __future__ import annotations

import http.client
import json
import resource
import threading

import pytest

from hallgate.engine.bundle import build_bundle
from hallgate.publish.bundle.archive import SIGNATURES, pack, unpack
from hallgate.publish.bundle.pointer import Pointer, sign_pointer
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.publish.consumers.shelf import Shelf
from hallgate.record.canonical import sha256_digest
from hallgate.record.files import write_atomic
from hallgate.record.keys import generate_key, public_pem
from hallgate.serve.bundles import BundleServer

NOW = 1_800_000_000
PATH = "/mlops/bundle.tar.gz"


@pytest.fixture(scope="module")
def key():
    return generate_key("p256")


class House:
    """A folder as `bundle pull --place` keeps it, and what was said about it."""

    def __init__(self, folder, key):
        self.root, self.key, self.said = folder / "root", key, []
        self.state = folder / "state"
        (self.root / "mlops").mkdir(parents=True)

    def shelf(self, state=None):
        return Shelf(self.root, (public_pem(self.key),), "stable", state, self.said.append)

    def bundle(self, version, key=None, track="mlops"):
        rule = f"package promotion.main\n\nversion := {version}\n".encode()
        files = {"promotion/main/main.rego": rule}
        built = build_bundle(files, ("promotion",), {"track": track})
        return sign_bundle(built.data, track, key or self.key).data

    def place(self, data):
        write_atomic(self.root / "mlops/bundle.tar.gz", data)

    def point(self, data, serial, *, key=None, issued=NOW - 9, days=14, channel="stable"):
        found = Pointer(
            channel, "mlops", serial, issued, issued + days * 86_400, sha256_digest(data), "1.0.0"
        )
        signed = sign_pointer(found, key or self.key, None)
        write_atomic(self.root / "mlops/stable.json", signed)

    def both(self, version, serial):
        data = self.bundle(version)
        self.place(data)
        self.point(data, serial)
        return data


@pytest.fixture
def house(tmp_path, key):
    return House(tmp_path, key)


def test_the_newest_is_served_with_its_etag(house):
    shelf, first = house.shelf(), house.both(1, 1)
    found = shelf.answer(PATH, None, NOW)
    assert (found.status, found.body) == (200, first)
    assert found.headers["ETag"] == f'"{sha256_digest(first)}"'
    assert shelf.answer(PATH, found.headers["ETag"], NOW).status == 304
    second = house.both(2, 2)
    assert shelf.answer(PATH, found.headers["ETag"], NOW + 5).body == second
    assert shelf.status(NOW + 9)["mlops"] == {
        "age_seconds": 4, "digest": sha256_digest(second), "expires": NOW - 9 + 14 * 86_400,
        "fault": None, "refused_since": None, "serial": 2, "version": "1.0.0",
    }  # fmt: skip
    assert house.said == []


def _unsigned(house, good):
    return pack({path: data for path, data in unpack(good).items() if path != SIGNATURES})


def _stranger(house, good):
    return house.bundle(9, generate_key("p256"))


def _other_track(house, good):
    return house.bundle(9, track="security")


def _delta(house, good):
    patch = b'{"data": [{"op": "upsert", "path": "/promotion/main/allowed", "value": true}]}'
    return pack({".manifest": unpack(good)[".manifest"], "patch.json": patch})


BAD = {
    "a delta": (_delta, "patch.json"),
    "unsigned": (_unsigned, "not signed"),
    "by a stranger": (_stranger, "not trusted"),
    "another track": (_other_track, "security"),
    "cut short": (lambda house, good: good[:-100], ""),
    "empty": (lambda house, good: b"", ""),
}


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_hold_is_told_once_and_the_last_good_one_stays(house, name):
    make, words = BAD[name]
    shelf, good = house.shelf(), house.both(1, 4)
    assert shelf.answer(PATH, None, NOW).body == good
    bad = make(house, good)
    house.place(bad)
    house.point(bad, 5)  # even where somebody points at it
    for later in (60, 120):
        assert shelf.answer(PATH, None, NOW + later).body == good
    (said,) = house.said
    assert said.startswith("mlops: refused: ")
    assert words in said
    assert said.endswith("the last good one stays, serial 4, in use for 60 s")
    told = shelf.status(NOW + 180)["mlops"]
    assert (told["age_seconds"], told["serial"], told["refused_since"]) == (180, 4, NOW + 60)
    assert told["fault"] in said
    newer = house.both(2, 6)
    assert shelf.answer(PATH, None, NOW + 240).body == newer
    assert shelf.status(NOW + 240)["mlops"]["fault"] is None


def test_an_older_release_is_never_put_back(house):
    shelf, first = house.shelf(house.state), house.both(1, 1)
    assert shelf.answer(PATH, None, NOW).body == first
    second = house.both(2, 2)
    assert shelf.answer(PATH, None, NOW).body == second
    house.both(1, 1)
    assert shelf.answer(PATH, None, NOW).body == second
    assert "rollback" in house.said[0]
    # The bundle alone, without its own pointer, is not what the pointer names.
    house.point(second, 2)
    assert shelf.answer(PATH, None, NOW).body == second
    assert "the pointer names" in house.said[1]
    # Nor after a restart, where the state was kept: nothing good is known then.
    house.both(1, 1)
    assert house.shelf(house.state).answer(PATH, None, NOW).status == 503
    assert "rollback" in house.said[2]


def test_without_a_pointer_nothing_says_that_it_is_the_newest(house):
    shelf = house.shelf()
    house.place(house.bundle(1))
    assert shelf.answer(PATH, None, NOW).status == 503
    assert "no stable.json lies beside it" in house.said[0]
    house.point(house.bundle(1), 1, key=generate_key("p256"))
    assert shelf.answer(PATH, None, NOW).status == 503
    house.point(house.bundle(1), 1, channel="next")
    assert shelf.answer(PATH, None, NOW).status == 503
    house.point(house.bundle(1), 1)
    assert shelf.answer(PATH, None, NOW).status == 200


def test_a_clock_that_was_wrong_is_forgotten(house):
    shelf, data = house.shelf(), house.both(1, 1)
    assert shelf.answer(PATH, None, NOW - 3600).status == 503
    assert "in the future" in house.said[0]
    assert shelf.answer(PATH, None, NOW).body == data


def test_an_expired_pointer_serves_nothing_until_it_is_renewed(house):
    shelf, data = house.shelf(), house.both(1, 1)
    ends = NOW - 9 + 14 * 86_400
    assert shelf.answer(PATH, None, ends - 1).body == data
    found = shelf.answer(PATH, None, ends)
    assert (found.status, b"expired" in found.body) == (503, True)
    house.point(data, 2, issued=ends - 1)
    assert shelf.answer(PATH, None, ends).body == data
    assert shelf.status(ends)["mlops"]["age_seconds"] == 1


def test_a_full_disk_for_the_state_changes_nothing_in_use(house):
    shelf, data = house.shelf(house.state), house.both(1, 1)
    assert shelf.answer(PATH, None, NOW).body == data
    seen = (house.state / "mlops.stable.seen.json").read_bytes()
    second = house.both(2, 2)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, before[1]))
    try:
        assert shelf.answer(PATH, None, NOW).body == data
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "could not be written" in house.said[0]
    assert (house.state / "mlops.stable.seen.json").read_bytes() == seen
    # Once there is room it goes on by itself.
    assert shelf.answer(PATH, None, NOW).body == second


def test_a_key_that_is_trusted_no_more_takes_its_bundle_along(house):
    house.both(1, 1)
    pem = public_pem(generate_key("p256"))
    shelf = Shelf(house.root, (pem,), "stable", None, house.said.append)
    assert shelf.answer(PATH, None, NOW).status == 503
    assert "which is not trusted" in house.said[0]


def test_a_file_that_goes_away_takes_nothing_along(house):
    shelf, data = house.shelf(), house.both(1, 1)
    assert shelf.answer(PATH, None, NOW).body == data
    (house.root / "mlops/bundle.tar.gz").unlink()
    assert shelf.answer(PATH, None, NOW).body == data
    assert shelf.status(NOW)["mlops"]["fault"] is not None


@pytest.fixture
def served(house):
    data = house.both(1, 1)
    with BundleServer("127.0.0.1", 0, house.shelf(), lambda: NOW) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server, data
        server.shutdown()
        thread.join()


def ask(server, method, path, **headers):
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=10)
    try:
        connection.request(method, path, headers=headers)
        found = connection.getresponse()
        return found.status, dict(found.getheaders()), found.read()
    finally:
        connection.close()


def test_over_http(served):
    server, data = served
    status, headers, body = ask(server, "GET", PATH)
    assert (status, body, headers["Content-Length"]) == (200, data, str(len(data)))
    assert headers["Content-Type"] == "application/gzip"
    assert "Python" not in headers["Server"]
    etag = {"If-None-Match": headers["ETag"]}
    assert ask(server, "GET", PATH, **etag)[::2] == (304, b"")
    assert ask(server, "GET", f"{PATH}?x=1", **etag)[::2] == (304, b"")
    status, headed, body = ask(server, "HEAD", PATH)
    assert (status, body, headed["Content-Length"]) == (200, b"", str(len(data)))
    assert json.loads(ask(server, "GET", "/status.json")[2])["mlops"]["serial"] == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_is_written_over_http(served, method):
    server, data = served
    assert ask(server, method, PATH)[0] == 501
    assert ask(server, "GET", PATH)[2] == data


@pytest.mark.parametrize(
    "path",
    ["/", "/mlops", "/mlops/", "/../state", "/mlops/../mlops/bundle.tar.gz", "/%2e%2e/x.json",
     "/mlops/.seen.json", "/nobody/bundle.tar.gz", "/etc/passwd"],
)  # fmt: skip
def test_no_listing_and_nothing_outside(served, path):
    assert ask(served[0], "GET", path)[0] == 404
