"""RFC 3161 times by an authority made here with openssl; those of others are refused."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hallgate.model.errors import InvalidDocument
from hallgate.record.log.anchors import keep_anchor, keep_token, read_anchors
from hallgate.record.log.timestamp import WrongAuthority, verify_timestamp
from hallgate.testing.authority import MadeAuthority, make_authority

from .conftest import Ledger
from .test_audit import Codes


@pytest.fixture(scope="session")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MadeAuthority]:
    folder = tmp_path_factory.mktemp("tsa")
    return {name: make_authority(folder / name, name) for name in ("right", "wrong")}


def test_a_timestamp_holds_for_its_note_and_its_authority_alone(
    authorities: dict[str, MadeAuthority],
) -> None:
    right, wrong = authorities["right"], authorities["wrong"]
    answer = right.stamp(b"note")
    name, at = verify_timestamp(answer, b"note", [wrong.authority, right.authority])
    assert name == "right"
    assert at > 1_700_000_000
    with pytest.raises(WrongAuthority, match="no trusted authority"):
        verify_timestamp(answer, b"note", [wrong.authority])
    with pytest.raises(WrongAuthority, match="no trusted authority"):
        verify_timestamp(answer, b"other note", [right.authority])
    with pytest.raises(WrongAuthority, match="no authority is trusted"):
        verify_timestamp(answer, b"note", [])


def test_a_certificate_counts_at_the_time_in_the_token(tmp_path: Path) -> None:
    """One that expired before it stamped does not; one that expired since still does."""
    old = make_authority(tmp_path / "old", "old", ends=datetime(2021, 1, 1, tzinfo=UTC))
    with pytest.raises(WrongAuthority):
        verify_timestamp(old.stamp(b"note"), b"note", [old.authority])
    for seconds in (3, 10, 30, 90):  # a slow machine takes the longer life
        ends = datetime.now(UTC) + timedelta(seconds=seconds)
        short = make_authority(tmp_path / f"short-{seconds}", "short", ends=ends)
        answer = short.stamp(b"note")
        if datetime.now(UTC) <= ends:
            break
    while datetime.now(UTC) <= ends + timedelta(seconds=1):
        time.sleep(0.2)
    assert verify_timestamp(answer, b"note", [short.authority])[0] == "short"


@pytest.mark.parametrize("how", ["cut", "altered", "empty", "text"])
def test_a_broken_answer_is_refused(authorities: dict[str, MadeAuthority], how: str) -> None:
    right = authorities["right"]
    answer = right.stamp(b"note")
    spoiled = {
        "cut": answer[:-20],
        "altered": answer[:-5] + bytes([answer[-5] ^ 1]) + answer[-4:],
        "empty": b"",
        "text": b"<html>captive portal</html>",
    }[how]
    with pytest.raises((InvalidDocument, WrongAuthority)):
        verify_timestamp(spoiled, b"note", [right.authority])


def test_an_audit_tells_whose_stamp_holds(
    ledger: Ledger, authorities: dict[str, MadeAuthority], tmp_path: Path, codes: Codes
) -> None:
    right, wrong = authorities["right"], authorities["wrong"]
    log = ledger.log()
    path = keep_anchor(tmp_path / "checkpoints", 5, log.note)
    keep_token(path, "right", right.stamp(log.note))
    keep_token(path, "wrong", wrong.stamp(log.note))
    trusting: Any = replace(ledger.trust, authorities=(right.authority,))
    found = ledger.audit(read_anchors(tmp_path / "checkpoints"), log=trusting)
    assert codes(found) == {("wrong_tsa", None)} | (
        {("clock_jump", None)} if found.stamps[0].at < ledger.house.now else set()
    )
    assert [(one.authority, one.size) for one in found.stamps] == [("right", 5)]
    assert found.proven == 5
