"""Reading frameworks/retention.yaml and holds/: classes of retention and legal holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hallgate.intake.approvals import LIMIT, SUFFIX, Word, parse_approval, prove
from hallgate.intake.exceptions import canonical_digest
from hallgate.intake.files import read_file
from hallgate.intake.narrow import (
    a_list,
    a_text,
    an_object,
    integer_or_none,
    text_or_none,
    texts,
)
from hallgate.intake.schema import Schemas
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.documents import Approval
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.retention import Hold, RetentionClass
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject

FILE = "retention.yaml"
_LARGEST = 1024 * 1024


def read_classes(path: Path, schemas: Schemas) -> tuple[RetentionClass, ...]:
    """The classes of a file; raises InvalidDocument with every fault."""
    document = parse_yaml(read_file(path, _LARGEST), str(path))
    schemas.validate(document, "retention")
    found: dict[str, RetentionClass] = {}
    faults: list[Fault] = []
    for index, said in enumerate(a_list(an_object(document.value)["classes"])):
        one = _class(an_object(said))
        where = document.locate(("classes", index, "id"))
        if one.id in found:
            faults.append(Fault(f"{one.id} is there twice", where, "keep one of them"))
        if one.minimum is None and one.maximum is None:
            words = "give minimum_months, maximum_months or both"
            faults.append(Fault(f"{one.id} asks for nothing", where, words))
        if one.minimum is not None and one.maximum is not None and one.minimum > one.maximum:
            words = "mend one of them: no record could ever be disposed of"
            faults.append(Fault(f"the minimum of {one.id} is above its maximum", where, words))
        found[one.id] = one
    if faults:
        raise InvalidDocument(tuple(faults))
    return tuple(found.values())


def read_holds(folder: Path, trust: Trust, schemas: Schemas) -> tuple[Hold, ...]:
    """Every hold of a folder, HOLD-….yaml with words beside it; none where there is no folder.

    A hold counts before anybody proved it, and ends only by a proven word `revoke` over its
    text as it is. Raises InvalidDocument with every fault.
    """
    faults: list[Fault] = []
    holds: list[Hold] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.endswith(SUFFIX):
            continue
        try:
            holds.append(_hold(path, trust, schemas))
        except InvalidDocument as error:
            faults.extend(error.faults)
    if faults:
        raise InvalidDocument(tuple(faults))
    return tuple(holds)


def proven_words(
    paths: Sequence[Path], action: str, name: str, digest: str, trust: Trust, schemas: Schemas
) -> tuple[tuple[Word, Approval | Fault], ...]:
    """Each approval file, and whether it counts for exactly this; else the fault.

    Raises InvalidDocument where a file is malformed.
    """
    words = [parse_approval(read_file(path, LIMIT), str(path), schemas) for path in paths]
    found: list[tuple[Word, Approval | Fault]] = []
    for word, verdict in zip(words, prove(words, trust), strict=True):
        where = Location(word.file)
        if (word.action, word.subject_name, word.subject_digest) != (action, name, digest):
            what = f"is about {word.action} {word.subject_name}, or about another text of it"
            found.append((word, Fault(what, where, "read it again, and sign it as it is now")))
        elif isinstance(verdict, Approval):
            found.append((word, verdict))
        else:
            found.append((word, verdict.faults[0]))
    return tuple(found)


def _hold(path: Path, trust: Trust, schemas: Schemas) -> Hold:
    document = parse_yaml(read_file(path, LIMIT), str(path))
    schemas.validate(document, "hold")
    said = an_object(schemas.plan("hold").apply(document.value))
    name = a_text(said["id"])
    if path.name != f"{name}.yaml":
        raise InvalidDocument.one(
            f"the id {name} is not the file's name",
            where=document.locate(("id",)),
            remedy=f"name the file {name}.yaml",
        )
    words = sorted(path.parent.glob(f"{name}.*{SUFFIX}"))
    digest = canonical_digest(document.value)
    said_of = [
        verdict.decision
        for _, verdict in proven_words(words, "hold", name, digest, trust, schemas)
        if isinstance(verdict, Approval)
    ]
    return Hold(
        id=name,
        matter=a_text(said["matter"]),
        model=text_or_none(said["model"]),
        digest=text_or_none(said["digest"]),
        record=text_or_none(said["record"]),
        since=integer_or_none(said["since"]),
        until=integer_or_none(said["until"]),
        proven="approve" in said_of,
        lifted="revoke" in said_of,
        file=str(path),
    )


def _class(one: JsonObject) -> RetentionClass:
    def some(name: str) -> tuple[str, ...] | None:
        return None if one[name] is None else texts(one[name])

    return RetentionClass(
        id=a_text(one["id"]),
        title=a_text(one["title"]),
        kinds=some("kinds"),
        sectors=some("sectors"),
        jurisdictions=some("jurisdictions"),
        data=some("data"),
        minimum=integer_or_none(one["minimum_months"]),
        maximum=integer_or_none(one["maximum_months"]),
        counted_from=a_text(one["counted_from"]),
        basis=a_text(one["basis"]),
        source=a_text(one["source"]),
        verified=a_text(one["verified"]),
    )
