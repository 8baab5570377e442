"""What is kept between runs holds for its time, and only as it was written."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from hallgate.decide.fingerprint import add_folder, program_facts
from hallgate.decide.kept import (
    faults_told,
    keep_until,
    kept_until,
    next_time,
    told_faults,
)
from hallgate.decide.policy_checks import clock_digest
from hallgate.model.errors import Fault, Location

CHECKS = Path(__file__).parents[3] / "policies/checks"

FAULTS = (
    Fault("is wrong: ä", Location("a.yaml", 3, 7), "mend it"),
    Fault("is missing", Location("b.yaml"), "add it"),
    Fault("nothing holds", None, "look"),
)


def test_faults_come_back_with_their_places():
    assert faults_told(told_faults(FAULTS)) == FAULTS


def test_an_answer_holds_from_when_it_was_given_until_its_time(tmp_path):
    keep_until(tmp_path, "about", "key", 100, 200, told_faults(FAULTS))
    answers = [kept_until(tmp_path, "about", "key", at) for at in (99, 100, 199, 200)]
    assert [one is not None for one in answers] == [False, True, True, False]
    assert faults_told(answers[1]) == FAULTS
    keep_until(tmp_path, "about", "key", 100, None, [])
    assert kept_until(tmp_path, "about", "key", 10**12) == []
    assert kept_until(tmp_path, "about", "other", 100) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: data.replace(b"wrong", b"right"),
        lambda data: b"\xff\xfe\x00",
        lambda data: data.partition(b"\n")[2],
        lambda data: data + b" ",
    ],
    ids=["cut", "empty", "altered", "no-text", "no-digest", "longer"],
)
def test_a_spoilt_file_is_as_none(tmp_path, spoil):
    keep_until(tmp_path, "about", "key", 100, None, told_faults(FAULTS))
    (file,) = (tmp_path / "about").iterdir()
    file.write_bytes(spoil(file.read_bytes()))
    assert kept_until(tmp_path, "about", "key", 100) is None


def test_a_link_is_not_followed_and_a_folder_that_cannot_be_made_costs_nothing(tmp_path):
    keep_until(tmp_path, "about", "key", 100, None, [])
    (file,) = (tmp_path / "about").iterdir()
    file.rename(tmp_path / "moved")
    file.symlink_to(tmp_path / "moved")
    assert kept_until(tmp_path, "about", "key", 100) is None
    (tmp_path / "file").write_text("no folder")
    keep_until(tmp_path / "file", "about", "key", 100, None, [])
    assert (tmp_path / "file").read_text() == "no folder"


def test_only_the_newest_stay(tmp_path):
    for number in range(40):
        keep_until(tmp_path, "about", f"{number:02d}", 100, None, [])
    kept = sorted(one.stem for one in (tmp_path / "about").iterdir())
    assert len(kept) == 32
    assert kept_until(tmp_path, "about", "39", 100) == []


@pytest.mark.parametrize(
    ("times", "at", "expected"),
    [((), 5, None), ((1, 4), 5, None), ((9, 7), 5, 7), ((5, 9), 5, 6), ((6, 5), 5, 6)],
)
def test_the_next_time_is_the_first_that_could_matter(times, at, expected):
    assert next_time(times, at) == expected


def _told(folder):
    total = sha256()
    return total.hexdigest() if add_folder(total.update, folder) else None


def test_every_name_and_byte_of_a_folder_is_told(tmp_path):
    (tmp_path / "a").mkdir()
    seen = {_told(tmp_path / "nothing"), _told(tmp_path)}
    (tmp_path / "a/b").write_text("text")
    seen.add(_told(tmp_path))
    (tmp_path / "a/b").write_text("tex")
    (tmp_path / "a/bt").write_text("")
    seen.add(_told(tmp_path))
    (tmp_path / "a/b").rename(tmp_path / "b")
    seen.add(_told(tmp_path))
    (tmp_path / "b").write_text("tex" + "t" * 10)
    seen.add(_told(tmp_path))
    assert len(seen) == 6
    assert None not in seen


def test_of_a_folder_with_links_pipes_or_floods_nothing_is_told(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    assert _told(tmp_path) is None
    (tmp_path / "link").unlink()
    os.mkfifo(tmp_path / "pipe")
    assert _told(tmp_path) is None
    (tmp_path / "pipe").unlink()
    with (tmp_path / "large").open("wb") as file:
        file.truncate(5 * 1024 * 1024)
    assert _told(tmp_path) is None


def test_another_program_is_another_one(tmp_path):
    program = tmp_path / "opa"
    program.write_text("one")
    first = program_facts(str(program))
    program.write_text("other")
    assert program_facts(str(program)) != first
    assert program_facts(None) == "none"


@pytest.mark.parametrize(
    ("line", "sees"),
    [
        ("_x := input.now", True),
        ('_x := input["now"]', True),
        ("_x := walk(input)", True),
        ("_x := time.now_ns()", True),
        ("_x := data.checks.controls._when({})", True),
        ("import data.checks.waivers", True),
        ("_x := data.checks[_]", True),
        ("_x := data.checks.limits.findings", False),
        ("# from now on the input counts", False),
        ('_x := "now"', False),
        ("_x := input.catalog", False),
    ],
)
def test_a_check_that_may_see_the_clock_makes_another_digest(line, sees):
    checks = {
        f"checks/{path.parent.name}/{path.name}": path.read_bytes()
        for path in CHECKS.glob("*/*.rego")
        if not path.name.endswith("_test.rego")
    }
    known = clock_digest(checks)
    checks["checks/names/names.rego"] += f"\n{line}\n".encode()
    assert (clock_digest(checks) != known) is sees


def test_the_check_alone_believes_what_is_kept_of_exceptions_and_policies():
    package = CHECKS.parents[1] / "tools/hallgate"
    users = {}
    for path in package.rglob("*.py"):
        for name in ("kept_until", "kept_exceptions", "policy_faults"):
            if f"{name}(" in path.read_text(encoding="utf-8"):
                users.setdefault(name, set()).add(path.relative_to(package).as_posix())
    assert users == {
        "kept_until": {"decide/kept.py", "decide/kept_check.py", "decide/policy_checks.py"},
        "kept_exceptions": {"decide/check.py", "decide/kept_check.py"},
        "policy_faults": {
            "decide/check.py", "decide/policy_checks.py", "publish/review/assemble.py",
        },
    }  # fmt: skip
    review = (package / "publish/review/assemble.py").read_text(encoding="utf-8")
    assert "cache" not in review
