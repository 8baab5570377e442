"""Kubeflow Pipelines, the compiled form (IR): DAGs of components, conditions, loops, exit tasks."""

from __future__ import annotations

from collections.abc import Mapping

from hallgate.measure.configuration.pipelines.task import (
    FREE,
    Graph,
    Starts,
    Task,
    Unreadable,
    after,
    both,
    mapping,
    words,
)
from hallgate.model.values import JsonValue

Members = Mapping[str, JsonValue]


def read(document: Members) -> list[Graph]:
    """The graph of the root; components are looked into."""
    components = mapping(document.get("components"), "components")
    name = mapping(document.get("pipelineInfo"), "pipelineInfo").get("name")
    graph = Graph(name if isinstance(name, str) and name else "root")
    _inside(graph, mapping(document.get("root"), "root"), "", FREE, components, ())
    return [graph]


def _inside(
    graph: Graph,
    component: Members,
    prefix: str,
    start: Starts,
    components: Members,
    stack: tuple[str, ...],
) -> list[str]:
    tasks = mapping(mapping(component.get("dag"), "dag").get("tasks"), "tasks")
    return [
        _task(graph, name, mapping(one, name), prefix, start, components, stack, tasks)
        for name, one in tasks.items()
    ]


def _task(
    graph: Graph,
    name: str,
    task: Members,
    prefix: str,
    start: Starts,
    components: Members,
    stack: tuple[str, ...],
    beside: Members,
) -> str:
    starts = both(start, _starts(name, task, prefix, beside))
    reference = mapping(task.get("componentRef"), f"componentRef of {name}").get("name")
    component = components.get(reference) if isinstance(reference, str) else None
    skippable = _skippable(task)
    inner = component if isinstance(component, Mapping) else {}
    if "dag" not in inner or str(reference) in stack:
        return graph.add(Task(prefix + name, name, starts, skippable))
    begin = graph.add(Task(f"{prefix}{name}/", name, starts, skippable=True))
    held = after([begin])
    deeper = (*stack, str(reference))
    inside = _inside(graph, inner, f"{prefix}{name}/", held, components, deeper)
    done = held if skippable else after([begin, *inside])
    return graph.add(Task(prefix + name, name, done, skippable))


def _starts(name: str, task: Members, prefix: str, beside: Members) -> Starts:
    policy = task.get("triggerPolicy")
    strategy = mapping(policy, "triggerPolicy").get("strategy") if policy is not None else None
    if strategy not in (None, "ALL_UPSTREAM_TASKS_SUCCEEDED"):
        return FREE
    needed = set(words(task.get("dependentTasks"), f"dependentTasks of {name}"))
    needed |= _producers(task.get("inputs"))
    unknown = needed - beside.keys()
    if unknown:
        raise Unreadable(f"{name} depends on {sorted(unknown)[0]}, which is no task")
    return after([prefix + one for one in needed])


def _producers(value: JsonValue) -> set[str]:
    """Tasks whose output is read, wherever that is said below the inputs."""
    if isinstance(value, Mapping):
        found = {one for key, one in value.items() if key == "producerTask"}
        below = [_producers(one) for one in value.values()]
        return {one for one in found if isinstance(one, str)}.union(*below)
    return set().union(*map(_producers, value)) if isinstance(value, list) else set()


def _skippable(task: Members) -> bool:
    policy = task.get("triggerPolicy")
    conditional = isinstance(policy, Mapping) and "condition" in policy
    return conditional or any(one in task for one in ("parameterIterator", "artifactIterator"))
