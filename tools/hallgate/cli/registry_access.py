"""How a registry is reached and whose signatures are believed, apart from what publishes."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from hallgate.intake.files import read_file
from hallgate.publish.registry.client import Options
from hallgate.publish.registry.credentials import find_credentials
from hallgate.publish.registry.reference import Reference

_LARGEST_KEY = 64 * 1024


def registry_options(where: Reference, options: argparse.Namespace) -> Options:
    """Credentials and transport for a registry."""
    credentials = find_credentials(where.host, os.environ)
    return Options(credentials, plain_http=True if options.plain_http else None)


def read_pems(paths: list[Path]) -> tuple[str, ...]:
    """Public keys as text."""
    return tuple(read_file(path, _LARGEST_KEY).decode(errors="replace") for path in paths)
