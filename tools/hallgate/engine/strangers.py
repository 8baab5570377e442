"""An engine for policies of strangers: no network, no runtime, no endless time.

The list of what policies may call is the pinned opa's own, less what reaches out of the
evaluation or answers differently each time. What is not on it is a compile error.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.engine.process import run
from hallgate.model.errors import EngineMissing, EngineTimeout
from hallgate.model.values import JsonValue

_BARRED = ("http.send", "opa.runtime", "net.", "rand.", "uuid.")


@dataclass(frozen=True, slots=True)
class BoundedOpa(Opa):
    """An engine all of whose evaluations together end by a time of time.monotonic()."""

    ends_at: float = 0.0

    def evaluate(
        self, bundles: Sequence[Bundle], query: str, document: JsonValue, *, strict: bool = False
    ) -> JsonValue:
        """As Opa.evaluate(); raises EngineTimeout once the time for all is over."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise EngineTimeout(
                "the policies under review used up the time for all their evaluations",
                remedy="look for a rule that never ends, or raise --timeout",
            )
        bounded = Opa(self.program, min(self.timeout, left), self.capabilities)
        return bounded.evaluate(bundles, query, document, strict=strict)


def for_strangers(engine: Opa, folder: Path, *, seconds: float) -> BoundedOpa:
    """The same program with a closed list of builtins, written into a private folder.

    seconds bounds one run and, three times over, all of them. Raises EngineMissing
    where the program cannot say what it is capable of.
    """
    done = run([str(engine.program), "capabilities", "--current"], stdin=b"", timeout=30)
    try:
        said: dict[str, Any] = json.loads(done.stdout)
        builtins = [one for one in said["builtins"] if not one["name"].startswith(_BARRED)]
    except (ValueError, KeyError, TypeError) as error:
        raise EngineMissing(
            f"{engine.program} does not say what it is capable of",
            remedy="run `make tools`; verdicts come from one pinned version only",
        ) from error
    path = folder / "capabilities.json"
    # An empty allow_net also keeps schemas with a remote $ref from being fetched.
    path.write_text(json.dumps({**said, "builtins": builtins, "allow_net": []}), encoding="utf-8")
    return BoundedOpa(engine.program, seconds, path, time.monotonic() + 3 * seconds)
