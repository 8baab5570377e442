"""What brings bundles to an OPA in a pod: one container pulls, one serves on the pod's loopback."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from hallgate.model.errors import UsageError
from hallgate.publish.consumers.opa import OpaSettings
from hallgate.publish.consumers.source import Source
from hallgate.publish.registry.reference import Reference

FED = "hallgate-bundles"
IMAGE = re.compile(r"[A-Za-z0-9./:_-]+@sha256:[0-9a-f]{64}")
_FOLDER = "/var/lib/hallgate"
_KEYS = "/etc/opa"
_EVERY = 60


def confined() -> dict[str, object]:
    """What no container of ours needs, taken away."""
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def trusted_files(settings: OpaSettings) -> dict[str, str]:
    """The publisher's keys as files of the ConfigMap."""
    return {f"trusted-{number}.pem": key.pem for number, key in enumerate(settings.keys, start=1)}


def fed_containers(settings: OpaSettings) -> list[dict[str, object]]:
    """The two containers, or none where OPA takes nothing from loopback.

    Raises UsageError where it does, and nothing says from where the bundles come.
    """
    served = [one for one in settings.sources if one.is_served]
    if not served:
        return []
    feed = settings.feed
    if feed is None or not IMAGE.fullmatch(feed.image):
        raise UsageError(
            f"nothing in the pod would answer at {served[0].address}",
            remedy="say --from oci://host/repository and --hallgate-image IMAGE@sha256:…",
        )
    ports = {one.port for one in served}
    if len(ports) > 1:
        raise UsageError("the bundles are served at two ports", remedy="use one for both")
    where = Reference.parse(feed.registry)
    if where.tag is not None or where.digest is not None:
        raise UsageError(
            f"{feed.registry} names a tag or digest",
            remedy="name the address that was released to; the channel is stable",
        )
    trusted = [
        word for name in trusted_files(settings) for word in ("--trusted", f"{_KEYS}/{name}")
    ]
    pulls = " ".join(_pull(feed.registry, one, trusted) for one in served)
    serve = ["hallgate", "bundle", "serve", _FOLDER, "--port", str(ports.pop()), *trusted]
    return [
        _container(
            "hallgate-pull", feed.image, ["sh", "-c", f"while :; do {pulls} sleep {_EVERY}; done"]
        ),
        _container("hallgate-serve", feed.image, [*serve, "--state", f"{_FOLDER}/.serials"]),
    ]


def _pull(registry: str, one: Source, trusted: Sequence[str]) -> str:
    words = [
        "hallgate", "bundle", "pull", f"{registry}/{one.scope}:stable", "--scope", one.scope,
        *trusted, "--place", f"{_FOLDER}/{one.scope}/bundle.tar.gz",
        "--cache", f"{_FOLDER}/.cache", "--quiet",
    ]  # fmt: skip
    # What fails is told in the log; the last good bundle stays in use.
    return f"{shlex.join(words)} || true;"


def _container(name: str, image: str, command: Sequence[str]) -> dict[str, object]:
    return {
        "name": name,
        "image": image,
        "command": list(command),
        "securityContext": confined(),
        "resources": {
            "requests": {"cpu": "20m", "memory": "64Mi"},
            "limits": {"memory": "256Mi"},
        },
        "volumeMounts": [
            {"name": "opa-config", "mountPath": _KEYS, "readOnly": True},
            {"name": FED, "mountPath": _FOLDER},
        ],
    }
