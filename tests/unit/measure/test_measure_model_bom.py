"""The bill of materials of a model: valid CycloneDX, and complete for our own wrapper."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cyclonedx.schema
import jsonschema_rs
import pytest
from measure_support import CONTEXT, MODEL, check

from hallgate.measure.context import Context
from hallgate.measure.model_bom import Part, make_model_bom
from hallgate.measure.wrap import Report, wrap
from hallgate.model.errors import InvalidDocument, UsageError

SERIAL = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"


def _cyclonedx() -> jsonschema_rs.Draft7Validator:
    """The schema of CycloneDX 1.6 as cyclonedx-python-lib ships it."""
    folder = Path(cyclonedx.schema.__file__).parent / "_res"
    known = [
        (f"http://cyclonedx.org/schema/{name}", json.loads((folder / name).read_text()))
        for name in ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json")
    ]
    schema = json.loads((folder / "bom-1.6.SNAPSHOT.schema.json").read_text())
    registry = jsonschema_rs.Registry(known)
    return jsonschema_rs.Draft7Validator(schema, registry=registry, validate_formats=True)


def test_model_data_and_environment_are_one_valid_bill() -> None:
    tool = Path(sys.executable).parent / "cyclonedx-py"
    # Not by the tool's slow validator: the schema judges the whole bill below, this part included.
    command = [str(tool), "environment", sys.executable, "--of", "JSON", "--no-validate"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    environment = json.loads(output)
    document = make_model_bom(
        Part("credit-risk", "1.0.0", MODEL, "Apache-2.0"),
        [Part("german-credit", "1994", MODEL, "CC-BY-4.0", "Statlog German credit")],
        serial=SERIAL,
        timestamp="2026-11-21T00:00:00Z",
        tool_version="0.1.0",
        task="tabular-classification",
        environment=environment,
        package_digests={"pytest==0": MODEL},
    )
    assert [str(error) for error in _cyclonedx().iter_errors(document)] == []
    assert not _cyclonedx().is_valid({**document, "components": [{"type": "model"}]})
    report = Report(document, "bom.json", MODEL, MODEL, CONTEXT)
    result = check("ml_bom", wrap("ml_bom", report))
    assert result["models"] == [
        {"name": "credit-risk", "version": "1.0.0", "publisher": None, "licence": "Apache-2.0",
         "sha256": MODEL}
    ]  # fmt: skip
    assert result["datasets"][0]["licence"] == "CC-BY-4.0"
    assert result["components"] > 20


def test_lacking_digests_come_from_the_caller() -> None:
    package = {"type": "library", "bom-ref": "p", "name": "P", "version": "1"}
    environment = {
        "bomFormat": "CycloneDX",
        "components": [package],
        "dependencies": [{"ref": "p"}],
    }
    document = make_model_bom(
        Part("m", None, None, None),
        [],
        serial=SERIAL,
        timestamp="2026-11-21T00:00:00Z",
        tool_version="0.1.0",
        environment=environment,
        package_digests={"p==1": MODEL},
    )
    result = check("ml_bom", wrap("ml_bom", Report(document, "b", MODEL, MODEL, CONTEXT)))
    assert result["without"]["sha256"] == ["m"]
    assert "hashes" not in package


def test_another_environment_format_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="no CycloneDX"):
        make_model_bom(
            Part("m", None, None, None),
            [],
            serial=SERIAL,
            timestamp="2026-11-21T00:00:00Z",
            tool_version="0",
            environment={"spdxVersion": "SPDX-2.3"},
        )


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-21", "2027-01-01T00:00:00Z"),
        ("2026-11-21T00:00:00", "2027-01-01T00:00:00Z"),
        ("yesterday", "2027-01-01T00:00:00Z"),
        ("2027-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
    ],
)
def test_times_must_be_times_in_order(start: str, end: str) -> None:
    with pytest.raises(UsageError):
        Context(start, end, "0")
