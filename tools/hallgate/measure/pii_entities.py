"""Identifiers in one cell of text.

Kinds are looked for one after another, and what is found is blotted out before the next kind
is looked for, so that an entity never hides a neighbour: a greedy card pattern over the whole
line would. Card groupings are tried shortest first. Kinds with a checksum and grouping of
their own are *sure*; a bare run of digits is only a *look-alike*, which counts or not
by the pass rate of its column (`hallgate.measure.pii_tally`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hallgate.measure import pii_validators as valid

MRN_SHAPE = r"[A-Za-z]{0,3}-?[0-9]{5,12}"
_EMAIL = re.compile(
    r"[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
# Each begins with a set of characters, which lets the engine skip; what may not stand before it
# is looked for after the first character.
_MRN = re.compile(
    r"(?i)[mp](?:RN|(?:edical|atient)[ _-]?(?:record)?[ _-]?(?:number|num|no|id))"
    rf"""["' \t:#=.]{{1,6}}({MRN_SHAPE})(?![0-9A-Za-z])"""
)
_IBAN = re.compile(r"[A-Z](?<![A-Za-z0-9][A-Z])[A-Z][0-9]{2}(?=[ -]?[A-Z0-9]{4})")
_IPV4 = re.compile(r"[0-9](?<![0-9.][0-9])[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])")
_IPV6 = re.compile(
    r"[0-9A-Fa-f](?<![0-9A-Za-z:.].)[0-9A-Fa-f]{0,3}(?::{1,2}[0-9A-Fa-f]{1,4}){1,7}"
    r"(?:(?:\.[0-9]{1,3}){3})?(?![0-9A-Za-z:])"
)
_GROUPED_CARD = re.compile(
    r"[0-9](?<![0-9].)[0-9]{3}"
    r"(?:([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{1,3}(?![0-9]))?"
    r"|([ -])[0-9]{6}\2[0-9]{4,5})(?![0-9])"
)
_SSN = re.compile(r"[0-9](?<![0-9].)[0-9]{2}([ -])[0-9]{2}\1[0-9]{4}(?![0-9])")
_NANP = re.compile(
    r"[0-9(](?<![0-9].)(?:(?<=\()[0-9]{3}\)[ .-]?|(?<!\()[0-9]{2}[ .-])"
    r"[0-9]{3}[ .-][0-9]{4}(?![0-9])"
)
_PLUS = re.compile(r"\+(?<![0-9A-Za-z]\+)[1-9][0-9]{0,14}(?![0-9])")
_NEXT = re.compile(r"[ .-]?\(?([0-9]{1,15})\)?(?![0-9])")
_BARE = re.compile(r"[0-9](?<![0-9+].)(?<![0-9]\..)[0-9]{8,18}(?![0-9]|\.[0-9])")
_DIGIT = re.compile(r"[0-9]")
_NPI_WORD = re.compile(r"(?i)npi\W{0,6}$|national provider[^0-9]{0,24}$")
_PHONE_WORD = re.compile(r"(?i)(?:phone|tel|mobile|cell|fax|call)[^0-9]{0,12}$")
_SSN_WORD = re.compile(r"(?i)(?:ssn|social security)[^0-9]{0,20}$")
_BLOT = "\n"

CANDIDATE = "|".join(
    (
        r"[0-9A-Za-z._%+'-]@[0-9A-Za-z]",
        r"(?i:MRN|(?:medical|patient)[ _-]?(?:record)?[ _-]?(?:number|num|no|id))"
        r"""["' \t:#=.]{1,6}[A-Za-z]{0,3}-?[0-9]{5}""",
        r"[A-Z]{2}[0-9]{2}[ -]?[A-Z0-9]{4}[ -]?[A-Z0-9]{4}",
        r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
        r"[0-9A-Fa-f]::[0-9A-Fa-f]|(?:[0-9A-Fa-f]{1,4}:){6}[0-9A-Fa-f]",
        r"[0-9]{4}[ -](?:[0-9]{4}[ -][0-9]{4}|[0-9]{6})[ -][0-9]{4}",
        r"[0-9]{3}[ -][0-9]{2}[ -][0-9]{4}",
        r"(?:\([0-9]{3}\)[ .-]?|[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4}",
        r"\+[1-9][0-9 ().-]{7}",
        r"(?i:ssn|social security)[^0-9\n]{0,20}[0-9]{9}",
        r"(?:^|[^0-9.]|(?:^|[^0-9])\.)[0-9]{10}",
    )
)
"""One alternation that matches wherever `find` could find something (and elsewhere too): text
without a match needs no closer look. RE2 and Rust syntax, no look-around, no newline inside."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Something of a kind: valid or not; sure, or a look-alike that its column must confirm."""

    kind: str
    valid: bool
    sure: bool


