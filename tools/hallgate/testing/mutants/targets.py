"""What can be mutated in a repository, and what a user's words select of it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from hallgate.decide.policies import PolicySet
from hallgate.intake.repository import Repository
from hallgate.model.errors import UsageError
from hallgate.testing.mutants.campaign import Target
from hallgate.testing.mutants.corpus import Corpus
from hallgate.testing.rego import rego_files


def read_corpus(repository: Repository, policies: PolicySet) -> Corpus:
    """The modules that ship, with generated constants, and their tests."""
    files = rego_files(policies.bundle.data)
    for path in sorted(repository.policies.rglob("*_test.rego")):
        files[path.relative_to(repository.policies.parent).as_posix()] = path.read_bytes()
    return Corpus.read(files)


def all_targets(corpus: Corpus, policies: PolicySet) -> tuple[Target, ...]:
    """main and libraries first, then policies by family and id."""
    by_package = {f"promotion.rules.{one.family}.{one.name}": one for one in policies.catalog}
    found = []
    for package in sorted(corpus.packages):
        if package.startswith("promotion.generated"):
            continue
        policy = by_package.get(package)
        if policy is None and package.startswith("promotion.rules."):
            continue  # a family's, which holds METADATA alone
        if policy is not None:
            found.append(Target(policy.id, policy.family, package, policy))
        else:
            short = package.removeprefix("promotion.")
            found.append(Target(short, short.partition(".")[0], package, None))
    return tuple(sorted(found, key=lambda one: (one.policy is not None, one.family, one.name)))


def selected(targets: Sequence[Target], words: Sequence[str]) -> tuple[Target, ...]:
    """Targets named by id, package, family, or a part of its path; raises UsageError."""
    if not words:
        return tuple(targets)
    chosen = []
    for word in words:
        some = [one for one in targets if word in {one.name, one.family} or _within(one, word)]
        if not some:
            near = get_close_matches(word, [one.name for one in targets], 1)
            words_near = f"did you mean {near[0]}?" if near else "name an id, main, or lib.tiers"
            raise UsageError(f"there is no policy or library {word!r}", remedy=words_near)
        chosen += some
    return tuple(dict.fromkeys(chosen))


def _within(target: Target, word: str) -> bool:
    return f".{word.strip('.')}." in f".{target.package}."
