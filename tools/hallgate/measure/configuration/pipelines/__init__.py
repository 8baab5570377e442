"""Pipelines as graphs: for each task, of which others the success is needed before it starts.

One module per engine, because each has its own way around: `depends` with statuses, trigger
rules, conditions, loops over nothing, hooks and exit handlers. What cannot be shown to be needed
is left out of a start, which makes a way around and never hides one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hallgate.measure.configuration.pipelines import airflow, argo, kubeflow
from hallgate.measure.configuration.pipelines.task import Graph, Unreadable
from hallgate.model.values import JsonObject, JsonValue

__all__ = ["Unreadable", "graphs"]


def graphs(
    at: str, document: Mapping[str, JsonValue], steps: Mapping[str, str]
) -> list[JsonObject]:
    """The graphs of one document that stands at `at` (path#place), by its format.

    steps says what tasks are, by name; the others are told by the words of their names. Raises
    Unreadable for a document that is not as its engine would read it.
    """
    return [graph.json(at, steps) for graph in _reader(document)(document)]


def _reader(document: Mapping[str, JsonValue]) -> Callable[[Mapping[str, JsonValue]], list[Graph]]:
    if "apiVersion" in document:
        return argo.read
    if "root" in document:
        return kubeflow.read
    return _nothing if "platforms" in document else airflow.read


def _nothing(_: Mapping[str, JsonValue]) -> list[Graph]:
    """Settings of a platform beside a Kubeflow pipeline: no task."""
    return []
