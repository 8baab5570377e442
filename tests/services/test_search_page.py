"""The searchable page in a real browser: it finds, hides, says how many, and loads nothing."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from .conftest import ROOT, not_here

pytestmark = pytest.mark.services

PAGE = ROOT / "docs" / "reference" / "policies.html"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1000,1400", "--virtual-time-budget=3000",
]  # fmt: skip
ARTICLE = re.compile(r'<article id="([^"]+)"([^>]*)>')


@pytest.fixture
def browse(tmp_path):
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        not_here("chromium", "apt-get install chromium")

    def run(address: str, *more: str) -> str:
        command = [program, *FLAGS, f"--user-data-dir={tmp_path}/profile", *more, address]
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, cwd=tmp_path, env=environment
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    return run


def shown(dom: str) -> set[str]:
    found = ARTICLE.findall(dom)
    assert found
    return {name for name, attributes in found if "hidden" not in attributes}


def count(dom: str) -> str:
    match = re.search(r'<p id="count"[^>]*>([^<]*)<', dom)
    assert match
    return match[1]


def test_words_are_searched_in_a_real_browser(browse, harness):
    ids = {policy.id.lower() for policy in harness.policies.catalog}
    everything = browse(f"{PAGE.as_uri()}", "--dump-dom")
    assert shown(everything) == ids
    assert count(everything) == f"{len(ids)} of {len(ids)} policies"

    one = browse(f"{PAGE.as_uri()}?q=sup-002", "--dump-dom")
    assert shown(one) == {"sup-002"}
    assert count(one) == f"1 of {len(ids)} policies"

    two_words = shown(browse(f"{PAGE.as_uri()}?q=FAIRNESS%20minimum", "--dump-dom"))
    assert "fair-001" in two_words
    assert two_words < ids

    nothing = browse(f"{PAGE.as_uri()}?q=no-such-word", "--dump-dom")
    assert shown(nothing) == set()
    assert count(nothing) == f"0 of {len(ids)} policies"


def test_it_is_drawn(browse, tmp_path):
    picture = tmp_path / "page.png"
    browse(f"{PAGE.as_uri()}?q=fairness", f"--screenshot={picture}")
    data = picture.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (1000, 1400)
    # An empty page of this size compresses to next to nothing.
    assert len(data) > 20_000


def test_a_name_in_the_address_is_no_markup(browse):
    dom = browse(f"{PAGE.as_uri()}?q=%3Cimg%20src%3Dx%3E", "--dump-dom")
    assert "<img" not in dom
    assert shown(dom) == set()


def test_the_page_names_nothing_to_load(tmp_path: Path):
    text = PAGE.read_text(encoding="utf-8")
    assert not re.search(r"<(?:link|img|iframe|object|embed|script\s)[^>]*>|@import|url\(", text)
    assert "default-src 'none'" in text
