from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hallgate.intake.history import History


class Repo:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, who: str = "setup") -> None:
        names = ["-c", f"user.name={who}", "-c", f"user.email={who}@example.org"]
        subprocess.run(["git", "-C", str(self.root), *names, *arguments], check=True)

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def commit(self, who: str, message: str = "change") -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, who=who)

    def history(self) -> History:
        return History.read(self.root / "exceptions")


BODY = "".join(f"line {number}\n" for number in range(40))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path)
    repo.write("exceptions/fairness/a.yaml", BODY)
    repo.write("other/file", "x")
    repo.commit("alice")
    return repo


def test_everybody_who_touched_a_file(repo: Repo) -> None:
    repo.write("exceptions/fairness/a.yaml", BODY + "more\n")
    repo.commit("bob", "second\n\nCo-authored-by: Carol <carol@example.org>")
    history = repo.history()
    assert history.head is not None
    assert history.touchers("fairness/a.yaml") == (
        "alice@example.org",
        "bob@example.org",
        "carol@example.org",
    )
    assert history.touchers("fairness/absent.yaml") is None


def test_the_committer_counts_beside_the_author(repo: Repo) -> None:
    repo.write("exceptions/fairness/a.yaml", BODY + "more\n")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "x", "--author", "dan <dan@example.org>", who="eve")
    touchers = repo.history().touchers("fairness/a.yaml")
    assert touchers == ("alice@example.org", "dan@example.org", "eve@example.org")


def test_renames_are_followed(repo: Repo) -> None:
    repo.git("mv", "exceptions/fairness/a.yaml", "exceptions/b.yaml")
    repo.commit("bob")
    repo.git("mv", "exceptions/b.yaml", "exceptions/é ü.yaml")
    repo.commit("carol")
    assert repo.history().touchers("é ü.yaml") == (
        "alice@example.org",
        "bob@example.org",
        "carol@example.org",
    )


def test_a_merge_counts_where_it_changes_the_file_itself(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.write("exceptions/fairness/a.yaml", "first\n" + BODY)
    repo.commit("bob")
    repo.git("checkout", "-q", "main")
    repo.write("other/file", "y")
    repo.commit("carol")
    repo.git("merge", "-q", "--no-commit", "side", who="mallory")
    repo.write("exceptions/fairness/a.yaml", "first\n" + BODY + "evil\n")
    repo.commit("mallory")
    assert repo.history().touchers("fairness/a.yaml") == (
        "alice@example.org",
        "bob@example.org",
        "mallory@example.org",
    )


def test_a_mailmap_in_the_repository_changes_nobody(repo: Repo) -> None:
    repo.write(".mailmap", "Nobody <nobody@example.org> <alice@example.org>\n")
    repo.commit("alice")
    assert repo.history().touchers("fairness/a.yaml") == ("alice@example.org",)


def test_an_approval_beside_the_waiver_does_not_touch_it(repo: Repo) -> None:
    repo.write("exceptions/fairness/a.bob.approval.json", "{}")
    repo.commit("bob")
    assert repo.history().touchers("fairness/a.yaml") == ("alice@example.org",)


def test_what_is_in_no_commit_is_unknown(repo: Repo) -> None:
    repo.write("exceptions/fairness/a.yaml", "changed")
    repo.write("exceptions/fairness/new.yaml", "new")
    repo.write("other/file", "changed")
    history = repo.history()
    assert history.dirty == {"fairness/a.yaml", "fairness/new.yaml"}
    assert history.touchers("fairness/a.yaml") is None


def test_ignored_files_are_no_history(repo: Repo) -> None:
    repo.write(".gitignore", "*.yaml\n")
    repo.write("exceptions/fairness/hidden.yaml", "x")
    assert repo.history().touchers("fairness/hidden.yaml") is None


def test_a_shallow_clone_knows_nothing(
    repo: Repo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repo.write("exceptions/fairness/a.yaml", BODY + "more\n")
    repo.commit("bob")
    clone = tmp_path_factory.mktemp("clone") / "c"
    source = repo.root.as_uri()
    subprocess.run(["git", "clone", "-q", "--depth", "1", source, str(clone)], check=True)
    history = History.read(clone / "exceptions")
    assert history.touchers("fairness/a.yaml") is None
    assert history.why_unknown is not None
    assert "git fetch --unshallow" in history.why_unknown


def test_without_git_nothing_is_known(tmp_path: Path) -> None:
    history = History.read(tmp_path)
    assert history.head is None
    assert history.why_unknown is not None
    assert "not a git repository" in history.why_unknown
    assert History.read(tmp_path / "absent").head is None


def test_without_a_commit_nothing_is_known(tmp_path: Path) -> None:
    Repo(tmp_path)
    history = History.read(tmp_path)
    assert history.why_unknown is not None
    assert "commit first" in history.why_unknown


def _at(repo: Repo, when: int, *words: str) -> None:
    """A command of Git on a clock of its own."""
    date = f"{when} +0000"
    environment = {**os.environ, "GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date}
    names = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", "-C", str(repo.root), *names, *words], check=True, env=environment)


def test_merged_is_when_the_branch_got_the_file_as_it_is(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.write("exceptions/fairness/a.ann.approval.json", "{}")
    repo.git("add", "-A")
    _at(repo, 1_700_000_000, "commit", "-qm", "backdated")
    repo.git("checkout", "-q", "main")
    _at(repo, 1_800_000_000, "merge", "-q", "--no-ff", "-m", "merge", "side")
    merged = repo.history().merged()
    assert merged is not None
    assert merged["fairness/a.ann.approval.json"] == 1_800_000_000
    # Other content under the same name is merged anew.
    repo.write("exceptions/fairness/a.ann.approval.json", "{ }")
    assert "fairness/a.ann.approval.json" not in (repo.history().merged() or {})
    repo.git("add", "-A")
    _at(repo, 1_800_000_500, "commit", "-qm", "again")
    assert (repo.history().merged() or {})["fairness/a.ann.approval.json"] == 1_800_000_500


def test_nothing_is_merged_where_git_cannot_tell(tmp_path: Path) -> None:
    assert History.read(tmp_path).merged() is None
