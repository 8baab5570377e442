"""Where an artifact is: `host[:port]/repository:tag` or `host[:port]/repository@sha256:…`."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace

from hallgate.model.errors import UsageError
from hallgate.record.canonical import is_digest

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?"
_REFERENCE = re.compile(
    rf"(?:oci://)?(?P<host>{_HOST})/(?P<repository>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A repository in a registry, and what of it is meant: a tag, a digest, or neither."""

    host: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference, with or without oci://; raises UsageError.

        The host must have a dot or port or be localhost: no name stands for a default registry.
        """
        found = _REFERENCE.fullmatch(text)
        host = found["host"] if found else ""
        if found is None or not ("." in host or ":" in host or host == "localhost"):
            raise UsageError(
                f"{text!r} is no reference to a registry",
                remedy="write host/repository:tag, or better host/repository@sha256:…",
            )
        return cls(host, found["repository"], found["tag"], found["digest"])

    def at(self, digest: str) -> Reference:
        """The same repository, by digest."""
        if not is_digest(digest):
            raise UsageError(f"{digest!r} is no digest", remedy="write sha256: and 64 hex digits")
        return replace(self, tag=None, digest=digest)

    @property
    def name(self) -> str:
        """`host/repository`."""
        return f"{self.host}/{self.repository}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine by address; a name is only trusted as localhost."""
        bare = re.sub(r":[0-9]+$", "", self.host).strip("[]")
        try:
            return ipaddress.ip_address(bare).is_loopback
        except ValueError:
            return bare == "localhost"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"
