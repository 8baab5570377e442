"""Judges the mutants of many targets: by their tests, by those of dependents, by scenarios.

What was judged before in the same form is taken from the cache, so that a run that was
stopped goes on where it was.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from hallgate.decide.kept_answers import kept_answer
from hallgate.engine.opa import PINNED, Opa
from hallgate.model.policy import Policy
from hallgate.model.values import JsonValue
from hallgate.testing.mutants.by_scenarios import (
    ANSWERS,
    DECISION,
    ENTRIES,
    Staged,
    beside,
    killed_among_policies,
    seen_by_all,
    whole,
)
from hallgate.testing.mutants.by_tests import judge_by_tests
from hallgate.testing.mutants.corpus import Corpus
from hallgate.testing.mutants.mutant import Mutant
from hallgate.testing.mutants.rules import mutants_of
from hallgate.testing.mutants.source import Module, Node, parse

Say = Callable[[str], None]
# Raised with every change of how mutants are judged: answers kept before it count no more.
_JUDGES = "3"
# At once in one server: what OPA compiles costs more than in proportion to how much it is.
_CHUNK = 24
# Of a library that all policies reach only few mutants at once: each copies all of them.
_FEW = 8
_MODULES = 256
_TOGETHER = {"promotion.main": ENTRIES}


@dataclass(frozen=True, slots=True)
class Target:
    """A package to be mutated: of a policy, or main, replay or a library with no policy."""

    name: str
    family: str
    package: str
    policy: Policy | None

    @property
    def first_judges(self) -> frozenset[str]:
        """Packages whose tests judge first; main's also through replay."""
        return _TOGETHER.get(self.package, frozenset({self.package}))


