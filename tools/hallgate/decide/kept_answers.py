"""What OPA said of sources before, kept under a digest of what it was asked about (ADR 6)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import cast

from hallgate.engine.opa import PINNED
from hallgate.model.errors import StorageError
from hallgate.model.values import JsonValue
from hallgate.record.files import write_atomic

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptModules:
    """A folder in which is kept what OPA said of single modules, by their bytes.

    only are SHA-256 digests in hex: of other bytes nothing is read there and nothing kept.
    None is any.
    """

    folder: Path
    only: frozenset[str] | None = None

    def known(
        self, about: str, sources: Mapping[str, bytes], *asked: bytes
    ) -> dict[str, JsonValue]:
        """By path, what was said of these bytes when the same was asked in the same way.

        about names the kind of question; asked is all else that an answer follows from. An
        answer is about a module's bytes alone: its path and its neighbours must be no part.
        """
        found = {
            path: known_answer(self.folder, about, key)
            for path, key in self._keys(sources, asked).items()
        }
        return {path: answer for path, answer in found.items() if answer is not None}

    def keep(
        self,
        about: str,
        sources: Mapping[str, bytes],
        answers: Mapping[str, JsonValue],
        *asked: bytes,
    ) -> None:
        """Keep answers by path of the module they are about."""
        for path, key in self._keys({path: sources[path] for path in answers}, asked).items():
            keep_answer(self.folder, about, key, answers[path])

    def _keys(self, sources: Mapping[str, bytes], asked: tuple[bytes, ...]) -> dict[str, str]:
        same = sha256(PINNED.encode())
        for one in asked:
            same.update(sha256(one).digest())
        digests = {path: sha256(data).hexdigest() for path, data in sources.items()}
        return {
            path: f"{digest}-{same.hexdigest()}"
            for path, digest in digests.items()
            if self.only is None or digest in self.only
        }


def kept_answer(
    cache: Path | None, about: str, key: str, ask: Callable[[], JsonValue]
) -> JsonValue:
    """What the engine said of the same thing before, or says now and is kept under a folder.

    about names the kind of question, key what it was asked about; cache None asks afresh.
    """
    kept = None if cache is None else known_answer(cache, about, key)
    if kept is not None:
        return kept
    answer = ask()
    if cache is not None:
        keep_answer(cache, about, key, answer)
    return answer


def known_answer(cache: Path, about: str, key: str) -> JsonValue:
    """What was kept under a folder and a key; None where there is none, or it is damaged."""
    kept = cache / about / f"{key}.json"
    try:
        return cast(JsonValue, json.loads(kept.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        log.debug("%s is damaged; asking opa again", kept)
        return None


def keep_answer(cache: Path, about: str, key: str, answer: JsonValue) -> None:
    """Keep an answer; what cannot be written costs time, not correctness."""
    path = cache / about / f"{key}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps(answer, sort_keys=True).encode())
    except (OSError, StorageError) as error:
        log.debug("%s not kept: %s", path, error)
