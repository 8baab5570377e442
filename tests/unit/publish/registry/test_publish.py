"""A release is published whole before its channel moves; races, rollbacks and lies are refused."""

import base64
import json
import threading

import pytest

from hallgate.engine.bundle import build_bundle, content_digest
from hallgate.model.errors import InvalidDocument, NotProven, UsageError
from hallgate.publish.bundle.archive import MANIFEST, pack, unpack
from hallgate.publish.bundle.provenance import Builder
from hallgate.publish.bundle.sbom import bundle_sbom
from hallgate.publish.bundle.signing import sign_bundle, verify_bundle
from hallgate.publish.registry.cosign import BUNDLE, SIGNATURE
from hallgate.publish.registry.publish import Release, publish
from hallgate.publish.registry.referrers import Attachment, attach, content, referrers
from hallgate.publish.registry.transport import RegistryError
from hallgate.record.canonical import sha256_digest
from hallgate.record.keys import generate_key, public_pem

DAY = 86_400


@pytest.fixture(scope="module")
def key():
    return generate_key("p256")


def built(version=1, track="mlops", root="promotion"):
    path = {"promotion": "promotion/main/main.rego"}.get(root, f"{root}/{root}.rego")
    rule = f"package {path.rpartition('/')[0].replace('/', '.')}\n\nversion := {version}\n"
    metadata = {"track": track, "commit": "c" * 40, "inputs": {"policies": f"sha256:{'a' * 64}"}}
    return build_bundle({path: rule.encode()}, (root,), metadata).data


def release(key, number=1, **more):
    data = sign_bundle(built(number), "mlops", key).data
    version = more.pop("version", f"1.{number}.0")
    return Release(data, "mlops", version, more.pop("channel", "stable"), **more)


def test_serials_count_on_also_from_an_expired_pointer(connect, key):
    serials = [
        publish(connect(""), release(key, number), key, (), at).pointer.serial
        for number, at in ((1, 0), (2, DAY), (3, 400 * DAY))
    ]
    assert serials == [1, 2, 3]


def test_a_lower_version_and_an_older_clock_are_refused(connect, key, hostile):
    publish(connect(""), release(key, 2), key, (), DAY)
    before = dict(hostile.tags)
    with pytest.raises(UsageError, match=r"1\.1\.0 is older than 1\.2\.0"):
        publish(connect(""), release(key, 1), key, (), 2 * DAY)
    with pytest.raises(UsageError, match="after this machine's time"):
        publish(connect(""), release(key, 3), key, (), 0)
    with pytest.raises(UsageError, match="no version"):
        publish(connect(""), release(key, 3, version="three"), key, (), 2 * DAY)
    assert {name: at for name, at in hostile.tags.items() if name == "stable"} == {
        "stable": before["stable"]
    }


def test_nothing_unsigned_is_published(connect, key, hostile):
    for data, kind in ((built(), NotProven), (b"x", InvalidDocument)):
        with pytest.raises(kind):
            publish(connect(""), Release(data, "mlops", "1.0.0", "stable"), key, (), 0)
    assert hostile.manifests == {}


def test_a_push_that_breaks_at_any_write_leaves_the_old_pointer(connect, key, hostile):
    first = publish(connect(""), release(key, 1), key, (), 0)
    names = ("blobs", "manifests", "types", "tags")
    kept = {name: dict(getattr(hostile, name)) for name in names}
    hostile.asked.clear()
    publish(connect(""), release(key, 2), key, (), 10)
    writes = len([one for one in hostile.asked if one.startswith(("POST", "PUT"))])
    assert writes > 10
    for number in range(writes):
        for name in names:
            setattr(hostile, name, dict(kept[name]))
        left = [number]

        def breaks(method, _path, left=left):
            left[0] -= method in {"POST", "PUT"}
            return {"reply": (507, {}, b"")} if left[0] < 0 and method != "GET" else None

        hostile.wrong = breaks
        with pytest.raises(RegistryError):
            publish(connect(""), release(key, 2), key, (), 10)
        assert hostile.tags["stable"] == first.digest, f"moved after write {number}"
    hostile.wrong = lambda _method, _path: None
    assert publish(connect(""), release(key, 2), key, (), 10).pointer.serial == 2


