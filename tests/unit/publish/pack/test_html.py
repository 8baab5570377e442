"""The pages of a pack: short however many decisions there are, and every one on a page."""

from __future__ import annotations

import re
from typing import Any

from hallgate.publish.pack.html import A_PAGE, MEANING, decision_pages, index_page
from hallgate.publish.pack.scope import Decided, Scope

SCOPE = Scope(None, "soc2", 0, 4_000_000_000)
FACTS: dict[str, Any] = {
    "log": {"origin": "example.org/log", "size": 3, "root": "00"}, "commit": None,
}  # fmt: skip


def decided(count: int, model: str = "credit-risk") -> list[Decided]:
    return [
        Decided(
            path=f"{1_790_000_000 + number}-{model}-{number:012x}.record.json",
            at=1_790_000_000 + number, published_at=1_790_000_001 + number,
            allowed=number % 4 != 3, digest=f"sha256:{number:064x}", model=model, tier="high",
            stage="production", verdicts={}, statements=(), waived=(), blobs=(),
        )
        for number in range(count)
    ]  # fmt: skip


def result(control: str, decisions: list[Decided], *, allowed: bool = False) -> dict[str, Any]:
    failures = [
        {"path": one.path, "policies": ["PRV-001"], "allowed": allowed}
        for one in decisions
        if not one.allowed
    ]
    return {
        "control": control, "policies": ["PRV-001"], "population": len(decisions), "judged": 1,
        "exceptions": [], "failures": failures, "conclusion": "held",
    }  # fmt: skip


def index(results: list[dict[str, Any]], decisions: list[Decided]) -> str:
    return index_page(SCOPE, FACTS, (), (), results, decisions).decode()


def rows(page: str) -> int:
    return page.count("<tr") - page.count("<thead>")


def test_a_page_stays_short_and_links_to_all(monkeypatch: Any) -> None:
    monkeypatch.setattr("hallgate.publish.pack.html._control", lambda *_: ("", ()))
    many = decided(10_000)
    results = [result(f"soc2:CC{number}", many) for number in range(40)]
    # Controls are of the register; here their results alone matter.
    page = index_page(SCOPE, FACTS, [{}] * 40, [None] * 40, results, many).decode()  # type: ignore[list-item]
    assert len(page) < 200_000
    assert rows(page) == len(MEANING) + 40 + 40 + 200
    assert page.count('<td class="n">2,500</td>') == 40
    pages = dict(decision_pages(many))
    assert list(pages) == [f"decisions/{number:04d}.html" for number in range(1, 11)]
    assert all(f'href="{name}"' in page for name in pages)
    assert [rows(one.decode()) for one in pages.values()] == [A_PAGE] * 10
    found = re.findall(r"(\d+-credit-risk-\w+\.record\.json)", b"".join(pages.values()).decode())
    assert found == [one.path for one in many]
    third = pages["decisions/0003.html"].decode()
    assert "<strong>3</strong>" in third
    assert 'href="0002.html"' in third
    assert 'href="../index.html"' in third


def test_few_decisions_and_none() -> None:
    assert dict(decision_pages([])) == {}
    assert 'href="decisions/' not in index([], decided(3))
    assert rows(index([], decided(3))) == len(MEANING) + 3
    assert "None." in index([], [])


def test_what_was_let_through_stands_apart(monkeypatch: Any) -> None:
    monkeypatch.setattr("hallgate.publish.pack.html._control", lambda *_: ("", ()))
    some = decided(8)
    one = result("soc2:CC1", some, allowed=True)
    page = index_page(SCOPE, FACTS, [{}], [None], [one], some).decode()  # type: ignore[list-item]
    assert '<tr class="broken"><td class="n">soc2:CC1</td><td>failed, and was allowed</td>' in page


def test_nothing_is_loaded_and_a_name_is_no_markup() -> None:
    hostile = decided(1, model="<script>alert(1)</script>")
    for page in (index([], hostile), *(one.decode() for _, one in decision_pages(hostile))):
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert not re.search(r"<(?:link|img|iframe|object|embed)\b|@import|url\(|https?:", page)
        assert "default-src 'none'" in page
