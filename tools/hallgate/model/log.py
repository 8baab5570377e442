"""What a repository says about its log: trust/log.yaml. Times in seconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass

from hallgate.model.trust import Key


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority (RFC 3161): root is its CA certificate in PEM.

    certificate is that of the authority itself, None where its answers carry it.
    """

    name: str
    root: str
    certificate: str | None


@dataclass(frozen=True, slots=True)
class LogTrust:
    """The log of a repository: its name, its folder and whose word counts about it.

    folder is as written: relative to the repository, or absolute.
    """

    origin: str
    folder: str
    keys: tuple[Key, ...]
    authorities: tuple[Authority, ...]