@dataclass(frozen=True, slots=True)
class Fate:
    """A mutant and what it came to: tests, dependents, scenarios, stillborn or survived."""

    mutant: Mutant
    fate: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything about one target; seconds of work now, 0 where all was known before."""

    target: Target
    fates: tuple[Fate, ...]
    seconds: float

    def count(self, *fates: str) -> int:
        """How many mutants came to one of these."""
        return sum(one.fate in fates for one in self.fates)

    @property
    def survivors(self) -> tuple[Mutant, ...]:
        """Mutants that nothing noticed."""
        return tuple(one.mutant for one in self.fates if one.fate == "survived")


@dataclass
class Campaign:
    """One run over some targets; staged is asked for only if a mutant passes all tests.

    listed holds the names of mutants that are explained: scenarios are not asked about them.
    """

    corpus: Corpus
    engine: Opa
    staged: Callable[[], Staged]
    cache: Path | None
    jobs: int
    say: Say
    listed: frozenset[str] = frozenset()
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _spent: dict[str, float] = field(default_factory=dict)
    _original: dict[str, list[Any]] = field(default_factory=dict)

    def run(self, targets: Sequence[Target]) -> tuple[Outcome, ...]:
        """Outcomes in the order of the targets. Raises NotProven where tests fail unchanged."""
        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                found = list(pool.map(self._mutants, targets))
                fates = [dict[int, str]() for _ in targets]
                self._tests(pool, targets, found, fates)
                self._dependents(pool, targets, found, fates)
                self._scenarios(pool, targets, found, fates)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return tuple(
            Outcome(
                target,
                tuple(Fate(one, fate.get(i, "survived")) for i, one in enumerate(mutants)),
                round(self._spent.get(target.name, 0.0), 2),
            )
            for target, mutants, fate in zip(targets, found, fates, strict=True)
        )

    def _modules(self, target: Target) -> tuple[Module, ...]:
        return self.corpus.sources_of(frozenset({target.package}))

    def _mutants(self, target: Target) -> tuple[Mutant, ...]:
        found: list[Mutant] = []
        for module in self._modules(target):
            key = _key("parse", module.path, module.text)
            rules = self._asked(
                "mutants/parsed", key, target, partial(_parsed, module, self.engine)
            )
            found += mutants_of(module, cast("list[Node]", rules))
        return tuple(found)

    def _asked(
        self, about: str, key: str, target: Target, ask: Callable[[], JsonValue]
    ) -> JsonValue:
        """kept_answer(), counting the seconds that were really spent."""

        def timed() -> JsonValue:
            started = time.monotonic()
            answer = ask()
            with self._lock:
                spent = time.monotonic() - started
                self._spent[target.name] = self._spent.get(target.name, 0.0) + spent
            return answer

        return kept_answer(self.cache, about, key, timed)

    # --- the three judges ----------------------------------------------------------------

    def _tests(
        self, pool: ThreadPoolExecutor, targets: Sequence[Target], found: Any, fates: Any
    ) -> None:
        jobs = []
        for target, mutants, fate in zip(targets, found, fates, strict=True):
            # Even chunks, so that the cores end together.
            size = -(-len(mutants) // max(1, -(-len(mutants) // _CHUNK)))
            for start in range(0, len(mutants), max(1, size)):
                chunk = list(range(start, min(start + size, len(mutants))))
                jobs.append((target, mutants, fate, chunk, target.first_judges))
        self._by_tests(pool, jobs, "tests")

    def _dependents(
        self, pool: ThreadPoolExecutor, targets: Sequence[Target], found: Any, fates: Any
    ) -> None:
        """Who survives the tests of a library meets those of everything that reaches it."""
        jobs = []
        for target, mutants, fate in zip(targets, found, fates, strict=True):
            wider = self.corpus.dependents_of(target.package)
            left = [one for one in range(len(mutants)) if one not in fate]
            if target.policy is None and wider != target.first_judges:
                size = max(_FEW, min(_CHUNK, _MODULES // len(self.corpus.sources_of(wider))))
                for start in range(0, len(left), size):
                    jobs.append((target, mutants, fate, left[start : start + size], wider))
        self._by_tests(pool, jobs, "dependents")

    def _by_tests(self, pool: ThreadPoolExecutor, jobs: list[Any], word: str) -> None:
        def one(job: Any) -> None:
            target, mutants, fate, chunk, packages = job
            some = [mutants[number] for number in chunk]
            key = _key(word, self.corpus.digest(packages), repr(some))

            def ask() -> JsonValue:
                judged = judge_by_tests(some, self.corpus, packages, self.engine)
                return {"killed": sorted(judged.killed), "stillborn": sorted(judged.stillborn)}

            answer = cast("dict[str, list[int]]", self._asked("mutants/tests", key, target, ask))
            with self._lock:
                fate.update({chunk[one]: "stillborn" for one in answer["stillborn"]})
                fate.update({chunk[one]: word for one in answer["killed"]})

        self._each(pool, jobs, one, f"mutants against {word}")

    def _scenarios(
        self, pool: ThreadPoolExecutor, targets: Sequence[Target], found: Any, fates: Any
    ) -> None:
        jobs = []
        for target, mutants, fate in zip(targets, found, fates, strict=True):
            left = [
                n for n, one in enumerate(mutants) if n not in fate and not self._explained(one)
            ]
            groups = [left] if target.policy else [[one] for one in left]
            jobs += [(target, mutants, fate, some) for some in groups if some]
        if not jobs:
            return
        staged = self.staged()
        documents = sha256(repr((staged.documents, staged.waivers.digest)).encode()).hexdigest()

        def one(job: Any) -> None:
            target, mutants, fate, numbers = job
            some = [mutants[number] for number in numbers]
            tree = (
                whole(self.corpus)
                if target.policy is None
                else beside((), target.policy, self.corpus)
            )
            key = _key("scenarios", documents, tree.digest, repr(some))
            answer = self._asked(
                "mutants/scenarios", key, target, lambda: self._seen(target, some, staged)
            )
            with self._lock:
                fate.update({numbers[i]: "scenarios" for i in cast("list[int]", answer)})

        self._each(pool, jobs, one, "survivors against scenarios")

    def _explained(self, mutant: Mutant) -> bool:
        return mutant.name(self.corpus.modules[mutant.path].text) in self.listed

    def _seen(self, target: Target, some: Sequence[Mutant], staged: Staged) -> JsonValue:
        if target.policy is not None:
            killed = killed_among_policies(some, target.policy, self.corpus, staged, self.engine)
            return sorted(killed)
        what = ANSWERS if target.package in ENTRIES else DECISION
        with self._lock:
            if what not in self._original:
                whole_tree = seen_by_all(what, None, self.corpus, staged, self.engine)
                self._original[what] = list(whole_tree)
        seen = seen_by_all(what, some[0], self.corpus, staged, self.engine)
        # Not strict: whoever makes OPA stop has told that by its last answer.
        with contextlib.closing(seen):
            told = any(one != two for one, two in zip(seen, self._original[what], strict=False))
        return [0] if told else []

    def _each(
        self, pool: ThreadPoolExecutor, jobs: list[Any], work: Callable[[Any], None], what: str
    ) -> None:
        waiting: list[Future[None]] = [pool.submit(work, job) for job in jobs]
        for number, one in enumerate(waiting, start=1):
            one.result()
            self.say(f"{what}: {number} of {len(waiting)} batches")


def _parsed(module: Module, engine: Opa) -> JsonValue:
    return cast(JsonValue, parse(module.text, engine))


def _key(*parts: str) -> str:
    return sha256("\0".join([PINNED, _JUDGES, *parts]).encode()).hexdigest()
