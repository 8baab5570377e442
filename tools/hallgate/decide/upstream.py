"""An organisation's own repository: upstream's policies by digest, and families of its own.

Nothing of upstream is copied into policies/: its bundle lies in the repository whole, pinned by
digest in upstream.yaml (its signature was verified when it was adopted, and `hallgate check`
cannot be fooled by a changed file). Own policies are new families; limits are tightened by tracks.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.intake.files import read_file
from hallgate.intake.narrow import a_text, an_object
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.record.canonical import sha256_digest

_LIMIT = 64 * 1024
_LARGEST = 64 * 1024 * 1024
_RULES = ("promotion", "rules")
_HOUSE = "promotion/house/"
_GENERATED = "promotion/generated/"
_AGAIN = "adopt it again with `hallgate init --adopt`"


@dataclass(frozen=True, slots=True)
class Upstream:
    """The adopted bundle: its digest, and its policies by path, generated ones apart."""

    digest: str
    sources: Mapping[str, bytes]
    generated: Mapping[str, bytes]

    @property
    def families(self) -> frozenset[str]:
        """Families of policies that are upstream's."""
        return frozenset(
            path.split("/")[2] for path in self.sources if path.split("/")[:2] == list(_RULES)
        )


def read_upstream(repository: Repository, schemas: Schemas) -> Upstream | None:
    """What the repository adopted; None where it has no upstream.yaml.

    Raises InvalidDocument where the bundle is missing, is not the pinned one, or is that of a
    track, which has policies left out and limits of its own.
    """
    path = repository.upstream
    if not path.is_file():
        return None
    document = parse_yaml(read_file(path, _LIMIT), str(path), limit=_LIMIT)
    schemas.validate(document, "upstream")
    said = an_object(document.value)
    file = (path.parent / a_text(said["bundle"])).resolve()
    if not file.is_relative_to(path.parent.resolve()) or not file.is_file():
        raise InvalidDocument.one(
            f"{said['bundle']} is no file of this repository",
            where=document.locate(("bundle",)),
            remedy=_AGAIN,
        )
    data = read_file(file, _LARGEST)
    if sha256_digest(data) != said["digest"]:
        raise InvalidDocument.one(
            f"{said['bundle']} is {sha256_digest(data)}, which is not the one that was adopted",
            where=document.locate(("digest",)),
            remedy=_AGAIN,
        )
    files = _files(data)
    if any(path.startswith(_HOUSE) for path in files):
        raise InvalidDocument.one(
            "the bundle is that of a track",
            where=document.locate(("bundle",)),
            remedy="adopt upstream's bundle of all policies; tighten in a track of your own",
        )
    sources = {path: one for path, one in files.items() if not path.startswith(_GENERATED)}
    generated = {path: one for path, one in files.items() if path.startswith(_GENERATED)}
    return Upstream(a_text(said["digest"]), sources, generated)


def joined_sources(
    upstream: Upstream, own: Mapping[str, bytes], repository: Repository
) -> dict[str, bytes]:
    """Upstream's policies with those of the repository, which are families of its own.

    Raises InvalidDocument for anything of its own that would change, or stand in for, upstream's.
    """
    faults = []
    families = upstream.families
    for path in sorted(own):
        parts = path.split("/")
        where = Location(str(repository.policies.parent / path))
        if tuple(parts[:2]) != _RULES or (len(parts) < 5 and parts[3:] != [f"{parts[2]}.rego"]):
            remedy = "own policies are rules/<family>/<policy>/; shared code is upstream's"
            faults.append(Fault("would change what upstream decides with", where, remedy))
        elif parts[2] in families:
            remedy = f"choose a family that upstream has not; it has {', '.join(sorted(families))}"
            faults.append(Fault(f"the family {parts[2]} is upstream's", where, remedy))
    if faults:
        raise InvalidDocument(tuple(faults))
    return {**upstream.sources, **own}


def require_schemas(carried: Schemas, schemas: Schemas, where: str) -> None:
    """Raise InvalidDocument where an evidence schema of upstream is missing or altered here."""
    ours = schemas.documents()
    faults = [
        Fault(
            f"{name} is not as upstream has it",
            Location(f"{where}/{name}"),
            f"a new major is a type of its own; {_AGAIN}",
        )
        for name, schema in carried.documents().items()
        if ours.get(name) != schema
    ]
    if faults:
        raise InvalidDocument(tuple(faults))


def told_sources(upstream: Upstream, own: Mapping[str, bytes]) -> tuple[str, ...]:
    """One line about each of the two sources of a decision."""
    families = sorted({path.split("/")[2] for path in own})
    return (
        f"upstream {upstream.digest}, families {', '.join(sorted(upstream.families))}",
        f"own families {', '.join(families)}",
    )


def _files(data: bytes) -> dict[str, bytes]:
    """The .rego entries; the bytes are those of a verified bundle, by their digest."""
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for entry in archive.getmembers():
            content = archive.extractfile(entry)
            if content is not None and entry.name.endswith(".rego"):
                found[entry.name] = content.read()
    return found
