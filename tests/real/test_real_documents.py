"""Documents that nobody here wrote, from packages of the locked environment.

Nothing of them lies in this repository. Bills of materials are those that wheels carry (PEP 770);
the configuration documents are those of Dask's operator (BSD-3-Clause), pinned by
`requirements/real.txt` and installed beside the environment by `make dev`.
"""

import json
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from hallgate.cli.app import main

ROOT = Path(__file__).parents[2]
DASK = Path(sys.prefix) / "share/real/dask_kubernetes/operator"
CHART = "deployment/helm/dask-kubernetes-operator"
MODEL = "credit-risk@sha256:" + "ab" * 32

# Wheels that carry a bill of their own parts, and the licences under which they come.
CARRIERS = {
    "ast_serialize": "MIT",
    "cryptography": "Apache-2.0 OR BSD-3-Clause",
    "filelock": "MIT",
    "grimp": "BSD-2-Clause",
    "hypothesis": "MPL-2.0",
    "jsonschema_rs": "MIT",
    "polars_runtime_32": "MIT",
    "rfc3161_client": "Apache-2.0",
    "rpds_py": "MIT",
    "ruff": "MIT",
    "safetensors": "Apache-2.0",
    "scikit_learn": "BSD-3-Clause",
    "virtualenv": "MIT",
}

# What no sample of an operator has: hardening, pinned images, limits, a policy of the network.
BARE = {"MON-002", "NET-001", "NET-003", "NET-004", "THR-004"}
LOOKS = {
    "controller/tests/resources/failedjob.yaml": {*BARE, "SUP-004"},
    "controller/tests/resources/simplecluster.yaml": {*BARE, "SUP-004"},
    "controller/tests/resources/simplejob.yaml": {*BARE, "SUP-004"},
    "controller/tests/resources/simpleworkergroup.yaml": {*BARE, "SUP-004"},
    "customresources/daskautoscaler.yaml": BARE,
    "customresources/daskcluster.yaml": BARE,
    "customresources/daskjob.yaml": BARE,
    "customresources/daskworkergroup.yaml": BARE,
    "deployment/Dockerfile": {"SUP-004"},
    "go_client/hack/Dockerfile": {"SUP-004"},
}

# Recipes and patches are no configuration that runs: a look refuses them and says why.
REFUSED = {
    f"{CHART}/Chart.yaml": "of a kind that is not known",
    f"{CHART}/values.yaml": "of a kind that is not known",
    f"{CHART}/templates/deployment.yaml": "is no YAML",
    f"{CHART}/templates/role.yaml": "is no YAML",
    "customresources/daskcluster.patch.yaml": "holds a document that is no object",
    "customresources/templates.yaml": "of a kind that is not known",
}


def bills():
    """Every bill of the carriers, by its own name."""
    return [
        pytest.param(name, Path(str(one.locate())), id=f"{name}/{one.name}")
        for name in CARRIERS
        for one in distribution(name).files or ()
        if "sboms" in one.parts and one.suffix == ".json"
    ]


def counted(components):
    """Components with those inside of them, counted apart from the code under test."""
    return sum(1 + counted(one.get("components", ())) for one in components)


@pytest.mark.parametrize("name", CARRIERS)
def test_the_licence_is_the_one_noted(name):
    told = distribution(name).metadata
    words = told.get("License-Expression") or told.get("License") or ""
    classifiers = " ".join(told.get_all("Classifier") or ())
    first = CARRIERS[name].split()[0]
    assert first in words or first.partition("-")[0] in f"{words} {classifiers}"


def test_there_are_ten_of_them_at_least():
    assert len(bills()) >= 10
    assert len(LOOKS) >= 10


@pytest.mark.parametrize(("name", "path"), bills())
def test_a_real_bill_of_materials_is_wrapped(name, path, capsys):
    document = json.loads(path.read_text(encoding="utf-8"))
    code = main(["evidence", "wrap", "ml_bom", str(path), "--model", MODEL])
    told = capsys.readouterr()
    if name == "scikit_learn":  # auditwheel lists the wheel as part of itself, under one bom-ref
        assert code == 3
        assert "occurs twice" in told.err
        return
    predicate = json.loads(told.out)["predicate"]
    if not document["components"]:  # it names tools and dependencies, and no part
        assert (code, predicate["status"], predicate["result"]) == (1, "not_run", None)
        return
    assert code == 0, told.err
    result = predicate["result"]
    assert predicate["status"] == "measured"
    assert result["spec_version"] == document["specVersion"]
    assert result["components"] == counted(document["components"])
    assert predicate["population"]["count"] == result["components"]
    # None is a bill of a model: SUP-001 would ask for what no wheel says.
    assert result["models"] == []


@pytest.mark.parametrize("name", LOOKS)
def test_a_real_configuration_is_looked_at(name, capsys):
    assert main(["guard", str(DASK / name), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert {one["policy"] for one in found} == LOOKS[name]


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_run_as_it_stands_is_refused_in_words(name, capsys):
    assert main(["guard", str(DASK / name)]) == 3
    told = capsys.readouterr().err
    assert Path(name).name in told
    assert REFUSED[name] in told


def test_a_real_kubernetes_object_becomes_evidence(capsys):
    path = DASK / "controller/tests/resources/simplecluster.yaml"
    assert main(["evidence", "wrap", "deployment_manifests", str(path), "--model", MODEL]) == 0
    documents = json.loads(capsys.readouterr().out)["predicate"]["result"]["documents"]
    assert [one["format"] for one in documents] == ["kubernetes.dask.org/v1/DaskCluster"]
