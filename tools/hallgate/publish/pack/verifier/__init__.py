"""The verifier that lies in every pack, as one file of the standard library.

It is written as modules, so that the builder shares its functions, and put together here:
their sources in order, less the imports between them.
"""

from __future__ import annotations

import re
from pathlib import Path

_ORDER = (
    "state", "results", "proofs", "signatures", "trusted", "signers", "inputs", "erased", "times",
    "checks", "archive", "program",
)  # fmt: skip
_FUTURE = "from __future__ import annotations\n"
# Before anything that an older one cannot read: exit 1 would say that the pack is wrong.
_GUARD = """import sys

if sys.version_info < (3, 11):
    print("verify.py: needs Python 3.11 or newer", file=sys.stderr)
    sys.exit(2)
"""
_BETWEEN = re.compile(
    r"^from hallgate\.publish\.pack\.verifier\.\w+ import (?:\([^)]*\)|[^\n(]+)\n", re.MULTILINE
)


def one_file() -> bytes:
    """verify.py: the program's docstring first, then the modules."""
    folder = Path(__file__).parent
    sources = {name: (folder / f"{name}.py").read_text(encoding="utf-8") for name in _ORDER}
    words = sources["program"][: sources["program"].index(_FUTURE)]
    parts = ["#!/usr/bin/env python3\n", words, _FUTURE, _GUARD]
    for name in _ORDER:
        body = sources[name].partition(_FUTURE)[2]
        parts.append(f"\n# --- {name}\n{_BETWEEN.sub('', body).strip()}\n\n")
    return "".join(parts).encode()
