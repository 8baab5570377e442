"""Exit codes and sentences of the command line."""

import pytest

from hallgate.cli import app


def test_help_lists_every_command(capsys):
    assert app.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name}" in out for name, _, _ in app.COMMANDS)


def test_no_command_is_a_usage_error(capsys):
    assert app.main([]) == 2
    assert "usage" in capsys.readouterr().out


def test_an_unknown_command_names_the_nearest(capsys):
    assert app.main(["verfy"]) == 2
    assert "did you mean verify?" in capsys.readouterr().err


@pytest.mark.parametrize("name", [name for name, _, _ in app.COMMANDS])
def test_every_command_has_help_with_examples(name, capsys):
    assert app.main([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"usage: hallgate {name}" in out
    assert "examples:" in out


def test_a_wrong_option_is_a_usage_error(capsys):
    assert app.main(["decide", "--nonsense"]) == 2
    assert "usage" in capsys.readouterr().err


def test_an_error_says_what_and_what_to_do(capsys, tmp_path):
    assert app.main(["verify", "--repository", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "nothing to verify" in said
    assert "name a RECORD" in said


def test_no_repository_is_said_plainly(capsys, tmp_path):
    assert app.main(["explain", "FAIR-001", "--repository", str(tmp_path)]) == 2
    assert "no policy repository" in capsys.readouterr().err


def test_an_internal_failure_is_no_verdict(capsys, tmp_path):
    # A request whose path holds a NUL byte: no file system takes it.
    code = app.main(["decide", "a\0b", "--evidence", str(tmp_path)])
    assert code in {2, 3, 4}
    assert capsys.readouterr().err.startswith("hallgate: ")
