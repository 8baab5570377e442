"""Timestamps of a real local authority in verify.py: each over its own checkpoint, by openssl."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hallgate.publish.pack.verifier import times
from hallgate.publish.pack.verifier.state import Pack, Report
from hallgate.publish.pack.verifier.times import check_times, stamped_at
from hallgate.record.keys import generate_key
from hallgate.record.log.note import Checkpoint, sign_checkpoint
from hallgate.testing.authority import MadeAuthority, make_authority

ENTRIES: list[dict[str, Any]] = [{"at": 1_700_000_000}] * 5


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MadeAuthority]:
    folder = tmp_path_factory.mktemp("tsa")
    return {
        "right": make_authority(folder / "right", "right"),
        "wrong": make_authority(folder / "wrong", "wrong"),
        "expired": make_authority(
            folder / "expired", "expired", ends=datetime(2021, 1, 1, tzinfo=UTC)
        ),
    }


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A pack with two kept checkpoints of five entries: one of them a fork."""
    folder = tmp_path / "pack/log/kept"
    folder.mkdir(parents=True)
    key: Any = generate_key()
    for stem, root in (("000000000005", 1), ("000000000005.deadbeef", 2)):
        note = sign_checkpoint(Checkpoint("example.org/log", 5, bytes([root] * 32)), key)
        (folder / f"{stem}.checkpoint").write_bytes(note)
    return folder


def found(kept: Path, root: Path | None) -> Report:
    report = Report()
    check_times(Pack(kept.parents[1]), ENTRIES, root, report)
    return report


def stamp(kept: Path, authority: MadeAuthority, stem: str, over: str | None = None) -> Path:
    token = kept / f"{stem}.{authority.authority.name}.tsr"
    token.write_bytes(authority.stamp((kept / f"{over or stem}.checkpoint").read_bytes()))
    return token


def test_a_good_token_says_when(kept: Path, authorities: dict[str, MadeAuthority]) -> None:
    right = authorities["right"]
    before = int(time.time())
    token = stamp(kept, right, "000000000005")
    report = found(kept, right.root)
    assert (report.wrong, report.unchecked) == ([], [])
    (held,) = report.held
    assert held.startswith("log/kept/000000000005.right.tsr: your authority saw these 5 entries at")
    assert before <= stamped_at(token) <= int(time.time())


def test_a_fork_s_token_is_held_against_the_fork(
    kept: Path, authorities: dict[str, MadeAuthority]
) -> None:
    right = authorities["right"]
    token = stamp(kept, right, "000000000005.deadbeef")
    assert token.name == "000000000005.deadbeef.right.tsr"
    report = found(kept, right.root)
    assert (report.wrong, len(report.held)) == ([], 1)
    stamp(kept, right, "000000000005.deadbeef", over="000000000005")
    (wrong,) = found(kept, right.root).wrong
    assert "over log/kept/000000000005.deadbeef.checkpoint" in wrong


def test_a_token_over_another_checkpoint_is_named(
    kept: Path, authorities: dict[str, MadeAuthority]
) -> None:
    right = authorities["right"]
    stamp(kept, right, "000000000005", over="000000000005.deadbeef")
    (wrong,) = found(kept, right.root).wrong
    assert wrong.startswith(
        "log/kept/000000000005.right.tsr: no timestamp of your authority over "
        "log/kept/000000000005.checkpoint"
    )


def test_another_authority_is_named(kept: Path, authorities: dict[str, MadeAuthority]) -> None:
    stamp(kept, authorities["wrong"], "000000000005")
    (wrong,) = found(kept, authorities["right"].root).wrong
    assert "000000000005.wrong.tsr: no timestamp of your authority" in wrong


def test_a_certificate_that_had_expired_when_it_stamped_is_named(
    kept: Path, authorities: dict[str, MadeAuthority]
) -> None:
    stamp(kept, authorities["expired"], "000000000005")
    (wrong,) = found(kept, authorities["expired"].root).wrong
    assert "certificate has expired" in wrong


def test_a_certificate_that_expired_since_still_proves_the_time(kept: Path, tmp_path: Path) -> None:
    """That is what timestamps are for: the certificate is judged at the time in the token."""
    for seconds in (3, 10, 30, 90):  # a slow machine takes the longer life
        ends = datetime.now(UTC) + timedelta(seconds=seconds)
        authority = make_authority(tmp_path / f"short-{seconds}", "short", ends=ends)
        token = stamp(kept, authority, "000000000005")
        if stamped_at(token) <= int(ends.timestamp()):
            break
    while datetime.now(UTC) <= ends + timedelta(seconds=1):
        time.sleep(0.2)
    report = found(kept, authority.root)
    assert (report.wrong, len(report.held)) == ([], 1)


def test_without_openssl_or_a_root_it_says_that_it_could_not(
    kept: Path, authorities: dict[str, MadeAuthority], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = authorities["right"]
    assert found(kept, right.root).unchecked == [
        "when the log was as it is: there is no timestamp in this pack"
    ]
    stamp(kept, right, "000000000005")
    assert found(kept, None).unchecked == ["1 timestamps: give --tsa-root"]
    monkeypatch.setattr(times.shutil, "which", lambda _: None)
    report = found(kept, right.root)
    assert report.unchecked == ["1 timestamps, for want of openssl"]
    assert (report.held, report.wrong) == ([], [])


def test_a_log_whose_clock_was_ahead_is_named(
    kept: Path, authorities: dict[str, MadeAuthority], monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp(kept, authorities["right"], "000000000005")
    late = [{"at": int(time.time()) + 4000}] * 5
    report = Report()
    check_times(Pack(kept.parents[1]), late, authorities["right"].root, report)
    assert "the log's clock was ahead" in report.wrong[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("000000000005.right.tsr", "it holds no time"),
        ("000000000006.right.tsr", "000000000006.checkpoint is missing"),
        ("evil.tsr", "its name is not"),
        ("000000000005..tsr", "its name is not"),
    ],
)
def test_what_is_no_token_is_named(
    kept: Path, authorities: dict[str, MadeAuthority], name: str, said: str
) -> None:
    (kept / name).write_bytes(b"no token")
    (wrong,) = found(kept, authorities["right"].root).wrong
    assert wrong.startswith(f"log/kept/{name}: ")
    assert said in wrong
