"""Changes to a document by JSON pointer (RFC 6901): set values, remove members."""

from __future__ import annotations

import copy
from typing import Any


def apply_change(document: Any, change: dict[str, Any] | None) -> Any:
    """A copy with `set: {pointer: value}` and `remove: [pointer]` applied, in that order.

    A pointer ending in /- appends to a list. Raises KeyError or IndexError for a
    pointer that leads nowhere, so that a scenario cannot change nothing by mistake.
    """
    changed = copy.deepcopy(document)
    for pointer, value in ((change or {}).get("set") or {}).items():
        parent, last = _parent(changed, pointer)
        if isinstance(parent, list) and last == "-":
            parent.append(copy.deepcopy(value))
        elif isinstance(parent, list):
            parent[int(last)] = copy.deepcopy(value)
        else:
            parent[last] = copy.deepcopy(value)
    for pointer in (change or {}).get("remove") or ():
        parent, last = _parent(changed, pointer)
        del parent[int(last) if isinstance(parent, list) else last]
    return changed


def _parent(document: Any, pointer: str) -> tuple[Any, str]:
    if not pointer.startswith("/"):
        raise KeyError(f"a JSON pointer starts with /: {pointer!r}")
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]
    for part in parts[:-1]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document, parts[-1]
