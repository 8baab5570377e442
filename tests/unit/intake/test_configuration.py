"""Configuration documents of others: read as their owners read them, with places, and bounded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hallgate.intake.configuration import Configuration, read_configuration, read_configurations
from hallgate.model.errors import HallgateError, InvalidDocument


def nothing(_: Path) -> list[object]:
    raise AssertionError("no Dockerfile here")


def read(folder: Path, text: str | bytes, name: str = "a.yaml") -> Configuration:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_configuration(path, nothing)


def test_what_readers_take_differently_stays_text(tmp_path: Path) -> None:
    text = "on: [push]\na: yes\nb: 0644\nc: 1e3\nd: 12:30\ne: true\nf: 3\ng: 0.5\nh: '3'\ni:\n"
    assert read(tmp_path, text).documents == (
        {
            "on": ["push"], "a": "yes", "b": "0644", "c": "1e3", "d": "12:30",
            "e": True, "f": 3, "g": 0.5, "h": "3", "i": None,
        },
    )  # fmt: skip


def test_every_document_counts_whatever_its_separator(tmp_path: Path) -> None:
    found = read(tmp_path, "---\n# nothing\n--- # first\na: 1\n--- \nb: 2\n---\n")
    assert found.documents == ({"a": 1}, {"b": 2})
    assert found.line((1, "b")) == 6


def test_anchors_merge_keys_and_tags(tmp_path: Path) -> None:
    text = "x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\nz: !reference [x, a]\n"
    (found,) = read(tmp_path, text).documents
    assert found == {
        "x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 3}, "z": {"!reference": ["x", "a"]},
    }  # fmt: skip


def test_lines_of_parts_and_of_what_is_around_them(tmp_path: Path) -> None:
    found = read(tmp_path, "jobs:\n  a:\n    steps:\n      - run: x\n")
    assert found.line((0, "jobs", "a", "steps", 0, "run")) == 4
    assert found.line((0, "jobs", "a", "nowhere")) == 2
    plan = read(tmp_path, '{\n "a": [\n  {"b": 1}]}', "plan.json")
    assert plan.line((0, "a", 0, "b")) == 3


def test_a_plan_saved_as_utf_16(tmp_path: Path) -> None:
    text = json.dumps({"resource_changes": []})
    assert read(tmp_path, text.encode("utf-16"), "p.json").documents == ({"resource_changes": []},)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2\n", "a.yaml:2:1: the key 'a' appears twice"),
        ("a: [\n", "is no YAML"),
        ("x: {{ .Values.x }}: y\n", "rendered first (helm template)"),
        ("", "holds no document"),
        ("# only a comment\n---\n", "holds no document"),
        ("? [a]\n: 1\n", "a key is a list or map"),
        ("a: *nowhere\n", "is no YAML"),
        (b"\xff\x00\x9d", "is no text in UTF-8"),
        ("[" * 100 + "]" * 100, "too large or nested too deeply"),
        ("a: &a [x,x,x,x,x,x,x,x,x]\n"
         + "".join(f"{c}: &{c} [*{p},*{p},*{p},*{p},*{p},*{p},*{p},*{p},*{p}]\n"
                   for p, c in zip("abcdefg", "bcdefgh", strict=True)), "too large"),
    ],
)  # fmt: skip
def test_bad_input_is_told_with_place_and_remedy(
    tmp_path: Path, text: str | bytes, words: str
) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read(tmp_path, text)
    assert words in str(caught.value)


def test_folders_are_walked_and_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(InvalidDocument, match="no configuration file"):
        read_configurations((tmp_path,), nothing)
    (tmp_path / "in" / "a.yml").write_text("a: 1\n")
    (tmp_path / "in" / "notes.md").write_text("x")
    files = read_configurations((tmp_path, tmp_path / "in"), nothing)
    assert [one.path for one in files] == [(tmp_path / "in" / "a.yml").as_posix()]
    with pytest.raises(InvalidDocument, match="no such file"):
        read_configurations((tmp_path / "gone.yaml",), nothing)


def test_the_lines_of_a_dockerfile(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("# from here\nFROM a AS b\n\nrun x \\\n  && y\nFROM b\n")
    said = [{"Cmd": "from"}, {"Cmd": "run"}, {"Cmd": "from"}]
    found = read_configuration(path, lambda _: said)
    assert found.documents == ({"instructions": said},)
    assert [found.line((0, "instructions", one)) for one in range(3)] == [2, 4, 6]


WORDS = st.text(st.characters(categories=("L", "N", "P")), max_size=20)
LEAVES = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | WORDS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.dictionaries(WORDS, VALUES, min_size=1, max_size=4))
def test_what_pyyaml_writes_is_read_back(tmp_path: Path, value: dict[str, object]) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    if any(mark in text for mark in ("<<", "!!")):
        return
    assert read(tmp_path, text).documents == (value,)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_whatever_the_bytes_are_they_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    try:
        outcome = bool(read(tmp_path, data).documents)
    except HallgateError as error:
        outcome = bool(error.faults[0].remedy)
    assert outcome
