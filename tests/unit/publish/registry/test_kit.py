"""A kit is taken from a registry only where the bundle's publisher signed whose it is."""

import pytest

from hallgate.cli import app, bundle_registry, registry_access
from hallgate.cli.bundle_registry import read_kit_of
from hallgate.engine.bundle import build_bundle
from hallgate.model.errors import InvalidDocument, NotProven, UsageError
from hallgate.model.trust import Trust
from hallgate.publish.bundle.archive import pack, unpack
from hallgate.publish.bundle.signing import artifact_trust, read_manifest, sign_bundle
from hallgate.publish.registry.artifact import pack_artifact
from hallgate.publish.registry.client import Options
from hallgate.publish.registry.kit import (
    MEDIA_TYPE,
    STATEMENT_TYPE,
    kit_attachments,
    published_kit,
)
from hallgate.publish.registry.publish import Release, publish
from hallgate.publish.registry.referrers import Attachment, attach
from hallgate.publish.registry.transport import Patience
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.keys import generate_key, private_pem, public_pem


@pytest.fixture(scope="module")
def key():
    return generate_key("p256")


@pytest.fixture(scope="module")
def data(key):
    files = {"promotion/main/main.rego": b"package promotion.main\n\nversion := 1\n"}
    return sign_bundle(
        build_bundle(files, ("promotion",), {"track": "mlops"}).data, "mlops", key
    ).data


def release(data, kit=b"kit"):
    return Release(data, "mlops", "1.0.0", "stable", kit=kit)


def taken(client, data, keys, track="mlops"):
    trust: Trust = artifact_trust(map(public_pem, keys))
    artifact = pack_artifact(data).digest
    return published_kit(client, artifact, sha256_digest(data), track, trust, 100)


def test_what_was_published_is_taken(connect, key, data):
    done = publish(connect(""), release(data), key, (), 0)
    assert {MEDIA_TYPE, STATEMENT_TYPE} <= set(done.attached)
    assert taken(connect(""), data, [key]) == b"kit"
    again = publish(connect(""), release(data), key, (), 0)
    assert again.digest == done.digest


def test_a_bundle_without_a_kit_says_so(connect, key, data):
    publish(connect(""), release(data, None), key, (), 0)
    with pytest.raises(NotProven, match="no conformance kit that its publisher signed"):
        taken(connect(""), data, [key])


def test_what_strangers_attach_is_no_kit_and_hides_none(connect, key, data):
    stranger = generate_key("p256")
    artifact, digest = pack_artifact(data), sha256_digest(data)
    publish(connect(""), release(data, None), key, (), 0)
    bad = [
        *kit_attachments(b"theirs", "mlops", digest, stranger),
        *kit_attachments(b"of another bundle", "mlops", sha256_digest(b"x"), key),
        *kit_attachments(b"of another track", "security", digest, key),
        Attachment(STATEMENT_TYPE, "application/json", b"{"),
        Attachment(STATEMENT_TYPE, "application/json", b"[]"),
        Attachment(MEDIA_TYPE, MEDIA_TYPE, b"nobody's"),
    ]
    for one in bad:
        attach(connect(""), artifact.manifest, one)
    with pytest.raises(NotProven, match="no conformance kit"):
        taken(connect(""), data, [key])
    for one in kit_attachments(b"ours", "mlops", digest, key):
        attach(connect(""), artifact.manifest, one)
    assert taken(connect(""), data, [key]) == b"ours"
    with pytest.raises(NotProven):
        taken(connect(""), data, [generate_key("p256")])


@pytest.fixture
def kit(data):
    """The smallest kit that reads, of the bundle's track and revision."""
    manifest = read_manifest(unpack(data))
    case = {
        "name": "a", "sector": "s", "title": "t", "now": 1, "body": sha256_digest(b""),
        "document": {"evidence": {}}, "waivers": [], "overrides": [],
        "expect": {"allowed": False, "tier": "low", "verdicts": [], "faults": []},
    }  # fmt: skip
    about = {
        "format": "urn:hallgate:conformance-kit:v1", "cases": 1,
        "track": manifest.track, "revision": manifest.revision,
    }  # fmt: skip
    return lambda **more: pack(
        {
            "cases/s/a.json": canonical_bytes(case),
            "kit.json": canonical_bytes({**about, **more}),
        }
    )


def test_a_kit_of_other_policies_is_not_published(tmp_path, data, kit):
    path = tmp_path / "k"
    path.write_bytes(kit())
    assert read_kit_of(path, data) == kit()
    for other in ({"track": "security"}, {"revision": "sha256:1"}):
        path.write_bytes(kit(**other))
        with pytest.raises(UsageError, match="the bundle is not"):
            read_kit_of(path, data)
    path.write_bytes(b"no kit")
    with pytest.raises(InvalidDocument):
        read_kit_of(path, data)


def test_the_commands_push_and_pull_it(tmp_path, hostile, monkeypatch, key, data, kit, capsys):
    quick = Options(patience=Patience(silence=2, whole=5, waits=()))
    for module in (bundle_registry, registry_access):
        monkeypatch.setattr(module, "registry_options", lambda _where, _options: quick)
    monkeypatch.chdir(tmp_path)
    for name, content in (("b.tar.gz", data), ("k", kit()), ("key.pem", private_pem(key))):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "key.pem").chmod(0o600)
    (tmp_path / "pub.pem").write_text(public_pem(key))
    address = f"oci://{hostile.host}/hallgate/policies"
    words = ["bundle", "push", "b.tar.gz", address, "--scope", "mlops", "--key", "key.pem"]
    words += ["--version", "1.0.0", "--channel", "stable"]
    pull = ["bundle", "pull", f"{address}:stable", "--scope", "mlops", "--trusted", "pub.pem"]
    pull += ["--cache", "c", "--kit", "taken"]
    assert app.main(words) == 0
    assert app.main(pull) == 1
    assert "no conformance kit" in capsys.readouterr().err
    assert app.main([*words, "--kit", "k"]) == 0
    assert app.main(pull) == 0
    assert (tmp_path / "taken").read_bytes() == kit()
    place = ["conformance", f"{address}:stable", "--scope", "mlops", "--trusted", "pub.pem"]
    place += ["--bundle-cache", "c", "--opa", "unix:///nowhere/s"]
    assert app.main(place) == 4, "the kit is taken, and nobody answers"
    assert app.main([*place[:2], *place[4:]]) == 2
    site = ["bundle", "push", "b.tar.gz", f"file://{tmp_path}/site", *words[4:], "--kit", "k"]
    assert app.main(site) == 0
    assert (tmp_path / "site/mlops/kit.tar.gz").read_bytes() == kit()
    assert (tmp_path / "site/mlops/kit.statement.json").is_file()