def find(text: str) -> list[Entity]:
    """Entities in a cell's text; never their values. Look-alikes that fail come along."""
    found = []
    if "@" in text:
        found += [Entity("email", True, True) for _ in _EMAIL.finditer(text)]
    if not _DIGIT.search(text):
        return found
    for kind, search in _SEARCHES:
        spans = list(search(text))
        found += [Entity(kind, True, True)] * len(spans)
        for start, end in spans:
            text = text[:start] + _BLOT * (end - start) + text[end:]
    return found + [entity for match in _BARE.finditer(text) for entity in _bare(text, match)]


def _mrns(text: str) -> Iterator[tuple[int, int]]:
    for match in _MRN.finditer(text):
        yield match.span(1)


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    done = 0
    for match in _IBAN.finditer(text):
        length = valid.IBAN_LENGTHS.get(match[0][:2], 0)
        end = _take(text, match.start(), length)
        if match.start() < done or end is None:
            continue
        if valid.iban(text[match.start() : end].replace(" ", "").replace("-", "")):
            done = end
            yield match.start(), end


def _take(text: str, start: int, length: int) -> int | None:
    """End of `length` letters and digits from start, single blanks or hyphens between them."""
    left, at = length, start
    while left and at < len(text):
        char = text[at]
        if char.isascii() and char.isalnum():
            left -= 1
        elif char not in " -" or text[at - 1] in " -":
            return None
        at += 1
    ended = at == len(text) or not text[at].isalnum()
    return at if length and not left and ended else None


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    patterns = [_IPV4] if text.count(".") >= 3 else []
    if "::" in text or text.count(":") >= 6:
        patterns.append(_IPV6)
    for pattern in patterns:
        for match in pattern.finditer(text):
            if valid.ip(match[0]):
                yield match.span()


def _grouped_cards(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while match := _GROUPED_CARD.search(text, at):
        at = match.start() + 4
        separator = match[1] or match[2]
        groups = match[0].split(separator)
        for count in range(min(len(groups), 4), len(groups) + 1):
            shown = separator.join(groups[:count])
            if valid.pan(shown.replace(separator, "")):
                at = match.start() + len(shown)
                yield match.start(), at
                break


def _socials(text: str) -> Iterator[tuple[int, int]]:
    for match in _SSN.finditer(text):
        if valid.ssn(_digits(match[0])):
            yield match.span()


def _american(text: str) -> Iterator[tuple[int, int]]:
    for match in _NANP.finditer(text):
        if valid.nanp(_digits(match[0])[-10:]):
            yield match.span()


def _international(text: str) -> Iterator[tuple[int, int]]:
    for match in _PLUS.finditer(text):
        end, digits, groups = match.end(), len(match[0]) - 1, 1
        while following := _NEXT.match(text, end):
            more = len(following[1])
            if digits + more > 15 or (more >= 9 and groups > 1):
                break
            end, digits, groups = following.end(), digits + more, groups + 1
        if digits >= 8:
            yield match.start(), end


def _bare(text: str, match: re.Match[str]) -> Iterator[Entity]:
    digits, before = match[0], text[max(0, match.start() - 40) : match.start()]
    if len(digits) >= 13:
        if valid.card_shape(digits):
            yield Entity("pan", valid.pan(digits), False)
    elif len(digits) == 10:
        if valid.npi_shape(digits):
            yield Entity("npi", valid.npi(digits), bool(_NPI_WORD.search(before)))
        named = bool(_PHONE_WORD.search(before))
        yield Entity("phone", valid.nanp(digits), named)
    elif len(digits) == 9 and valid.ssn(digits) and _SSN_WORD.search(before):
        yield Entity("ssn", True, True)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


_SEARCHES: tuple[tuple[str, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    ("mrn", _mrns),
    ("iban", _ibans),
    ("ip", _addresses),
    ("phone", _american),
    ("pan", _grouped_cards),
    ("ssn", _socials),
    ("phone", _international),
)
