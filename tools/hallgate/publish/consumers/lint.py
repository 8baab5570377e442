"""What is wrong with an OPA configuration that consumes our bundles: each way it opens the gate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.consumers.source import LOOPBACK, MINIMUM_OPA

_ALGORITHMS = {"ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"}
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-[a-z]+)?")


@dataclass(frozen=True, slots=True)
class Weakness:
    """One finding: its rule, where in the configuration, what it lets through, the remedy."""

    rule: str
    place: str
    what: str
    remedy: str


def lint(config: JsonValue, version: str | None = None) -> tuple[Weakness, ...]:
    """Every weakness of a configuration, in its order; version is OPA's, None where unknown."""
    found: list[Weakness] = []
    if version is not None:
        found += _version(version)
    if not isinstance(config, Mapping):
        return (*found, Weakness("shape", "", "is no object", "write services, keys, bundles"))
    found += _bundles(config)
    found += _keys(config.get("keys"))
    found += _services(config.get("services"))
    found += _deltas(config, "")
    found += _reports(config)
    return tuple(found)


def _version(version: str) -> Iterator[Weakness]:
    read = _VERSION.fullmatch(version)
    minimum = ".".join(map(str, MINIMUM_OPA))
    if read is None or tuple(map(int, read.groups())) < MINIMUM_OPA:
        yield Weakness(
            "old-opa",
            "",
            f"OPA {version} activates an unsigned delta over a signed bundle (GHSA-g2pf-6v5v-qcc8)",
            f"upgrade to {minimum} or newer",
        )


def _bundles(config: JsonObject) -> Iterator[Weakness]:
    if "bundle" in config:
        yield Weakness(
            "unsigned-accepted", "bundle", "the old single form knows no signing", "use `bundles`"
        )
    bundles = config.get("bundles")
    if not isinstance(bundles, Mapping) or not bundles:
        yield Weakness("no-bundle", "bundles", "no bundle is named", "name one under `bundles`")
        bundles = {}
    here = _on_this_machine(config.get("services"))
    entries = [(f"bundles.{name}", entry) for name, entry in bundles.items()]
    if "discovery" in config:
        entries.append(("discovery", config["discovery"]))
    persistent = False
    for place, entry in entries:
        if not isinstance(entry, Mapping):
            yield Weakness("shape", place, "is no object", "write service, resource, signing")
            continue
        yield from _signing(f"{place}.signing", entry.get("signing"))
        resource = str(entry.get("resource", ""))
        if resource.startswith("file://"):
            continue  # it is on this disk already, and `bundle pull --place` never turns it back
        served = entry.get("service") in here and not resource.startswith("https://")
        if not served and not _DIGEST.search(resource):
            yield Weakness(
                "rollback",
                f"{place}.resource",
                "whoever moves the tag or the file there makes OPA load an older signed release",
                "pin host/repository@sha256:…, or take what `hallgate bundle pull --place` keeps"
                " and `hallgate bundle serve` hands out on this machine",
            )
        if entry.get("persist") is not True:
            yield Weakness(
                "no-persistence",
                f"{place}.persist",
                "a restart while the registry is away leaves OPA without policies",
                "set persist: true",
            )
        persistent = True
    if persistent and not config.get("persistence_directory"):
        yield Weakness(
            "no-persistence",
            "persistence_directory",
            "bundles are kept in the working directory, if at all",
            "name a folder that outlives the process, such as /var/lib/opa",
        )


def _on_this_machine(services: JsonValue) -> frozenset[str]:
    """Names of the services on loopback, where `hallgate bundle serve` never turns back."""
    if not isinstance(services, Mapping):
        return frozenset()
    found = {
        name: urlsplit(str(entry.get("url", "")))
        for name, entry in services.items()
        if isinstance(entry, Mapping) and entry.get("type") != "oci"
    }
    return frozenset(name for name, url in found.items() if url.hostname in LOOPBACK)


