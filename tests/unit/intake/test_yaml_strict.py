from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import InvalidDocument

AMBIGUOUS = [
    "no", "No", "NO", "off", "on", "On", "yes", "y", "N", "TRUE", "True", "None", "NULL", "nil",
    "~", "010", "0o17", "0x1F", "0b1", "1_000", "+5", "-0", "1e3", "1.5e3", ".5", "5.", "0.5",
    "12:30", "12:30:45", "190:20:30.15", "2026-01-01", "2026-1-1", "2026-01-01T00:00:00Z",
    "2026-01-01 10:00:00", ".inf", "-.INF", ".NaN", "=",
]  # fmt: skip


def refused(data: bytes) -> InvalidDocument:
    with pytest.raises(InvalidDocument) as caught:
        parse_yaml(data, "x.yaml")
    assert len(caught.value.faults) == 1
    return caught.value


@pytest.mark.parametrize("word", AMBIGUOUS)
def test_ambiguous_scalar_is_refused_and_quoting_helps(word: str) -> None:
    error = refused(f"first: 1\na: {word}\n".encode())
    assert str(error.where) == "x.yaml:2:4"
    assert "quote it" in error.remedy
    assert parse_yaml(f"a: '{word}'".encode(), "x.yaml").value == {"a": word}


@pytest.mark.parametrize("word", AMBIGUOUS)
def test_ambiguous_key_is_refused(word: str) -> None:
    refused(f"{word}: 1\n".encode())


def test_plain_values_keep_their_meaning() -> None:
    text = b"a: 5\nb: -5\nc: true\nd: null\ne: sha256:00ff\nf: 1.2.3\ng: not so\nh: [x, {i: 0}]\n"
    assert parse_yaml(text, "x.yaml").value == {
        "a": 5,
        "b": -5,
        "c": True,
        "d": None,
        "e": "sha256:00ff",
        "f": "1.2.3",
        "g": "not so",
        "h": ["x", {"i": 0}],
    }


def test_decimals_only_when_asked_for() -> None:
    assert parse_yaml(b"a: 0.25", "x.yaml", floats=True).value == {"a": 0.25}
    refused(b"a: 0.25")


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("a: 1\nb: 2\na: 3\n", "x.yaml:3:1", "appears twice"),
        ("a: {b: 1, 'b': 2}", "x.yaml:1:11", "appears twice"),
        ("<<: {a: 1}", "x.yaml:1:1", "merge keys"),
        ("a: &x 1\nb: 2", "x.yaml:1:4", "anchor &x"),
        ("a: &x [1]\nb: *x", "x.yaml:1:4", "anchor &x"),
        ("a: !!str 5", "x.yaml:1:4", "tag"),
        ("a: ! 5", "x.yaml:1:4", "tag"),
        ("a: !!python/object:os.system x", "x.yaml:1:4", "tag"),
        ("%YAML 1.1\n---\na: 1", "x.yaml:1:1", "directives"),
        ("1: a", "x.yaml:1:1", "no text"),
        ("null: a", "x.yaml:1:1", "no text"),
        ("? [a]\n: 1", "x.yaml:1:3", "list or map"),
        ("a: 1\n---\nb: 2", "x.yaml:2:1", "more than one document"),
        ("a:\nb: 1", "x.yaml:1:3", "no value"),
        ("a: 9007199254740992", "x.yaml:1:4", "2^53"),
        ("a: [1,", "x.yaml:2:1", "no YAML"),
        ("a: b\n\tc: d", "x.yaml:2:1", "no YAML"),
        ("", "x.yaml", "empty"),
        ("# nothing", "x.yaml", "empty"),
        ("a: \x00", "x.yaml", "control characters"),
        ('a: "\\ud800"', "x.yaml:1:7", "invalid Unicode"),
        ("é: é\nb: no", "x.yaml:2:4", "no means"),
    ],
)
def test_refusals_say_where_and_what(text: str, place: str, what: str) -> None:
    error = refused(text.encode())
    assert str(error.where) == place
    assert what in error.what
    assert error.remedy


def test_aliases_are_refused_before_anything_expands() -> None:
    bomb = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
        b"%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n" % (n, n, *[n - 1] * 9)
        for n in range(ord("b"), ord("z"))
    )
    assert "anchor" in refused(bomb).what


@pytest.mark.parametrize("opening", [b"[", b"- ", b"{a: ", b"? ", b"? - "])
@pytest.mark.parametrize("times", [50, 100_000])
def test_deep_nesting_is_refused_without_harm(opening: bytes, times: int) -> None:
    # 300,000 brackets end a process that reads them with bare CSafeLoader.
    assert "nested too deeply" in refused(opening * times).what


def test_depth_counts_containers() -> None:
    assert parse_yaml(b"[" * 32 + b"1" + b"]" * 32, "x.yaml")
    assert "nested too deeply" in refused(b"[" * 33 + b"]" * 33).what


def test_invalid_utf8_and_byte_order_mark_are_refused() -> None:
    error = refused(b"a: 1\nb: \xff\n")
    assert str(error.where) == "x.yaml:2:4"
    assert "UTF-8" in error.what
    assert "byte order mark" in refused(b"\xef\xbb\xbfa: 1").what
    assert "UTF-8" in refused("a: 1".encode("utf-16")).what


def test_large_files_are_refused_by_bytes() -> None:
    assert "the limit is" in refused(b"a: " + b"x" * (1024 * 1024)).what
    with pytest.raises(InvalidDocument):
        parse_yaml(b"a: 12", "x.yaml", limit=4)


def test_places_are_found_again() -> None:
    document = parse_yaml(b"a:\n  - 1\n  - b: x\n    c: [u, z]\n", "x.yaml")
    assert str(document.locate(("a", 1, "c", 1))) == "x.yaml:4:12"
    assert str(document.locate(("a", 7, "nowhere"))) == "x.yaml:2:3"
    assert document.digest.startswith("sha256:")


def test_reads_the_repository_s_own_yaml_as_pyyaml_does(tmp_path: Path) -> None:
    data = (Path(__file__).parent / "data" / "request.yaml").read_bytes()
    assert parse_yaml(data, "request.yaml").value == yaml.safe_load(data)
