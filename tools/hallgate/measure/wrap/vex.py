"""VEX documents: who says of which product that a vulnerability does not matter there, and why.

OpenVEX 0.2 (https://github.com/openvex/spec) and CycloneDX 1.4 to 1.7 (vulnerabilities, analysis).
Products are strings or objects, and digests in them percent-encoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import JsonValue

STATUSES = frozenset({"not_affected", "fixed", "affected", "under_investigation", "ignored"})
# CycloneDX calls some states otherwise; what is not here suppresses nothing.
_STATES = {
    "not_affected": "not_affected",
    "false_positive": "not_affected",
    "resolved": "fixed",
    "resolved_with_pedigree": "fixed",
    "exploitable": "affected",
    "in_triage": "under_investigation",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One VEX statement. ids: the vulnerability and its aliases.

    products: (product, name@version or name of the product or of a part of it, lower case).
    """

    ids: tuple[str, ...]
    status: str
    justification: str | None
    author: str | None
    products: tuple[tuple[str, str], ...]

    @property
    def suppresses(self) -> bool:
        """Whether the statement says that nothing need be done."""
        return self.status in {"not_affected", "fixed"}

    def product_of(self, component: str) -> str | None:
        """The product under which this component (name@version) is spoken of, or None."""
        wanted = component.lower()
        name = wanted.rpartition("@")[0] or wanted
        for product, part in self.products:
            if part in {wanted, name}:
                return product
        return None


def read_vex(document: JsonValue, name: str) -> tuple[Statement, ...]:
    """The statements of an OpenVEX or CycloneDX document. Raises InvalidDocument for another."""
    if isinstance(document, Mapping) and isinstance(document.get("statements"), Sequence):
        return tuple(_open_vex(document))
    if isinstance(document, Mapping) and document.get("bomFormat") == "CycloneDX":
        return tuple(_cyclonedx(document))
    raise InvalidDocument.one(
        "this is neither OpenVEX nor CycloneDX",
        remedy="give an OpenVEX document, or a CycloneDX one with vulnerabilities",
        where=Location(name),
    )


def _open_vex(document: Mapping[str, JsonValue]) -> Iterator[Statement]:
    for one in _objects(document.get("statements")):
        about = one.get("vulnerability")
        names = [_text(about)]
        if isinstance(about, Mapping):
            aliases = about.get("aliases")
            names = [_text(about.get("name")), _text(about.get("@id"))]
            names += [_text(alias) for alias in aliases] if isinstance(aliases, list) else []
        yield Statement(
            ids=tuple(name for name in names if name),
            status=_text(one.get("status")) or "",
            justification=_text(one.get("justification")),
            author=_text(one.get("supplier")) or _text(document.get("author")),
            products=tuple(_open_products(one.get("products"))),
        )


def _open_products(products: JsonValue) -> Iterator[tuple[str, str]]:
    for one in products if isinstance(products, list) else []:
        name = _text(one) or (_text(one.get("@id")) if isinstance(one, Mapping) else None)
        if name is None:
            continue
        yield name, _part(name)
        parts = one.get("subcomponents") if isinstance(one, Mapping) else None
        for part in parts if isinstance(parts, list) else []:
            inside = _text(part) or (_text(part.get("@id")) if isinstance(part, Mapping) else None)
            if inside:
                yield name, _part(inside)


def _cyclonedx(document: Mapping[str, JsonValue]) -> Iterator[Statement]:
    names = {
        str(one["bom-ref"]): _text(one.get("purl")) or str(one["bom-ref"])
        for one in _objects(document.get("components"))
        if "bom-ref" in one
    }
    metadata = document.get("metadata")
    for one in _objects(document.get("vulnerabilities")):
        analysis = one.get("analysis")
        said = analysis if isinstance(analysis, Mapping) else {}
        affected = [_text(target.get("ref")) for target in _objects(one.get("affects"))]
        products = [names.get(ref, ref) for ref in affected if ref]
        state = _text(said.get("state")) or ""
        yield Statement(
            ids=tuple(name for name in (_text(one.get("id")),) if name),
            status=_STATES.get(state, ""),
            justification=_text(said.get("justification")),
            author=_author(metadata),
            products=tuple((name, _part(name)) for name in products),
        )


def _author(metadata: JsonValue) -> str | None:
    if not isinstance(metadata, Mapping):
        return None
    people = [_text(one.get("name")) for one in _objects(metadata.get("authors"))]
    for kind in ("manufacturer", "supplier"):
        body = metadata.get(kind)
        people.append(_text(body.get("name")) if isinstance(body, Mapping) else None)
    return next((one for one in people if one), None)


def _part(name: str) -> str:
    """name@version of a package URL or bom-ref, lower case."""
    plain = unquote(name.partition("?")[0].partition("#")[0])
    return plain.rpartition("/")[2].lower()


def _objects(value: JsonValue) -> list[Mapping[str, JsonValue]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
