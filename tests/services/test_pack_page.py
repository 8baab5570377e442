"""An audit pack of 10,000 decisions in a real browser: drawn, and nothing is loaded."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess

import pytest

from hallgate.publish.pack.html import decision_pages, index_page
from hallgate.publish.pack.scope import Decided, Scope

from .conftest import not_here

pytestmark = pytest.mark.services
MANY = 10_000
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1200,1600",
]  # fmt: skip


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pack")
    decided = [
        Decided(
            path=f"{1_790_000_000 + number}-credit-risk-{number:012x}.record.json",
            at=1_790_000_000 + number, published_at=1_790_000_001 + number,
            allowed=number % 4 != 3, digest=f"sha256:{number:064x}", model="credit-risk",
            tier="high", stage="production", verdicts={}, statements=(), waived=(), blobs=(),
        )
        for number in range(MANY)
    ]  # fmt: skip
    facts = {"log": {"origin": "example.org/log", "size": MANY, "root": "00"}, "commit": None}
    scope = Scope(None, "soc2", 0, 4_000_000_000)
    (folder / "index.html").write_bytes(index_page(scope, facts, (), (), (), decided))
    (folder / "decisions").mkdir()
    for name, page in decision_pages(decided):
        (folder / name).write_bytes(page)
    return folder


@pytest.fixture
def browse(tmp_path):
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        not_here("chromium", "apt-get install chromium")

    def run(address, *more):
        done = subprocess.run(
            [program, *FLAGS, f"--user-data-dir={tmp_path}/profile", *more, address],
            capture_output=True, text=True, timeout=120, cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    return run


def test_the_summary_and_a_page_of_decisions_are_drawn(browse, pack, tmp_path):
    dom = browse((pack / "index.html").as_uri(), "--dump-dom")
    assert "10,000, of them 7,500 allowed and 2,500 denied" in dom
    assert len(re.findall(r'<a href="decisions/\d{4}\.html">', dom)) == 10
    last = browse((pack / "decisions/0010.html").as_uri(), "--dump-dom")
    assert "1790009999-credit-risk-" in last
    assert last.count("<tr") == 1001
    picture = tmp_path / "page.png"
    browse((pack / "decisions/0001.html").as_uri(), f"--screenshot={picture}")
    data = picture.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (1200, 1600)
    assert len(data) > 50_000  # an empty page compresses to next to nothing


def test_it_prints(browse, pack, tmp_path):
    paper = tmp_path / "page.pdf"
    browse((pack / "index.html").as_uri(), f"--print-to-pdf={paper}")
    data = paper.read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(data) > 20_000
