from __future__ import annotations

import re
from typing import Any

from markdown_it import MarkdownIt

from hallgate.publish.report import DecisionView, render
from hallgate.publish.report.markdown import escaped


def html(text: str) -> str:
    rendered: str = MarkdownIt("gfm-like", {"linkify": False}).render(text)
    return rendered


def test_the_first_line_is_a_stable_marker(
    every_outcome: DecisionView, allowed: DecisionView
) -> None:
    first = {render(view, "markdown").splitlines()[0] for view in (every_outcome, allowed)}
    assert first == {"<!-- hallgate:decision:credit-risk:production -->"}


def test_it_renders_as_tables_with_a_headline(every_outcome: DecisionView) -> None:
    page = html(render(every_outcome, "markdown"))
    assert "<h3>credit-risk to production</h3>" in page
    assert "<strong>DENIED: 1 error, 1 fail, 2 insufficient" in page
    assert page.count("<table>") == 2
    assert page.count("<li>") >= 3
    assert "<details><summary>All 8 policy verdicts</summary>" in page


def test_problems_stand_above_all_verdicts(every_outcome: DecisionView, build: Any) -> None:
    above, _, below = render(every_outcome, "markdown").partition("<details>")
    assert "AAA\\-001" not in above
    assert [name for name in build.order if name.replace("-", "\\-") in below] == list(build.order)


def test_markup_is_shown_as_it_is() -> None:
    text = "a | b `c` <script> & *d* _e_ [f](g) ~h~ $i$ \\ ![j](k)"
    page = html(escaped(text))
    inner = page.strip().removeprefix("<p>").removesuffix("</p>")
    assert inner == text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_mentions_issues_and_addresses_are_cut() -> None:
    text = escaped("@security #12 https://evil.example www.evil.example")
    assert not re.search(r"@\w|#\d|://|www\.", text.replace("&#8203;", " "))


def test_a_cell_stays_a_cell(build: Any) -> None:
    view = build.view(build.verdict("AAA-001", "fail", build.finding("a | b\nc | d")))
    page = html(render(view, "markdown"))
    rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
    assert {row.count("<td>") for row in rows if "<td>" in row} == {4}


def test_it_fits_into_a_comment(build: Any) -> None:
    findings = [build.finding("|" * 300, f"key{n}") for n in range(50)]
    verdicts = [build.verdict(f"AAA-{n:03}", "fail", *findings) for n in range(80)]
    text = render(build.view(*verdicts), "markdown")
    assert len(text) < 65_536
    assert re.search(r"\| [\d,]+ rows left off", text)
