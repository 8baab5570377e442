"""Whether the text of a changed rule alone shows that it denies nothing more.

Only what is certain counts: a rule that denies was dropped, or a comparison was added to its
body; a reason not to apply was added. Whatever else changed may deny more.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from hallgate.intake.narrow import a_list, a_text, an_object
from hallgate.model.values import JsonObject, JsonValue

_DENYING = ("deny", "insufficient")
_EXEMPTING = "not_applicable"
LIMITS = "limits"
_COMPARISONS = frozenset({"eq", "equal", "neq", "lt", "lte", "gt", "gte", "internal.member_2"})

Modules = Sequence[JsonObject]


def same_rules(old: Modules, new: Modules) -> bool:
    """Whether two forms of a package compute the same, the numbers of `limits` apart."""
    return _rules(old) == _rules(new) and _imports(old) == _imports(new)


def only_adds(old: Modules, new: Modules) -> bool:
    """Whether the new form keeps every rule as it was and adds names that were not there."""
    before, after = _rules(old, ()), _rules(new, ())
    kept = all(after.get(name) == rules for name, rules in before.items())
    return kept and not _imports(old) - _imports(new)


def only_narrower(old: Modules, new: Modules) -> bool:
    """Whether the new form of a policy certainly denies nothing that the old one did not."""
    before, after = _rules(old), _rules(new)
    if _imports(old) - _imports(new):
        return False
    helpers = set(before) - {*_DENYING, _EXEMPTING}
    if any(after.get(name, before[name]) != before[name] for name in helpers):
        return False
    if before.get(_EXEMPTING, Counter()) - after.get(_EXEMPTING, Counter()):
        return False
    if not any(after.get(name) for name in _DENYING):
        return False  # a policy without a rule that could deny is an error
    return all(
        any(_narrows(json.loads(rule), json.loads(known)) for known in before.get(name, ()))
        for name in _DENYING
        for rule in after.get(name, ())
    )


def _rules(modules: Modules, left_out: Sequence[str] = (LIMITS,)) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for module in modules:
        for one in a_list(module.get("rules") or []):
            rule = an_object(one)
            name = _name(an_object(rule["head"]))
            if name not in left_out:
                found.setdefault(name, Counter())[_text(rule)] += 1
    return found


def _name(head: JsonObject) -> str:
    if isinstance(head.get("name"), str):
        return a_text(head["name"])
    first = an_object(a_list(head["ref"])[0])
    return a_text(first["value"])


def _imports(modules: Modules) -> Counter[str]:
    return Counter(_text(one) for module in modules for one in a_list(module.get("imports") or []))


def _narrows(new: JsonObject, old: JsonObject) -> bool:
    """The same rule with no expression gone and only comparisons added."""
    if {**new, "body": None} != {**old, "body": None}:
        return False
    waiting = list(a_list(old["body"]))
    for one in a_list(new["body"]):
        if waiting and waiting[0] == one:
            waiting.pop(0)
        elif not _compares(an_object(one)):
            return False
    return not waiting


def _compares(expression: JsonObject) -> bool:
    """An expression that can only hold or not: no call that might fail, nothing bound anew."""
    terms = expression.get("terms")
    if isinstance(terms, Mapping):
        return terms.get("type") == "ref" and "call" not in _types(terms)
    if not isinstance(terms, list) or "call" in _types(terms[1:]):
        return False
    called = [an_object(one)["value"] for one in a_list(an_object(terms[0])["value"])]
    return ".".join(map(str, called)) in _COMPARISONS


def _types(value: JsonValue) -> set[str]:
    found: set[str] = set()
    if isinstance(value, Mapping):
        if isinstance(value.get("type"), str):
            found.add(a_text(value["type"]))
        for one in value.values():
            found |= _types(one)
    elif isinstance(value, list):
        for one in value:
            found |= _types(one)
    return found


def _text(value: JsonValue) -> str:
    return json.dumps(_unnumbered(value), sort_keys=True)


def _unnumbered(value: JsonValue) -> JsonValue:
    """Without the positions of expressions, which move when one is added."""
    if isinstance(value, Mapping):
        return {key: _unnumbered(one) for key, one in value.items() if key != "index"}
    return [_unnumbered(one) for one in value] if isinstance(value, list) else value
