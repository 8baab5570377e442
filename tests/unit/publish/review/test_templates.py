"""The forge's files: least rights, pinned actions, and no text of strangers in a script."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[4]
REVIEW = ROOT / ".github/workflows/hallgate-review.yml"
COMMENT = ROOT / ".github/workflows/hallgate-review-comment.yml"
RELEASE = ROOT / ".github/workflows/release.yml"
GITLAB = ROOT / "ci-templates/gitlab-review.yml"


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path):
    return [step for job in load(path)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", [REVIEW, COMMENT, RELEASE], ids=lambda path: path.stem)
def test_rights_are_least_and_actions_pinned(path):
    document = load(path)
    assert document["permissions"] == {}
    text = path.read_text()
    assert "secrets." not in text
    for used in re.findall(r"uses: (\S+)", text):
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", used)
    for step in steps(path):
        # An expression in a script is a way in; in the environment it is a value.
        assert "${{" not in step.get("run", "")


def test_the_half_that_reads_strangers_may_write_nothing():
    (job,) = load(REVIEW)["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    text = REVIEW.read_text()
    assert "actions/checkout" not in text
    assert 'git checkout --quiet --detach "$base"' in text
    triggers = load(REVIEW)[True]
    assert set(triggers) == {"pull_request_target", "merge_group"}


def test_the_half_that_comments_checks_nothing_out():
    (job,) = load(COMMENT)["jobs"].values()
    assert job["permissions"] == {"actions": "read", "pull-requests": "write"}
    text = COMMENT.read_text()
    for word in ("checkout", "clone", "git ", "make ", "python"):
        assert word not in re.sub(r"#.*", "", text)


def test_gitlab_reads_without_token_and_notes_without_reading():
    document = load(GITLAB)
    review, note = document["hallgate-review"], document["hallgate-review-note"]
    assert "TOKEN" not in "".join(review["script"])
    for job in (review, note):
        assert job["variables"]["GIT_STRATEGY"] == "none"
    assert "git " not in "".join(note["script"])


def test_the_marker_is_the_one_of_the_report():
    from hallgate.publish.review.markdown import MARKER

    for path in (COMMENT, GITLAB):
        assert MARKER in path.read_text()


def test_a_pull_request_that_understates_its_version_fails():
    (job,) = load(REVIEW)["jobs"].values()
    (step,) = [one for one in job["steps"] if "bundle diff" in one.get("run", "")]
    assert 'bundle diff "$BASE" "$HEAD" --claimed' in step["run"]
    assert 'echo "$code" > ../report/code' in step["run"]
    assert job["steps"][-1]["run"] == 'exit "$(cat report/code)"'
    (script,) = load(GITLAB)["hallgate-review"]["script"]
    assert 'bundle diff "$base" "$CI_COMMIT_SHA" --claimed' in script
    assert "code=$understated" in script


def test_a_release_runs_the_target_with_a_key_for_the_run_alone():
    document = load(RELEASE)
    assert set(document[True]) == {"push"}
    assert document[True]["push"]["branches"] == ["main"]
    (job,) = document["jobs"].values()
    assert job["permissions"] == {"contents": "read", "packages": "write", "id-token": "write"}
    assert job["environment"] == "release"
    assert document["concurrency"]["cancel-in-progress"] is False
    script = job["steps"][-1]["run"]
    assert 'make release CHANNEL=stable VERSION="${GITHUB_REF_NAME#v}"' in script
    assert "make release CHANNEL=next" in script
    assert "trap" in script
    # A token on a command line is read by whoever lists processes.
    assert not re.search(r"-H |--header", script)
