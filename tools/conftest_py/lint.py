"""Faults in policies which conftest passes over in silence, found in the syntax tree."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from conftest_py.strict_json import Json
from conftest_py.syntax import Module, Reference, Rule

FAILURE = re.compile(r"^(deny|violation)(_[a-zA-Z0-9]+)*$")
WARNING = re.compile(r"^warn(_[a-zA-Z0-9]+)*$")
_MEANT = re.compile(r"^(deny|violation|warn)", re.IGNORECASE)
_NO_MESSAGE = frozenset(
    {"number", "boolean", "null", "array", "set", "arraycomprehension", "setcomprehension"}
)
_PROVIDED: tuple[Reference, ...] = (("conftest", "file", "name"), ("conftest", "file", "dir"))


def runs(name: str) -> bool:
    """Whether conftest evaluates a rule of this name."""
    return bool(FAILURE.match(name) or WARNING.match(name))


def faults(modules: Sequence[Module], namespaces: Sequence[str]) -> tuple[str, ...]:
    """Everything in these modules that conftest would ignore, drop or waive, sorted."""
    found = set(_package_faults(modules))
    for namespace in namespaces:
        members = [module for module in modules if module.namespace == namespace]
        live = [module for module in members if not module.is_test]
        if not live:
            found.add(f"namespace {namespace}: no policy has this package")
        elif not any(runs(rule.name) for module in live for rule in module.rules):
            found.add(f"namespace {namespace}: no rule that conftest would run")
        found.update(_twin_faults(live))
        for module in members:
            for rule in module.rules:
                text = _test_fault(rule) if module.is_test else rule_fault(rule)
                if text:
                    found.add(f"{module.origin}: {'.'.join(rule.path)}: {text}")
    return tuple(sorted(found))


def inventory(modules: Sequence[Module], namespace: str) -> tuple[str, ...]:
    """The rules of a namespace that conftest has to evaluate, sorted."""
    names = {
        rule.name
        for module in modules
        if module.namespace == namespace and not module.is_test
        for rule in module.rules
        if runs(rule.name)
    }
    return tuple(sorted(names))


def rule_fault(rule: Rule) -> str:
    """What is wrong with one rule, or an empty string."""
    if rule.name == "exception":
        return "conftest's own exceptions are forbidden, waive after the evaluation"
    if not _MEANT.match(rule.name):
        return ""
    if not runs(rule.name):
        return "conftest never runs a rule of this name"
    if rule.length != 1:
        return "conftest does not see findings below a rule's name"
    if rule.function:
        return "conftest cannot run a function"
    if not rule.member:
        return "only a partial set is reported completely, write `contains`"
    if rule.member in _NO_MESSAGE:
        return f"a finding that is a {rule.member} is dropped by conftest"
    if rule.literal == "":
        return "a finding with an empty message counts as a pass"
    return ""


def _test_fault(rule: Rule) -> str:
    if _MEANT.match(rule.name) or rule.name == "exception":
        return "the rule stands in a _test.rego file, which is not handed to conftest"
    return ""


def _package_faults(modules: Sequence[Module]) -> Iterator[str]:
    spelled: dict[str, set[str]] = defaultdict(set)
    for module in modules:
        spelled[module.namespace.lower()].add(module.namespace)
    for names in spelled.values():
        if len(names) > 1:
            yield f"packages {', '.join(sorted(names))}: conftest takes them for one"


def _twin_faults(modules: Sequence[Module]) -> Iterator[str]:
    spelled: dict[str, set[str]] = defaultdict(set)
    for module in modules:
        for rule in module.rules:
            if runs(rule.name):
                spelled[rule.name.lower()].add(rule.name)
    for names in spelled.values():
        if len(names) > 1:
            yield f"rules {', '.join(sorted(names))}: conftest runs only one of them"


def undefined(
    modules: Sequence[Module], data: Json, allowed: Sequence[str] = ()
) -> tuple[str, ...]:
    """Every ``data.`` path that neither a rule nor a data document defines, sorted."""
    live = [module for module in modules if not module.is_test]
    defined = {module.package + rule.path for module in live for rule in module.rules}
    defined.update(_PROVIDED)
    known = {path[:end] for path in defined for end in range(len(path) + 1)}
    permitted = {tuple(name.removeprefix("data.").split(".")) for name in allowed}
    found: set[str] = set()
    for module in live:
        for path in module.references:
            starts = {path[:end] for end in range(1, len(path) + 1)}
            if path in known or starts & defined or starts & permitted or _holds(data, path):
                continue
            found.add(f"{module.origin}: data.{'.'.join(path)} is undefined, so it passes")
    return tuple(sorted(found))


def _holds(document: Json, path: Reference) -> bool:
    for part in path:
        if not isinstance(document, dict) or part not in document:
            return False
        document = document[part]
    return True
