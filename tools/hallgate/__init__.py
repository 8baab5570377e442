"""Hallgate: policy as code for the promotion of machine-learning models."""

from importlib import import_module

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """Read the installed version only when somebody asks: the import stays light."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    version: str = import_module("importlib.metadata").version("hallgate")
    return version
