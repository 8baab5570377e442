"""Reading trust/log.yaml. Its being there is what makes a repository have a log."""

from __future__ import annotations

from pathlib import Path

from hallgate.intake.document import Document
from hallgate.intake.files import read_file
from hallgate.intake.narrow import (
    a_list,
    a_text,
    an_integer,
    an_object,
    integer_or_none,
    text_or_none,
)
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import Fault, InvalidDocument
from hallgate.model.log import Authority, LogTrust
from hallgate.model.trust import Key
from hallgate.model.values import JsonObject
from hallgate.record.log.note import log_key
from hallgate.record.log.timestamp import certificate

_LIMIT = 1024 * 1024


def read_log_trust(path: Path, schemas: Schemas) -> LogTrust | None:
    """The log that trust/log.yaml names, None where there is no such file.

    Raises InvalidDocument with every fault of the file.
    """
    if not path.exists() and not path.is_symlink():
        return None
    document = parse_yaml(read_file(path, _LIMIT), str(path))
    schemas.validate(document, "log")
    said = an_object(schemas.plan("log").apply(document.value))
    faults: list[Fault] = []
    keys = tuple(
        _key(document, index, an_object(one), faults)
        for index, one in enumerate(a_list(said["keys"]))
    )
    authorities = tuple(
        _authority(document, index, an_object(one), faults)
        for index, one in enumerate(a_list(said["authorities"]))
    )
    if faults:
        raise InvalidDocument(tuple(faults))
    return LogTrust(a_text(said["origin"]), a_text(said["folder"]), keys, authorities)


def log_folder(repository: Repository, log: LogTrust, elsewhere: Path | None = None) -> Path:
    """Where the log lies. Its keys say what it is worth, so who names the place decides nothing."""
    return elsewhere or repository.log_elsewhere or repository.root / log.folder


def _key(document: Document, index: int, one: JsonObject, faults: list[Fault]) -> Key:
    public = a_text(one["public"]).strip()
    where = document.locate(("keys", index, "public"))
    try:
        log_key(public)
    except InvalidDocument as error:
        faults.append(Fault(error.what, where, error.remedy))
    return Key(
        public=public,
        valid_from=an_integer(one["valid_from"]),
        valid_until=integer_or_none(one["valid_until"]),
        revoked_at=integer_or_none(one["revoked_at"]),
        compromised=bool(one["compromised"]),
    )


def _authority(document: Document, index: int, one: JsonObject, faults: list[Fault]) -> Authority:
    found = Authority(a_text(one["name"]), a_text(one["root"]), text_or_none(one["certificate"]))
    for name, pem in (("root", found.root), ("certificate", found.certificate)):
        try:
            if pem is not None:
                certificate(pem)
        except InvalidDocument as error:
            where = document.locate(("authorities", index, name))
            faults.append(Fault(error.what, where, error.remedy))
    return found
