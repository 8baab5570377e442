"""The CI include: strict shell, a digest or nothing, and options that the command has."""

import argparse
import re
import subprocess
from pathlib import Path

import pytest

from hallgate.cli import decide
from hallgate.intake.yaml_strict import parse_yaml

FILE = Path(__file__).parents[4] / "ci-templates/gitlab-promotion.yml"


@pytest.fixture(scope="module")
def script():
    document = parse_yaml(FILE.read_bytes(), str(FILE)).value
    (text,) = document["hallgate-promotion"]["script"]
    return text


def test_it_is_strict_and_names_options_that_exist(script):
    assert script.startswith("set -eu\n")
    assert "|| true" not in script
    parser = argparse.ArgumentParser()
    decide.configure(parser)
    known = {option for action in parser._actions for option in action.option_strings}
    used = set(re.findall(r"(--[a-z-]+)", script))
    assert {"--bundle", "--scope", "--trusted", "--trust"} <= used <= known


@pytest.mark.parametrize(
    ("address", "code"),
    [("oci://x/y@sha256:" + "a" * 64, 7), ("oci://x/y:stable", 2), ("policies.tar.gz", 2)],
)
def test_only_a_digest_is_decided_by(script, tmp_path, address, code):
    program = tmp_path / "hallgate"
    program.write_text("#!/bin/sh\nexit 7\n")
    program.chmod(0o755)
    names = ("REQUEST", "EVIDENCE", "SCOPE", "TRUSTED")
    given = {f"HALLGATE_{name}": "x" for name in names} | {"HALLGATE_BUNDLE": address}
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, capture_output=True, timeout=30,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", **given},
    )  # fmt: skip
    assert done.returncode == code
