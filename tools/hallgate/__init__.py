"""Hallgate: policy as code for the promotion of machine-learning models.

import hallgate
gate = hallgate.open_gate("policies.tar.gz", scope="mlops", trusted=["key.pem"], trust="trust")
decision = gate.decide("request.yaml", "evidence")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hallgate.api import Gate, open_gate

    __version__: str

__all__ = ["Gate", "__version__", "open_gate"]


def __getattr__(name: str) -> Any:
    """Import what somebody asks for, and nothing before: the import stays light."""
    if name == "__version__":
        return import_module("importlib.metadata").version("hallgate")
    if name in __all__:
        return getattr(import_module("hallgate.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
