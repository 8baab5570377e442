"""Shared by the tests of measuring: a context, the house schemas, made identifiers."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from hallgate.intake.jsonschema_light import jsonschema
from hallgate.measure import pii_validators as valid
from hallgate.measure.context import Context
from hallgate.measure.wrap import Report, wrap

DATA = Path(__file__).parent / "data"
SCHEMAS = Path(__file__).parents[3] / "evidence-schemas"
MODEL = "sha256:" + "a" * 64
CONTEXT = Context("2026-11-21T00:00:00Z", "2027-02-21T00:00:00Z", "0.1.0")


@cache
def _validator(name: str) -> jsonschema.Draft7Validator:
    schema = json.loads((SCHEMAS / f"{name}.v1.schema.json").read_text())
    checker = jsonschema.FormatChecker(["date-time"])
    return jsonschema.Draft7Validator(schema, format_checker=checker)


def check(kind: str, predicate: dict[str, Any]) -> Any:
    """Validate common part and result, return the result; it must survive JSON unchanged."""
    assert json.loads(json.dumps(predicate, allow_nan=False)) == predicate
    common = {name: value for name, value in predicate.items() if name != "result"}
    _validator("common").validate(common)
    names = [one["name"] for one in common["source"]["parameters"]]
    assert names == sorted(names)
    if predicate["status"] == "measured":
        _validator(kind).validate(predicate["result"])
        assert "float" not in {type(value).__name__ for value in _scalars(predicate)}
    else:
        assert predicate["result"] is None
        assert "reason" in names
    return predicate["result"]


def _scalars(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [one for inner in value.values() for one in _scalars(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in _scalars(inner)]
    return [value]


def _digits(r: random.Random, count: int) -> str:
    return "".join(r.choice("0123456789") for _ in range(count))


def _until(good: Callable[[str], bool], make: Callable[[], str]) -> str:
    return next(one for one in iter(make, None) if good(one))


def ssn(r: random.Random) -> str:
    digits = _until(valid.ssn, lambda: _digits(r, 9))
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


def pan(r: random.Random) -> str:
    return _until(valid.pan, lambda: "4" + _digits(r, 15))


def grouped_pan(r: random.Random) -> str:
    digits = _until(valid.pan, lambda: "4" + _digits(r, 15))
    return r.choice(" -").join(digits[at : at + 4] for at in (0, 4, 8, 12))


def npi(r: random.Random) -> str:
    return _until(valid.npi, lambda: r.choice("12") + _digits(r, 9))


def iban(r: random.Random) -> str:
    country = r.choice(["DE", "NL", "FR", "ES"])
    body = _digits(r, valid.IBAN_LENGTHS[country] - 4)
    rest = int("".join(str(int(char, 36)) for char in f"{body}{country}00")) % 97
    text = f"{country}{98 - rest:02}{body}"
    return r.choice([text, " ".join(text[at : at + 4] for at in range(0, len(text), 4))])


def email(r: random.Random) -> str:
    return f"user{_digits(r, 3)}@mail{_digits(r, 2)}.example.com"


def phone(r: random.Random) -> str:
    digits = _until(valid.nanp, lambda: _digits(r, 10))
    form = r.choice(["({}) {}-{}", "{}-{}-{}", "+1 {} {} {}", "{}.{}.{}"])
    return form.format(digits[:3], digits[3:6], digits[6:])


def mrn(r: random.Random) -> str:
    return r.choice(["MRN: ", "mrn=", "Medical Record Number "]) + _digits(r, 8)


def ip(r: random.Random) -> str:
    four = "10." + ".".join(str(r.randint(1, 254)) for _ in range(3))
    six = "2001:db8:" + ":".join(f"{r.randint(4096, 65535):x}" for _ in range(6))
    return r.choice([four, six])


MAKERS: tuple[tuple[str, Callable[[random.Random], str]], ...] = (
    ("ssn", ssn),
    ("pan", grouped_pan),
    ("npi", npi),
    ("iban", iban),
    ("email", email),
    ("phone", phone),
    ("mrn", mrn),
    ("ip", ip),
)


def report(document: Any, **more: Any) -> Report:
    if isinstance(document, str) and document.endswith(".json"):
        document = json.loads((DATA / document).read_text())
    return Report(document, "report.json", "sha256:" + "9" * 64, MODEL, CONTEXT, **more)


def status(kind: str, given: Report, **more: Any) -> str:
    predicate: dict[str, Any] = wrap(kind, given, **more)
    check(kind, predicate)
    return str(predicate["status"])
