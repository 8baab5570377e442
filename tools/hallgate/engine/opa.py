"""The adapter to the pinned `opa` program."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from hallgate.child import Finished
from hallgate.engine.bundle import Bundle
from hallgate.engine.process import run
from hallgate.model.errors import EngineAborted, EngineMissing
from hallgate.model.values import JsonObject, JsonValue

PINNED = "1.22.0"
_RULES = "promotion/rules/"


def find_opa(root: Path) -> Path:
    """The engine to use: HALLGATE_OPA where the user says so, else the built one.

    An opa that merely lies on PATH is never taken. Raises EngineMissing.
    """
    said = os.environ.get("HALLGATE_OPA")
    path = Path(said) if said else root / ".tools" / "bin" / "opa"
    if not path.is_file():
        raise EngineMissing(
            f"there is no opa at {path}",
            remedy="run `make tools` (about two minutes), or set HALLGATE_OPA to an opa you trust",
        )
    return path


@dataclass(frozen=True, slots=True)
class Opa:
    """One opa program and the time it may take, in seconds.

    capabilities is a file of what policies may call; None lets them call everything.
    """

    program: Path
    timeout: float = 60.0
    capabilities: Path | None = None

    def version(self) -> str:
        """The program's version; raises EngineMissing where it is not the pinned one."""
        done = run([str(self.program), "version"], stdin=b"", timeout=self.timeout)
        first = done.stdout.decode(errors="replace").partition("\n")[0]
        found = first.removeprefix("Version:").strip()
        if found != PINNED:
            raise EngineMissing(
                f"{self.program} is opa {found or 'of no known version'}, not {PINNED}",
                remedy="run `make tools`; verdicts come from one pinned version only",
            )
        return found

    def evaluate(
        self, bundles: Sequence[Bundle], query: str, document: JsonValue, *, strict: bool = False
    ) -> JsonValue:
        """The value of a query over built bundles, builtin errors strict.

        strict refuses as well what `opa check --strict` refuses. Raises EngineAborted where OPA
        stops or the query has no value, and EngineTimeout where it takes too long.
        """
        with tempfile.TemporaryDirectory(prefix="hallgate-") as folder:
            command = [str(self.program), "eval", "--strict-builtin-errors", "--format", "json"]
            command += ["--stdin-input", "--v1-compatible", *self._allowed()]
            command += ["--strict"] if strict else []
            for number, bundle in enumerate(bundles):
                path = Path(folder) / f"{number}.tar.gz"
                path.write_bytes(bundle.data)
                command += ["--bundle", str(path)]
            payload = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
            done = run([*command, query], stdin=payload, timeout=self.timeout)
        return _value(done)

    def inspect(self, folder: Path) -> JsonObject:
        """Parsed output of `opa inspect --annotations` for a folder of policies."""
        command = [str(self.program), "inspect", "--annotations", "--format", "json", "."]
        done = run(command, stdin=b"", timeout=self.timeout, cwd=folder)
        answer = _parsed(done)
        if done.code != 0 or not isinstance(answer, dict):
            raise _aborted(done, answer)
        return cast(JsonObject, answer)

    def check(
        self, paths: Sequence[str], *, cwd: Path, schema: Path | None = None
    ) -> tuple[str, ...]:
        """Errors of `opa check --strict`, one line each; empty when clean."""
        command = [str(self.program), "check", "--strict", "--format", "json", *paths]
        command += self._allowed()
        if schema is not None:
            command += ["--schema", str(schema)]
        done = run(command, stdin=b"", timeout=self.timeout, cwd=cwd)
        if done.code == 0:
            return ()
        errors = _errors(_parsed(done) or _loads(done.stderr))
        return tuple(_line(error) for error in errors) or (_text(done.stderr),)

    def parse(self, path: Path) -> JsonObject:
        """The syntax tree of one Rego file, with locations."""
        command = [str(self.program), "parse", "--format", "json", "--json-include", "locations"]
        done = run([*command, str(path)], stdin=b"", timeout=self.timeout)
        answer = _parsed(done)
        if done.code != 0 or not isinstance(answer, dict):
            raise _aborted(done, answer)
        return cast(JsonObject, answer)

    def test(self, paths: Sequence[str], *, cwd: Path) -> tuple[JsonObject, ...]:
        """Results of `opa test --format json`; raises EngineAborted when nothing ran."""
        command = [str(self.program), "test", "--format", "json", *paths]
        done = run(command, stdin=b"", timeout=self.timeout, cwd=cwd)
        answer = _parsed(done)
        if done.code not in (0, 2) or not isinstance(answer, list) or not answer:
            raise _aborted(done, answer)
        return tuple(cast("list[JsonObject]", answer))

    def _allowed(self) -> list[str]:
        return ["--capabilities", str(self.capabilities)] if self.capabilities else []


def _value(done: Finished) -> JsonValue:
    answer = _parsed(done)
    if done.code != 0 or not isinstance(answer, dict) or "errors" in answer:
        raise _aborted(done, answer)
    try:
        results = cast("list[dict[str, list[dict[str, JsonValue]]]]", answer["result"])
        return results[0]["expressions"][0]["value"]
    except (KeyError, IndexError, TypeError) as error:
        raise EngineAborted(
            "the query has no value", remedy="this is a fault of the bundle; run `hallgate check`"
        ) from error


def _aborted(done: Finished, answer: JsonValue) -> EngineAborted:
    errors = _errors(answer)
    words = "; ".join(_line(error) for error in errors) or _text(done.stderr)
    return EngineAborted(
        f"opa stopped with code {done.code}: {words or 'without a word'}",
        remedy="mend the policy it names, or report the fault if it names none",
        policy_file=_culprit(errors),
    )


def _culprit(errors: Sequence[JsonObject]) -> str | None:
    """The rule file nearest to the fault: the error's own place, then its callers."""
    for error in errors:
        frames = [error, *cast("list[JsonObject]", error.get("stack_trace") or [])]
        for frame in frames:
            place = frame.get("location")
            file = str(place.get("file", "")) if isinstance(place, Mapping) else ""
            if _RULES in file:
                return file[file.index(_RULES) :]
    return None


def _errors(answer: JsonValue) -> list[JsonObject]:
    if not isinstance(answer, dict):
        return []
    errors = answer.get("errors")
    return (
        [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    )


def _line(error: JsonObject) -> str:
    place = error.get("location")
    where = ""
    if isinstance(place, Mapping) and place.get("file"):
        where = f"{place['file']}:{place.get('row')}: "
    return f"{where}{error.get('message')}"


def _parsed(done: Finished) -> JsonValue:
    return _loads(done.stdout)


def _loads(data: bytes) -> JsonValue:
    try:
        return cast(JsonValue, json.loads(data))
    except ValueError:
        return None


def _text(data: bytes) -> str:
    return " ".join(data.decode(errors="replace").split())[:2000]
