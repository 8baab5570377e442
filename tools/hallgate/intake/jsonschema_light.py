"""jsonschema without the grammar of IRIs that it reads on import where it is installed.

`rfc3987_syntax` (cyclonedx-bom brings it along) takes 1.5 s and serves formats
that no schema here uses. jsonschema does without it when it cannot be imported.
"""

from __future__ import annotations

import sys
from typing import Any, cast

_HEAVY = "rfc3987_syntax"

_modules = cast(dict[str, Any], sys.modules)
if _HEAVY in _modules:
    import jsonschema
else:
    _modules[_HEAVY] = None  # None makes an import fail, see "The module cache" in Python's manual
    try:
        import jsonschema
    finally:
        del _modules[_HEAVY]

__all__ = ["jsonschema"]
