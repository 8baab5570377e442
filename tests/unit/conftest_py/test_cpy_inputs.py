"""Traps in documents: arrays, YAML streams, duplicate keys, wide numbers, odd scalars."""

from __future__ import annotations

import pytest

from conftest_py import DocumentError, Input, UsageError, input_from_value, read_inputs

POLICY = 'package main\n\ndeny contains "no" if input.bad\n'
TWO = "good: true\n{separator}\nbad: true\n"


def test_empty_array(bare, tool, write) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny contains "no"\n')
    document = write("in.json", "[]")
    ran = bare.test(policy, document)
    assert (ran.code, ran.json[0]["successes"]) == (0, 0)
    with pytest.raises(DocumentError, match="must be an object"):
        tool.test([policy], [document])


@pytest.mark.parametrize("text", ["null", "5", '"x"', "[{}]", ""])
def test_other_inputs_that_are_no_objects(bare, tool, write, text) -> None:
    policy = write("p/a.rego", POLICY)
    document = write("in.yaml", text)
    assert bare.test(policy, document).code == 0
    with pytest.raises(DocumentError):
        tool.test([policy], [document])


@pytest.mark.parametrize("separator", ["--- # c", "--- ", "---\t", "--- {bad: true}\n..."])
def test_yaml_separators(bare, tool, write, separator) -> None:
    policy = write("p/a.rego", POLICY)
    document = write("in.yaml", TWO.format(separator=separator))
    if separator.endswith("..."):
        document.write_text("good: true\n--- {bad: true}\n")
    assert bare.test(policy, document).code == 0  # the second document was never read
    report = tool.test([policy], [document])
    assert [result.passed for result in report.results] == [True, False]
    assert [result.input for result in report.results] == [f"{document}#0", f"{document}#1"]


def test_duplicate_keys(bare, tool, write) -> None:
    policy = write("p/a.rego", POLICY)
    for name, text in (
        ("in.json", '{"bad": true, "bad": false}'),
        ("in.yaml", "list:\n  - {a: 1, a: 2}\n"),
    ):
        document = write(name, text)
        assert bare.test(policy, document).code == 0, bare.test(policy, document)
        with pytest.raises(DocumentError, match="duplicate key"):
            tool.test([policy], [document])


@pytest.mark.parametrize(
    "number", ["9007199254740993", "-9007199254740993", "0.12345678901234567890", "1e400", "1e20"]
)
def test_numbers_that_float64_changes(bare, tool, write, number) -> None:
    text = f'package main\n\ndeny contains "no" if input.n == {number}\n'
    policy = write("p/a.rego", text)
    document = write("in.json", f'{{"n": {number}}}')
    if number != "1e20":  # exact here, but past the range in which integers are
        assert "failures" not in bare.test(policy, document).out
    with pytest.raises(DocumentError, match=r"2\^53|loses digits|fit into"):
        tool.test([policy], [document])


def test_numbers_that_survive(bare, tool, write) -> None:
    policy = write(
        "p/a.rego", 'package main\n\ndeny contains "no" if input.n == 9007199254740992\n'
    )
    document = write("in.json", '{"n": 9007199254740992, "f": 0.1, "e": 1e3}')
    assert bare.test(policy, document).code == 1
    assert not tool.test([policy], [document]).passed


@pytest.mark.parametrize(
    "scalar", ["no", "on", "010", "0x1F", "1_000", "1:30", "2026-01-01", "1e3", ".5", "y", "0o17"]
)
def test_yaml_scalars_that_are_ambiguous(bare, tool, write, scalar) -> None:
    policy = write("p/a.rego", f'package main\n\ndeny contains "no" if input.v == "{scalar}"\n')
    document = write("in.yaml", f"v: {scalar}\n")
    ran = bare.test(policy, document)
    if scalar not in {"1:30", "2026-01-01", "y"}:  # conftest happens to keep these as text
        assert ran.code == 0, ran
    with pytest.raises(DocumentError, match="ambiguous"):
        tool.test([policy], [document])
    quoted = write("q.yaml", f'v: "{scalar}"\n')
    assert not tool.test([policy], [quoted]).passed


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [*x]\n",
        "1: a\n",
        "a: !!set {b}\n",
        "a: !x b\n",
        "x: &x {a: 1}\nb:\n  <<: *x\n",
        "a: [\n",
    ],
)
def test_yaml_that_is_refused(write, text) -> None:
    with pytest.raises(DocumentError, match=r"in\.yaml"):
        read_inputs(write("in.yaml", text))


def test_yaml_bomb(write) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 8)]
    with pytest.raises(DocumentError, match="expands"):
        read_inputs(write("in.yaml", "\n".join(lines)))


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff",
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
        b'{"a": 1',
        b'{"a":' * 100_000,
        b"\xef\xbb\xbf{}",
    ],
)
def test_json_that_is_refused(tmp_path, raw) -> None:
    path = tmp_path / "in.json"
    path.write_bytes(raw)
    with pytest.raises(DocumentError, match=r"in\.json"):
        read_inputs(path)


def test_invalid_utf8_is_replaced_by_the_command(bare, tool, write, tmp_path) -> None:
    policy = write("p/a.rego", 'package main\n\ndeny contains "no" if input.v == "\\u0000"\n')
    document = tmp_path / "in.json"
    document.write_bytes(b'{"v": "\xff"}')
    assert bare.test(policy, document).code == 0
    with pytest.raises(DocumentError, match="not UTF-8"):
        tool.test([policy], [document])


def test_missing_and_unknown_files(tool, write, tmp_path) -> None:
    for path in (tmp_path / "none.json", write("in.toml", "a = 1\n"), tmp_path):
        with pytest.raises(DocumentError):
            read_inputs(path)


def test_values(item) -> None:
    assert input_from_value("input.json", {"x": 1}) == item
    for value in ({"a": {1}}, {"a": float("nan")}, {1: "a"}, {"n": 2**60}, {"a": {2: 3}}):
        with pytest.raises(DocumentError):
            input_from_value("v", value)
    for name in ("", "a/..", "a\0b"):
        with pytest.raises(UsageError):
            Input(name, "{}")


def test_file_name_does_not_choose_the_parser(bare, tool, write) -> None:
    policy = write("p/a.rego", POLICY)
    text = '{"bad": true}'
    assert bare.test(policy, write("in.properties", text)).code == 0
    assert not tool.test([policy], [Input("in.properties", text)]).passed
