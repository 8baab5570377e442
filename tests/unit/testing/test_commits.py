"""A history made in one run says what one made by `git add` and `git commit` says."""

import subprocess

import pytest

from hallgate.intake.history import History
from hallgate.testing.commits import Commit, git, write_history

SAID = (
    ("fair/a.yaml", b"one\n", "model-owner", "2026-03-01T12:00:00Z"),
    ("fair/a.yaml", b"one\n\n", "compliance", "2026-03-01T12:00:00Z"),
    ("fair/b é.json", b"", "nobody", "2026-02-01T00:00:00Z"),
)


def by_hand(root):
    git(root, "init", "--quiet", "--initial-branch=main")
    for name, content, who, when in SAID:
        (root / name).write_bytes(content)
        git(root, "add", "--", name)
        message = f"Touch {(root / name).name}"
        git(root, "commit", "--quiet", "--message", message, who=who, when=when)


def at_once(root):
    for name, content, _, _ in SAID:
        (root / name).write_bytes(content)
    write_history(root, [Commit(root / name, *rest) for name, *rest in SAID])


@pytest.fixture
def both(tmp_path):
    roots = tmp_path / "hand", tmp_path / "once"
    for root, make in zip(roots, (by_hand, at_once), strict=True):
        (root / "fair").mkdir(parents=True)
        make(root)
    return roots


def said(root, *words):
    command = ["git", "-C", str(root), *words]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_it_is_the_same_history_to_the_commit(both):
    hand, once = both
    assert said(hand, "rev-parse", "HEAD") == said(once, "rev-parse", "HEAD")
    assert said(once, "status", "--porcelain") == ""
    assert said(once, "fsck", "--strict") == ""


def test_it_is_read_alike(both):
    hand, once = (History.read(root / "fair") for root in both)
    assert hand.told() == once.told()
    assert once.touchers("a.yaml") == ("compliance@example.org", "model-owner@example.org")


def test_what_is_not_committed_is_seen(both):
    (both[1] / "fair/a.yaml").write_bytes(b"another\n")
    (both[1] / "fair/new.yaml").write_bytes(b"new\n")
    assert History.read(both[1] / "fair").dirty == {"a.yaml", "new.yaml"}


def test_a_commit_that_changes_nothing_is_refused(tmp_path):
    again = [Commit(tmp_path / "a.yaml", b"one", who, "2026-03-01T12:00:00Z") for who in "ab"]
    with pytest.raises(ValueError, match="b has nothing to commit"):
        write_history(tmp_path, again)


def test_a_repository_without_commits_has_none(tmp_path):
    write_history(tmp_path, [])
    assert History.read(tmp_path).head is None
