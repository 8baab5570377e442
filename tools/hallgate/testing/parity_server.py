"""The same scenarios through an OPA server that loaded the built bundles."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, cast

from hallgate.decide.policies import PolicySet
from hallgate.engine.opa import Opa
from hallgate.engine.served import ServedOpa, served
from hallgate.model.errors import EngineError
from hallgate.model.values import JsonObject
from hallgate.testing.parity import Denial
from hallgate.testing.runner import Prepared, grouped


def denials_by_server(
    prepared: Sequence[Prepared], policies: PolicySet, engine: Opa
) -> dict[Path, frozenset[Denial] | str]:
    """What `deny` says of each scenario; whatever is no answer becomes its words."""
    answers: dict[Path, frozenset[Denial] | str] = {}
    for group in grouped(prepared):
        with served(engine, [policies.bundle, group.waivers]) as server:
            files = [one.scenario.file for one in group.members]
            documents = [one.document for one in group.members]
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                found = pool.map(partial(_asked, server), documents)
                answers.update(zip(files, found, strict=True))
    return answers


def _asked(server: ServedOpa, document: JsonObject) -> frozenset[Denial] | str:
    try:
        found = server.value("promotion/replay/deny", document)
    except EngineError as error:
        return str(error)
    denied = cast("list[dict[str, Any]]", found)
    return frozenset((one["id"], one["outcome"], one["key"]) for one in denied)