def test_of_two_releases_at_once_one_is_told(connect, key, hostile):
    publish(connect(""), release(key, 1), key, (), 0)
    barrier = threading.Barrier(2, timeout=20)
    outcomes = []

    def race(number):
        client = connect("")

        def together(step):
            if step.startswith("the channel"):
                barrier.wait()

        try:
            outcomes.append(publish(client, release(key, number), key, (), 10, together).digest)
        except RegistryError as error:
            outcomes.append(error.what)

    threads = [threading.Thread(target=race, args=(number,)) for number in (2, 3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert hostile.tags["stable"] in outcomes
    told = [one for one in outcomes if "another release moved it" in one]
    # In the instant between question and answer both may believe; then one serial, two bundles:
    # consumers keep what they had first (test_subscription).
    assert len(told) == 1 or len(set(outcomes)) == 2


def test_a_tag_that_nothing_proves_stops_the_next_release(connect, key):
    client = connect("")
    publish(
        client, release(generate_key("p256"), 1), generate_key("p256"), (), 0
    ) if False else None
    stranger = generate_key("p256")
    publish(client, release(stranger, 1), stranger, (), 0)
    with pytest.raises(NotProven, match="no pointer says"):
        publish(client, release(key, 2), key, (), 10)
    assert publish(client, release(key, 2, serial=7), key, (), 10).pointer.serial == 7
    # The old key's pointer counts where it is named, while keys change.
    again = publish(client, release(key, 3), key, (public_pem(stranger),), 20)
    assert again.pointer.serial == 8


def test_sbom_provenance_and_signature_say_what_was_published(connect, key, hostile):
    one = release(key, 1, builder=Builder("https://ci.hallgate.dev/run", "https://hallgate.dev/r"))
    done = publish(connect(""), one, key, (), 0)
    found = {}
    for referrer in referrers(connect(), done.digest):
        data = content(connect(), referrer)
        value = json.loads(data)
        if referrer.artifact_type == BUNDLE:
            said = json.loads(base64.b64decode(value["dsseEnvelope"]["payload"]))
            assert said["subject"][0]["digest"] == {"sha256": done.digest[7:]}
            found[said["predicateType"]] = said["predicate"]
        else:
            found[referrer.artifact_type] = (data, value)
    assert found[SIGNATURE] == {}
    sbom, bom = found["application/vnd.cyclonedx+json"]
    built_by = found["https://slsa.dev/provenance/v1"]
    assert built_by["runDetails"]["builder"]["id"] == "https://ci.hallgate.dev/run"
    (byproduct,) = built_by["runDetails"]["byproducts"]
    assert byproduct["digest"]["sha256"] == sha256_digest(sbom)[7:]
    sources = {
        entry["name"]: entry for entry in built_by["buildDefinition"]["resolvedDependencies"]
    }
    assert sources["source"]["digest"] == {"gitCommit": "c" * 40}
    assert sources["policies"]["digest"] == {"sha256": "a" * 64}
    assert bom["metadata"]["component"]["hashes"][0]["content"] == done.bundle[7:]
    assert {entry["name"] for entry in bom["components"]} == {
        ".manifest", ".signatures.json", "promotion/main/main.rego", "opa",
    }  # fmt: skip


def test_the_bill_of_materials_is_cyclonedx_and_always_the_same(key):
    validation = pytest.importorskip("cyclonedx.validation.json")
    schema = pytest.importorskip("cyclonedx.schema")
    data = sign_bundle(built(), "mlops", key).data
    text = bundle_sbom(data, "1.0.0")
    assert text == bundle_sbom(data, "1.0.0")
    validator = validation.JsonStrictValidator(schema.SchemaVersion.V1_6)
    assert validator.validate_str(text.decode()) is None
    assert validator.validate_str(text.decode().replace('"SHA-256"', '"SHA-0"', 1)) is not None


def test_writers_of_the_fallback_tag_do_not_lose_each_other(connect, key, bundle, hostile):
    done = publish(connect(""), release(key, 1), key, (), 0)
    manifest = hostile.manifests[done.digest]
    before = len(referrers(connect(), done.digest))
    threads = [
        threading.Thread(
            target=lambda n=n: attach(
                connect(), manifest, Attachment("x/y", "application/json", b"%d" % n)
            )
        )
        for n in range(3)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    listed = len(referrers(connect(), done.digest))
    assert before < listed <= before + 3


@pytest.mark.parametrize(
    ("track", "root", "sound"),
    [("waivers", "waivers", True), ("mlops", "waivers", False), ("waivers", "promotion", False)],
)
def test_waivers_have_a_root_and_a_scope_of_their_own(key, track, root, sound):
    plain = built(track=track, root=root)
    if sound:
        signed = sign_bundle(plain, track, key).data
        assert verify_bundle(signed, [public_pem(key)], track).manifest.roots == ("waivers",)
        with pytest.raises(NotProven, match="not for 'mlops'"):
            verify_bundle(signed, [public_pem(key)], "mlops")
        return
    with pytest.raises(InvalidDocument, match="has not the one root"):
        sign_bundle(plain, track, key)


def test_a_file_outside_the_root_is_refused(key):
    entries = unpack(built(track="waivers", root="waivers"))
    manifest = json.loads(entries[MANIFEST])
    files = {"waivers/waivers.rego": b"package waivers\n", "promotion/x.rego": b"package x\n"}
    manifest["revision"] = content_digest(files)
    data = pack({**files, MANIFEST: json.dumps(manifest).encode()})
    with pytest.raises(InvalidDocument, match=r"does not cover promotion/x\.rego"):
        sign_bundle(data, "waivers", key)
