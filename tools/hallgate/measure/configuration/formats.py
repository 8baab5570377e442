"""What a configuration document is, told from its members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.model.values import JsonValue

_PIPELINE_GROUPS = ("argoproj.io/",)
_PIPELINE_KINDS = frozenset({"Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate"})
_GRANT_GROUP = "rbac.authorization.k8s.io/"
# Not image: a pipeline with an image has a job as well, and every Helm chart's values have one.
_GITLAB = frozenset({"stages", "workflow", "include", "default", "variables", "before_script"})


@dataclass(frozen=True, slots=True)
class Format:
    """The evidence type that carries a document, and the name of its format."""

    type: str
    name: str


def format_of(value: Mapping[str, JsonValue]) -> Format | None:
    """The format of a document; None for one that is not known."""
    if isinstance(value.get("apiVersion"), str) and isinstance(value.get("kind"), str):
        return _kubernetes(str(value["apiVersion"]), str(value["kind"]), value)
    if "resource_changes" in value or "planned_values" in value:
        return Format("infrastructure_plan", "terraform_plan")
    if value.keys() == {"platforms"}:
        return Format("pipeline_graph", "kubeflow_platform")
    if {"root", "components", "pipelineInfo"} <= value.keys():
        return Format("pipeline_graph", "kubeflow")
    if isinstance(value.get("dag"), Mapping) or {"dag_id", "tasks"} <= value.keys():
        return Format("pipeline_graph", "airflow")
    if value.keys() == {"instructions"}:
        return Format("ci_workflows", "dockerfile")
    if "Statement" in value:
        return Format("access_grants", "aws_policy")
    if "UserDetailList" in value or "RoleDetailList" in value:
        return Format("access_grants", "aws_account")
    if value.keys() == {"identities"}:
        return Format("access_grants", "identity_register")
    return _workflow(value)


def _kubernetes(group: str, kind: str, value: Mapping[str, JsonValue]) -> Format | None:
    name = f"{group}/{kind}"[:200]
    if group.startswith(_GRANT_GROUP):
        return Format("access_grants", name)
    if group.startswith(_PIPELINE_GROUPS) and kind in {*_PIPELINE_KINDS, "CronWorkflow"}:
        return Format("pipeline_graph", name)
    if group.startswith("kustomize.config.k8s.io/"):
        return None  # a recipe: what it makes is what runs
    return Format("deployment_manifests", name)


def _workflow(value: Mapping[str, JsonValue]) -> Format | None:
    if "jobs" in value and "on" in value:
        return Format("ci_workflows", "github_workflow")
    if isinstance(value.get("runs"), Mapping) and "name" in value:
        return Format("ci_workflows", "github_action")
    jobs = [one for one in value.values() if isinstance(one, Mapping) and _is_job(one)]
    if jobs or _GITLAB & value.keys():
        return Format("ci_workflows", "gitlab_ci")
    return None


def _is_job(value: Mapping[str, JsonValue]) -> bool:
    return bool({"script", "trigger", "extends"} & value.keys())
