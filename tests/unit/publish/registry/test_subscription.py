"""A consumer follows a channel: signed, never older, not for ever; the last good one stays."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hallgate.engine.bundle import build_bundle
from hallgate.model.errors import NotProven, UsageError
from hallgate.publish.bundle.pointer import Pointer, sign_pointer
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.publish.registry.artifact import pack_artifact
from hallgate.publish.registry.channel import pointer_attachment
from hallgate.publish.registry.client import Options
from hallgate.publish.registry.push import push
from hallgate.publish.registry.subscription import Subscription, bundle_in_use
from hallgate.publish.registry.transport import Patience, RegistryError
from hallgate.record.canonical import sha256_digest
from hallgate.record.keys import generate_key, public_pem

DAY = 86_400
QUICK = Options(patience=Patience(silence=2, whole=5, waits=(), sleep=lambda _seconds: None))


@pytest.fixture(scope="module")
def key():
    return generate_key("p256")


def signed(version, key, track="mlops"):
    rule = f"package promotion.main\n\nversion := {version}\n".encode()
    built = build_bundle({"promotion/main/main.rego": rule}, ("promotion",), {"track": track})
    return sign_bundle(built.data, track, key).data


@pytest.fixture
def release(connect, hostile):
    """Publish a bundle: pointer attached, tag moved; returns the artifact."""

    def publish(data, key, serial, *, at=0, days=14, channel="stable", track="mlops", move=True):
        artifact = pack_artifact(data)
        facts = Pointer(
            channel, track, serial, at, at + days * DAY, sha256_digest(data), f"1.{serial}.0"
        )
        push(connect(), artifact, [pointer_attachment(sign_pointer(facts, key, None))])
        if move:
            connect().put_manifest(artifact.manifest, channel)
        return artifact

    return publish


@pytest.fixture
def use(hostile, tmp_path, key):
    def consume(now, *, suffix=":stable", scope="mlops", keys=None):
        address = f"oci://{hostile.host}/hallgate/policies{suffix}"
        pems = tuple(map(public_pem, [key] if keys is None else keys))
        return bundle_in_use(Subscription.read(address, scope, pems), QUICK, tmp_path / "c", now)

    return consume


def test_a_channel_is_followed_and_warm_costs_one_head(release, use, key, hostile):
    first = release(signed(1, key), key, 1)
    found = use(100)
    assert (found.digest, found.pointer.serial, found.fault) == (first.digest, 1, None)
    hostile.asked.clear()
    again = use(100 + DAY)
    assert hostile.asked == ["HEAD /v2/hallgate/policies/manifests/stable"]
    assert (again.bundle, again.age(100 + DAY)) == (found.bundle, 0)
    second = release(signed(2, key), key, 2, at=DAY)
    assert use(2 * DAY).digest == second.digest


def test_a_digest_needs_no_pointer_and_no_request_when_held(release, use, key, hostile):
    first = release(signed(1, key), key, 1, move=False)
    use(100, suffix=f"@{first.digest}")
    hostile.asked.clear()
    held = use(100 + 50 * DAY, suffix=f"@{first.digest}")
    assert hostile.asked == []
    assert held.age(100 + 50 * DAY) == 50 * DAY


def test_a_registry_that_is_down_leaves_the_last_good_one_with_its_age(release, use, key, hostile):
    first = release(signed(1, key), key, 1)
    use(100)
    hostile.wrong = lambda _method, _path: {"reply": (503, {}, b"")}
    held = use(100 + 3 * DAY)
    assert (held.digest, held.age(100 + 3 * DAY)) == (first.digest, 3 * DAY)
    assert "503" in held.fault


def test_no_longer_than_its_pointer_counts(release, use, key, hostile):
    release(signed(1, key), key, 1, days=14)
    use(100)
    hostile.wrong = lambda _method, _path: {"drop": True}
    with pytest.raises(NotProven, match=r"broke.*last good bundle cannot be used.*expired"):
        use(15 * DAY)


def test_a_pointer_is_renewed_before_it_expires(release, use, key, hostile):
    data = signed(1, key)
    release(data, key, 1, days=14)
    use(100)
    release(data, key, 2, at=6 * DAY)
    assert use(5 * DAY).pointer.serial == 1
    assert use(8 * DAY).pointer.serial == 2
    assert use(19 * DAY).pointer.serial == 2


def test_an_older_tag_is_refused(release, use, key, hostile, connect):
    first = release(signed(1, key), key, 1)
    second = release(signed(2, key), key, 2)
    use(100)
    connect().put_manifest(first.manifest, "stable")
    held = use(200)
    assert (held.digest, held.fault[:28]) == (second.digest, "serial 1 is older than 2, wh")


def test_two_releases_of_one_serial_do_not_alternate(release, use, key):
    first = release(signed(1, key), key, 4)
    use(100)
    release(signed(2, key), key, 4)
    held = use(200)
    assert held.digest == first.digest
    assert "in use with another bundle" in held.fault


def test_the_pointer_of_another_channel_moves_nothing(release, use, key, connect):
    first = release(signed(1, key), key, 1)
    use(100)
    early = release(signed(2, key), key, 9, channel="next")
    connect().put_manifest(early.manifest, "stable")
    held = use(200)
    assert held.digest == first.digest
    assert "no pointer says that it is stable of mlops" in held.fault
    assert use(200, suffix=":next").digest == early.digest


def test_what_strangers_attach_hides_nothing(release, use, key, connect):
    stranger = generate_key("p256")
    data = signed(1, key)
    release(data, key, 1)
    for serial in (7, 8):
        release(data, stranger, serial)
    artifact = pack_artifact(data)
    push(connect(), artifact, [pointer_attachment(b"{}"), pointer_attachment(b"x" * 100_000)])
    assert use(100).pointer.serial == 1


def test_a_key_revoked_between_build_and_use(release, use, key):
    other = ec.generate_private_key(ec.SECP256R1())
    first = release(signed(1, other), other, 1)
    assert use(100, keys=[other, key]).digest == first.digest
    # Revoked while the registry serves a bundle that it signed: nothing it signed is used any more.
    with pytest.raises(NotProven, match="cannot be used"):
        use(200, keys=[key])
    second = release(signed(2, key), key, 2)
    assert use(300, keys=[key]).digest == second.digest
    # The next one signed with it is refused, and the good one stays with its age.
    release(signed(3, other), other, 3)
    held = use(400, keys=[key])
    assert (held.digest, held.age(400)) == (second.digest, 100)


def test_another_track_and_another_tag_are_refused(release, use, key):
    release(signed(1, key, "security"), key, 1, track="security")
    with pytest.raises(NotProven, match="not stable of mlops"):
        use(100)
    with pytest.raises(UsageError, match="follows no channel"):
        use(100, suffix=":1.0.0")
    with pytest.raises(UsageError, match="no key is trusted"):
        Subscription.read("localhost/x:stable", "mlops", ())


def test_a_lost_memory_is_damage_not_a_fresh_start(release, use, key, tmp_path):
    release(signed(1, key), key, 1)
    use(100)
    (note,) = (tmp_path / "c/newest").iterdir()
    note.write_bytes(b"{}")
    with pytest.raises(NotProven, match="damaged"):
        use(200)


def test_nothing_pulled_and_nobody_answers(use, hostile):
    hostile.wrong = lambda _method, _path: {"drop": True}
    with pytest.raises(RegistryError):
        use(100)
