"""The one in-force interval of Python; in Rego it is `within` of promotion.lib.evidence."""

from __future__ import annotations


def within(since: int | None, until: int | None, when: int) -> bool:
    """From since (included) until just before until; seconds since 1970, None for no bound."""
    return (since is None or since <= when) and (until is None or when < until)
