"""A comparison of bundles as a table, JSON or Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from hallgate.publish.report.table import table
from hallgate.publish.report.text import utc, visible, wrapped
from hallgate.publish.versions.changelog import entry
from hallgate.publish.versions.semver import Version
from hallgate.publish.versions.value import Comparison

_WORDS = 66


def _numbers(found: Comparison) -> str:
    impact = found.impact
    return (
        f"{impact.replayed:,} decisions replayed, {len(impact.newly_denied):,} newly denied,"
        f" {len(impact.newly_allowed):,} newly allowed"
    )


def _verdict(found: Comparison, since: Version | None) -> str:
    if since is None:
        return f"{found.level.word.upper()}."
    return f"{found.level.word.upper()}: after {since} at least {since.after(found.level)}."


def as_table(found: Comparison, since: Version | None) -> str:
    """For a terminal."""
    rows = [
        (one.level.word, visible(one.policy), one.source, wrapped(visible(one.what), _WORDS))
        for one in found.steps
    ]
    blocks = [f"{visible(found.old)} → {visible(found.new)}, released {utc(found.at)}"]
    if rows:
        blocks.append(table(("level", "policy", "shown by", "what"), rows))
    blocks += [wrapped(visible(f"REFUSED: {one}"), 100, "  ") for one in found.refused]
    blocks += [wrapped(visible(f"left out: {one}"), 100, "  ") for one in found.left_out]
    blocks.append("\n".join([*found.told, f"{_numbers(found)}.", _verdict(found, since)]))
    return "\n\n".join(blocks) + "\n"


def as_json(found: Comparison, since: Version | None) -> str:
    """For programs: every step."""
    impact = found.impact
    document = {
        "format": "urn:hallgate:bundle-diff:v1",
        "old": found.old,
        "new": found.new,
        "at": found.at,
        "level": found.level.word,
        "since": str(since) if since else None,
        "least_version": str(since.after(found.level)) if since else None,
        "steps": [
            {
                "level": one.level.word,
                "policy": one.policy or None,
                "what": one.what,
                "source": one.source,
            }
            for one in found.steps
        ],
        "impact": {
            "replayed": impact.replayed,
            "unchanged": impact.unchanged,
            "newly_denied": [one.case for one in impact.newly_denied],
            "newly_allowed": [one.case for one in impact.newly_allowed],
        },
        "corpus": list(found.told),
        "left_out": [str(one) for one in found.left_out],
        "refused": [str(one) for one in found.refused],
    }
    return json.dumps(document, indent=2) + "\n"


def as_markdown(found: Comparison, since: Version | None) -> str:
    """The changelog's entry, and what it rests on."""
    return "\n".join([entry(found), f"{_verdict(found, since)} {_numbers(found)}."]) + "\n"


FORMATS: Mapping[str, Callable[[Comparison, Version | None], str]] = {
    "table": as_table,
    "json": as_json,
    "markdown": as_markdown,
}
