"""Reading trust/: who may sign what. One fault anywhere means that nobody is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from hallgate.intake.document import Document
from hallgate.intake.files import read_file
from hallgate.intake.keys import KeyProblem, key_value
from hallgate.intake.narrow import (
    a_list,
    a_text,
    an_integer,
    an_object,
    integer_or_none,
    text_or_none,
    texts,
)
from hallgate.intake.positions import Pointer
from hallgate.intake.schema import Schemas
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.trust import BaseModel, Builder, Identity, Key, Role, RoleHeld, Trust
from hallgate.model.values import JsonValue

_LIMIT = 1024 * 1024


def read_trust(folder: Path, schemas: Schemas) -> Trust:
    """roles.yaml, sources.yaml and identities/<id>.yaml of a trust folder.

    Raises InvalidDocument with every fault of every file: shape, names, keys
    that do not parse or belong to two identities, roles nobody defined.
    """
    reader = _Reader(schemas)
    roles_file = reader.read(folder / "roles.yaml", "roles")
    sources_file = reader.read(folder / "sources.yaml", "sources")
    identity_files = [reader.read(path, "identity") for path in _identity_files(folder, reader)]
    if reader.faults:
        raise InvalidDocument(tuple(reader.faults))
    roles = _roles(reader, roles_file)
    identities = tuple(
        _identity(reader, document) for document in identity_files if document is not None
    )
    known = {role.role: role for role in roles}
    for identity, document in zip(identities, identity_files, strict=True):
        if document is not None:
            reader.add(document, _identity_problems(identity, Path(document.file), known))
    _uniqueness(reader, identities, [one for one in identity_files if one is not None])
    if reader.faults:
        raise InvalidDocument(tuple(reader.faults))
    builders, signers, base_models = _sources(sources_file)
    return Trust(identities, roles, builders, signers, base_models)


class _Reader:
    """Collects faults, so that one run names them all."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self.faults: list[Fault] = []

    def read(self, path: Path, name: str) -> Document | None:
        """A valid document with its times in seconds, or None with the faults noted."""
        try:
            if not path.exists():
                where = Location(str(path))
                raise InvalidDocument.one("is missing", where=where, remedy="add it")
            document = parse_yaml(read_file(path, _LIMIT), str(path), limit=_LIMIT)
            self.schemas.validate(document, name)
        except InvalidDocument as error:
            self.faults.extend(error.faults)
            return None
        value = self.schemas.plan(name).apply(document.value)
        return Document(value, document.file, document.digest, document.raw, document.form)

    def add(self, document: Document, problems: Iterable[tuple[Pointer, str, str]]) -> None:
        """Note problems at pointers of a document."""
        for pointer, what, remedy in problems:
            self.faults.append(Fault(what, document.locate(pointer), remedy))


def _identity_files(folder: Path, reader: _Reader) -> list[Path]:
    found = []
    place = folder / "identities"
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        if path.suffix == ".yaml":
            found.append(path)
        elif path.suffix in {".yml", ".json"}:
            words = "end its name in .yaml, or it would be overlooked"
            reader.faults.append(Fault("is no identity by its name", Location(str(path)), words))
    return found


def _roles(reader: _Reader, document: Document | None) -> tuple[Role, ...]:
    if document is None:
        return ()
    entries = a_list(an_object(document.value)["roles"])
    types = set(reader.schemas.evidence_types)
    roles: list[Role] = []
    for index, entry in enumerate(entries):
        role = _role(entry)
        at: Pointer = ("roles", index)
        if role.role in {one.role for one in roles}:
            reader.add(document, [((*at, "role"), f"{role.role} stands here twice", "keep one")])
        unknown = [kind for kind in role.evidence if kind not in types]
        for kind in unknown if types else ():
            where = (*at, "evidence", role.evidence.index(kind))
            words = "name a type of evidence-schemas/"
            reader.add(document, [(where, f"{kind} is no evidence type", words)])
        if "promotion" in role.approves and "approval" not in role.evidence:
            words = "add approval to its evidence"
            what = f"{role.role} approves promotions but may not sign approval evidence"
            reader.add(document, [((*at, "evidence"), what, words)])
        roles.append(role)
    return tuple(roles)


