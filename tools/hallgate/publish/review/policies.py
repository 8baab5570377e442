"""Policies, controls and schemas of a change: what is looser than before, and what stricter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hallgate.model.law import Control
from hallgate.model.policy import Policy
from hallgate.publish.changes import limit_differences, metadata_differences, schema_differences
from hallgate.publish.report.text import listed
from hallgate.publish.review.contents import Contents
from hallgate.publish.review.value import Notes


def policy_notes(base: Contents, head: Contents) -> Notes:
    """Policies added, changed and removed; limits old → new per tier."""
    before = {one.id: one for one in base.policies.catalog}
    after = {one.id: one for one in head.policies.catalog}
    lines: list[str] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None and new is not None:
            lines.append(f"{name} ({new.title}) is ADDED, {new.severity.value}.")
        elif new is None and old is not None:
            lines.append(f"{name} ({old.title}) is REMOVED: nothing asks for it any more.")
        elif old is not None and new is not None:
            changed = (
                *metadata_differences(old, new),
                *limit_differences(base.limits[name], head.limits[name]),
            )
            said = [str(one) for one in changed]
            if _text_differs(old, base, head):
                said.append("the text of its rules changed: read it, replay shows cases only")
            said += _voided(name, base, head)
            lines += [f"{name} ({new.title}): {one}." for one in said]
    return Notes("Policies", tuple(lines))


def _text_differs(policy: Policy, base: Contents, head: Contents) -> bool:
    folder = f"policies/promotion/rules/{policy.family}/{policy.name}"
    return not base.tree.same(head.tree, folder)


def _voided(name: str, base: Contents, head: Contents) -> Iterator[str]:
    """Approvals that bind the rule as it was."""
    if base.policies.rule_digests.get(name) != head.policies.rule_digests.get(name):
        bound = [one.id for one in head.waivers.waivers if one.document["policy"] == name]
        void = f"; the approvals of {listed(bound)} bind the old one" if bound else ""
        yield f"what its rule computes, itself or by a library, changed{void}"


def control_notes(old: Sequence[Control], new: Sequence[Control]) -> Notes:
    """Controls of the law register added, changed, removed."""
    before, after = ({one.name: one for one in side} for side in (old, new))
    lines = []
    for name in sorted(before.keys() | after.keys()):
        first, second = before.get(name), after.get(name)
        if first is None and second is not None:
            lines.append(f"{name} is added: {second.title}, {second.force}, {second.status}.")
        elif second is None:
            lines.append(f"{name} is REMOVED from the register.")
        elif first != second and first is not None:
            fields = [
                one for one in Control.__slots__ if getattr(first, one) != getattr(second, one)
            ]
            told = [f"{one} {getattr(first, one)} → {getattr(second, one)}" for one in fields]
            lines.append(f"{name}: {'; '.join(told)}.")
    return Notes("Controls", tuple(lines))


def schema_notes(base: Contents, head: Contents) -> Notes:
    """Evidence types added, changed, removed; each changed keyword with its direction."""
    before, after = base.schemas.evidence_types, head.schemas.evidence_types
    lines = [f"{one} is a new evidence type." for one in sorted(set(after) - set(before))]
    lines += [
        f"{one} is REMOVED: no such evidence counts." for one in sorted(set(before) - set(after))
    ]
    for name in ("common", *(f"evidence:{one}" for one in before if one in after)):
        found = schema_differences(base.schemas.schema(name), head.schemas.schema(name))
        label = name.removeprefix("evidence:")
        lines += [f"{label}{one}." for one in found]
    return Notes("Evidence schemas", tuple(lines))
