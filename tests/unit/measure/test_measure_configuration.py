"""Documents are carried whole without secret values; pipelines become graphs of what is needed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hallgate.measure.configuration import Source, carried, types_of, wrap
from hallgate.measure.context import Context
from hallgate.model.errors import InvalidDocument

DIGEST = "sha256:" + "a" * 64


def source(*documents: Any) -> Source:
    return Source("f.yaml", DIGEST, documents)


def contents(kind: str, *documents: Any) -> list[Any]:
    result: Any = carried(kind, [source(*documents)])
    return [json.loads(one["content"]) for one in result["documents"]]


def tasks(document: Any, steps: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    result: Any = carried("pipeline_graph", [source(document)], steps)
    return {one["id"]: one for graph in result["graphs"] for one in graph["tasks"]}


def test_documents_keep_their_place_and_lists_are_taken_apart() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {}}
    result: Any = carried(
        "deployment_manifests",
        [source(pod, {"apiVersion": "v1", "kind": "List", "items": [pod, pod]})],
    )
    assert [one["place"] for one in result["documents"]] == ["0", "1/items/0", "1/items/1"]
    assert {one["format"] for one in result["documents"]} == {"v1/Pod"}


def test_each_type_takes_what_is_its_own() -> None:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": []}
    pod = {"apiVersion": "v1", "kind": "Pod"}
    assert types_of(source(role, pod)) == {"access_grants", "deployment_manifests"}
    assert contents("access_grants", role, pod) == [role]
    assert contents("deployment_manifests", role, pod) == [pod]
    with pytest.raises(InvalidDocument, match="holds no part of ci_workflows, but"):
        carried("ci_workflows", [source(role)])


@pytest.mark.parametrize("odd", [5, [], {}, None, "x", {"a": 1}, {"kind": "Pod"}])
def test_a_document_of_no_known_kind_is_an_error(odd: Any) -> None:
    with pytest.raises(InvalidDocument):
        carried("deployment_manifests", [source(odd)])


def test_secret_values_are_taken_out_and_their_names_stay() -> None:
    secret = {
        "apiVersion": "v1", "kind": "Secret", "data": {"k": "djE="}, "stringData": {"s": "v1"},
        "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "v1"}},
    }  # fmt: skip
    (found,) = contents("deployment_manifests", secret)
    assert found["data"] == {"k": "(taken out)"}
    assert found["stringData"] == {"s": "(taken out)"}
    assert "v1" not in json.dumps(found["metadata"])


def test_a_plan_keeps_what_will_be_without_what_is_sensitive() -> None:
    plan = {
        "format_version": "1.2",
        "variables": {"password": {"value": "hunter2"}},
        "prior_state": {"values": "hunter2"},
        "resource_changes": [
            {
                "address": "a.b", "mode": "managed", "type": "a", "name": "b",
                "change": {
                    "actions": ["create"], "before": {"p": "hunter2"},
                    "after": {"p": "hunter2", "l": ["x", "hunter2"], "open": 1},
                    "after_sensitive": {"p": True, "l": [False, True]},
                    "after_unknown": {"id": True},
                },
            }
        ],
    }  # fmt: skip
    (found,) = contents("infrastructure_plan", plan)
    assert "hunter2" not in json.dumps(found)
    change = found["resource_changes"][0]["change"]
    assert change["after"] == {"p": "(taken out)", "l": ["x", "(taken out)"], "open": 1}
    assert change["after_unknown"] == {"id": True}


def test_the_predicate_counts_documents_and_names_the_steps() -> None:
    context = Context("2026-11-20T06:00:00Z", "2026-12-20T06:00:00Z", "0.1.0")
    dag = {"dag": {"dag_id": "d", "tasks": [{"task_id": "go"}]}}
    predicate: Any = wrap("pipeline_graph", [source(dag)], context, {"go": "promote"})
    assert predicate["population"] == {
        "definition": "documents of the files", "count": 1, "digest": DIGEST,
    }  # fmt: skip
    assert {"name": "step go", "value": "promote"} in predicate["source"]["parameters"]


def argo(tasks: list[Any], **spec: Any) -> dict[str, Any]:
    run = {"name": "run", "container": {"image": "x"}}
    templates = [run, {"name": "main", "dag": {"tasks": tasks}}, *spec.pop("templates", [])]
    return {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow",
        "spec": {"entrypoint": "main", "templates": templates, **spec},
    }  # fmt: skip


def task(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "template": "run", **more}


@pytest.mark.parametrize(
    ("depends", "starts"),
    [
        ("a", [["a"]]),
        ("a && b", [["a", "b"]]),
        ("a || b", [["a"], ["b"]]),
        ("(a || b) && c", [["a", "c"], ["b", "c"]]),
        ("a.Succeeded", [["a.Succeeded"]]),
        ("a.Failed", [[]]),
        ("a && (b.Succeeded || b.Failed)", [["a", "b.Succeeded"], ["a"]]),
        ("!a && b", [["b"]]),
        ("a.Skipped || a.AnySucceeded", [[]]),
    ],
)
def test_argo_depends(depends: str, starts: list[list[str]]) -> None:
    found = tasks(argo([task("a"), task("b"), task("c"), task("d", depends=depends)]))
    assert found["d"]["starts"] == starts


@pytest.mark.parametrize("depends", ["a &&", "(a", "a b", "&& a", "a.x.y", "nobody", "a @ b"])
def test_argo_depends_that_cannot_be_read(depends: str) -> None:
    with pytest.raises(InvalidDocument):
        tasks(argo([task("a"), task("d", depends=depends)]))


def test_argo_ways_around() -> None:
    found = tasks(
        argo(
            [
                task("scan", when="x == y"),
                task("evaluate", continueOn={"failed": True}, dependencies=["scan"]),
                task("sign", withParam="{{x}}"),
                task("approve", hooks={"exit": {"template": "deploy"}}),
            ],
            onExit="deploy",
            templates=[{"name": "deploy", "steps": [[task("promote")]]}],
        )
    )
    assert found["scan"]["skippable"]
    assert found["evaluate"]["tolerated"]
    assert found["sign"]["skippable"]
    assert found["approve@exit"] == {
        "id": "approve@exit", "step": "promote", "skippable": True, "tolerated": False,
        "starts": [[]],
    }  # fmt: skip
    assert found["@onExit/promote"]["starts"] == [[]]


def test_argo_nested_templates_need_what_their_task_needs() -> None:
    inner = {"name": "inner", "steps": [[task("scan")], [task("promote")]]}
    document = argo(
        [task("train"), {"name": "gates", "template": "inner", "dependencies": ["train"]},
         task("after", depends="gates")],
        templates=[inner],
    )  # fmt: skip
    found = tasks(document)
    assert found["gates/"]["starts"] == [["train"]]
    assert found["gates/promote"]["starts"] == [["gates/", "gates/scan"]]
    assert found["gates"]["starts"] == [["gates/", "gates/promote", "gates/scan"]]


def test_argo_a_pause_that_ends_by_itself_is_no_approval() -> None:
    pause = {"name": "approve", "suspend": {"duration": "60"}}
    found = tasks(argo([{"name": "approve", "template": "approve"}], templates=[pause]))
    assert found["approve"]["tolerated"]


def test_argo_recursion_ends() -> None:
    again = {"name": "again", "steps": [[{"name": "more", "template": "again"}]]}
    assert tasks(argo([{"name": "a", "template": "again"}], templates=[again]))


def kubeflow(tasks: dict[str, Any], **components: Any) -> dict[str, Any]:
    return {
        "pipelineInfo": {"name": "p"}, "components": {"run": {"executorLabel": "x"}, **components},
        "root": {"dag": {"tasks": tasks}}, "deploymentSpec": {},
    }  # fmt: skip


def component(name: str = "run", **more: Any) -> dict[str, Any]:
    return {"componentRef": {"name": name}, **more}


def test_kubeflow() -> None:
    produced = {"artifacts": {"m": {"taskOutputArtifact": {"producerTask": "train"}}}}
    found = tasks(
        kubeflow(
            {
                "train": component(),
                "scan": component(inputs=produced),
                "evaluate": component(
                    dependentTasks=["scan"], triggerPolicy={"condition": "x == 'y'"}
                ),
                "deploy": component(
                    dependentTasks=["evaluate"],
                    triggerPolicy={"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"},
                ),
                "loop": component("inner", parameterIterator={"items": {}}),
            },
            inner={"dag": {"tasks": {"sign": component()}}},
        )
    )
    assert found["scan"]["starts"] == [["train"]]
    assert found["evaluate"]["skippable"]
    assert found["deploy"] | {"id": ""} == {
        "id": "", "step": "promote", "skippable": False, "tolerated": False, "starts": [[]],
    }  # fmt: skip
    assert found["loop"]["starts"] == [["loop/"]]
    assert found["loop/sign"]["starts"] == [["loop/"]]


@pytest.mark.parametrize(
    ("rule", "starts"),
    [
        ("all_success", [["a", "b"]]),
        ("one_success", [["a"], ["b"]]),
        ("all_done", [[]]),
        ("none_failed", [[]]),
        ("none_failed_min_one_success", [[]]),
        ("always", [[]]),
        ("a_rule_of_tomorrow", [[]]),
    ],
)
def test_airflow_trigger_rules(rule: str, starts: list[list[str]]) -> None:
    dag = {
        "dag": {
            "_dag_id": "d",
            "tasks": [
                {"__type": "operator", "__var": {"task_id": "a", "downstream_task_ids": ["c"]}},
                {"task_id": "b", "downstream_task_ids": ["c"]},
                {"task_id": "c", "trigger_rule": rule},
            ],
        }
    }
    assert tasks(dag)["c"]["starts"] == starts


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("scan-image", "scan"), ("evaluateModel", "evaluate"), ("sign_artifact", "sign"),
        ("approval", "approve"), ("deploy-to-prod", "promote"), ("train", "other"),
        ("approve-promotion", "promote"), ("scan-and-sign", "other"), ("designer", "other"),
    ],
)  # fmt: skip
def test_what_a_task_is_by_its_name(name: str, step: str) -> None:
    dag = {"dag_id": "d", "tasks": [{"task_id": name}]}
    assert tasks(dag)[name]["step"] == step
    assert tasks(dag, {name: "approve"})[name]["step"] == "approve"


@pytest.mark.parametrize(
    "dag",
    [
        {"dag": {"dag_id": "d", "tasks": [{"task_id": "a"}, {"task_id": "a"}]}},
        {"dag": {"dag_id": "d", "tasks": [{"task_id": "a", "downstream_task_ids": ["b"]}]}},
        {"dag": {"dag_id": "d", "tasks": "x"}},
        {"dag": {"dag_id": "d", "tasks": [{}]}},
        {"root": {}, "components": {}, "pipelineInfo": {}},
        {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow"},
    ],
)
def test_pipelines_that_no_engine_would_read(dag: Any) -> None:
    with pytest.raises(InvalidDocument):
        tasks(dag)
