"""The modules of a policy tree and who reaches whom: a mutant is judged beside no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from hallgate.testing.mutants.source import Module, owner


@dataclass
class Corpus:
    """Modules by path from policies/, tests and generated constants among them."""

    modules: Mapping[str, Module]
    packages: frozenset[str] = field(init=False)
    _uses: dict[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        """Work out once which package names which."""
        self.packages = frozenset(one.package for one in self._sources())
        uses: dict[str, set[str]] = {name: set() for name in self.packages}
        for one in self._sources():
            uses[one.package] |= self._owners(one) - {one.package}
        self._uses = {name: frozenset(found) for name, found in uses.items()}

    @classmethod
    def read(cls, files: Mapping[str, bytes]) -> Corpus:
        """The corpus of these files."""
        return cls({path: Module.read(path, data) for path, data in sorted(files.items())})

    def _sources(self) -> Iterable[Module]:
        return (one for one in self.modules.values() if not one.is_test)

    def _owners(self, module: Module) -> set[str]:
        found = (owner(word, self.packages) for word in module.references())
        return {name for name in found if name}

    def sources_of(self, packages: frozenset[str]) -> tuple[Module, ...]:
        """The modules of packages, without tests."""
        return tuple(one for one in self._sources() if one.package in packages)

    def tests_of(self, packages: frozenset[str]) -> tuple[Module, ...]:
        """Modules that test these packages."""
        tests = (one for one in self.modules.values() if one.is_test)
        return tuple(one for one in tests if one.tested in packages)

    def needed_by(self, packages: frozenset[str]) -> frozenset[str]:
        """What these packages and their tests reach, without themselves."""
        waiting = set(packages)
        for test in self.tests_of(packages):
            waiting |= self._owners(test)
        found: set[str] = set()
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting |= self._uses[one]
        return frozenset(found - packages)

    def dependents_of(self, package: str) -> frozenset[str]:
        """A package with all that reach it."""
        found = {package}
        while True:
            more = {name for name, used in self._uses.items() if used & found} - found
            if not more:
                return frozenset(found)
            found |= more

    def digest(self, packages: frozenset[str]) -> str:
        """Over everything that can change what tests of these packages say."""
        taken = (
            *self.sources_of(packages),
            *self.tests_of(packages),
            *self.sources_of(self.needed_by(packages)),
        )
        total = sha256()
        for one in sorted(taken, key=lambda one: one.path):
            total.update(f"{one.path}\0{sha256(one.text.encode()).hexdigest()}\n".encode())
        return total.hexdigest()
