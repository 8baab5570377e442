"""What ends soon is told before it ends."""

from __future__ import annotations

from hallgate.publish.gaps import Ending, find_gaps
from hallgate.publish.pack.scope import Decided


def _decided(at: int, observed: tuple[tuple[str, str, int], ...]) -> Decided:
    return Decided(
        path=f"{at}.record.json", at=at, published_at=at, allowed=True, digest="sha256:" + "a" * 64,
        model="churn", tier="low", stage="production", verdicts={}, statements=(), waived=(),
        blobs=(), observed=observed,
    )  # fmt: skip


def test_a_baseline_ends_where_the_newest_decision_rests_on_it() -> None:
    mark, old = ("baseline", "FAIR-001", 50), ("rollout", "SUP-002", 40)
    decided = [_decided(1, (old,)), _decided(2, (mark,))]
    found = find_gaps(decided, (), (), (), at=10, until=51)
    assert found.endings == (Ending("baseline", "FAIR-001", "churn", "production", 50),)
    assert find_gaps(decided, (), (), (), at=10, until=50).endings == ()
