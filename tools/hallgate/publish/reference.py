"""Generated pages of docs/reference: evidence types and commands; policies have their own."""

from __future__ import annotations

from collections.abc import Sequence

from hallgate.intake.narrow import a_list, a_text, an_object
from hallgate.intake.schema import Schemas
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject
from hallgate.publish.policy_pages import GENERATED


def evidence_page(schemas: Schemas, trust: Trust) -> str:
    """One section per evidence type: its fields, age limit and who signs it."""
    lines = [GENERATED, "# Evidence types\n", "The common part is in docs/guide/formats.md.\n"]
    for kind in schemas.evidence_types:
        schema = schemas.schema(f"evidence:{kind}")
        roles = ", ".join(trust.roles_that_sign(kind)) or "nobody yet"
        lines += [
            f"## {kind}\n",
            f"{a_text(schema['description'])} Signed by {roles}; stale after "
            f"{schemas.max_age_days(kind)} days.\n",
            "| field | type | meaning |",
            "|---|---|---|",
            *_fields(schema, ""),
            "",
        ]
    return "\n".join(lines)


def _fields(schema: JsonObject, prefix: str) -> list[str]:
    rows: list[str] = []
    for name, one in an_object(schema.get("properties", {})).items():
        field = an_object(one)
        path = f"{prefix}{name}"
        rows.append(f"| `{path}` | {_kind(field)} | {field.get('description', '')} |")
        rows += _fields(field, f"{path}.")
        if "items" in field:
            rows += _fields(an_object(field["items"]), f"{path}[].")
    return rows


def _kind(field: JsonObject) -> str:
    kind = field["type"]
    words = kind if isinstance(kind, str) else " or ".join(map(str, a_list(kind)))
    if "enum" in field:
        words += ": " + ", ".join(str(one) for one in a_list(field["enum"]))
    elif field.get("format") == "date-time":
        words += ", RFC 3339"
    return words


def commands_page(helps: Sequence[tuple[str, str]]) -> str:
    """The help of every command, as (name, text)."""
    lines = [GENERATED, "# Commands\n"]
    for name, text in helps:
        lines.append(f"## {name}\n\n```\n{text.rstrip()}\n```\n")
    return "\n".join(lines)
