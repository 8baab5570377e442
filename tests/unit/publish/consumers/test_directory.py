"""A directory of bundles: whole or not at all, and the ETag is the digest of what is sent."""

import json

import pytest

from hallgate.model.errors import InvalidDocument, UsageError
from hallgate.publish.bundle.archive import pack
from hallgate.publish.consumers.directory import answer, publish_directory
from hallgate.record.canonical import sha256_digest


def bundle(revision):
    manifest = json.dumps({"revision": revision, "roots": ["promotion"]}).encode()
    return pack({".manifest": manifest, "promotion/main.rego": b"package promotion.main\n"})


def test_the_newest_is_there_and_the_old_one_by_digest(tmp_path):
    old = publish_directory(tmp_path, "mlops", bundle("1"))
    new = publish_directory(tmp_path, "mlops", bundle("2"), {"stable.json": b"{}"})
    assert json.loads((tmp_path / "mlops/metadata.json").read_bytes()) == {
        "digest": new, "etag": f'"{new}"', "revision": "2", "size": len(bundle("2")),
        "track": "mlops",
    }  # fmt: skip
    assert answer(tmp_path, "/mlops/bundle.tar.gz").body == bundle("2")
    assert answer(tmp_path, "/mlops/stable.json").body == b"{}"
    found = answer(tmp_path, f"/blobs/sha256/{old.removeprefix('sha256:')}")
    assert (found.body, "immutable" in found.headers["Cache-Control"]) == (bundle("1"), True)


def test_an_etag_saves_the_body(tmp_path):
    digest = publish_directory(tmp_path, "mlops", bundle("1"))
    found = answer(tmp_path, "/mlops/bundle.tar.gz")
    assert found.headers["ETag"] == f'"{digest}"' == f'"{sha256_digest(found.body)}"'
    again = answer(tmp_path, "/mlops/bundle.tar.gz", found.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    publish_directory(tmp_path, "mlops", bundle("2"))
    assert answer(tmp_path, "/mlops/bundle.tar.gz", found.headers["ETag"]).status == 200


@pytest.mark.parametrize(
    "path",
    ["/../secret", "/mlops/../../x", "/mlops", "/", "/blobs/sha256/x", "/mlops/.x.tmp",
     "/mlops/notes.txt", "//mlops/stable.json", "/mlops/%2e%2e/secret", "/linked/stable.json"],
)  # fmt: skip
def test_nothing_else_is_served(tmp_path, path):
    root = tmp_path / "root"
    (tmp_path / "secret").write_text("s")
    publish_directory(root, "mlops", bundle("1"))
    (root / "mlops/.x.tmp").write_text("half")
    (root / "mlops/notes.txt").write_text("n")
    (root / "mlops/link.json").symlink_to(tmp_path / "secret")
    (tmp_path / "far").mkdir()
    (tmp_path / "far/stable.json").write_text("{}")
    (root / "linked").symlink_to(tmp_path / "far")
    assert answer(root, path).status == 404
    assert answer(root, "/mlops/link.json").status == 404


def test_etags_are_compared_as_http_says(tmp_path):
    digest = publish_directory(tmp_path, "mlops", bundle("1"))
    for asked in (f'"{digest}"', f'W/"{digest}"', f'"x", "{digest}"', "*"):
        assert answer(tmp_path, "/mlops/bundle.tar.gz", asked).status == 304
    for asked in ('"x"', "", digest, f'"{digest}x"', f'"x{digest}"'):
        assert answer(tmp_path, "/mlops/bundle.tar.gz", asked).status == 200


def test_odd_names_and_odd_bundles_are_refused(tmp_path):
    for track in ("../x", "", "blobs", "A", ".x"):
        with pytest.raises(UsageError):
            publish_directory(tmp_path, track, bundle("1"))
    with pytest.raises(UsageError):
        publish_directory(tmp_path, "mlops", bundle("1"), {"metadata.json": b""})
    with pytest.raises(InvalidDocument):
        publish_directory(tmp_path, "mlops", b"no bundle")
    assert list(tmp_path.iterdir()) == []
