"""Airflow: a DAG in its serialised form, with trigger rules."""

from __future__ import annotations

from collections.abc import Mapping

from hallgate.measure.configuration.pipelines.task import (
    FREE,
    Graph,
    Starts,
    Task,
    Unreadable,
    after,
    listed,
    mapping,
    text,
    words,
)
from hallgate.model.values import JsonValue

Members = Mapping[str, JsonValue]
_SERIAL = "__var"


def read(document: Members) -> list[Graph]:
    """The graph of the DAG; who is upstream is told by the downstream lists."""
    dag = mapping(_bare(document.get("dag", document)), "dag")
    name = dag.get("dag_id", dag.get("_dag_id"))
    tasks = [
        mapping(_bare(one), "a task") for one in listed(_bare(dag.get("tasks")), "tasks of the DAG")
    ]
    ids = [text(one.get("task_id"), "a task") for one in tasks]
    upstream: dict[str, set[str]] = {one: set() for one in ids}
    for one, task in zip(ids, tasks, strict=True):
        for below in words(_bare(task.get("downstream_task_ids")), f"downstream of {one}"):
            if below not in upstream:
                raise Unreadable(f"{one} leads to {below}, which is no task")
            upstream[below].add(one)
    graph = Graph(name if isinstance(name, str) and name else "dag")
    for one, task in zip(ids, tasks, strict=True):
        rule = task.get("trigger_rule", "all_success")
        looped = any(key in task for key in ("_is_mapped", "partial_kwargs", "expand_input"))
        graph.add(Task(one, one, _starts(rule, sorted(upstream[one])), skippable=looped))
    return [graph]


def _starts(rule: JsonValue, upstream: list[str]) -> Starts:
    """What a trigger rule needs; one that a skipped or failed task also meets needs nothing."""
    if rule == "all_success":
        return after(upstream)
    if rule == "one_success" and upstream:
        return tuple(frozenset({one}) for one in upstream)
    return FREE


def _bare(value: JsonValue) -> JsonValue:
    """A serialised value without its wrapping."""
    return value[_SERIAL] if isinstance(value, Mapping) and _SERIAL in value else value
