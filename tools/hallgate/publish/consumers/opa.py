"""OPA's configuration: signed bundles only, kept on disk, and every decision logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from hallgate.model.errors import UsageError
from hallgate.publish.consumers.source import Source, TrustedKey

HEAD = (
    "# Written by `hallgate consumer config`; check yours with `hallgate consumer check`.\n"
    "# The signature's key is chosen by its own key id among `keys`: no `keyid`, so that an old\n"
    "# and a new key hold side by side while keys rotate. Needs OPA 1.21.3 or newer.\n"
    "# OPA knows no serials: by a tag it would follow an older release too. So each bundle is\n"
    "# pinned by digest, or is what `hallgate bundle pull --place` keeps and `bundle serve` hands\n"
    "# out on this machine, which never turn back. OPA reads file:// once, at its start.\n"
)

# Unchanged it costs a 304; what is served on this machine may be asked for more often.
_NOW_AND_THEN = {"min_delay_seconds": 60, "max_delay_seconds": 120}
_SOON = {"min_delay_seconds": 10, "max_delay_seconds": 20}

ACCEPTED = "--accept-rollback-by-whoever-moves-the-tag"


@dataclass(frozen=True, slots=True)
class Feed:
    """The image of hallgate, by digest, and the address below which a release lies by track."""

    image: str
    registry: str


@dataclass(frozen=True, slots=True)
class OpaSettings:
    """What an OPA server is told; logs is an https address, or None for its console.

    may_go_back: somebody accepted, in words, that a bundle here follows what can be moved.
    feed: for what `bundle serve` hands out in a pod, where it comes from.
    """

    sources: Sequence[Source]
    keys: Sequence[TrustedKey]
    logs: str | None = None
    persistence: str = "/var/lib/opa"
    may_go_back: bool = False
    feed: Feed | None = None


def opa_config(settings: OpaSettings) -> dict[str, object]:
    """The configuration as one JSON value; raises UsageError where nothing could be verified."""
    if not settings.keys:
        raise UsageError(
            "there is no key to verify with", remedy="name the publisher's: --key release.pub.pem"
        )
    names = [key.name for key in settings.keys]
    if len(set(names)) != len(names):
        raise UsageError("one key is named twice", remedy="name each key once")
    for one in settings.sources:
        if one.can_go_back and not settings.may_go_back:
            raise UsageError(
                f"{one.address} can be moved back to an older release, and OPA would follow",
                remedy="there are forms that cannot: oci://host/repository@sha256:…, as"
                " `hallgate bundle push` printed it, or http://127.0.0.1:8182/TRACK/bundle.tar.gz"
                " of `hallgate bundle serve`, where a timer runs `hallgate bundle pull --place`;"
                f" {ACCEPTED} accepts it as it is, and `hallgate consumer check` reports it",
            )
    services: dict[str, object] = {
        one.name: one.service for one in settings.sources if not one.is_file
    }
    logs: dict[str, object] = {"console": True}
    if settings.logs is not None:
        if not settings.logs.startswith("https://"):
            raise UsageError(f"{settings.logs} is not https", remedy="send logs over TLS")
        services["logs"] = {"url": settings.logs}
        logs = {"service": "logs"}
    return {
        "services": services,
        "keys": {one.name: {"algorithm": "ES256", "key": one.pem} for one in settings.keys},
        "bundles": {
            one.name: {
                **({} if one.is_file else {"service": one.name}),
                "resource": one.resource,
                **({} if one.is_file else {"persist": True}),
                "polling": dict(_SOON if one.is_served else _NOW_AND_THEN),
                "signing": {"scope": one.scope},
            }
            for one in settings.sources
        },
        "persistence_directory": settings.persistence,
        "decision_logs": dict(logs),
        "status": dict(logs),
    }


def as_yaml(value: object, head: str = "") -> str:
    """YAML in the order given; texts of several lines as blocks."""
    return head + yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False
    )


class _Dumper(yaml.SafeDumper):
    """Writes no anchors, which strict readers refuse."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", value, style="|" if "\n" in value else None
    )


_Dumper.add_representer(str, _text)
