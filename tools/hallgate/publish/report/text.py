"""Foreign text made safe to show, and facts in words.

Finding messages quote evidence, and evidence is written by others: newlines,
terminal codes and characters that turn the direction of writing would let a
message forge lines of a report. They are shown as escapes, never dropped, so
that nobody reads a text that is not there.
"""

from __future__ import annotations

import json
import textwrap
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hallgate.model.policy import Limit, Policy
from hallgate.model.values import JsonValue

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def visible(text: str) -> str:
    """The text on one line: control, format and unassigned characters as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(one) if unicodedata.category(one) in _UNSEEN else one for one in text)


def _escaped(one: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    code = ord(one)
    return named.get(one) or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def utc(seconds: int) -> str:
    """A time for people, in UTC to the second."""
    try:
        return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S UTC")
    except OverflowError:
        return f"{seconds} s after 1970 UTC"


def iso(seconds: int) -> str:
    """A time for machines, RFC 3339 in UTC."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def value(of: JsonValue) -> str:
    """A JSON value in a sentence: numbers with separators, text as it is, the rest as JSON."""
    if isinstance(of, bool) or of is None:
        return json.dumps(of)
    if isinstance(of, int):
        return f"{of:,}"
    return visible(
        of if isinstance(of, str) else json.dumps(of, sort_keys=True, ensure_ascii=False)
    )


def measured(policy: Policy | None, observed: JsonValue, limit: JsonValue) -> str | None:
    """Observed and limit with their unit, or None where a finding has neither."""
    # Without a limit of its own, what was observed may be another quantity than the policy's.
    quantity = _quantity(policy) if _number(limit) else None
    unit = f" {quantity.unit}" if quantity else ""
    sense = f" ({quantity.sense})" if quantity else ""
    parts = []
    if observed is not None:
        parts.append(f"observed {value(observed)}{unit if _number(observed) else ''}")
    if limit is not None:
        parts.append(f"limit {value(limit)}{unit + sense if _number(limit) else ''}")
    return "; ".join(parts) or None


def _quantity(policy: Policy | None) -> Limit | None:
    # A finding does not name its quantity; with two of them the unit would be a guess.
    return policy.limits[0] if policy is not None and len(policy.limits) == 1 else None


def _number(of: JsonValue) -> bool:
    return isinstance(of, int | float) and not isinstance(of, bool)


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 finding, 2 findings."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words as an enumeration: a, b and c."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def wrapped(text: str, width: int, indent: str = "", first: str = "") -> str:
    """One paragraph wrapped to a width; long words are broken, so that nothing sticks out."""
    lines = textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    )
    return "\n".join(lines)
