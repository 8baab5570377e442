"""Validators: whether a string of the right shape is a possible identifier.

Luhn: ISO/IEC 7812-1 annex B; NPI: 45 CFR 162.406, Luhn over 80840 and the number; IBAN: ISO
13616 with ISO 7064 mod 97-10; SSN: rules of the Social Security Administration since 2011;
NANP: numbering plan of North America. Own code: python-stdnum is LGPL. Every function takes
text and answers; none raises.
"""

from __future__ import annotations

import ipaddress
import re

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

_LENGTHS = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18
DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23
IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27
MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19
SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}
"""Length of an IBAN by country, of the ISO 13616 registry."""


def luhn(digits: str) -> bool:
    """Whether the last of the ASCII digits is the Luhn check digit of the others."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    numbers = [int(digit) for digit in digits]
    return (sum(numbers[-1::-2]) + sum(_DOUBLED[n] for n in numbers[-2::-2])) % 10 == 0


CARD_SHAPE = (
    "4[0-9]{12}(?:[0-9]{3}(?:[0-9]{3})?)?"  # Visa
    "|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    "|3[47][0-9]{13}"  # American Express
    "|(?:3[689][0-9]|30[0-5])[0-9]{11,16}"  # Diners Club
    "|(?:352[89]|35[3-8][0-9])[0-9]{12,15}"  # JCB
    "|(?:50|5[6-8]|6[0-9])[0-9]{11,17}"  # Maestro, Discover, UnionPay, RuPay
)
"""Issuer prefixes and lengths of card schemes in use, 13 to 19 digits."""

_CARD = re.compile(CARD_SHAPE)


def card_shape(digits: str) -> bool:
    """Whether prefix and length (13 to 19 ASCII digits) belong to a card scheme in use."""
    return _CARD.fullmatch(digits) is not None


def pan(digits: str) -> bool:
    """Card number: prefix and length of a scheme, Luhn, and not one digit repeated."""
    return card_shape(digits) and luhn(digits) and len(set(digits)) > 1


def npi_shape(digits: str) -> bool:
    """Ten digits beginning with 1 or 2."""
    return len(digits) == 10 and digits.isascii() and digits.isdigit() and digits[0] in "12"


def npi(digits: str) -> bool:
    """National Provider Identifier."""
    return npi_shape(digits) and luhn("80840" + digits)


def ssn(digits: str) -> bool:
    """US Social Security number of nine digits that could have been issued."""
    if len(digits) != 9 or not (digits.isascii() and digits.isdigit()):
        return False
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


def nanp(digits: str) -> bool:
    """Ten digits of the North American plan: area and exchange 2-9xx, neither ending in 11."""
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return False
    area, exchange = digits[:3], digits[3:6]
    return min(area[0], exchange[0]) > "1" and "11" not in {area[1:], exchange[1:]}


def iban(text: str) -> bool:
    """IBAN without separators: length of its country and mod 97."""
    if not text.isascii() or not text.isalnum() or len(text) != IBAN_LENGTHS.get(text[:2]):
        return False
    moved = text[4:] + text[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def ip(text: str) -> bool:
    """IPv4 or IPv6 address of a possible host: not unspecified, loopback or broadcast."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_unspecified or address.is_loopback or text == "255.255.255.255")
