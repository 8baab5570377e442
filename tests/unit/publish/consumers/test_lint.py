"""Each way a configuration opens the gate is found; what we write ourselves is clean."""

import copy
import json

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec

from hallgate.cli import app
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.publish.consumers.lint import lint
from hallgate.record.keys import generate_key, key_id, private_pem, public_pem

DIGEST = "sha256:" + "a" * 64
GOOD = {
    "services": {"hallgate": {"url": "https://registry.example", "type": "oci"}},
    "keys": {"k": {"algorithm": "ES256", "key": "PEM"}},
    "bundles": {
        "hallgate": {
            "service": "hallgate",
            "resource": f"registry.example/policies@{DIGEST}",
            "persist": True,
            "signing": {"scope": "mlops"},
        }
    },
    "persistence_directory": "/var/lib/opa",
    "decision_logs": {"console": True},
    "status": {"console": True},
}
BUNDLE = ("bundles", "hallgate")
GONE = object()
BAD = [
    ((*BUNDLE, "signing"), GONE, "unsigned-accepted"),
    ((*BUNDLE, "signing"), {}, "unsigned-accepted"),
    ((*BUNDLE, "signing", "exclude_files"), ["data.json"], "unsigned-accepted"),
    ((*BUNDLE, "signing", "keyid"), "k", "pinned-key"),
    ((*BUNDLE, "persist"), GONE, "no-persistence"),
    (("persistence_directory",), GONE, "no-persistence"),
    ((*BUNDLE, "allow_unsigned_delta_bundles"), True, "deltas"),
    ((*BUNDLE, "signing", "allow_unsigned_delta_bundles"), "yes", "deltas"),
    (("services", "hallgate", "url"), "http://registry.example", "plain-http"),
    (("services", "hallgate", "url"), "http://127.0.0.1.evil.example", "plain-http"),
    (("services", "hallgate", "allow_insecure_tls"), True, "plain-http"),
    (("services",), [{"name": "hallgate", "url": "http://x.example"}], "plain-http"),
    (("keys", "k", "algorithm"), GONE, "key-without-algorithm"),
    (("keys", "k", "algorithm"), "HS256", "weak-key"),
    (("keys", "k", "algorithm"), "EdDSA", "weak-key"),
    (("keys", "k", "key"), "-----BEGIN EC " + "PRIVATE KEY-----", "private-key"),
    (("keys",), GONE, "no-key"),
    (("decision_logs",), GONE, "no-decision-logs"),
    (("status",), {"console": False}, "no-status"),
    (("bundles",), {}, "no-bundle"),
    ((*BUNDLE, "resource"), "registry.example/policies:stable", "rollback"),
    ((*BUNDLE, "resource"), "registry.example/policies", "rollback"),
    ((*BUNDLE, "resource"), "mlops/bundle.tar.gz", "rollback"),
    ((*BUNDLE, "resource"), f"registry.example/{DIGEST.replace(':', '-')}:stable", "rollback"),
    ((*BUNDLE, "resource"), GONE, "rollback"),
    (("bundles", "second"), {"persist": True, "resource": f"r/p@{DIGEST}"}, "unsigned-accepted"),
    (("bundles", "second"), "x", "shape"),
    (("discovery",), {"persist": True, "resource": f"r/d@{DIGEST}"}, "unsigned-accepted"),
    (("bundle",), {"name": "x"}, "unsigned-accepted"),
]


def changed(path, value):
    config = copy.deepcopy(GOOD)
    *folders, last = path
    place = config
    for name in folders:
        place = place[name]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return config


def test_a_good_configuration_has_no_weakness():
    assert lint(GOOD, "1.22.0") == ()


def as_words(one):
    """The same on every process: an object's own words hold its address."""
    return "gone" if one is GONE else str(one)[:40]


@pytest.mark.parametrize(("path", "value", "rule"), BAD, ids=as_words)
def test_each_weakness_is_found_alone_with_a_remedy(path, value, rule):
    found = lint(changed(path, value), "1.22.0")
    assert {one.rule for one in found} == {rule}
    assert all(one.remedy and one.what for one in found)


def test_a_key_without_a_scope_takes_bundles_of_other_tracks():
    found = lint(changed((*BUNDLE, "signing"), {"keyid": "k"}))
    assert [one.rule for one in found] == ["no-scope", "pinned-key"]


@pytest.mark.parametrize("version", ["1.21.2", "0.70.0", "1.21", "new", "1.9.9"])
def test_an_old_opa_is_found(version):
    assert [one.rule for one in lint(GOOD, version)] == ["old-opa"]


