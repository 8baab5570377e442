"""Laws of the validators and of the CSV splitter."""

from __future__ import annotations

import csv

import polars as pl
import re2
from hypothesis import example, given
from hypothesis import strategies as st

from hallgate.measure import pii_validators as valid
from hallgate.measure.pii_columns import tally_column
from hallgate.measure.pii_entities import CANDIDATE, find
from hallgate.measure.pii_stream import split_cells
from hallgate.measure.pii_tally import Tally

DIGITS = st.text("0123456789", min_size=1, max_size=18)
PIECES = st.sampled_from(
    ["219-09-9999", "4111 1111 1111 1111", "4111111111111111", "jane@example.com", "+49 30 1234567",
     "DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "415-555-2671", "(415) 555-2671",
     "1234567893", "MRN: 1234567", "10.0.0.1", "2001:db8::1", "0.4111111111111111", "x", "::", "1"]
)  # fmt: skip


@given(DIGITS)
def test_exactly_one_check_digit_passes_luhn(digits: str) -> None:
    assert sum(valid.luhn(digits + check) for check in "0123456789") == 1


@given(DIGITS, st.integers(0, 17), st.integers(1, 9))
def test_luhn_sees_every_single_wrong_digit(digits: str, at: int, by: int) -> None:
    whole = next(digits + check for check in "0123456789" if valid.luhn(digits + check))
    place = at % len(whole)
    wrong = whole[:place] + str((int(whole[place]) + by) % 10) + whole[place + 1 :]
    assert not valid.luhn(wrong)


@given(st.sampled_from(sorted(valid.IBAN_LENGTHS)), st.data())
def test_exactly_one_pair_of_check_digits_makes_an_iban(country: str, data: st.DataObject) -> None:
    length = valid.IBAN_LENGTHS[country] - 4
    body = data.draw(st.text("0123456789ABCXYZ", min_size=length, max_size=length))
    assert sum(valid.iban(f"{country}{check:02}{body}") for check in range(2, 99)) == 1


@given(st.text(max_size=40))
def test_validators_answer_for_any_text(text: str) -> None:
    for check in (valid.luhn, valid.pan, valid.npi, valid.ssn, valid.nanp, valid.iban, valid.ip):
        assert check(text) in {True, False}


@given(
    st.lists(PIECES | st.text(max_size=5), max_size=6), st.sampled_from(["", " ", ";", "-", "."])
)
@example(["", "1234567893"], ".")  # a number after a dot that begins the text was passed over
def test_whatever_is_found_was_a_candidate(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    if any(entity.valid for entity in find(text)):
        assert re2.search(CANDIDATE, text) is not None


@given(st.lists(st.text("0123456789", min_size=9, max_size=19), max_size=30))
def test_numbers_as_vectors_and_one_by_one_are_judged_alike(numbers: list[str]) -> None:
    vector, single = Tally(), Tally()
    tally_column(pl.Series(numbers, dtype=pl.String), "c", vector)
    for number in numbers:
        single.add("c", find(number))
    assert vector.judge() == single.judge()


@given(st.lists(st.text('ab",\n ', max_size=6), min_size=1, max_size=5))
def test_cells_are_those_of_the_csv_module(cells: list[str]) -> None:
    record = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    assert split_cells(record, ",") == cells
    assert next(csv.reader(record.splitlines(keepends=True))) == cells


@given(st.text('ab", ', max_size=20))
def test_careless_quotes_are_read_as_the_csv_module_reads_them(record: str) -> None:
    if record and record.count('"') % 2 == 0:
        assert split_cells(record, ",") == next(csv.reader([record]))