def _signing(place: str, signing: JsonValue) -> Iterator[Weakness]:
    if not isinstance(signing, Mapping) or not (signing.get("scope") or signing.get("keyid")):
        yield Weakness(
            "unsigned-accepted",
            place,
            "an unsigned bundle is loaded, with no more than a log line",
            "set signing: {scope: …} to the scope of the bundle you take",
        )
        return
    if not signing.get("scope"):
        yield Weakness(
            "no-scope",
            f"{place}.scope",
            "a bundle signed for another track is loaded",
            "set signing: {scope: …} to the scope of the bundle you take",
        )
    if signing.get("keyid"):
        yield Weakness(
            "pinned-key",
            f"{place}.keyid",
            "one key is pinned whatever the signature says: the next key is refused",
            "remove keyid; list the old and the new key under `keys`",
        )
    if signing.get("exclude_files"):
        yield Weakness(
            "unsigned-accepted",
            f"{place}.exclude_files",
            "these files are loaded without a signature",
            "remove exclude_files; every file of our bundles is signed",
        )


def _keys(keys: JsonValue) -> Iterator[Weakness]:
    if not isinstance(keys, Mapping) or not keys:
        yield Weakness(
            "no-key", "keys", "no signature can be verified", "list the publisher's keys"
        )
        return
    for name, key in keys.items():
        place = f"keys.{name}"
        if not isinstance(key, Mapping):
            yield Weakness("shape", place, "is no object", "write algorithm and key")
            continue
        algorithm = key.get("algorithm")
        if algorithm is None:
            yield Weakness(
                "key-without-algorithm",
                f"{place}.algorithm",
                "OPA takes it for RS256 and refuses our signatures",
                "set algorithm: ES256",
            )
        elif algorithm not in _ALGORITHMS:
            yield Weakness(
                "weak-key",
                f"{place}.algorithm",
                f"{algorithm}: who can verify could sign, or OPA does not know it",
                "use the publisher's ES256 key",
            )
        if key.get("private_key") or "PRIVATE KEY" in str(key.get("key", "")):
            yield Weakness(
                "private-key",
                place,
                "a consumer holds a key that signs bundles",
                "remove it, revoke it, and list the public half alone",
            )


def _services(services: JsonValue) -> Iterator[Weakness]:
    if isinstance(services, Mapping):
        entries = [(f"services.{name}", entry) for name, entry in services.items()]
    else:
        listed = services if isinstance(services, list) else []
        entries = [(f"services[{number}]", entry) for number, entry in enumerate(listed)]
    for place, entry in entries:
        if not isinstance(entry, Mapping):
            yield Weakness("shape", place, "is no object", "write url")
            continue
        parts = urlsplit(str(entry.get("url", "")))
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            yield Weakness(
                "plain-http",
                f"{place}.url",
                "anybody on the way can hold back newer policies and read what is logged",
                "use https://",
            )
        if entry.get("allow_insecure_tls"):
            yield Weakness(
                "plain-http",
                f"{place}.allow_insecure_tls",
                "any certificate is accepted",
                "remove it; name your authority in tls.ca_cert",
            )


def _deltas(value: JsonValue, place: str) -> Iterator[Weakness]:
    if isinstance(value, Mapping):
        for name, entry in value.items():
            here = f"{place}.{name}" if place else name
            if name == "allow_unsigned_delta_bundles" and entry not in (False, None):
                yield Weakness(
                    "deltas",
                    here,
                    "an unsigned delta may change any rule of a signed bundle",
                    "remove it; Hallgate publishes no deltas",
                )
            yield from _deltas(entry, here)
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _deltas(entry, f"{place}[{number}]")


def _reports(config: JsonObject) -> Iterator[Weakness]:
    for name, why in (
        ("decision_logs", "nobody can say later what was decided"),
        ("status", "a refused bundle is not seen: the old one serves and health stays 200"),
    ):
        entry = config.get(name)
        told = isinstance(entry, Mapping) and (
            entry.get("service") or entry.get("console") is True or entry.get("plugin")
        )
        if not told:
            yield Weakness(
                f"no-{name.replace('_', '-')}", name, why, "name a service, or set console: true"
            )
