"""The libraries of the extra `measure`, imported when first used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from hallgate.model.errors import UsageError


def polars() -> Any:
    """The module polars. Raises UsageError where the extra is not installed."""
    return _module("polars")


def re2() -> Any:
    """The module re2 (google-re2). Raises UsageError where the extra is not installed."""
    return _module("re2")


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError(
            f"measuring needs the library {name}, which is not installed",
            remedy="install the extra: pip install 'hallgate[measure]'",
        ) from error
