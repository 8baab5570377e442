"""What ends soon is told before it ends."""

from __future__ import annotations

import pytest

from hallgate.publish.gaps import Ending, Skipped, find_gaps, metrics
from hallgate.publish.pack.scope import Decided, Statement


def _decided(
    at: int,
    observed: tuple[tuple[str, str, int], ...] = (),
    statements: tuple[Statement, ...] = (),
) -> Decided:
    return Decided(
        path=f"{at}.record.json", at=at, published_at=at, allowed=True, digest="sha256:" + "a" * 64,
        model="churn", tier="low", stage="production", verdicts={}, statements=statements,
        waived=(), blobs=(), observed=observed,
    )  # fmt: skip


def test_a_baseline_ends_where_the_newest_decision_rests_on_it() -> None:
    mark, old = ("baseline", "FAIR-001", 50), ("rollout", "SUP-002", 40)
    decided = [_decided(1, (old,)), _decided(2, (mark,))]
    found = find_gaps(decided, (), (), (), at=10, until=51)
    assert found.endings == (Ending("baseline", "FAIR-001", "churn", "production", 50),)
    assert find_gaps(decided, (), (), (), at=10, until=50).endings == ()


def _numbered(kind: str, series: str, number: int) -> Statement:
    return Statement(
        kind, f"sha256:{number:064}", "gate", 1, 9_999, "measured", "t 1", "s", "q", "p", 1, 1, 1,
        "", sequence=(series, number),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("numbers", "skipped"),
    [
        ([1, 2, 3], ()),
        ([7], ()),
        ([2, 2, 3], ()),
        ([1, 4], (Skipped("pii_scan", "weekly", 2, (2, 3)),)),
        ([9, 1, 5, 6], (Skipped("pii_scan", "weekly", 5, (2, 3, 4, 7, 8)),)),
        ([1, 2**53 - 1], (Skipped("pii_scan", "weekly", 2**53 - 3, tuple(range(2, 12))),)),
    ],
)
def test_a_series_that_skips_a_number_is_told(
    numbers: list[int], skipped: tuple[Skipped, ...]
) -> None:
    decided = [_decided(n, statements=(_numbered("pii_scan", "weekly", n),)) for n in numbers]
    other = _decided(1, statements=(_numbered("bias", "weekly", 50), _numbered("pii_scan", "x", 1)))
    found = find_gaps([*decided, other], (), (), (), at=10, until=10)
    assert found.skipped == skipped
    told = metrics(found).decode()
    assert ('hallgate_evidence_skipped{series="weekly",type="pii_scan"}' in told) is bool(skipped)
