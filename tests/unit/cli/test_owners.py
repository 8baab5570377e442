"""CODEOWNERS from roles: drift, what is always owned, and whose agreement a change needs."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from hallgate.cli import app
from hallgate.intake.codeowners import CodeOwners
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.publish.owners import codeowners_text, owner_faults, owners_needed

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def roles():
    return read_trust(ROOT / "trust", Schemas.load(ROOT / "evidence-schemas")).roles


def said(text, roles, *, release=False):
    return [one.what for one in owner_faults(text, "CODEOWNERS", roles, release=release)]


def test_our_own_is_as_it_should_be(roles):
    text = (ROOT / "CODEOWNERS").read_text()
    assert said(text, roles, release=True) == []


def test_what_is_wrong_is_named(roles):
    text = codeowners_text(roles)
    assert said(text, roles) == []
    assert said(text + "/docs/ @hallgate/releases\n", roles) == [
        "is not what trust/roles.yaml gives"
    ]
    found = said("/policies/ @hallgate/placeholder\n", roles, release=True)
    assert "@hallgate/placeholder is no known owner, and the forge would skip the line" in found
    assert "@hallgate/placeholder is a placeholder" in found
    assert "nobody owns trust/a.yaml" in found
    assert "nobody owns exceptions/a/b.yaml" in found
    assert "nobody owns policies/a/b.rego" not in found


def test_paths_by_their_owners():
    owners = CodeOwners.parse(b"* @o/all\n/trust/ @o/law @o/risk\n/free/\n", "CODEOWNERS")
    assert owners_needed(owners, ["trust/b", "x", "trust/a", "free/y"]) == {
        (): ["free/y"],
        ("@o/all",): ["x"],
        ("@o/law", "@o/risk"): ["trust/a", "trust/b"],
    }


@pytest.fixture
def repository(tmp_path):
    for name in ("policies", "evidence-schemas", "trust"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "CODEOWNERS", tmp_path)
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path)
    return tmp_path


def git(folder, *words):
    names = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", folder, *names, *words], check=True)


def commit(folder):
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "change")


def test_the_base_says_who_must_agree(repository, capsys):
    (repository / "trust/README.md").write_text("Changed.\n")
    (repository / "CODEOWNERS").write_text("* @mallory\n")
    commit(repository)
    words = ["owners", "HEAD~1..HEAD", "--format", "json", "--repository", str(repository)]
    assert app.main(words) == 0
    rows = {
        path: one["owners"] for one in json.loads(capsys.readouterr().out) for path in one["paths"]
    }
    assert rows == {
        "CODEOWNERS": ["@hallgate/releases"],
        "trust/README.md": ["@hallgate/compliance", "@hallgate/security"],
    }


def test_write_makes_it_anew(repository, capsys):
    (repository / "CODEOWNERS").write_text("* @mallory\n")
    assert app.main(["owners", "--write", "--repository", str(repository)]) == 0
    assert (repository / "CODEOWNERS").read_text() == (ROOT / "CODEOWNERS").read_text()
    assert app.main(["owners", "--repository", str(repository)]) == 2


def test_init_puts_teams_into_the_roles(repository, capsys):
    (repository / "CODEOWNERS").unlink()
    words = ["--team", "compliance=@bank/law", "--team", "release-manager=@bank/releases"]
    assert app.main(["init", "--repository", str(repository), *words]) == 0
    roles = read_trust(repository / "trust", Schemas.load(ROOT / "evidence-schemas")).roles
    teams = {one.role: one.team for one in roles}
    assert (teams["compliance"], teams["release-manager"]) == ("@bank/law", "@bank/releases")
    assert teams["model-risk"] == "@hallgate/model-risk"
    assert said((repository / "CODEOWNERS").read_text(), roles) == []
