from __future__ import annotations

from datetime import datetime

import pytest

from hallgate.intake.rfc3339 import LARGEST_SECONDS, is_time, seconds, text


@pytest.mark.parametrize(
    ("time", "moment"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-20T10:00:00Z", 1795168800),
        ("2026-11-20T10:00:00.999999999Z", 1795168800),
        ("2026-11-20T12:30:00+02:30", 1795168800),
        ("2026-11-19T23:00:00-11:00", 1795168800),
        ("2024-02-29T00:00:00-00:00", 1709164800),
        ("9999-12-31T23:59:59Z", LARGEST_SECONDS),
    ],
)
def test_times_become_seconds(time: str, moment: int) -> None:
    assert seconds(time) == moment
    assert seconds(time) == int(datetime.fromisoformat(time.replace(".999999999", "")).timestamp())


@pytest.mark.parametrize(
    "time",
    [
        "", "2026-11-20", "2026-11-20T10:00:00", "2026-11-20 10:00:00Z", "2026-11-20t10:00:00Z",
        "2026-11-20T10:00:00z", "2026-11-20T10:00Z", "2026-11-20T10:00:00+0200",
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-12-31T23:59:60Z",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "0000-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
        "2026-01-01T00:00:00Z\n", " 2026-01-01T00:00:00Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00,5Z", "\uff12026-01-01T00:00:00Z", "12026-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_everything_else_is_no_time(time: str) -> None:
    with pytest.raises(ValueError, match=r"is no|names a leap|has a zone|lies outside"):
        seconds(time)
    assert not is_time(time)


def test_what_is_no_text_is_left_to_the_type() -> None:
    assert is_time(5)
    assert is_time(None)


def test_seconds_become_text_again() -> None:
    assert text(1795168800) == "2026-11-20T10:00:00Z"
    assert seconds(text(LARGEST_SECONDS)) == LARGEST_SECONDS
