"""The pages of a pack: no script, no asset from outside, printable, short however long the log.

index.html is the summary; decisions/0001.html and on list every decision, a thousand a page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice
from typing import Any

from hallgate.intake.rfc3339 import text as time_text
from hallgate.model.law import Control
from hallgate.publish.pack.scope import Decided, Scope

A_PAGE = 1000
_FEW = 200  # decisions shown on the first page
_SOME = 3  # records named in a row of exceptions and failures
_DIGITS = 12

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """body{font:14px/1.45 system-ui,sans-serif;max-width:80rem;margin:2rem auto;
padding:0 1rem;color:#111;background:#fff}h1{font-size:1.6rem;margin:0 0 .5rem}
h2{font-size:1.2rem;margin:1.6rem 0 .4rem}
table{border-collapse:collapse;margin:.5rem 0;width:100%}td,th{border:1px solid #999;
padding:.2rem .45rem;text-align:left;vertical-align:top;overflow-wrap:break-word}
th{background:#e8e8e8}td.n{white-space:nowrap}td.x{overflow-wrap:anywhere}
code,td.m{font:12px/1.5 ui-monospace,monospace}nav{margin:.6rem 0}nav *{margin-right:.6rem}
.broken,.error{background:#f4b6b6}.stale,.no_evidence,.denied{background:#fbe3c8}
.not_assessed,.manual{background:#eee}.held{background:#d8efd8}
.held_with_exceptions{background:#faf0b4}
@page{margin:14mm}@media print{body{max-width:none;margin:0;font-size:10px}
code,td.m{font-size:9px}tr{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}
nav{display:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}"""
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
_WHAT = {"exceptions": "allowed by an exception", "failures": "failed"}

Cell = str | tuple[str, str]  # text, or (class, text)


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
        f"<h1>Audit pack: {_safe(about)}, {_safe(scope.framework)}</h1>",
        f"<p>Decisions from {time_text(scope.start)} until {time_text(scope.until)}: "
        f"{len(decided):,}, of them {allowed:,} allowed and {len(decided) - allowed:,} denied. "
        f"Log {_safe(facts['log']['origin'])}, {facts['log']['size']:,} entries, root "
        f"<code>{facts['log']['root']}</code>.</p>",
        "<p>This page says what the records say; <code>python3 -I verify.py</code> beside it says "
        "whether that is so. Controls and policies are matched by the repository's register, "
        f"{_commit(facts['commit'])}.</p>",
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
        *_few(decided),
    ]
    return _page(f"Audit pack: {about}", parts)


def _commit(name: str | None) -> str:
    if name is None:
        return "of no commit that can be named"
    return f"commit <code>{_safe(name)}</code>"


def decision_pages(decided: Sequence[Decided]) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each page of decisions, in their order; every one is on a page."""
    names = _names(len(decided))
    rest = iter(decided)
    for number, name in enumerate(names, start=1):
        title = f"Decisions, page {number} of {len(names)}"
        links = _links([one.rpartition("/")[2] for one in names], number)
        table = _table(_HEAD, map(_decision, islice(rest, A_PAGE)))
        parts = [f"<h1>{title}</h1>", f'<p><a href="../index.html">Summary</a></p>{links}', table]
        yield name, _page(title, [*parts, links])


def _few(decided: Sequence[Decided]) -> Iterator[str]:
    """The decisions on the first page: the newest, and where all of them are."""
    names = _names(len(decided))
    if len(decided) > _FEW:
        yield (
            f"<p>The newest {_FEW} of {len(decided):,} are below. All of them, in order, are on "
            f"{len(names)} pages, and in decisions.csv with full digests.</p>{_links(names, None)}"
        )
    elif decided:
        yield "<p>With full digests they are in decisions.csv.</p>"
    yield _table(_HEAD, map(_decision, decided[-_FEW:]))


def _names(count: int) -> list[str]:
    return [f"decisions/{number + 1:04d}.html" for number in range(-(-count // A_PAGE))]


def _links(names: Sequence[str], here: int | None) -> str:
    shown = (
        f"<strong>{number}</strong>" if number == here else f'<a href="{name}">{number}</a>'
        for number, name in enumerate(names, start=1)
    )
    return f"<nav>Pages: {' '.join(shown)}</nav>" if names else ""


def _page(title: str, parts: Iterable[str]) -> bytes:
    head = (
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{_safe(title)}</title><style>{_STYLE}</style></head><body>",
    )
    return ("\n".join((*head, *parts, "</body></html>")) + "\n").encode()


def _conclusions(results: Sequence[dict[str, Any]]) -> str:
    counts = Counter(one["conclusion"] for one in results)
    rows = (
        (name if counts[name] else "", (("n", name.replace("_", " ")),
         ("n", f"{counts[name]} of {len(results)}"), meaning))
        for name, meaning in MEANING.items()
    )  # fmt: skip
    return _table(("Conclusion", "Controls", "Meaning"), rows)


def _control(
    scope: Scope, control: Control, mapped: dict[str, Any], one: dict[str, Any]
) -> tuple[str, tuple[Cell, ...]]:
    begins, ends = control.applies_at(scope.start), control.applies_at(scope.until - 1)
    law = {2: "in force", 1: "in force for a part", 0: "not in force"}[begins + ends]
    return one["conclusion"], (
        ("n", control.name),
        control.title,
        control.force,
        law,
        ", ".join(one["policies"]) or "none",
        mapped["shown_by"] or mapped["reach"],
        ("n", f"{one['judged']:,} of {one['population']:,}"),
        one["conclusion"].replace("_", " "),
    )


def _odd(results: Sequence[dict[str, Any]]) -> str:
    """One row for each control, kind and set of policies: how many decisions, some by name."""
    rows = list(_grouped(results))
    if not rows:
        return "<p>None.</p>"
    words = "<p>Every record by name stands in results.json, and in decisions.csv by policy.</p>"
    return words + _table(("Control", "What", "Policies", "Decisions", "For example"), rows)


def _grouped(results: Sequence[dict[str, Any]]) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    for one in results:
        for kind, what in _WHAT.items():
            groups: dict[tuple[str, bool], list[str]] = {}
            for found in one[kind]:
                let_through = kind == "failures" and found["allowed"]
                key = ", ".join(found["policies"]), let_through
                groups.setdefault(key, []).append(found["path"])
            for (policies, let_through), paths in sorted(groups.items()):
                said = f"{what}, and was allowed" if let_through else what
                some = " ".join(paths[:_SOME])
                yield "broken" if let_through else "", (
                    ("n", one["control"]), said, policies, ("n", f"{len(paths):,}"), ("m x", some),
                )  # fmt: skip


_HEAD = ("Decided", "Published", "Model", "Digest", "To", "Tier", "Answer", "Record")


def _decision(one: Decided) -> tuple[str, tuple[Cell, ...]]:
    return "" if one.allowed else "denied", (
        ("n", time_text(one.at)),
        ("n", time_text(one.published_at)),
        one.model,
        ("m", one.digest.removeprefix("sha256:")[:_DIGITS]),
        one.stage,
        one.tier or "",
        "allowed" if one.allowed else "denied",
        ("m x", one.path),
    )


def _table(head: Iterable[str], rows: Iterable[tuple[str, Sequence[Cell]]]) -> str:
    top = "".join(f"<th>{_safe(one)}</th>" for one in head)
    body = "\n".join(
        f"<tr{_marked(mark)}>" + "".join(map(_cell, cells)) + "</tr>" for mark, cells in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>\n{body}</tbody></table>"


def _cell(cell: Cell) -> str:
    mark, text = ("", cell) if isinstance(cell, str) else cell
    return f"<td{_marked(mark)}>{_safe(text)}</td>"


def _marked(mark: str) -> str:
    return f' class="{_safe(mark)}"' if mark else ""


def _safe(text: str) -> str:
    return escape(text, quote=True)