@pytest.mark.parametrize("version", ["1.21.3", "1.22.0", "v2.0.0", "1.22.0-static"])
def test_a_new_opa_is_not(version):
    assert lint(GOOD, version) == ()


@pytest.mark.parametrize("config", [None, [], "x", {"bundles": 5, "keys": 1, "services": 3}])
def test_odd_documents_are_findings_and_no_crash(config):
    assert lint(config)


@pytest.fixture
def keys(tmp_path):
    made = []
    for name in ("old", "new"):
        key = ec.generate_private_key(ec.SECP256R1())
        (tmp_path / f"{name}.pem").write_text(public_pem(key))
        made.append(key)
    return made


def config(tmp_path, *words, kind="opa", bundle=f"registry.example/policies@{DIGEST}"):
    keys = ["--key", str(tmp_path / "old.pem"), "--key", str(tmp_path / "new.pem")]
    return app.main(
        ["consumer", "config", "--kind", kind, "--bundle", bundle, "--scope", "mlops",
         *keys, *words]
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--logs", "https://logs.example"],
        ["--waivers", f"registry.example/waivers@{DIGEST}"],
        ["--waivers", "file:///var/lib/hallgate/waivers.tar.gz"],
    ],
)
def test_what_we_write_is_clean(tmp_path, keys, words, capsys):
    out = tmp_path / "opa.yaml"
    assert config(tmp_path, "--output", str(out), *words) == 0
    assert app.main(["consumer", "check", str(out), "--opa-version", "1.22.0"]) == 0
    assert "no weakness" in capsys.readouterr().out
    written = parse_yaml(out.read_bytes(), "opa.yaml").value
    assert set(written["keys"]) == {key_id(key) for key in keys}
    assert written["bundles"]["hallgate"]["signing"] == {"scope": "mlops"}


ACCEPTED = "--accept-rollback-by-whoever-moves-the-tag"
MUTABLE = ["registry.example/policies:stable", "https://policies.example/mlops/bundle.tar.gz"]


@pytest.mark.parametrize("kind", ["opa", "k8s"])
@pytest.mark.parametrize("address", MUTABLE)
def test_what_can_be_moved_back_is_refused_with_the_two_forms_that_cannot(
    tmp_path, keys, address, kind, capsys
):
    image = ["--image", f"openpolicyagent/opa@{DIGEST}"]
    for words in ({"bundle": address}, {"waivers": address}):
        more = ["--waivers", words["waivers"]] if "waivers" in words else []
        bundle = {"bundle": words["bundle"]} if "bundle" in words else {}
        assert config(tmp_path, *image, *more, kind=kind, **bundle) == 2
        said = capsys.readouterr().err
        assert f"{address} can be moved back" in said
        assert "@sha256:" in said
        assert "bundle pull --place" in said


@pytest.mark.parametrize("address", MUTABLE)
def test_who_accepts_it_in_words_is_warned_and_the_check_reports_it(
    tmp_path, keys, address, capsys
):
    out = tmp_path / "opa.yaml"
    assert config(tmp_path, ACCEPTED, "--output", str(out), bundle=address) == 0
    assert f"warning: {ACCEPTED}" in capsys.readouterr().err
    assert app.main(["consumer", "check", str(out), "--opa-version", "1.22.0"]) == 1
    assert "[rollback]" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["opa", "conftest"])
def test_without_waivers_one_is_warned_that_everything_is_denied(tmp_path, keys, kind, capsys):
    assert config(tmp_path, kind=kind) == 0
    assert "every promotion is denied" in capsys.readouterr().err
    assert config(tmp_path, "--waivers", f"registry.example/waivers@{DIGEST}", kind=kind) == 0
    assert capsys.readouterr().err == ""


def test_the_sidecar_reads_a_file_only_below_its_own_volume(tmp_path, keys, capsys):
    image = ["--image", f"openpolicyagent/opa@{DIGEST}"]
    assert config(tmp_path, *image, kind="k8s", bundle="file:///srv/mlops.tar.gz") == 2
    assert "cannot see" in capsys.readouterr().err
    assert config(tmp_path, *image, kind="k8s", bundle="file:///var/lib/opa/mlops.tar.gz") == 0


def test_a_directory_behind_https_works_too(tmp_path, keys, capsys):
    assert config(tmp_path, ACCEPTED, bundle=MUTABLE[1]) == 0
    written = yaml.safe_load(capsys.readouterr().out)
    assert written["services"]["hallgate"] == {"url": "https://policies.example"}
    assert written["bundles"]["hallgate"]["resource"] == "mlops/bundle.tar.gz"


