"""Judges many mutants by one `opa test`: each is a copy of its packages below a root of its own.

Root m0 holds the copy without any change; its tests must pass, or nothing is shown.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hallgate.child import Finished
from hallgate.engine.opa import Opa
from hallgate.engine.process import run
from hallgate.model.errors import EngineAborted, EngineTimeout, NotProven
from hallgate.testing.mutants.corpus import Corpus
from hallgate.testing.mutants.mutant import Mutant

_ROOT = re.compile(r"\bm(\d+)[/.]")


@dataclass(frozen=True, slots=True)
class Judged:
    """Numbers of mutants, by what came of them; those in neither passed every test."""

    killed: frozenset[int]
    stillborn: frozenset[int]


def judge_by_tests(
    mutants: Sequence[Mutant], corpus: Corpus, packages: frozenset[str], engine: Opa
) -> Judged:
    """Run the tests of packages for each mutant.

    Raises NotProven where they fail without a change, EngineError where OPA gives no answer.
    """
    texts = _texts(mutants, corpus, packages)
    stillborn: set[int] = set()
    while True:
        alive = [number for number in range(len(mutants)) if number not in stillborn]
        broken = _broken(texts, alive, corpus, packages, engine)
        if not broken:
            break
        stillborn |= broken
    if not corpus.tests_of(packages):
        return Judged(frozenset(), frozenset(stillborn))
    results = _run(texts, alive, corpus, packages, engine)
    return _judged(results, alive, stillborn, texts, corpus, packages, engine)


_Texts = Mapping[int, Mapping[str, str]]


def _texts(
    mutants: Sequence[Mutant], corpus: Corpus, packages: frozenset[str]
) -> dict[int, dict[str, str]]:
    """Files by number of mutant; -1 is the copy without a change."""
    modules = (*corpus.sources_of(packages), *corpus.tests_of(packages))
    common = {one.path: one.renamed("m_", packages) for one in modules}

    def rooted(number: int, text: str) -> str:
        return re.sub(r"\bm_(?=\.)", f"m{number + 1}", text)

    found = {}
    for number, mutant in enumerate([None, *mutants], start=-1):
        files = {path: rooted(number, text) for path, text in common.items()}
        if mutant is not None:
            module = corpus.modules[mutant.path]
            changed = type(module)(module.path, mutant.apply(module.text), module.package)
            files[mutant.path] = changed.renamed(f"m{number + 1}", packages)
        found[number] = files
    return found


def _broken(
    texts: _Texts, alive: Sequence[int], corpus: Corpus, packages: frozenset[str], engine: Opa
) -> set[int]:
    """Mutants that do not compile; sources alone, which is quicker than with their tests."""
    with tempfile.TemporaryDirectory(prefix="hallgate-mutants-") as name:
        _lay(Path(name), texts, alive, corpus, packages, tests=False)
        command = [str(engine.program), "check", "--format", "json", "--max-errors", "100000", "."]
        done = run(command, stdin=b"", timeout=engine.timeout, cwd=Path(name))
    if done.code == 0:
        return set()
    return _named(done, alive)


def _run(
    texts: _Texts, alive: Sequence[int], corpus: Corpus, packages: frozenset[str], engine: Opa
) -> list[dict[str, Any]]:
    """Results of the tests of the copy without a change and of these mutants."""
    with tempfile.TemporaryDirectory(prefix="hallgate-mutants-") as name:
        _lay(Path(name), texts, [-1, *alive], corpus, packages, tests=True)
        command = [str(engine.program), "test", "--format", "json", "--max-errors", "100000"]
        command += ["--parallel", "1", "--timeout", "20s", "."]
        done = run(command, stdin=b"", timeout=engine.timeout, cwd=Path(name))
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
    if done.code in (0, 2) and isinstance(answer, list) and answer:
        return answer
    broken = _named(done, alive)
    return _run(texts, [one for one in alive if one not in broken], corpus, packages, engine)


def _named(done: Finished, alive: Sequence[int]) -> set[int]:
    """The mutants that OPA's words name; raises EngineAborted where they name none."""
    said = (done.stdout + done.stderr).decode(errors="replace")
    broken = {int(one) - 1 for one in _ROOT.findall(said)} & set(alive)
    if not broken:
        raise EngineAborted(
            f"opa stopped with code {done.code}: {said[:2000]}",
            remedy="run the tests without mutants first: pytest policies",
        )
    return broken


def _lay(
    folder: Path,
    texts: _Texts,
    numbers: Sequence[int],
    corpus: Corpus,
    packages: frozenset[str],
    *,
    tests: bool,
) -> None:
    for module in corpus.sources_of(corpus.needed_by(packages)):
        _write(folder / "base" / module.path, module.text)
    for number in numbers:
        for path, text in texts[number].items():
            if tests or not path.endswith("_test.rego"):
                _write(folder / f"m{number + 1}" / path, text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _judged(
    results: Sequence[dict[str, Any]],
    alive: Sequence[int],
    stillborn: set[int],
    texts: _Texts,
    corpus: Corpus,
    packages: frozenset[str],
    engine: Opa,
) -> Judged:
    ran: Counter[int] = Counter()
    failed: dict[int, list[str]] = {}
    for one in results:
        found = _ROOT.search(one["package"].removeprefix("data."))
        number = int(found[1]) - 1 if found else -1
        ran[number] += 1
        if one.get("fail") or one.get("error"):
            failed.setdefault(number, []).append(str(one["name"]))
    if -1 in failed:
        raise NotProven(
            f"tests of {', '.join(sorted(packages))[:300]} fail without any change: "
            f"{', '.join(failed[-1][:3])}",
            remedy="mend them first: pytest policies",
        )
    killed = set(failed)
    # A test that never ends stops the run; who has no full answer is asked alone.
    short = [one for one in alive if one not in killed and ran[one] < ran[-1]]
    if len(short) == 1 and len(alive) == 1:
        killed.add(short[0])
    else:
        killed |= {one for one in short if _killed_alone(texts, one, corpus, packages, engine)}
    return Judged(frozenset(killed), frozenset(stillborn))


def _killed_alone(
    texts: _Texts, number: int, corpus: Corpus, packages: frozenset[str], engine: Opa
) -> bool:
    try:
        results = _run(texts, [number], corpus, packages, engine)
    except EngineTimeout:
        return True
    judged = _judged(results, [number], set(), texts, corpus, packages, engine)
    return number in judged.killed
