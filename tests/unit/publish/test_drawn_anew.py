"""A baseline is remembered where its track was taken away, and nothing else is taken for one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hallgate.intake.schema import Schemas
from hallgate.intake.track_history import baseline_before
from hallgate.intake.tracks import Track, read_track
from hallgate.intake.tree_objects import Objects
from hallgate.publish.baselines import drawn_anew

SCHEMAS = Schemas.load(None)
FILE = "tracks/ml.yaml"
NULL = "baseline: null\n"
HEAD = "track: ml\ntitle: t\nfamilies: [fairness]\nframeworks: []\nlimits: []\ndates: []\n"


def drawn(*models: str) -> str:
    return (
        f"baseline:\n  - models: [{', '.join(models)}]\n    policies: [FAIR-001]\n"
        '    since: "2026-11-01T00:00:00Z"\n    until: "2027-05-01T00:00:00Z"\n'
        "    reason: Older than the policy.\n"
    )


class Repo:
    """A repository whose policies lie at its root or below it."""

    def __init__(self, root: Path, below: str = "") -> None:
        self.root, self.place = root, root / below
        (self.place / "tracks").mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.commit()

    def git(self, *words: str) -> None:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", "-C", str(self.root), *who, *words], check=True)

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "A change.")

    def say(self, text: str | None) -> None:
        """Commit the track with this end of its file; None takes it away."""
        path = self.place / FILE
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{HEAD}rollout: []\n{text}")
        self.commit()

    def before(self, *, gone_since: bool = False, folder: Path | None = None) -> list[str] | None:
        """Models of the newest baseline there was; None where there was none."""
        objects = Objects(folder or self.place)
        found = baseline_before(
            objects, objects.commit("HEAD"), FILE, SCHEMAS, gone_since=gone_since
        )
        return None if found is None else [one.model for one in found]

    def track(self) -> Track:
        return read_track(self.place / "tracks", "ml", SCHEMAS)

    def anew(self) -> list[str]:
        return [fault.what for fault in drawn_anew(self.track(), self.place, SCHEMAS)]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "house")


def test_without_a_baseline_there_is_none_to_remember(repo: Repo) -> None:
    assert repo.before() is None
    repo.say(NULL)
    assert repo.before() is None
    repo.say(None)
    assert repo.before() is repo.before(gone_since=True) is None


def test_the_newest_is_remembered_when_the_file_is_gone_or_null(repo: Repo) -> None:
    repo.say(drawn("a", "b"))
    repo.say(drawn("a"))
    assert repo.before() == ["a"]
    assert repo.before(gone_since=True) is None
    for end in (None, NULL, None, NULL):
        repo.say(end)
        assert repo.before() == ["a"]
    assert repo.before(gone_since=True) == ["a"]


@pytest.mark.parametrize(
    "end", ["baseline: [", "baseline: 1\n", drawn("a").replace("2027", "20x7")]
)
def test_of_what_nobody_can_read_no_entry_is_known(repo: Repo, end: str) -> None:
    repo.say(drawn("a"))
    repo.say(end)
    repo.say(None)
    assert repo.before() == []


def test_an_older_form_of_the_file_without_the_member_had_none(repo: Repo) -> None:
    repo.say("")
    repo.say(None)
    assert repo.before() is None


def test_what_a_branch_tried_out_was_never_in_force(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "draft")
    repo.say(drawn("a"))
    repo.say(None)
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge.", "draft")
    assert repo.before() is None


def test_a_merge_that_takes_it_away_or_brings_it_counts(repo: Repo) -> None:
    for branch, end in (("bring", drawn("a")), ("take", None)):
        repo.git("checkout", "-q", "-b", branch)
        repo.say(end)
        repo.git("checkout", "-q", "main")
        repo.git("merge", "-q", "--no-ff", "-m", "Merge.", branch)
    assert repo.before() == repo.before(gone_since=True) == ["a"]


@pytest.mark.parametrize("bare", [False, True])
def test_below_the_root_and_without_a_work_tree(tmp_path: Path, bare: bool) -> None:
    repo = Repo(tmp_path / "house", "" if bare else "below/policies")
    repo.say(drawn("a"))
    repo.say(None)
    folder = None
    if bare:
        folder = tmp_path / "bare"
        repo.git("clone", "-q", "--bare", str(repo.root), str(folder))
    assert repo.before(folder=folder) == ["a"]


def test_a_folder_of_the_same_name_is_no_track(repo: Repo) -> None:
    (repo.place / FILE).mkdir()
    (repo.place / FILE / "ml.yaml").write_text(HEAD + "rollout: []\n" + drawn("a"))
    repo.commit()
    assert repo.before() is None


def test_a_check_refuses_more_than_there_was_before_it_was_taken_away(repo: Repo) -> None:
    repo.say(drawn("a", "b"))
    repo.say(drawn("a"))
    assert repo.anew() == []
    repo.say(drawn("a", "c"))  # growth of a file that stayed is for review to refuse
    assert repo.anew() == []
    repo.say(None)
    repo.say(drawn("a", "c", "d"))
    said = "FAIR-001 would no longer bind d, by a baseline drawn up anew after the track was"
    assert repo.anew() == [f"{said} taken away"]
    repo.say(drawn("a", "c"))
    assert repo.anew() == []


def _shallow(repo: Repo) -> None:
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(repo.root / "cut"))
    repo.place = repo.root / "cut"


def _no_git(repo: Repo) -> None:
    (repo.root / ".git").rename(repo.root / "git")


@pytest.mark.parametrize(
    ("cut", "words"), [(_shallow, "nobody can tell whether"), (_no_git, "is no Git repository")]
)
def test_without_history_nobody_knows(repo: Repo, cut: Callable[[Repo], None], words: str) -> None:
    repo.say(drawn("a"))
    cut(repo)
    (told,) = repo.anew()
    assert words in told
