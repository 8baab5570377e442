"""Times of documents: RFC 3339 text to whole seconds since 1970, UTC.

Stricter than RFC 3339 where readers disagree: capital T and Z, a zone always,
no leap second (Go and Python refuse :60), years 1970 to 9999.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

LARGEST_SECONDS = 253402300799  # 9999-12-31T23:59:59Z

_FORM = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.[0-9]{1,9})?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive on purpose: only differences are taken
_SECOND = timedelta(seconds=1)


def seconds(text: str) -> int:
    """Whole seconds since 1970 of an RFC 3339 time; a fraction is cut off.

    Raises ValueError, in words a person can act on, for anything else.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError("is no RFC 3339 time with zone, as 2026-01-31T09:30:00Z")
    year, month, day, hour, minute, second, sign, zone_hour, zone_minute = match.groups()
    if second == "60":
        raise ValueError("names a leap second, which few programs can read; write :59")
    try:
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second))  # noqa: DTZ001
    except ValueError as error:
        raise ValueError(f"is no time that exists: {error}") from error
    since = (moment - _EPOCH) // _SECOND
    if sign is not None:
        if int(zone_hour) > 23 or int(zone_minute) > 59:
            raise ValueError("has a zone that does not exist")
        offset = int(zone_hour) * 3600 + int(zone_minute) * 60
        since += offset if sign == "-" else -offset
    if not 0 <= since <= LARGEST_SECONDS:
        raise ValueError("lies outside the years 1970 to 9999")
    return since


def is_time(text: object) -> bool:
    """Whether a value is such a time; what is no text is left to `type`."""
    if not isinstance(text, str):
        return True
    try:
        seconds(text)
    except ValueError:
        return False
    return True


def text(moment: int) -> str:
    """RFC 3339 text in UTC of whole seconds since 1970 (0 to LARGEST_SECONDS)."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
