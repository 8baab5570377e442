"""Where a consumer takes a bundle from, and whose signature it asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from hallgate.model.errors import InvalidDocument, Location, UsageError
from hallgate.publish.registry.reference import Reference
from hallgate.record.keys import load_public_key

# The first OPA that refuses unsigned deltas over a signed bundle (GHSA-g2pf-6v5v-qcc8).
MINIMUM_OPA = (1, 21, 3)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_PATH = re.compile(r"/[A-Za-z0-9._/-]+")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key under the id that our signatures name: the one derived from the key."""

    name: str
    pem: str

    @classmethod
    def read(cls, pem: str, file: str) -> TrustedKey:
        """A P-256 key; raises InvalidDocument and UsageError for any other."""
        try:
            found = load_public_key(pem)
        except InvalidDocument as error:
            raise InvalidDocument.one(
                error.what, where=Location(file), remedy="give the publisher's public key in PEM"
            ) from error
        if not isinstance(found.key, ec.EllipticCurvePublicKey):
            raise UsageError(
                f"the key in {file} is no P-256 key, and OPA verifies ES256",
                remedy="give the key that signs bundles, not one that signs decisions",
            )
        return cls(found.key_id, pem.strip() + "\n")


@dataclass(frozen=True, slots=True)
class Source:
    """A bundle to follow: OCI reference, https URL or local file, and its signature's scope."""

    name: str
    address: str
    scope: str

    @classmethod
    def read(cls, name: str, address: str, scope: str) -> Source:
        """Check all parts; raises UsageError."""
        if not _WORD.fullmatch(scope):
            raise UsageError(f"{scope!r} is no scope", remedy="say the scope of the signature")
        source = cls(name, address, scope)
        if source.is_file:
            if not _PATH.fullmatch(address.removeprefix("file://")):
                raise UsageError(
                    f"{address!r} is no file", remedy="write file:///folder/bundle.tar.gz"
                )
        elif source.is_oci:
            where = Reference.parse(address)
            if where.tag is None and where.digest is None:
                raise UsageError(
                    f"{address} names no version",
                    remedy="add @sha256:…, as `hallgate bundle push` printed it",
                )
        elif source.is_served and urlsplit(address).path != f"/{scope}/bundle.tar.gz":
            raise UsageError(
                f"{address!r} is no bundle of {scope} as `hallgate bundle serve` hands it out",
                remedy=f"write http://127.0.0.1:8182/{scope}/bundle.tar.gz",
            )
        else:
            parts = urlsplit(address)
            known = parts.scheme == "https" or source.is_served
            if not known or not _PATH.fullmatch(parts.path) or parts.query or "@" in parts.netloc:
                raise UsageError(
                    f"{address!r} is no https address of a bundle",
                    remedy="write oci://host/repository@sha256:…, file:///folder/bundle.tar.gz,"
                    " http://127.0.0.1:8182/track/bundle.tar.gz (`hallgate bundle serve`) or"
                    " https://host/track/bundle.tar.gz",
                )
        return source

    @property
    def is_file(self) -> bool:
        """Whether `hallgate bundle pull --place` puts it beside OPA."""
        return self.address.startswith("file://")

    @property
    def is_served(self) -> bool:
        """Whether `hallgate bundle serve` hands it out on this machine."""
        parts = urlsplit(self.address)
        return parts.scheme == "http" and parts.hostname in LOOPBACK

    @property
    def port(self) -> int:
        """The port of a served one."""
        return urlsplit(self.address).port or 80

    @property
    def is_oci(self) -> bool:
        """Whether it lies in a registry."""
        return "://" not in self.address or self.address.startswith("oci://")

    @property
    def can_go_back(self) -> bool:
        """Whether whoever holds the server can make OPA load an older release, signed as well.

        A digest cannot be moved, and what `bundle pull --place` and `bundle serve` keep is replaced
        by what is newer alone.
        """
        if self.is_file or self.is_served:
            return False
        return not self.is_oci or Reference.parse(self.address).digest is None

    @property
    def service(self) -> dict[str, object]:
        """OPA's service: TLS except on loopback."""
        if self.is_oci:
            where = Reference.parse(self.address)
            scheme = "http" if where.is_loopback else "https"
            return {"url": f"{scheme}://{where.host}", "type": "oci"}
        parts = urlsplit(self.address)
        return {"url": f"{parts.scheme}://{parts.netloc}"}

    @property
    def resource(self) -> str:
        """OPA's resource within the service, or the file."""
        if self.is_file:
            return self.address
        if self.is_oci:
            return str(Reference.parse(self.address))
        return urlsplit(self.address).path.removeprefix("/")
