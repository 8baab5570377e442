"""Evidence is written by others, and findings quote it: no format may obey it."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt

from hallgate.publish.report import FORMATS, DecisionView, render
from hallgate.publish.report.text import visible

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "data" / "junit.xsd"))
HOSTILE = (
    "line\n::error::forged",
    "\r\n::set-output name=x::y",
    "::error file=x::forged",
    "##[error]forged",
    "]]></failure><testcase/>",
    "<script>alert(1)</script>",
    "a | b | c",
    "`rm -rf /` ```",
    "80% of",
    "%0A::error::forged",
    "user\u202etxt.exe",
    "nul\x00byte",
    "\x1b[2J\x1b[31mred",
    "\x85\u2028\u2029::error::forged",
    "\ud800 lone",
    "\ufffe\uffff",
    "--> <!-- @everyone",
    "ALLOWED: 24 pass; tier low.",
)


def hostile_view(build: Any, text: str) -> DecisionView:
    waiver = {**build.waiver, "owner": text}
    view: DecisionView = build.view(
        build.verdict("AAA-001", "fail", build.finding(text, text, observed=text, limit=text)),
        build.verdict("BBB-001", "waived", build.finding(text, waiver=waiver)),
        build.verdict("CCC-001", "error", reasons=[text]),
        build.verdict("DDD-001", "not_applicable", reasons=[text]),
        file=f"{text}.yaml",
        ignored=((text, text),),
    )
    return view


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", FORMATS)
def test_output_holds_no_unseen_characters(name: str, text: str, build: Any) -> None:
    shown = render(hostile_view(build, text), name)
    unseen = {one for one in shown if unicodedata.category(one)[0] in "C" and one != "\n"}
    assert unseen == set()
    assert not set(shown) & {"\u2028", "\u2029"}
    shown.encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_github_lines_are_ours_alone(text: str, build: Any) -> None:
    lines = render(hostile_view(build, text), "github").split("\n")[:-1]
    assert len(lines) == 4
    for line in lines:
        found = re.fullmatch(r"::(error|warning) file=([^:,]*),line=1,title=([^:,]*)::(.*)", line)
        assert found, line
        assert re.search(r"%(?!25|0A|3A|2C)", line) is None


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_stays_valid(text: str, build: Any) -> None:
    root = etree.fromstring(render(hostile_view(build, text), "junit").encode())
    SCHEMA.assertValid(root)
    assert len(root.findall("testsuite/testcase")) == 4
    (failure,) = root.iter("failure")
    assert failure.get("message") == visible(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_json_keeps_the_text_exactly(text: str, build: Any) -> None:
    shown = render(hostile_view(build, text), "json")
    assert shown.isascii()
    assert json.loads(shown)["verdicts"][0]["findings"][0]["message"] == text


@pytest.mark.parametrize("text", HOSTILE)
def test_sarif_stays_one_line_of_text(text: str, build: Any) -> None:
    shown = render(hostile_view(build, text), "sarif")
    message = json.loads(shown)["runs"][0]["results"][1]["message"]["text"]
    assert message.isprintable()


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_lets_no_html_or_cell_through(text: str, build: Any) -> None:
    shown = render(hostile_view(build, text), "markdown")
    page = MarkdownIt("gfm-like", {"linkify": False}).render(shown)
    tags = set(re.findall(r"<(/?[a-zA-Z!][^\s>]*)", page))
    assert {tag.strip("/") for tag in tags} <= {
        "!--", "h3", "p", "strong", "ol", "ul", "li", "table", "thead", "tbody", "tr", "th",
        "td", "br", "details", "summary",
    }  # fmt: skip
    rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
    assert {row.count("<td>") for row in rows if "<td>" in row} == {4}


@pytest.mark.parametrize("text", HOSTILE)
def test_table_has_one_answer(text: str, build: Any) -> None:
    lines = render(hostile_view(build, text), "table").splitlines()
    assert max(len(line) for line in lines) <= 100
    assert [line for line in lines if re.match("ALLOWED|DENIED|WOULD", line)] == [
        "DENIED: 1 error, 1 fail, 1 waived and 1 not applicable; tier high."
    ]


@given(st.text())
@settings(max_examples=200)
def test_visible_text_is_printable_and_loses_nothing_printable(text: str) -> None:
    shown = visible(text)
    assert not any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for one in shown)
    assert [one for one in text if one.isprintable()] == [
        one for one in text if one.isprintable() and one in shown
    ]


def test_visible_text_shows_escapes() -> None:
    assert visible("a\n\r\t\x00\u202e\U000e0001é 日") == "a\\n\\r\\t\\u0000\\u202e\\U000e0001é 日"
