"""The pack's first page: no script, no asset from outside, printable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from hallgate.intake.rfc3339 import text as time_text
from hallgate.model.law import Control
from hallgate.publish.pack.scope import Decided, Scope

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:.5rem 0;width:100%}td,th{border:1px solid #888;
padding:.2rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
.broken,.error{background:#f4b6b6}.stale,.no_evidence{background:#f9d5b0}
.not_assessed,.manual{background:#eee}.held{background:#cfe8cf}
.held_with_exceptions{background:#faf0b4}
@media print{body{max-width:none;margin:0}tr{break-inside:avoid}}"""
MEANING = {
    "held": "judged in every decision; nothing was let through against it",
    "held_with_exceptions": "as above, but some were allowed by a waiver or an override",
    "broken": "a decision was allowed although its policy failed",
    "error": "a policy could not be evaluated; that is never a pass",
    "stale": "some decisions of the period did not judge it",
    "no_evidence": "no decision of the period says anything about it",
    "manual": "shown by people, outside of this pack",
    "not_assessed": "no policy is about it: nothing is known",
}


def index_page(
    scope: Scope,
    facts: dict[str, Any],
    mapped: Sequence[dict[str, Any]],
    controls: Sequence[Control],
    results: Sequence[dict[str, Any]],
    decided: Sequence[Decided],
) -> bytes:
    """The whole summary; controls that nothing is about are listed as well."""
    allowed = sum(one.allowed for one in decided)
    about = scope.model or "every model of the log"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>Audit pack: {_safe(about)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Audit pack: {_safe(about)}, {_safe(scope.framework)}</h1>",
        f"<p>Decisions from {time_text(scope.start)} until {time_text(scope.until)}: "
        f"{len(decided)}, of them {allowed} allowed and {len(decided) - allowed} denied. "
        f"Log {_safe(facts['log']['origin'])}, {facts['log']['size']} entries, root "
        f"<code>{facts['log']['root']}</code>.</p>",
        "<p>This page says what the records say; <code>python3 -I verify.py</code> beside it says "
        "whether that is so. Controls and policies are matched by the repository's register, "
        f"commit <code>{_safe(str(facts['commit']))}</code>.</p>",
        _conclusions(results),
        "<h2>Controls</h2>",
        "<p>Reach: <em>whole</em> where policies decide all of a control, <em>part</em> where they "
        "decide some of it; held then says that this part held.</p>",
        _table(
            (
                "Control",
                "Title",
                "Force",
                "In the period",
                "Policies",
                "Reach",
                "Judged",
                "Conclusion",
            ),
            (_control(scope, *one) for one in zip(controls, mapped, results, strict=True)),
        ),
        "<h2>Exceptions and failures</h2>",
        _odd(results),
        "<h2>Decisions</h2>",
        _table(
            ("Decided", "Published", "Model", "Digest", "To", "Tier", "Answer", "Record"),
            map(_decision, decided),
        ),
        "</body></html>",
    ]
    return ("\n".join(parts) + "\n").encode()


def _conclusions(results: Sequence[dict[str, Any]]) -> str:
    counts = {name: sum(one["conclusion"] == name for one in results) for name in MEANING}
    rows = (
        ("", (name.replace("_", " "), f"{count} of {len(results)}", MEANING[name]))
        for name, count in counts.items()
    )
    return _table(("Conclusion", "Controls", "Meaning"), rows)


def _control(
    scope: Scope, control: Control, mapped: dict[str, Any], one: dict[str, Any]
) -> tuple[str, tuple[str, ...]]:
    begins, ends = control.applies_at(scope.start), control.applies_at(scope.until - 1)
    law = {2: "in force", 1: "in force for a part", 0: "not in force"}[begins + ends]
    return one["conclusion"], (
        control.name,
        control.title,
        control.force,
        law,
        ", ".join(one["policies"]) or "none",
        mapped["shown_by"] or mapped["reach"],
        f"{one['judged']} of {one['population']}",
        one["conclusion"].replace("_", " "),
    )


def _odd(results: Sequence[dict[str, Any]]) -> str:
    rows = [
        ("", (one["control"], kind, ", ".join(found["policies"]), found["path"]))
        for one in results
        for kind in ("exceptions", "failures")
        for found in one[kind]
    ]
    if not rows:
        return "<p>None.</p>"
    return _table(("Control", "What", "Policies", "Record"), rows)


def _decision(one: Decided) -> tuple[str, tuple[str, ...]]:
    return "" if one.allowed else "stale", (
        time_text(one.at),
        time_text(one.published_at),
        one.model,
        one.digest,
        one.stage,
        one.tier or "",
        "allowed" if one.allowed else "denied",
        one.path,
    )


def _table(head: Iterable[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    top = "".join(f"<th>{_safe(one)}</th>" for one in head)
    body = "\n".join(
        f'<tr class="{_safe(mark)}">' + "".join(f"<td>{_safe(one)}</td>" for one in cells) + "</tr>"
        for mark, cells in rows
    )
    return f"<table><tr>{top}</tr>\n{body}</table>"


def _safe(text: str) -> str:
    return escape(text, quote=True)
