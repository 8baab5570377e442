"""Judges many mutants by one OPA server: each is a copy of its packages below a root of its own.

Root m0 holds the copy without any change; its tests must pass, or nothing is shown. In each
root a module `judge` asks the tests one by one and stops at the first that fails. Errors of
builtins are strict, as in a decision: `opa test` takes them for undefined, which hides the
loss of a line that guards against them.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hallgate.child import Finished
from hallgate.engine.bundle import build_bundle
from hallgate.engine.opa import Opa
from hallgate.engine.process import run
from hallgate.engine.served import ServedOpa, served
from hallgate.model.errors import EngineAborted, EngineError, NotProven
from hallgate.testing.mutants.corpus import Corpus
from hallgate.testing.mutants.mutant import Mutant
from hallgate.testing.mutants.source import Module

_ROOT = re.compile(r"\bm(\d+)[/.]")
_TEST = re.compile(r"^(test_\w+)", re.MULTILINE)


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
    left = list(range(len(mutants)))
    # Told sooner than by a server that does not start; errors that others hide come to light there.
    stillborn = _broken(texts, left, corpus, packages, engine, tests=False)
    killed: set[int] = set()
    while True:
        left = [number for number in left if number not in stillborn | killed]
        try:
            killed |= _killed(texts, left, corpus, packages, engine)
            return Judged(frozenset(killed), frozenset(stillborn))
        except EngineAborted:
            more = _broken(texts, left, corpus, packages, engine, tests=False)
            stillborn |= more
            if not more:
                # A change by which the tests compile no more is noticed.
                more = _broken(texts, left, corpus, packages, engine, tests=True)
                killed |= more
            if not more:
                raise


def _killed(
    texts: _Texts, left: Sequence[int], corpus: Corpus, packages: frozenset[str], engine: Opa
) -> set[int]:
    files = {**_base(corpus, packages), **_copies(texts, [-1, *left], tests=True)}
    roots = ("promotion", *(f"m{number + 1}" for number in [-1, *left]))
    bundle = build_bundle({path: text.encode() for path, text in files.items()}, roots, {})
    with served(engine, [bundle], starts_within=engine.timeout) as server:
        _sound(server, packages)
        return {number for number in left if _fails(server, number)}


def _sound(server: ServedOpa, packages: frozenset[str]) -> None:
    failed = server.value("m0/judge/failed", None)
    if failed:
        raise NotProven(
            f"tests of {', '.join(sorted(packages))[:300]} fail without any change: "
            f"{', '.join(str(one) for one in list(failed)[:3])}",  # type: ignore[arg-type]
            remedy="mend them first: pytest policies",
        )


def _fails(server: ServedOpa, number: int) -> bool:
    try:
        return server.value(f"m{number + 1}/judge/killed", None) is not False
    except EngineError:
        # A conflict between rules, a builtin's error, which a decision would not forgive
        # either, or a loop without an end; not a server that went away.
        if not server.answers():
            raise
        return True


_Texts = Mapping[int, Mapping[str, str]]


def _texts(
    mutants: Sequence[Mutant], corpus: Corpus, packages: frozenset[str]
) -> dict[int, dict[str, str]]:
    """Files by number of mutant; -1 is the copy without a change."""
    modules = (*corpus.sources_of(packages), *corpus.tests_of(packages))
    common = {one.path: one.renamed("m_", packages) for one in modules}
    judge = _judge(corpus.tests_of(packages))

    def rooted(number: int, text: str) -> str:
        return re.sub(r"\bm_(?=\.)", f"m{number + 1}", text)

    found = {}
    for number, mutant in enumerate([None, *mutants], start=-1):
        files = {path: rooted(number, text) for path, text in common.items()}
        if mutant is not None:
            module = corpus.modules[mutant.path]
            changed = type(module)(module.path, mutant.apply(module.text), module.package)
            files[mutant.path] = changed.renamed(f"m{number + 1}", packages)
        files[_JUDGE] = rooted(number, judge)
        found[number] = files
    return found


_JUDGE = "judge_test.rego"


def _judge(tests: Iterable[Module]) -> str:
    """A module that says whether any test fails, and which."""
    lines = ["package m_.judge", "", "default killed := false", ""]
    # Both have a value also where there is no test.
    lines += ['failed contains "" if false', ""]
    for module in tests:
        package = f"data.{module.package.replace('promotion.', 'm_.', 1)}"
        for name in dict.fromkeys(_TEST.findall(module.text)):
            # One value for all: OPA stops at the first that holds.
            lines.append(f"killed if not {package}.{name}\n")
            lines.append(f'failed contains "{name}" if not {package}.{name}\n')
    return "\n".join(lines)


def _broken(
    texts: _Texts,
    alive: Sequence[int],
    corpus: Corpus,
    packages: frozenset[str],
    engine: Opa,
    *,
    tests: bool,
) -> set[int]:
    """Mutants that do not compile; without their tests that is told sooner."""
    with tempfile.TemporaryDirectory(prefix="hallgate-mutants-") as name:
        for path, text in _base(corpus, packages).items():
            _write(Path(name) / path, text)
        for path, text in _copies(texts, alive, tests=tests).items():
            _write(Path(name) / path, text)
        command = [str(engine.program), "check", "--format", "json", "--max-errors", "100000", "."]
        done = run(command, stdin=b"", timeout=engine.timeout, cwd=Path(name))
    return _named(done, alive) if done.code else set()


def _named(done: Finished, alive: Sequence[int]) -> set[int]:
    """The mutants that OPA's words name; raises EngineAborted where they name none."""
    said = (done.stdout + done.stderr).decode(errors="replace")
    broken = _numbers(said, alive)
    if not broken:
        raise EngineAborted(
            f"opa stopped with code {done.code}: {said[:2000]}",
            remedy="run the tests without mutants first: pytest policies",
        )
    return broken


def _numbers(said: str, alive: Sequence[int]) -> set[int]:
    return {int(one) - 1 for one in _ROOT.findall(said)} & set(alive)


def _base(corpus: Corpus, packages: frozenset[str]) -> dict[str, str]:
    """What these packages reach and no mutant changes."""
    needed = corpus.sources_of(corpus.needed_by(packages))
    return {module.path: module.text for module in needed}


def _copies(texts: _Texts, numbers: Sequence[int], *, tests: bool) -> dict[str, str]:
    return {
        f"m{number + 1}/{path}": text
        for number in numbers
        for path, text in texts[number].items()
        if tests or not path.endswith("_test.rego")
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