def test_the_sidecar_holds_the_same_configuration(tmp_path, keys, capsys):
    assert config(tmp_path, kind="k8s") == 2
    assert "digest" in capsys.readouterr().err
    assert config(tmp_path, "--image", f"openpolicyagent/opa@{DIGEST}", kind="k8s") == 0
    settings, patch = yaml.safe_load_all(capsys.readouterr().out)
    assert lint(yaml.safe_load(settings["data"]["opa.yaml"])) == ()
    pod = patch["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["image"].endswith(f"@{DIGEST}")
    limits = container["securityContext"]
    assert limits["readOnlyRootFilesystem"] is limits["runAsNonRoot"] is True
    assert limits["allowPrivilegeEscalation"] is False
    assert limits["capabilities"] == {"drop": ["ALL"]}
    # Whoever is not in the pod asks nothing of OPA; the probe alone is reached from outside.
    assert "--addr=127.0.0.1:8181" in container["args"]
    probe = container["readinessProbe"]["httpGet"]
    assert probe == {"path": "/health?bundles", "port": 8282}
    assert "--diagnostic-addr=0.0.0.0:8282" in container["args"]
    mounts = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
    assert mounts.keys() == {one["name"] for one in pod["volumes"]}
    assert f"--config-file={mounts['opa-config']}/opa.yaml" in container["args"]
    assert pod["volumes"][0]["configMap"]["name"] == settings["metadata"]["name"]
    kept = yaml.safe_load(settings["data"]["opa.yaml"])["persistence_directory"]
    assert kept == mounts["opa-bundles"]


def test_a_gate_in_ci_is_pinned_by_digest(tmp_path, keys, capsys):
    kind = "conftest"
    assert config(tmp_path, kind=kind, bundle="registry.example/policies:stable") == 2
    assert "pin it" in capsys.readouterr().err
    assert config(tmp_path, kind=kind, bundle=f"registry.example/policies:1.0@{DIGEST}") == 0
    text = capsys.readouterr().out
    assert f"oci://registry.example/policies@{DIGEST}" in text


def test_a_file_that_pull_places_needs_no_service_and_is_clean(tmp_path, keys, capsys):
    assert config(tmp_path, bundle="file:///var/lib/hallgate/mlops.tar.gz") == 0
    text = capsys.readouterr().out
    value = yaml.safe_load(text)
    assert value["bundles"]["hallgate"]["resource"] == "file:///var/lib/hallgate/mlops.tar.gz"
    assert "service" not in value["bundles"]["hallgate"]
    assert "hallgate" not in value["services"]
    path = tmp_path / "opa.yaml"
    path.write_text(text)
    assert app.main(["consumer", "check", str(path)]) == 0


@pytest.mark.parametrize("host", ["127.0.0.1:8182", "[::1]:8182", "localhost"])
def test_what_is_served_on_this_machine_is_clean_and_asked_for_often(tmp_path, keys, host, capsys):
    address = f"http://{host}/mlops/bundle.tar.gz"
    assert config(tmp_path, bundle=address) == 0
    text = capsys.readouterr().out
    value = yaml.safe_load(text)
    assert value["services"]["hallgate"] == {"url": f"http://{host}"}
    entry = value["bundles"]["hallgate"]
    assert (entry["resource"], entry["persist"]) == ("mlops/bundle.tar.gz", True)
    assert entry["signing"] == {"scope": "mlops"}
    assert entry["polling"]["max_delay_seconds"] == 20
    path = tmp_path / "opa.yaml"
    path.write_text(text)
    assert app.main(["consumer", "check", str(path), "--opa-version", "1.22.0"]) == 0
    capsys.readouterr()
    # The same over the network is another thing, and an address is not this machine by its looks.
    for far, rules in (
        ("http://10.0.0.7:8182", {"plain-http", "rollback"}),
        ("http://localhost.far.example", {"plain-http", "rollback"}),
        ("https://far.example", {"rollback"}),
    ):
        value["services"]["hallgate"]["url"] = far
        assert {one.rule for one in lint(value, "1.22.0")} == rules


def test_a_pod_pulls_serves_and_decides(tmp_path, keys, capsys):
    served = "http://127.0.0.1:8182/{}/bundle.tar.gz"
    words = ["--image", f"openpolicyagent/opa@{DIGEST}", "--waivers", served.format("waivers")]
    bundle = served.format("mlops")
    assert config(tmp_path, *words, kind="k8s", bundle=bundle) == 2
    assert "nothing in the pod would answer" in capsys.readouterr().err
    words += ["--hallgate-image", f"acme/hallgate@{DIGEST}", "--from"]
    assert config(tmp_path, *words, "oci://r.example/p:stable", kind="k8s", bundle=bundle) == 2
    assert "names a tag" in capsys.readouterr().err
    assert config(tmp_path, *words, "oci://r.example/p", kind="k8s", bundle=bundle) == 0
    settings, patch = yaml.safe_load_all(capsys.readouterr().out)
    assert lint(yaml.safe_load(settings["data"]["opa.yaml"])) == ()
    pod = patch["spec"]["template"]["spec"]
    assert [one["name"] for one in pod["containers"]] == ["opa", "hallgate-pull", "hallgate-serve"]
    volumes = {one["name"] for one in pod["volumes"]}
    assert volumes == {"opa-config", "opa-bundles", "hallgate-bundles"}
    for one in pod["containers"]:
        assert one["securityContext"]["readOnlyRootFilesystem"] is True
        assert {it["name"] for it in one["volumeMounts"]} <= volumes
    _, pull, serve = (" ".join([*one.get("command", [])]) for one in pod["containers"])
    for track in ("mlops", "waivers"):
        assert f"hallgate bundle pull oci://r.example/p/{track}:stable --scope {track} " in pull
        assert f"--place /var/lib/hallgate/{track}/bundle.tar.gz" in pull
    assert serve.startswith("hallgate bundle serve /var/lib/hallgate --port 8182 --trusted ")
    # The keys that both are given are the publisher's, from the same map.
    named = [word.rpartition("/")[2] for word in serve.split() if word.endswith(".pem")]
    assert {settings["data"][name] for name in named} == {public_pem(key) for key in keys}


@pytest.mark.parametrize(
    ("bundle", "words"),
    [
        ("http://policies.example/b.tar.gz", "no https"),
        ("https://u:p@policies.example/b.tar.gz", "no https"),
        ("registry.example/policies", "no version"),
        ("x'; rm -rf /", "no reference"),
        ("https://policies.example/$(id)", "no https"),
        ("file://relative/b.tar.gz", "is no file"),
        ("file:///var/../../$(id)", "is no file"),
        ("http://127.0.0.1.example/mlops/bundle.tar.gz", "no https"),
        ("http://127.0.0.1@far.example/mlops/bundle.tar.gz", "no https"),
        ("http://far.example/127.0.0.1/bundle.tar.gz", "no https"),
        ("http://127.0.0.1:8182/security/bundle.tar.gz", "is no bundle of mlops"),
        ("http://127.0.0.1:8182/mlops/other.tar.gz", "is no bundle of mlops"),
    ],
)
def test_addresses_that_cannot_be_trusted_are_refused(tmp_path, keys, bundle, words, capsys):
    assert config(tmp_path, bundle=bundle) == 2
    assert words in capsys.readouterr().err


def test_keys_of_another_kind_and_private_keys_are_refused(tmp_path, keys, capsys):
    key = generate_key("ed25519")
    (tmp_path / "old.pem").write_text(public_pem(key))
    assert config(tmp_path) == 2
    (tmp_path / "old.pem").write_bytes(private_pem(keys[0]))
    assert config(tmp_path) == 3
    (tmp_path / "old.pem").write_bytes((tmp_path / "new.pem").read_bytes())
    assert config(tmp_path) == 2
    assert "twice" in capsys.readouterr().err


def test_no_key_is_no_configuration(capsys):
    words = ["--kind", "opa", "--bundle", f"registry.example/p@{DIGEST}", "--scope", "mlops"]
    assert app.main(["consumer", "config", *words]) == 2
    assert "no key" in capsys.readouterr().err


def test_the_check_prints_json(tmp_path, capsys):
    path = tmp_path / "opa.json"
    path.write_text(json.dumps(changed((*BUNDLE, "signing"), GONE)))
    assert app.main(["consumer", "check", str(path), "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["weaknesses"]
    assert (found["rule"], found["place"]) == ("unsigned-accepted", "bundles.hallgate.signing")
    assert app.main(["consumer", "check", str(tmp_path / "missing")]) == 2
    path.write_text("a: 1\na: 2\n")
    assert app.main(["consumer", "check", str(path)]) == 3


def test_a_gate_in_ci_takes_policies_and_waivers(tmp_path, keys, capsys):
    both = [f"registry.example/{name}@{DIGEST}" for name in ("policies", "waivers")]
    words = ["consumer", "config", "--kind", "conftest", "--scope", "mlops"]
    assert app.main([*words, "--bundle", both[0], "--waivers", both[1]]) == 0
    text = capsys.readouterr().out
    assert all(f"oci://{one}" in text for one in both)
    assert '--policy "$folder/hallgate" --policy "$folder/hallgate-waivers"' in text
    assert app.main([*words, "--bundle", both[0], "--waivers", "registry.example/w:stable"]) == 2
    assert "pin it" in capsys.readouterr().err
