"""Exports of GitHub's and GitLab's reviews, as the forges document them."""

import json

import pytest

from hallgate.intake.forge_reviews import ForgeReview, read_forge_reviews
from hallgate.model.errors import InvalidDocument

HEAD = "c" * 40


def github(login, state, at="2026-11-20T12:00:00Z", commit=HEAD):
    return {
        "id": 80, "user": {"login": login, "id": 1}, "body": "", "state": state,
        "submitted_at": at, "commit_id": commit, "author_association": "MEMBER",
    }  # fmt: skip


def read(tmp_path, value):
    path = tmp_path / "reviews.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return read_forge_reviews(path)


def test_the_last_word_of_each_account(tmp_path):
    found = read(
        tmp_path,
        [
            github("b", "APPROVED", "2026-11-20T12:00:02Z"),
            github("b", "CHANGES_REQUESTED", "2026-11-20T12:00:01Z"),
            github("a", "APPROVED", "2026-11-20T12:00:00Z"),
            github("a", "COMMENTED", "2026-11-20T12:00:09Z"),
        ],
    )
    assert found == (
        ForgeReview("a", "APPROVED", 1_795_176_000, HEAD),
        ForgeReview("b", "APPROVED", 1_795_176_002, HEAD),
    )


def test_gitlab(tmp_path):
    value = {"id": 5, "approved_by": [{"user": {"id": 1, "username": "root", "state": "active"}}]}
    assert read(tmp_path, value) == (ForgeReview("root", "APPROVED", None, None),)


def test_nobody_has_said_anything(tmp_path):
    assert read(tmp_path, []) == ()


@pytest.mark.parametrize(
    "value",
    ["{", "null", '"x"', "{}", "[1]", [github("a", "SHIPPED")], [{"state": "APPROVED"}],
     [github("a", "APPROVED", at="yesterday")], {"approved_by": [{}]}],
)  # fmt: skip
def test_what_is_no_export(tmp_path, value):
    with pytest.raises(InvalidDocument):
        read(tmp_path, value)
