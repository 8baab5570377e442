"""Where trust/commits.yaml asks for it, an unsigned commit makes who touched a file unknown."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.commit_signatures import CommitCheck, commit_check
from hallgate.intake.history import History, unsigned_faults
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.tree import history_of, read_tree
from hallgate.intake.tree_objects import Objects
from hallgate.model.errors import InvalidDocument
from hallgate.model.trust import Trust

PATH = "fairness/EXC-2026-0001.yaml"


class Repo:
    def __init__(self, root: Path, office: Any) -> None:
        self.root, self.office = root, office
        self.git("init", "-q", "-b", "main")
        (root / "exceptions/fairness").mkdir(parents=True)

    def git(self, *words: str, key: str | None = None, who: str = "author") -> str:
        names = ["-c", f"user.name={who}", "-c", f"user.email={who}@example.org"]
        if key is not None:
            names += ["-c", "gpg.format=ssh", "-c", f"user.signingKey={self.office.people[key]}"]
            names += ["-c", "commit.gpgsign=true"]
        command = ["git", "-C", str(self.root), *names, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def change(self, text: str, path: str = PATH, **how: Any) -> str:
        (self.root / "exceptions" / path).write_text(text * 20)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", text, **how)
        return self.git("rev-parse", "HEAD")

    def history(self, trust: Trust, since: str | None = None) -> History:
        check = CommitCheck(trust, since)
        found = History.read(self.root / "exceptions", None, check)
        objects = Objects(self.root)
        tree = read_tree(objects, "HEAD")
        # What the gate reads as objects must agree with what a work tree says.
        assert history_of(objects, tree, "exceptions", check).unsigned == found.unsigned
        return found


@pytest.fixture
def repo(tmp_path: Path, office: Any) -> Repo:
    return Repo(tmp_path, office)


def test_a_commit_signed_by_its_committer(repo: Repo, trust: Trust) -> None:
    repo.change("one\n", key="author")
    history = repo.history(trust)
    assert history.unsigned == {}
    assert history.touchers(PATH) == ("author@example.org",)
    assert history.published(PATH, "any") is not None


def test_an_unsigned_commit_leaves_nobody_cleared(repo: Repo, trust: Trust) -> None:
    repo.change("one\n", key="author")
    bad = repo.change("two\n")
    repo.change("three\n", key="author")
    history = repo.history(trust)
    assert history.unsigned == {PATH: (bad[:12],)}
    assert history.touchers(PATH) is None
    assert history.published(PATH, "any") is None
    (fault,) = unsigned_faults(history, repo.root / "exceptions")
    assert bad[:12] in fault.what
    assert "git commit -S" in fault.remedy


def test_a_signature_under_another_persons_address(repo: Repo, trust: Trust) -> None:
    repo.change("one\n", key="author", who="head-of-model-risk")
    assert PATH in repo.history(trust).unsigned


def test_a_key_that_trust_does_not_have(repo: Repo, trust: Trust) -> None:
    repo.change("one\n", key="author")
    others = tuple(one for one in trust.identities if one.id != "author")
    assert PATH in repo.history(replace(trust, identities=others)).unsigned


@pytest.mark.parametrize(
    ("facts", "good"),
    [
        ({"compromised": True}, False),
        ({"revoked_at": 1_770_000_000}, False),
        ({"valid_until": 1_770_000_000}, False),
        ({"valid_from": 4_000_000_000}, False),
        ({"revoked_at": 4_000_000_000}, True),
    ],
)
def test_dates_of_the_key(repo: Repo, trust: Trust, facts: Any, good: bool) -> None:
    repo.change("one\n", key="author")
    identities = tuple(
        replace(one, keys=tuple(replace(key, **facts) for key in one.keys))
        for one in trust.identities
    )
    history = repo.history(replace(trust, identities=identities))
    assert (history.unsigned == {}) is good


def test_a_rename_takes_the_fault_along(repo: Repo, trust: Trust) -> None:
    repo.change("one\n")
    repo.git("mv", f"exceptions/{PATH}", "exceptions/fairness/EXC-2026-0002.yaml")
    repo.git("commit", "-q", "-m", "move", key="author")
    assert repo.history(trust).touchers("fairness/EXC-2026-0002.yaml") is None


def test_commits_up_to_a_named_one_are_exempt(repo: Repo, trust: Trust) -> None:
    old = repo.change("one\n")
    repo.change("two\n", key="author")
    assert PATH in repo.history(trust).unsigned
    assert repo.history(trust, old).unsigned == {}
    repo.change("three\n")
    assert PATH in repo.history(trust, old).unsigned


def test_an_exempt_commit_that_is_not_there_leaves_nothing_known(repo: Repo, trust: Trust) -> None:
    repo.change("one\n", key="author")
    history = History.read(repo.root / "exceptions", None, CommitCheck(trust, "0" * 40))
    assert history.head is None
    assert history.touchers(PATH) is None


def test_the_file_that_asks(tmp_path: Path, office: Any, schemas: Schemas) -> None:
    folder = office.write(tmp_path / "trust")
    repository = Repository(tmp_path)
    assert commit_check(repository, schemas) is None
    path = folder / "commits.yaml"
    path.write_text("require_signed_commits: false\nsince: null\n")
    assert commit_check(repository, schemas) is None
    path.write_text("require_signed_commits: true\nsince: null\n")
    found = commit_check(repository, schemas)
    assert found is not None
    assert found.since is None
    for wrong in ("require_signed_commits: yes\nsince: null\n", "since: null\n", "since: HEAD\n"):
        path.write_text(wrong)
        with pytest.raises(InvalidDocument):
            commit_check(repository, schemas)
