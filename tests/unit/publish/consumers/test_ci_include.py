"""The CI includes: strict shell, a digest or nothing, and options that the command has."""

import argparse
import re
import subprocess
from pathlib import Path

import pytest

from hallgate.cli import decide
from hallgate.intake.yaml_strict import parse_yaml

FOLDER = Path(__file__).parents[4] / "ci-templates"


def read(name):
    return parse_yaml((FOLDER / name).read_bytes(), name).value


@pytest.fixture(scope="module", params=["gitlab", "github"])
def script(request):
    document = read(f"{request.param}-promotion.yml")
    if request.param == "gitlab":
        (text,) = document["hallgate-promotion"]["script"]
        return text
    return document["jobs"]["promotion"]["steps"][-1]["run"]


def test_on_github_it_has_no_rights_and_no_expression_in_a_script():
    document = read("github-promotion.yml")
    job = document["jobs"]["promotion"]
    assert (document["permissions"], job["permissions"]) == ({}, {"contents": "read"})
    assert all("${{" not in step["run"] for step in job["steps"])
    assert all("uses" not in step for step in job["steps"])
    inputs = document["on"]["workflow_call"]["inputs"]
    assert all(one["required"] is True for one in inputs.values())
    given = job["steps"][-1]["env"].values()
    assert {f"${{{{ inputs.{name} }}}}" for name in inputs if name != "image"} == set(given)


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
