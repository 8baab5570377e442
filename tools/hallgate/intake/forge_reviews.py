"""Reviews that a forge keeps, read from its own JSON: supporting evidence, never a quorum.

GitHub: `GET /repos/{owner}/{repo}/pulls/{number}/reviews` (a list of reviews). GitLab:
`GET /projects/:id/merge_requests/:iid/approvals` (an object with approved_by). A forge's word
that somebody clicked is not that person's signature; so nothing here counts anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hallgate.intake.files import read_file
from hallgate.intake.json_strict import parse_json
from hallgate.intake.narrow import a_list, a_text, an_object
from hallgate.intake.rfc3339 import seconds
from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import JsonObject, JsonValue

_LIMIT = 8 * 1024 * 1024
_SAID = frozenset({"APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"})


@dataclass(frozen=True, slots=True)
class ForgeReview:
    """What an account said last; at in seconds and commit are None where the forge does not tell.

    said is one of APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED, PENDING.
    """

    account: str
    said: str
    at: int | None
    commit: str | None


def read_forge_reviews(path: Path) -> tuple[ForgeReview, ...]:
    """The last word of each account, in order of account; raises InvalidDocument."""
    document = parse_json(read_file(path, _LIMIT), str(path), limit=_LIMIT)
    try:
        found = _read(document.value)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidDocument.one(
            f"is no export of reviews: {type(error).__name__}: {error}",
            where=Location(str(path)),
            remedy="store GitHub's answer to pulls/N/reviews, or GitLab's to "
            "merge_requests/N/approvals, as it came",
        ) from error
    last: dict[str, ForgeReview] = {}
    for one in found:
        # A remark takes back no approval; GitHub counts it so too.
        if one.said != "COMMENTED" or one.account not in last:
            last[one.account] = one
    return tuple(last[name] for name in sorted(last))


def _read(value: JsonValue) -> list[ForgeReview]:
    if isinstance(value, Mapping):
        return [_gitlab(an_object(one)) for one in a_list(value["approved_by"])]
    read = [_github(an_object(one)) for one in a_list(value)]
    return sorted(read, key=lambda one: one.at or 0)


def _github(said: JsonObject) -> ForgeReview:
    state = a_text(said["state"]).upper()
    if state not in _SAID:
        raise ValueError(f"the state {state!r}")
    return ForgeReview(
        a_text(an_object(said["user"])["login"]),
        state,
        _time(said.get("submitted_at")),
        None if said.get("commit_id") is None else a_text(said["commit_id"]),
    )


def _gitlab(said: JsonObject) -> ForgeReview:
    account = a_text(an_object(said["user"])["username"])
    return ForgeReview(account, "APPROVED", _time(said.get("approved_at")), None)


def _time(value: JsonValue) -> int | None:
    return None if value is None else seconds(a_text(value))
