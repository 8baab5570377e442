"""Secret values leave a document before it becomes evidence; that they stood there remains."""

from __future__ import annotations

from collections.abc import Mapping

from hallgate.model.values import JsonObject, JsonValue

TAKEN_OUT = "(taken out)"
_PLAN = ("format_version", "terraform_version")
_CHANGE = ("actions", "after", "after_unknown")


def redacted(value: Mapping[str, JsonValue]) -> JsonObject:
    """The document without the values of a Secret and those a plan marks as sensitive.

    Of a Terraform plan only what will be is kept: its state before, its variables and its
    drift serve no rule and often hold secrets.
    """
    if value.get("kind") == "Secret" and value.get("apiVersion") == "v1":
        hidden = {name: _hidden(value[name]) for name in ("data", "stringData") if name in value}
        notes = _without_last_applied(value.get("metadata"))
        return {**value, **hidden, **({"metadata": notes} if "metadata" in value else {})}
    if "resource_changes" in value or "planned_values" in value:
        return _plan(value)
    return dict(value)


def _hidden(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        return dict.fromkeys(value, TAKEN_OUT)
    return None if value is None else TAKEN_OUT


def _without_last_applied(metadata: JsonValue) -> JsonValue:
    """kubectl keeps the whole object, secret values too, in an annotation."""
    notes = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    if not isinstance(metadata, Mapping) or not isinstance(notes, Mapping):
        return metadata
    kept = {name: one for name, one in notes.items() if "last-applied" not in name}
    return {**metadata, "annotations": kept}


def _plan(value: Mapping[str, JsonValue]) -> JsonObject:
    kept: dict[str, JsonValue] = {
        name: value[name] for name in _PLAN if isinstance(value.get(name), str)
    }
    changes = value.get("resource_changes")
    if isinstance(changes, list):
        kept["resource_changes"] = [_resource(one) for one in changes]
    return kept


def _resource(value: JsonValue) -> JsonValue:
    change = value.get("change") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or not isinstance(change, Mapping):
        return value
    after = _masked(change.get("after"), change.get("after_sensitive"))
    said = {name: change[name] for name in _CHANGE if name in change}
    told = {name: value[name] for name in ("address", "mode", "type", "name") if name in value}
    return {**told, "change": {**said, "after": after}}


def _masked(value: JsonValue, mask: JsonValue) -> JsonValue:
    if mask is True:
        return None if value is None else TAKEN_OUT
    if isinstance(mask, Mapping) and isinstance(value, Mapping):
        return {name: _masked(one, mask.get(name)) for name, one in value.items()}
    if isinstance(mask, list) and isinstance(value, list):
        marks = [*mask, *([None] * len(value))]
        return [_masked(one, mark) for one, mark in zip(value, marks, strict=False)]
    return value
