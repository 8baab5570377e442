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

IBAN_LENGTHS = {
    country: int(length)
    for country, length in (
        pair.split(":")
        for pair in (
            "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BI:27 BR:29 BY:28 CH:21 CR:22 "
            "CY:28 CZ:24 DE:22 DJ:27 DK:18 DO:28 EE:20 EG:29 ES:24 FI:18 FK:18 FO:18 FR:27 GB:22 "
            "GE:22 GI:23 GL:18 GR:27 GT:28 HN:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 IT:27 JO:30 "
            "KW:30 KZ:20 LB:28 LC:32 LI:21 LT:20 LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MN:20 "
            "MR:27 MT:31 MU:30 NI:28 NL:18 NO:15 OM:23 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 "
            "RU:33 SA:24 SC:31 SD:18 SE:24 SI:19 SK:24 SM:27 SO:23 ST:25 SV:28 TL:23 TN:24 TR:26 "
            "UA:29 VA:22 VG:24 XK:20 YE:30"
        ).split()
    )
}
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
