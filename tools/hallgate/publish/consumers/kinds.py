"""One text per kind of consumer: OPA, a Kubernetes sidecar, conftest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hallgate.model.errors import UsageError
from hallgate.publish.consumers.feed import FED, IMAGE, confined, fed_containers, trusted_files
from hallgate.publish.consumers.opa import HEAD, OpaSettings, as_yaml, opa_config
from hallgate.publish.consumers.source import Source
from hallgate.publish.registry.reference import Reference


def opa_server(settings: OpaSettings, _image: str | None) -> str:
    """opa.yaml."""
    return as_yaml(opa_config(settings), HEAD)


def kubernetes(settings: OpaSettings, image: str | None) -> str:
    """A ConfigMap, and the parts of a Pod that run OPA beside a service."""
    if image is None or not IMAGE.fullmatch(image):
        raise UsageError(
            "the sidecar's image is not named by digest",
            remedy="say --image openpolicyagent/opa@sha256:… of OPA 1.21.3 or newer",
        )
    for one in settings.sources:
        if one.is_file and not one.address.startswith(f"file://{settings.persistence}/"):
            raise UsageError(
                f"the sidecar cannot see {one.address}",
                remedy=f"let `bundle pull --place` write below {settings.persistence}, the volume"
                " that the sidecar mounts",
            )
    fed = fed_containers(settings)
    keys = trusted_files(settings) if fed else {}
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "hallgate-opa"},
        "data": {
            "opa.yaml": opa_server(settings, None),
            **keys,
        },
    }
    patch = {
        "spec": {
            "template": {
                "spec": {
                    "securityContext": {"fsGroup": 1000},
                    "containers": [_container(image, settings.persistence), *fed],
                    "volumes": [
                        {"name": "opa-config", "configMap": {"name": "hallgate-opa"}},
                        {"name": "opa-bundles", "emptyDir": {}},
                        *([{"name": FED, "emptyDir": {}}] if fed else []),
                    ],
                }
            }
        }
    }
    note = (
        "---\n# A strategic-merge patch: kubectl patch deployment NAME --patch-file THIS_DOCUMENT\n"
        "# An emptyDir outlives a restart of the container, not of the pod: use a volume claim\n"
        "# where a new pod must start while the registry is away.\n"
    )
    if fed:
        note += (
            "# A private registry: mount its credentials and set DOCKER_CONFIG for hallgate-pull.\n"
        )
    return as_yaml(config) + as_yaml(patch, note)


def conftest(settings: OpaSettings, _image: str | None) -> str:
    """A shell script: pull the verified digests into a fresh folder, then test."""
    pulls = "\n".join(_pull(_pinned(one), one.name) for one in settings.sources)
    taken = " ".join(f'--policy "$folder/{one.name}"' for one in settings.sources)
    return f"""#!/usr/bin/env bash
# conftest checks no signature and keeps old files when it pulls over them. So pin a digest that
# `hallgate bundle verify` accepted; every pull goes into a fresh folder. Without the bundle of
# waivers nothing is allowed; its digest is newer at each merge: `hallgate bundle pull` names it.
# Exit codes: 0 allowed, 1 denied, 4 nothing was decided.
set -euo pipefail
input="$1" # printed by `hallgate input` in this same job; from anywhere else it proves nothing
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
touch "$folder/empty.toml" # explicit and empty: no conftest.toml or CONFTEST_* can switch it off
run() {{
    env -i PATH="$PATH" HOME="$folder" DOCKER_CONFIG="${{DOCKER_CONFIG:-$HOME/.docker}}" \
        conftest "$@" --config-file "$folder/empty.toml"
}}
{pulls}
code=0
report="$(run test --parser json --show-builtin-errors --output json \
    {taken} --namespace promotion.main "$input")" || code=$?
printf '%s\n' "$report"
# conftest also says 1 when it breaks, and 0 when nothing ran.
if [[ $code -eq 0 ]]; then
    grep -Eq '"successes": [1-9]' <<<"$report" || exit 4
else
    grep -q '"failures": [[]' <<<"$report" || exit 4
    exit 1
fi
"""


def _pull(where: Reference, name: str) -> str:
    tls = " --tls=false" if where.is_loopback else ""
    return (
        f'run pull --absolute-paths{tls} --policy "$folder/{name}" \\\n'
        f"    'oci://{where}' || exit 4"
    )


KINDS: Mapping[str, Callable[[OpaSettings, str | None], str]] = {
    "opa": opa_server,
    "k8s": kubernetes,
    "conftest": conftest,
}


def _container(image: str, persistence: str) -> dict[str, object]:
    return {
        "name": "opa",
        "image": image,
        "args": [
            "run",
            "--server",
            "--addr=127.0.0.1:8181",
            "--diagnostic-addr=0.0.0.0:8282",
            "--config-file=/etc/opa/opa.yaml",
        ],
        "readinessProbe": {"httpGet": {"path": "/health?bundles", "port": 8282}},
        "livenessProbe": {"httpGet": {"path": "/health", "port": 8282}},
        "securityContext": confined(),
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"memory": "512Mi"},
        },
        "volumeMounts": [
            {"name": "opa-config", "mountPath": "/etc/opa", "readOnly": True},
            {"name": "opa-bundles", "mountPath": persistence},
        ],
    }


def _pinned(source: Source) -> Reference:
    if not source.is_oci:
        raise UsageError(
            f"{source.address} is in no registry", remedy="name oci://host/repository@sha256:…"
        )
    where = Reference.parse(source.address)
    if where.digest is None:
        raise UsageError(
            f"{where} can be moved to other policies",
            remedy="pin it: host/repository@sha256:…, as `hallgate bundle push` printed it",
        )
    return Reference(where.host, where.repository, None, where.digest)
