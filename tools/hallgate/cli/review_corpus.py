"""The corpus of a review: scenarios of both sides, staged, and archived decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hallgate.decide.corpus import read_archive
from hallgate.decide.impact import SCENARIO, Case, Say
from hallgate.decide.policies import PolicySet
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.model.decision import Decision
from hallgate.model.documents import Override, Request, Waiver
from hallgate.model.errors import Fault, HallgateError, Location
from hallgate.publish.report.text import counted
from hallgate.publish.review.blast import Corpus
from hallgate.publish.review.contents import Contents
from hallgate.testing.cast import Cast, make_cast
from hallgate.testing.runner import Prepared, prepare
from hallgate.testing.scenario import TRUST, read_scenario, scenario_files

_SCENARIOS = "tests/scenarios"


def read_corpus(
    base: Contents, head: Contents, records: Path | None, private: Path, at: int, say: Say
) -> Corpus:
    """Scenarios at base and head, and records where a folder of them is given.

    A scenario that the head drops is replayed as it was; one it alters, in both forms.
    Those the head brings and that cannot be staged are named, not replayed.
    """
    old = _stage(base, _cast(base, private / "base-keys"), say)
    same = base.tree.same(head.tree, "evidence-schemas", f"{_SCENARIOS}/{TRUST}", "trust")
    cast = old.cast if same else _cast(head, private / "head-keys")
    new = _stage(head, cast, say)
    # Where schemas, cast and the families of policies agree, both sides read the same.
    before = old.all()
    after = before if same and old.families == new.families else new.again(old)
    cases, faults = _cases(before, after), [*_troubles(before)]
    told = [f"{counted(len(cases), 'scenario')} of the base."]
    brought = new.brought(base, head)
    cases += _cases(brought, brought)
    faults += _troubles(brought)
    changed = _removed(base, head)
    if brought or changed:
        told.append(
            f"{counted(len(_good(brought)), 'scenario')} that the head adds or alters; "
            f"{counted(len(changed), 'scenario file')} that it drops or alters, replayed as before."
        )
    newest: frozenset[str] = frozenset()
    decided: tuple[tuple[Request, Decision], ...] = ()
    if records is None:
        told.append("No records: no archived decision was replayed (--records names their folder).")
    else:
        archive = read_archive(records, base.trust, head.trust, at, say)
        cases += archive.cases
        faults += archive.left_out
        newest, decided = archive.newest, archive.decided
        told.append(f"{counted(len(archive.cases), 'archived decision')}, proven.")
    return Corpus(
        tuple(cases),
        _waivers(before) + _waivers(brought),
        _waivers(after) + _waivers(brought),
        newest,
        tuple(told),
        tuple(faults),
        decided,
        _overrides(before) + _overrides(brought),
        _overrides(after) + _overrides(brought),
    )


def stage_for(
    repository: Repository,
    schemas: Schemas,
    policies: tuple[PolicySet, PolicySet],
    private: Path,
    say: Say,
) -> Corpus:
    """The scenarios of a working tree, staged for two sets of policies (of two bundles).

    Only what a scenario's waivers bind differs between the sides; each has its own approvals.
    """
    folder = repository.root / _SCENARIOS
    cast = _cast_of(repository, schemas, private / "keys")
    old, new = (_Stage(folder, schemas, one, cast, say) for one in policies)
    before = old.all()
    bound = policies[0].rule_digests == policies[1].rule_digests and old.families == new.families
    after = before if bound else new.all()
    cases = _cases(before, after)
    return Corpus(
        tuple(cases), _waivers(before), _waivers(after), frozenset(),
        (f"{counted(len(cases), 'scenario')} of {repository.root.name}.",),
        tuple(_troubles(before)), (),
    )  # fmt: skip


Staged = dict[str, Prepared | Fault]


def _cast(side: Contents, folder: Path) -> Cast:
    return _cast_of(side.repository, side.schemas, folder)


def _cast_of(repository: Repository, schemas: Schemas, folder: Path) -> Cast:
    folder.mkdir(mode=0o700)
    own = repository.root / _SCENARIOS / TRUST
    return make_cast(folder, read_trust(own if own.is_dir() else repository.trust, schemas))


def _stage(side: Contents, cast: Cast, say: Say) -> _Stage:
    folder = side.repository.root / _SCENARIOS
    return _Stage(folder, side.schemas, side.policies, cast, say)


@dataclass(frozen=True)
class _Stage:
    """Stages the scenarios of a folder under schemas, signers and families of policies."""

    folder: Path
    schemas: Schemas
    policies: PolicySet
    cast: Cast
    say: Say

    @property
    def families(self) -> Mapping[str, str]:
        """Family by policy, in which waivers of scenarios lie."""
        return {one.id: one.family for one in self.policies.catalog}

    def all(self) -> Staged:
        """Every scenario of this side."""
        files = scenario_files(self.folder)
        self.say(f"staging {len(files):,} scenarios")
        return {name: self._one(path, name) for path in files if (name := self._name(path))}

    def again(self, other: _Stage) -> Staged:
        """The other side's scenarios, as this side would read them."""
        files = scenario_files(other.folder)
        self.say(f"staging {len(files):,} scenarios again, as the head reads them")
        return {name: self._one(path, name) for path in files if (name := other._name(path))}

    def brought(self, base: Contents, head: Contents) -> Staged:
        """Scenarios of the head that the base does not have in this form."""
        found: Staged = {}
        for path in scenario_files(self.folder):
            name = self._name(path)
            sources = f"{_SCENARIOS}/{name}", f"{_SCENARIOS}/{path.parent.name}/base.yaml"
            if not base.tree.same(head.tree, *sources):
                found[f"{name} (head)"] = self._one(path, f"{name} (head)")
        return found

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _one(self, path: Path, name: str) -> Prepared | Fault:
        try:
            # Its name makes the digest of its model: two forms of one file must not share it.
            scenario = replace(read_scenario(path), name=name)
            return prepare(scenario, self.cast, self.schemas, self.policies)
        except HallgateError as error:
            what, remedy = error.faults[0].what, error.faults[0].remedy
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, OSError) as error:
            what, remedy = f"cannot be staged: {type(error).__name__}: {error}", "mend the scenario"
        return Fault(what, Location(f"{_SCENARIOS}/{name}"), remedy)


def _cases(before: Staged, after: Staged) -> list[Case]:
    """Cases of scenarios that at least the old side can read."""
    found = []
    for name, old in before.items():
        if isinstance(old, Prepared):
            new = after[name]
            document = new.document if isinstance(new, Prepared) else f"{new}"
            found.append(Case(name, SCENARIO, old.document, document, old.scenario.now))
    return found


def _good(staged: Staged) -> list[Prepared]:
    return [one for one in staged.values() if isinstance(one, Prepared)]


def _troubles(staged: Staged) -> list[Fault]:
    return [one for one in staged.values() if isinstance(one, Fault)]


def _waivers(staged: Staged) -> tuple[Waiver, ...]:
    return tuple(waiver for one in _good(staged) for waiver in one.waivers)


def _overrides(staged: Staged) -> tuple[Override, ...]:
    return tuple(override for one in _good(staged) for override in one.overrides)


def _removed(base: Contents, head: Contents) -> list[str]:
    there = base.tree.under(_SCENARIOS)
    return [path for path, blob in there.items() if head.tree.files.get(path) != blob]
