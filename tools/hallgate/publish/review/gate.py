"""Changes of the gate itself: what decides, tests, builds and guards, and who owns it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hallgate.intake.tree import GUARDED, OWNER_FILES, Tree
from hallgate.model.errors import Fault, Location
from hallgate.publish.report.text import counted, listed
from hallgate.publish.review.contents import Contents
from hallgate.publish.review.value import Notes

_SHOWN = 60
# What a changed path does to the gate; the first that matches is said.
_GATE: tuple[tuple[str, str], ...] = (
    (r"\.github/(workflows|actions)/|\.gitlab-ci\.yml$|\.ci/|ci-templates/", "runs the checks"),
    (r"(.*/)?CODEOWNERS$", "says who must agree"),
    (r"(.*/)?(Makefile|makefile|GNUmakefile|.*\.mk)$", "is what CI calls"),
    (
        r"pyproject\.toml$|setup\.(py|cfg)$|requirements/|(.*/)?(tox|pytest)\.ini$",
        "sets up the tool",
    ),
    (r"tools/hallgate/intake/documents/", "is a schema of the tool"),
    (r"tools/", "is the tool"),
    (r"policies/checks/", "is governance itself"),
    (r"policies/promotion/(main|replay|lib)/", "decides for every policy"),
    (r"policies/.*_test\.rego$", "tests a policy"),
    (r"policies/", "is a policy"),
    (r"trust/", "says whose word counts"),
    (r"evidence-schemas/", "says what evidence is"),
    (r"frameworks/|tracks/", "is law or what teams take"),
    (r"inventory/", "says which models there are"),
    (r"exceptions/", "is a waiver or an approval"),
    (r"tests/scenarios/", "is a scenario of the corpus"),
    (r"tests/|(.*/)?conftest\.py$", "tests the gate"),
    (r"(.*/)?\.git(attributes|modules|ignore)$|\.pre-commit", "changes what Git or hooks do"),
)
# Ground that is guarded even where nothing lies on it yet.
_OWNED = ("exceptions/new", "trust/new", "policies/new", "CODEOWNERS", ".github/workflows/new")


def gate_notes(base: Tree, head: Tree) -> Notes:
    """Every changed path that the gate stands on, with what it does."""
    changed = [path for path in changed_paths(base, head) if _meaning(path) is not None]
    lines = [
        f"{path} is {_kind(path, base, head)}: it {_meaning(path)}." for path in changed[:_SHOWN]
    ]
    if len(changed) > _SHOWN:
        lines.append(
            f"And {counted(len(changed) - _SHOWN, 'more path')}; `git diff --stat` has them."
        )
    lines += _strange(base, head)
    return Notes("Changes the gate itself", tuple(lines))


def changed_paths(base: Tree, head: Tree) -> tuple[str, ...]:
    """Paths that differ; those with the widest effect first."""
    paths = base.files.keys() | head.files.keys()
    found = [path for path in paths if base.files.get(path) != head.files.get(path)]
    return tuple(sorted(found, key=lambda path: (_rank(path), path)))


def _rank(path: str) -> int:
    return next((n for n, (form, _) in enumerate(_GATE) if re.match(form, path)), len(_GATE))


def _meaning(path: str) -> str | None:
    rank = _rank(path)
    return _GATE[rank][1] if rank < len(_GATE) else None


def _kind(path: str, base: Tree, head: Tree) -> str:
    if path not in head.files:
        return "REMOVED"
    return "changed" if path in base.files else "added"


def _strange(base: Tree, head: Tree) -> Iterator[str]:
    """Links and submodules outside what the gate reads: harmless to it, not to a checkout."""
    for path, blob in sorted(head.files.items()):
        if base.files.get(path) != blob and blob.mode in {"120000", "160000"}:
            what = "symbolic link" if blob.mode == "120000" else "submodule"
            yield f"{path} is a {what}; the review does not follow it."


def owner_notes(base: Contents, head: Contents) -> Notes:
    """Who has to agree by the base's rules, and whose ground the change takes away."""
    if base.owners is None:
        return Notes("Owners", ("The base has no CODEOWNERS: nobody in particular must agree.",))
    owners: dict[tuple[str, ...], int] = {}
    for path in changed_paths(base.tree, head.tree):
        who = base.owners.owners_of(path)
        owners[who] = owners.get(who, 0) + 1
    lines = [
        f"{listed(who, 'or') or 'Nobody in particular'} must agree to {counted(number, 'path')}."
        for who, number in sorted(owners.items())
    ]
    for (before, after), paths in _moved(base, head).items():
        others = f" and {counted(len(paths) - 1, 'more path')}" if len(paths) > 1 else ""
        now, then = listed(after) or "NOBODY", listed(before) or "nobody"
        lines.append(f"{paths[0]}{others} would belong to {now}, before {then}.")
    return Notes("Owners", tuple(lines))


def owner_faults(base: Contents, head: Contents) -> tuple[Fault, ...]:
    """What no change may do to ownership: leave guarded ground unowned, or hide the file."""
    faults = [
        Fault(
            f"{paths[0]} would belong to nobody, with {counted(len(paths), 'path')} in all",
            Location("CODEOWNERS"),
            "keep an owner for exceptions/, trust/, policies/, workflows and CODEOWNERS",
        )
        for (before, after), paths in _moved(base, head).items()
        if before and not after
    ]
    there = [name for name in OWNER_FILES if name in head.tree.files]
    if len(there) > 1 and not base.tree.same(head.tree, *OWNER_FILES):
        what = f"there are several: {listed(there)}, and the forge takes one"
        faults.append(Fault(what, Location(there[-1]), "keep one CODEOWNERS"))
    return tuple(faults)


def _moved(
    base: Contents, head: Contents
) -> dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]]:
    """Guarded paths by owners before and after, where these differ."""
    if base.tree.same(head.tree, *OWNER_FILES):
        return {}
    there = {*base.tree.under(*GUARDED), *head.tree.under(*GUARDED), *_OWNED}
    moved: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for path in sorted(there):
        before, after = (one.owners.owners_of(path) if one.owners else () for one in (base, head))
        if before != after:
            moved.setdefault((before, after), []).append(path)
    return moved
