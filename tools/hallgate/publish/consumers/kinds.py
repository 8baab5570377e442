"""One text per kind of consumer: OPA, a Kubernetes sidecar, conftest, CI includes, Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from hallgate.model.errors import UsageError
from hallgate.publish.consumers.opa import HEAD, OpaSettings, as_yaml, opa_config
from hallgate.publish.consumers.source import Source
from hallgate.publish.registry.reference import Reference

_IMAGE = re.compile(r"[A-Za-z0-9./:_-]+@sha256:[0-9a-f]{64}")


def opa_server(settings: OpaSettings, _image: str | None) -> str:
    """opa.yaml."""
    return as_yaml(opa_config(settings), HEAD)


def kubernetes(settings: OpaSettings, image: str | None) -> str:
    """A ConfigMap, and the parts of a Pod that run OPA beside a service."""
    if image is None or not _IMAGE.fullmatch(image):
        raise UsageError(
            "the sidecar's image is not named by digest",
            remedy="say --image openpolicyagent/opa@sha256:… of OPA 1.21.3 or newer",
        )
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "hallgate-opa"},
        "data": {"opa.yaml": opa_server(settings, None)},
    }
    probe = {"path": "/health?bundles", "port": 8282}
    container = {
        "name": "opa",
        "image": image,
        "args": [
            "run",
            "--server",
            "--addr=127.0.0.1:8181",
            "--diagnostic-addr=0.0.0.0:8282",
            "--config-file=/etc/opa/opa.yaml",
        ],
        "readinessProbe": {"httpGet": probe},
        "livenessProbe": {"httpGet": {"path": "/health", "port": 8282}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"memory": "512Mi"},
        },
        "volumeMounts": [
            {"name": "opa-config", "mountPath": "/etc/opa", "readOnly": True},
            {"name": "opa-bundles", "mountPath": settings.persistence},
        ],
    }
    patch = {
        "spec": {
            "template": {
                "spec": {
                    "securityContext": {"fsGroup": 1000},
                    "containers": [container],
                    "volumes": [
                        {"name": "opa-config", "configMap": {"name": "hallgate-opa"}},
                        {"name": "opa-bundles", "emptyDir": {}},
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
    return as_yaml(config) + as_yaml(patch, note)


def conftest(settings: OpaSettings, _image: str | None) -> str:
    """A shell script: verify, then pull the same digest with conftest, then test."""
    where = _pinned(settings.sources[0])
    return f"""#!/usr/bin/env bash
# conftest checks no signature and keeps old files when it pulls over them. So the digest below is
# one that `hallgate bundle verify` accepted, and every pull goes into a fresh folder.
set -euo pipefail
input="$1" # printed by `hallgate input` in this same job; from anywhere else it proves nothing
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
touch "$folder/empty.toml" # an explicit empty configuration: none of the working directory's
run() {{ env -i PATH="$PATH" HOME="$folder" conftest "$@" --config-file "$folder/empty.toml"; }}
run pull --absolute-paths --policy "$folder/policies" 'oci://{where}'
test -n "$(find "$folder/policies" -name '*.rego' -print -quit)" # nothing pulled is no pass
report="$(run test --parser json --show-builtin-errors --output json \\
    --policy "$folder/policies" --namespace promotion.main "$input")" ||
    {{ printf '%s\\n' "$report"; exit 1; }}
printf '%s\\n' "$report"
# conftest says success when nothing ran: the report must hold an evaluation.
printf '%s' "$report" | grep -q '"namespace": "promotion.main"'
"""


def github(settings: OpaSettings, _image: str | None) -> str:
    """A composite action: policy-gate/action.yml."""
    return f"""# policy-gate/action.yml; in a job:  uses: ./policy-gate  with: {{request: request.yaml}}
name: policy gate
description: Denies a promotion that the published policies do not allow
inputs:
  request: {{description: the request to decide, required: true}}
  evidence: {{description: folder of evidence, default: evidence}}
runs:
  using: composite
  steps:
    - shell: bash
      env: # through the environment, so that no input becomes a command
        REQUEST: ${{{{ inputs.request }}}}
        EVIDENCE: ${{{{ inputs.evidence }}}}
      run: >-
        hallgate decide "$REQUEST" --evidence "$EVIDENCE"
        --bundle 'oci://{_pinned(settings.sources[0])}'
"""


def gitlab(settings: OpaSettings, _image: str | None) -> str:
    """A file to include in .gitlab-ci.yml."""
    return f"""# include: {{local: policy-gate.yml}}, then  my-gate: {{extends: .policy-gate}}
.policy-gate:
  variables:
    REQUEST: request.yaml
    EVIDENCE: evidence
  script:
    - >-
      hallgate decide "$REQUEST" --evidence "$EVIDENCE"
      --bundle 'oci://{_pinned(settings.sources[0])}'
"""


KINDS: Mapping[str, Callable[[OpaSettings, str | None], str]] = {
    "opa": opa_server,
    "k8s": kubernetes,
    "conftest": conftest,
    "github": github,
    "gitlab": gitlab,
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
