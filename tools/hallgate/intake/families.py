"""Families of policies, from the same answer of OPA as the catalog.

What a family is and who answers for it stands once, in METADATA with `scope: subpackages` of
rules/<family>/<family>.rego, which holds nothing else.
"""

from __future__ import annotations

from hallgate.intake.annotations import rule_annotations, shape_faults
from hallgate.intake.narrow import a_text, an_object
from hallgate.intake.schema import Schemas
from hallgate.model.errors import Fault, InvalidDocument
from hallgate.model.policy import Family
from hallgate.model.values import JsonValue

FAMILY = "family"


def read_families(annotations: JsonValue, schemas: Schemas) -> tuple[Family, ...]:
    """Families in order of name; whether each policy has one is not asked here.

    Raises InvalidDocument with every fault: unknown or missing keys, METADATA about
    subpackages that is no family's.
    """
    faults: list[Fault] = []
    families: list[Family] = []
    for one in rule_annotations(annotations):
        if one.scope != "subpackages":
            continue
        if not one.of_family:
            words = f"METADATA about all packages below {'.'.join(one.package)} is no family's"
            remedy = "put it into rules/<family>/<family>.rego, or say `scope: package`"
            faults.append(Fault(words, one.where, remedy))
            continue
        said = [
            Fault(what, one.where, remedy)
            for what, remedy in shape_faults(one.notes, schemas, FAMILY)
        ]
        faults += said
        if not said:
            families.append(
                Family(
                    name=one.package[2],
                    title=a_text(one.notes["title"]),
                    description=a_text(one.notes["description"]),
                    owner=a_text(an_object(one.notes["custom"])["owner"]),
                    where=one.where,
                )
            )
    if faults:
        raise InvalidDocument(tuple(faults))
    return tuple(sorted(families, key=lambda family: family.name))
