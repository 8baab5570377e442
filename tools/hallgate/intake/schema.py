"""The closed set of schemas: house documents and evidence types. Nothing is ever fetched."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.intake import combined, shapes
from hallgate.intake.document import Document
from hallgate.intake.files import read_file
from hallgate.intake.flat import TimePlan, plan
from hallgate.intake.house import house_faults
from hallgate.intake.json_strict import parse_json
from hallgate.intake.narrow import a_list, a_text, an_integer, an_object
from hallgate.intake.rfc3339 import is_time
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.values import JsonObject, JsonValue

if TYPE_CHECKING:
    import jsonschema_rs

DOCUMENTS = Path(__file__).with_name("documents")
METADATA = "metadata"

_EVIDENCE = "urn:hallgate:evidence:"

_FILE = re.compile(r"([a-z][a-z0-9_]*)\.v([1-9][0-9]*)\.schema\.json")
_NO_AGE = 36500
_CONSTANTS = "constants:evidence"
_LIMIT = 1024 * 1024
_FAULTS = (
    "unreadable", "malformed", "bad_signature", "unknown_signer", "revoked", "wrong_role",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Schemas:
    """Schemas by name: request, waiver, identity, …, common, evidence:<type>.

    Composed ones: statement:<type>, statement:<type>:unmeasured (in-toto, in
    files), flat:<type>, flat:<type>:unmeasured (in OPA's input), approval-file.
    """

    _files: Mapping[str, JsonObject]
    _made: dict[str, JsonObject] = field(default_factory=dict, repr=False, compare=False)
    _plans: dict[str, TimePlan] = field(default_factory=dict, repr=False, compare=False)
    _fast: dict[str, jsonschema_rs.Draft7Validator] = field(
        default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def load(cls, folder: Path | None) -> Schemas:
        """House schemas of the package and evidence schemas of a folder (None: none).

        Raises InvalidDocument with every fault of every file: no strict JSON, a
        name that disagrees with its $id, or outside the house subset.
        """
        if folder is None:
            return cls._of({}, [])
        files = {str(path): path for path in sorted(folder.glob("*.schema.json"))}
        return cls._of(files, [*_strangers(folder)], str(folder))

    @classmethod
    def of_documents(cls, documents: JsonObject, where: str) -> Schemas:
        """From evidence schemas by file name, as documents() gave them; where is told in faults."""
        files = {f"{where}/{name}": json.dumps(one).encode() for name, one in documents.items()}
        return cls._of(files, [], where)

    @classmethod
    def _of(
        cls, files: Mapping[str, Path | bytes], faults: list[Fault], evidence: str | None = None
    ) -> Schemas:
        found: dict[str, JsonObject] = {}
        for path in sorted(DOCUMENTS.glob("*.schema.json")):
            name = path.name.split(".")[0]
            _load(str(path), path, name, f"urn:hallgate:{name}:", found, faults)
        for place, source in files.items():
            _load_evidence(place, source, found, faults)
        if evidence is not None and "common" not in found:
            faults.append(
                Fault(
                    "there is no common.v1.schema.json",
                    Location(evidence),
                    "every piece of evidence has a common part; name its schema",
                )
            )
        if faults:
            raise InvalidDocument(tuple(faults))
        return cls(found)

    def documents(self) -> dict[str, JsonObject]:
        """Evidence schemas by file name: what a bundle carries, to be read back elsewhere."""
        found: dict[str, JsonObject] = {}
        for name, schema in self._files.items():
            if name == "common" or name.startswith("evidence:"):
                stem, _, major = str(schema["$id"]).removeprefix(_EVIDENCE).partition(":")
                found[f"{stem}.{major}.schema.json"] = schema
        return found

    @property
    def evidence_types(self) -> tuple[str, ...]:
        """Evidence types, sorted; a later major is a type of its own, <type>_v2."""
        return tuple(
            sorted(name.partition(":")[2] for name in self._files if name.startswith("evidence:"))
        )

    def type_of(self, predicate_type: str) -> str | None:
        """The evidence type of a predicateType, None for a foreign one."""
        match = re.fullmatch(
            r"urn:hallgate:evidence:([a-z][a-z0-9_]*):v([1-9][0-9]*)", predicate_type
        )
        if match is None:
            return None
        name = _type_name(match[1], match[2])
        return name if f"evidence:{name}" in self._files else None

    def max_age_days(self, kind: str) -> int:
        """After how many days evidence of this type is stale; approvals never are."""
        extra = self._files[f"evidence:{kind}"].get("x-hallgate")
        return _NO_AGE if extra is None else an_integer(an_object(extra)["max_age_days"])

    def reads(self, kind: str) -> frozenset[str]:
        """Members of a foreign document that policies read in the text this type carries."""
        extra = self._files[f"evidence:{kind}"].get("x-hallgate")
        named = an_object(extra).get("reads") if extra is not None else None
        return frozenset(map(a_text, a_list(named))) if named is not None else frozenset()

    def schema(self, name: str) -> JsonObject:
        """The schema of this name; raises KeyError for an unknown one."""
        if name in self._files:
            return self._files[name]
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def plan(self, name: str) -> TimePlan:
        """Where times stand in documents of this schema."""
        if name not in self._plans:
            self._plans[name] = plan(self.schema(name))
        return self._plans[name]

    def accepts(self, value: JsonValue, name: str) -> bool:
        """Whether the value certainly has the shape of the schema; fast."""
        validator = self._fast.get(name)
        if validator is None:
            validator = self._fast[name] = _fast_validator(self.schema(name))
        return validator.is_valid(value)

    def faults(self, document: Document, name: str) -> tuple[Fault, ...]:
        """Every fault of a document against a schema, in order of place; empty when valid."""
        if self.accepts(document.value, name):
            return ()
        from hallgate.intake.faults import located_faults  # jsonschema is slow to import

        return located_faults(document, self.schema(name))

    def validate(self, document: Document, name: str) -> None:
        """Raise InvalidDocument with every fault of the document against the schema."""
        faults = self.faults(document, name)
        if faults:
            raise InvalidDocument(faults)

    def request_constant(self) -> JsonObject:
        """promotion.generated.schemas.request."""
        return self.schema("flat:request")

    def evidence_constants(self) -> JsonObject:
        """promotion.generated.schemas.evidence, by type: what its statements add to the frame.

        The schemas are JSON texts, which json.match_schema takes as well: parsed and typed as
        terms, 80 of them were a third of the time in which OPA starts.
        """
        if _CONSTANTS not in self._made:
            self._made[_CONSTANTS] = {
                kind: {
                    "statements": combined.statements(kind, self._flats(kind)),
                    "max_age_days": self.max_age_days(kind),
                }
                for kind in self.evidence_types
            }
        return self._made[_CONSTANTS]

    def frame_constant(self) -> JsonObject:
        """promotion.generated.schemas.frame: what the schemas of all types stand in."""
        kinds = self.evidence_types
        return combined.frame(self._flats(kinds[0]) if kinds else None)

    def _flats(self, kind: str) -> tuple[JsonObject, JsonObject]:
        measured, unmeasured = (self.schema(f"flat:{kind}{state}") for state in ("", ":unmeasured"))
        return an_object(shapes.uncounted(measured)), an_object(shapes.uncounted(unmeasured))

    def input_schema(self) -> JsonObject:
        """The whole input document, for `opa check --strict -s`.

        Results are typed as objects although they may be null: main hands
        rules only what was measured.
        """
        evidence = {
            kind: shapes.many(self.schema(f"flat:{kind}"), 0, 1000) for kind in self.evidence_types
        }
        rejection = shapes.closed(
            {
                "file": shapes.text(1000),
                "type": {"type": ["string", "null"]},
                "fault": shapes.one_of(*_FAULTS),
                "message": shapes.text(4000),
            }
        )
        builder = shapes.closed(
            {"id": shapes.text(500), "level": {"type": "integer", "minimum": 0, "maximum": 4}}
        )
        base_model = shapes.closed(
            {"publisher": shapes.text(200), "name": shapes.text(300), "digest": shapes.text(71)}
        )
        trust = shapes.closed(
            {
                "builders": shapes.many(builder, 0, 200),
                "model_signers": shapes.many(shapes.text(300), 0, 200),
                "base_models": shapes.many(base_model, 0, 1000),
            }
        )
        whole = shapes.closed(
            {
                "request": self.schema("flat:request"),
                "evidence": shapes.closed(evidence),
                "rejected": shapes.many(rejection, 0, 100_000),
                "trust": trust,
                "quarantined": shapes.many(shapes.text(20), 0, 1000),
                "now": {"type": "integer", "minimum": 0},
            }
        )
        return an_object(shapes.checker_schema(whole))

    def _make(self, name: str) -> JsonObject:
        if name == "flat:request":
            return an_object(shapes.seconds_schema(shapes.bare(self._files["request"])))
        if name == "approval-file":
            return shapes.approval_file(self._files["approval"])
        form, _, rest = name.partition(":")
        kind, _, state = rest.partition(":")
        if form not in {"statement", "flat"} or state not in {"", "unmeasured"}:
            raise KeyError(name)
        common, result = self._files["common"], self._files[f"evidence:{kind}"]
        measured = not state
        if form == "statement":
            predicate = shapes.evidence_predicate(common, result, measured)
            spoken = str(result["$id"])
            return shapes.statement(spoken, predicate, shapes.text(300))
        flat = shapes.flat_evidence(kind, self.evidence_types, common, result, measured)
        return an_object(shapes.seconds_schema(shapes.bare(flat)))


def _fast_validator(schema: JsonObject) -> jsonschema_rs.Draft7Validator:
    import jsonschema_rs  # 26 ms, and the help text needs none of it

    return jsonschema_rs.Draft7Validator(
        dict(schema),
        validate_formats=True,
        formats={"date-time": is_time},
        ignore_unknown_formats=False,
        offline=True,
    )


def _load(
    place: str,
    source: Path | bytes,
    name: str,
    urn: str,
    found: dict[str, JsonObject],
    faults: list[Fault],
) -> None:
    try:
        data = source if isinstance(source, bytes) else read_file(source, _LIMIT)
        document = parse_json(data, place, limit=_LIMIT, depth=64)
    except InvalidDocument as error:
        faults.extend(error.faults)
        return
    if not isinstance(document.value, Mapping):
        faults.append(Fault("is no schema", document.locate(()), "write an object"))
        return
    match = _FILE.fullmatch(Path(place).name)
    wanted = f"{urn}v{match[2]}" if match else ""
    if document.value.get("$id") != wanted:
        faults.append(
            Fault(
                f"the $id is {document.value.get('$id')!r}",
                document.locate(("$id",)),
                f"name the file <type>.v<major>.schema.json and the $id {wanted or urn + 'v1'}",
            )
        )
    # METADATA is no input of OPA, so its members may be left out.
    if name != METADATA:
        faults.extend(house_faults(document))
    found[name] = document.value


def _load_evidence(
    place: str, source: Path | bytes, found: dict[str, JsonObject], faults: list[Fault]
) -> None:
    file = Path(place).name
    match = _FILE.fullmatch(file)
    stem, major = (match[1], match[2]) if match else (file.split(".")[0], "1")
    kind = _type_name(stem, major)
    name = kind if kind == "common" else f"evidence:{kind}"
    _load(place, source, name, f"{_EVIDENCE}{stem}:", found, faults)


def _type_name(stem: str, major: str) -> str:
    return stem if major == "1" else f"{stem}_v{major}"


def _strangers(folder: Path) -> list[Fault]:
    if not folder.is_dir():
        return [Fault("there is no such folder", Location(str(folder)), "name evidence-schemas/")]
    return [
        Fault(
            "is no schema file by its name",
            Location(str(path)),
            "name it <type>.v<major>.schema.json",
        )
        for path in sorted(folder.iterdir())
        if path.name.endswith(".json") and not path.name.endswith(".schema.json")
    ]