def _role(entry: JsonValue) -> Role:
    said = an_object(entry)
    return Role(
        role=a_text(said["role"]),
        title=a_text(said["title"]),
        evidence=texts(said["evidence"]),
        approves=texts(said["approves"]),
        decides=bool(said["decides"]),
        owns=texts(said["owns"]),
        team=text_or_none(said["team"]),
    )


def _identity(reader: _Reader, document: Document) -> Identity:
    said = an_object(document.value)
    held = [an_object(one) for one in a_list(said["roles"])]
    keys = [an_object(one) for one in a_list(said["keys"])]
    return Identity(
        id=a_text(said["id"]),
        kind=a_text(said["kind"]),
        title=a_text(said["title"]),
        emails=texts(said["emails"]),
        roles=tuple(
            RoleHeld(a_text(one["role"]), an_integer(one["since"]), integer_or_none(one["until"]))
            for one in held
        ),
        keys=tuple(
            Key(
                public=a_text(one["public"]).strip(),
                valid_from=an_integer(one["valid_from"]),
                valid_until=integer_or_none(one["valid_until"]),
                revoked_at=integer_or_none(one["revoked_at"]),
                compromised=bool(one["compromised"]),
            )
            for one in keys
        ),
    )


def _identity_problems(
    identity: Identity, path: Path, known: dict[str, Role]
) -> Iterator[tuple[Pointer, str, str]]:
    if path.stem != identity.id:
        words = f"name the file {identity.id}.yaml, or change the id"
        yield ("id",), f"the id {identity.id} is not the file's name", words
    for index, held in enumerate(identity.roles):
        role = known.get(held.role)
        at: Pointer = ("roles", index)
        if role is None:
            yield (*at, "role"), f"{held.role} is no role", "name a role of roles.yaml"
        elif identity.kind == "machine" and role.approves:
            words = "give machines roles that approve nothing"
            yield (*at, "role"), f"{held.role} approves, and a machine cannot", words
        if held.until is not None and held.until <= held.since:
            yield (*at, "until"), "the role ends before it begins", "mend the dates"
    for index, key in enumerate(identity.keys):
        if key.valid_until is not None and key.valid_until <= key.valid_from:
            at = ("keys", index, "valid_until")
            yield at, "the key ends before it begins", "mend the dates"


def _uniqueness(
    reader: _Reader, identities: tuple[Identity, ...], documents: list[Document]
) -> None:
    """Keys, addresses and ids each belong to one identity alone."""
    owners: dict[tuple[str, str], str] = {}
    for identity, document in zip(identities, documents, strict=True):
        things: list[tuple[Pointer, str, str]] = [(("id",), "id", identity.id)]
        things += [
            (("emails", index), "address", email.casefold())
            for index, email in enumerate(identity.emails)
        ]
        for index, key in enumerate(identity.keys):
            at: Pointer = ("keys", index, "public")
            try:
                things.append((at, "key", key_value(key.public, identity.kind)))
            except KeyProblem as error:
                reader.add(document, [(at, error.what, error.remedy)])
        for at, kind, value in things:
            owner = owners.setdefault((kind, value), identity.id)
            if owner != identity.id or (at[-1] != "id" and _seen_before(things, at, kind, value)):
                words = f"one {kind} belongs to one identity, once"
                reader.add(document, [(at, f"this {kind} stands with {owner} already", words)])


def _seen_before(
    things: list[tuple[Pointer, str, str]], at: Pointer, kind: str, value: str
) -> bool:
    first = next(pointer for pointer, what, same in things if (what, same) == (kind, value))
    return first != at


def _sources(
    document: Document | None,
) -> tuple[tuple[Builder, ...], tuple[str, ...], tuple[BaseModel, ...]]:
    if document is None:
        return (), (), ()
    said = an_object(document.value)
    builders = [an_object(one) for one in a_list(said["builders"])]
    return (
        tuple(Builder(a_text(one["id"]), an_integer(one["level"])) for one in builders),
        texts(said["model_signers"]),
        tuple(
            BaseModel(a_text(one["publisher"]), a_text(one["name"]), a_text(one["digest"]))
            for one in (an_object(entry) for entry in a_list(said["base_models"]))
        ),
    )
