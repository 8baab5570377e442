from __future__ import annotations

import os
from pathlib import Path

import pytest

from hallgate.intake.files import read_file
from hallgate.intake.repository import Repository
from hallgate.intake.requests import people_faults, read_request
from hallgate.intake.schema import Schemas
from hallgate.model.documents import Request
from hallgate.model.errors import InvalidDocument, StorageError, UsageError
from hallgate.model.trust import Identity, Trust

DATA = Path(__file__).parent / "data"


def test_a_request_is_read(schemas: Schemas) -> None:
    request = read_request(DATA / "request.yaml", schemas)
    assert request.model_name == "credit-risk"
    assert request.to_stage == "production"
    assert request.digest.startswith("sha256:")


def test_a_malformed_request_names_every_fault(schemas: Schemas) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read_request(DATA / "request-with-many-faults.yaml", schemas)
    assert caught.value.exit_code == 3
    assert len(caught.value.faults) == 8


def _trust(*names: str) -> Trust:
    people = tuple(Identity(name, "person", name, (), (), ()) for name in names)
    return Trust(people, (), (), ())


def test_people_unknown_to_trust_are_each_a_fault() -> None:
    people = {"requester": "ann", "authors": ["ben", "cat"], "promoter": "dan"}
    request = Request({"people": people}, "request.yaml", "sha256:" + "a" * 64)
    assert people_faults(request, _trust("ann", "ben", "cat", "dan")) == ()
    assert [str(fault) for fault in people_faults(request, _trust("ann", "ben"))] == [
        f"request.yaml: the {who} is not an identity of trust/; "
        "name somebody of trust/identities, or add the identity there first"
        for who in ("author 'cat'", "promoter 'dan'")
    ]
    assert len(people_faults(request, _trust())) == 4


@pytest.mark.parametrize("name", ["absent.yaml", "request.txt"])
def test_a_wrong_path_is_a_usage_error(name: str, schemas: Schemas, tmp_path: Path) -> None:
    (tmp_path / "request.txt").write_text("a: 1")
    with pytest.raises(UsageError):
        read_request(tmp_path / name, schemas)


def test_links_pipes_folders_and_large_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"123456")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    assert read_file(tmp_path / "file", 6) == b"123456"
    for name, limit, what in [
        ("file", 5, "more than 5 bytes"),
        ("link", 99, "symbolic link"),
        ("dangling", 99, "symbolic link"),
        ("pipe", 99, "no regular file"),
        (".", 99, "no regular file"),
    ]:
        with pytest.raises(InvalidDocument, match=what):
            read_file(tmp_path / name, limit)
    with pytest.raises(StorageError, match="cannot be read"):
        read_file(tmp_path / "absent", 99)


def test_the_repository_is_found_upward(tmp_path: Path) -> None:
    (tmp_path / "policies" / "promotion").mkdir(parents=True)
    (tmp_path / "deep" / "down").mkdir(parents=True)
    found = Repository.find(tmp_path / "deep" / "down")
    assert found.root == tmp_path.resolve()
    assert found.exceptions == found.root / "exceptions"
    with pytest.raises(UsageError, match="no policy repository"):
        Repository.find(Path("/"))
