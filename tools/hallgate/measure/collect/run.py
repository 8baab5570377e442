"""The CI run, by the environment that the provider sets.

GitHub: "Default environment variables"; GitLab: "Predefined CI/CD variables"; Jenkins: the
Git plugin's and the pipeline's variables (documentation read in November 2026). Names of
people (actors, committers) are left out: they are nobody's evidence here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hallgate.model.errors import InvalidDocument
from hallgate.model.values import JsonObject

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def ci_run(environment: Mapping[str, str]) -> JsonObject | None:
    """The run, None outside of a CI that is known.

    Raises InvalidDocument where a CI says it is there and not what it runs.
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        return _github(_Named(environment, "GitHub"))
    if environment.get("GITLAB_CI") == "true":
        return _gitlab(_Named(environment, "GitLab"))
    if environment.get("JENKINS_URL"):
        return _jenkins(_Named(environment, "Jenkins"))
    return None


class _Named:
    """An environment whose variables must be there."""

    def __init__(self, environment: Mapping[str, str], provider: str) -> None:
        self._environment, self._provider = environment, provider

    def __getitem__(self, name: str) -> str:
        value = self._environment.get(name, "")
        if not value:
            raise InvalidDocument.one(
                f"this runs in {self._provider}, and {name} is not set",
                remedy="run it as a step of the pipeline itself, with its environment",
            )
        return value

    def get(self, name: str) -> str | None:
        return self._environment.get(name) or None

    def commit(self, name: str) -> str:
        value = self[name]
        if _COMMIT.fullmatch(value) is None:
            raise InvalidDocument.one(
                f"{name} is no commit: {value[:80]!r}", remedy="run it as a step of the pipeline"
            )
        return value


def _github(said: _Named) -> JsonObject:
    repository = said["GITHUB_REPOSITORY"]
    number = said["GITHUB_RUN_ID"]
    return {
        "provider": "github",
        "repository": repository,
        "ref": said.get("GITHUB_REF"),
        "commit": said.commit("GITHUB_SHA"),
        "run_id": f"{number}.{said.get('GITHUB_RUN_ATTEMPT') or '1'}",
        "url": f"{said['GITHUB_SERVER_URL']}/{repository}/actions/runs/{number}",
        "event": said.get("GITHUB_EVENT_NAME"),
        "workflow": said.get("GITHUB_WORKFLOW_REF") or said["GITHUB_WORKFLOW"],
    }


def _gitlab(said: _Named) -> JsonObject:
    return {
        "provider": "gitlab",
        "repository": said["CI_PROJECT_PATH"],
        "ref": said.get("CI_COMMIT_REF_NAME"),
        "commit": said.commit("CI_COMMIT_SHA"),
        "run_id": f"{said['CI_PIPELINE_ID']}.{said['CI_JOB_ID']}",
        "url": said["CI_JOB_URL"],
        "event": said.get("CI_PIPELINE_SOURCE"),
        "workflow": said["CI_JOB_NAME"],
    }


def _jenkins(said: _Named) -> JsonObject:
    return {
        "provider": "jenkins",
        "repository": said.get("GIT_URL") or said["JOB_NAME"],
        "ref": said.get("GIT_BRANCH"),
        "commit": said.commit("GIT_COMMIT"),
        "run_id": said["BUILD_NUMBER"],
        "url": said["BUILD_URL"],
        "event": None,
        "workflow": said["JOB_NAME"],
    }
