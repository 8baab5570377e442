"""The law register: every fault of every file is named at its place."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.frameworks import read_extents, read_frameworks
from hallgate.intake.schema import Schemas
from hallgate.model.errors import InvalidDocument
from hallgate.model.law import Extent

ROOT = Path(__file__).parents[3]
CONTROL: dict[str, Any] = {
    "id": "164.316(b)(2)",
    "title": "Documentation is kept",
    "force": "binding",
    "status": "in_force",
    "from": "1970-01-02T00:00:00Z",
    "until": None,
    "superseded_by": None,
    "source": "https://example.org/164.316",
    "verified": "unverified",
}
FRAMEWORK: dict[str, Any] = {
    "id": "hipaa",
    "title": "HIPAA",
    "source": "https://example.org",
    "controls": [CONTROL],
}


def _write(folder: Path, name: str = "hipaa", **change: Any) -> None:
    # JSON is YAML; what is meant stays the same whatever a value looks like.
    text = json.dumps({**copy.deepcopy(FRAMEWORK), **change}, indent=1)
    (folder / f"{name}.yaml").write_text(text)


def _faults(folder: Path, schemas: Schemas) -> list[str]:
    with pytest.raises(InvalidDocument) as caught:
        read_frameworks(folder, schemas)
    return [fault.what for fault in caught.value.faults]


def test_controls_in_order_of_name_with_dates(tmp_path: Path, schemas: Schemas) -> None:
    _write(tmp_path)
    end = {**CONTROL, "id": "2.1", "from": None, "until": "1970-01-03T00:00:00+00:00"}
    end |= {"status": "superseded", "superseded_by": "hipaa:164.316(b)(2)"}
    _write(tmp_path, "acme", id="acme", controls=[end, {**CONTROL, "id": "1", "force": "house"}])
    one, two, three = read_frameworks(tmp_path, schemas)
    assert [one.name, two.name, three.name] == ["acme:1", "acme:2.1", "hipaa:164.316(b)(2)"]
    assert (one.force, one.status) == ("house", "in_force")
    assert (two.since, two.until, two.superseded_by) == (None, 172800, "hipaa:164.316(b)(2)")
    assert (three.since, three.until, three.verified) == (86400, None, "unverified")


def test_our_register_is_sound(schemas: Schemas) -> None:
    controls = read_frameworks(ROOT / "frameworks", schemas)
    assert len(controls) > 30
    assert all("2026" in one.verified or one.verified.startswith("unverified") for one in controls)


def test_no_register_is_an_empty_one(tmp_path: Path, schemas: Schemas) -> None:
    assert read_frameworks(tmp_path, schemas) == ()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"force": "law"}, "controls.0.force"),
        ({"status": "active"}, "controls.0.status"),
        ({"from": "2026-01-01"}, "controls.0.from"),
        ({"until": "soon"}, "controls.0.until"),
        ({"verified": ""}, "controls.0.verified"),
        ({"id": "a b\n"}, "controls.0.id"),
        ({"id": "(1)"}, "controls.0.id"),
        ({"title": None}, "controls.0.title"),
        ({"note": "x"}, "'note' is no known field"),
    ],
)
def test_wrong_control_is_named_at_its_place(
    change: dict[str, Any], what: str, tmp_path: Path, schemas: Schemas
) -> None:
    _write(tmp_path, controls=[{**CONTROL, **change}])
    (fault,) = _faults(tmp_path, schemas)
    assert what in fault.replace("[", ".").replace("]", "")


@pytest.mark.parametrize("name", sorted(CONTROL))
def test_every_member_must_be_there(name: str, tmp_path: Path, schemas: Schemas) -> None:
    rest = {key: value for key, value in CONTROL.items() if key != name}
    _write(tmp_path, controls=[rest])
    (fault,) = _faults(tmp_path, schemas)
    assert f"{name} is missing" in fault


def test_every_fault_of_every_file(tmp_path: Path, schemas: Schemas) -> None:
    _write(tmp_path, "gdpr")
    _write(tmp_path, controls=[CONTROL, {**CONTROL, "superseded_by": "hipaa:9"}])
    (tmp_path / "broken.yaml").write_text("id: [")
    (tmp_path / "empty.yaml").write_text(json.dumps({**FRAMEWORK, "controls": []}))
    said = "\n".join(_faults(tmp_path, schemas))
    for part in (
        "'hipaa' is not the file's name",
        "hipaa:164.316(b)(2) is there twice",
        "hipaa:164.316(b)(2) is superseded by hipaa:9, which is not registered",
        "controls",
    ):
        assert part in said
    with pytest.raises(InvalidDocument) as caught:
        read_frameworks(tmp_path, schemas)
    files = {Path(fault.where.file).name for fault in caught.value.faults if fault.where}
    assert files == {"gdpr.yaml", "hipaa.yaml", "broken.yaml", "empty.yaml"}


def _extent(**change: Any) -> dict[str, Any]:
    known = "164.316(b)(2)"
    said = {"id": "hipaa", "whole": False, "denominator": "what is used", "automated": [known]}
    return {**said, "manual": [], **change}


def _extents(folder: Path, schemas: Schemas, *said: dict[str, Any]) -> tuple[Extent, ...]:
    _write(folder)
    (folder / "coverage.yaml").write_text(json.dumps({"frameworks": said}))
    return read_extents(folder, schemas, read_frameworks(folder, schemas))


def test_coverage_is_no_framework_and_is_read_apart(tmp_path: Path, schemas: Schemas) -> None:
    (extent,) = _extents(tmp_path, schemas, _extent())
    assert (extent.framework, extent.whole, extent.automated) == (
        "hipaa", False, ("164.316(b)(2)",),
    )  # fmt: skip
    (tmp_path / "coverage.yaml").unlink()
    assert read_extents(tmp_path, schemas, ()) == ()


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ([{"id": "gdpr"}], "is not in the register"),
        ([{}, {}], "stands here twice"),
        ([{"automated": ["164.1"]}], "164.1 is not in the register"),
        ([{"manual": [{"id": "164.1", "how": "by hand"}]}], "164.1 is not in the register"),
        ([{"manual": [{"id": "164.316(b)(2)", "how": "by hand"}]}], "both automated and manual"),
        ([{"denominator": ""}], "denominator"),
        ([{"whole": "yes"}], "whole"),
    ],
)
def test_false_claims_of_coverage_are_named(
    tmp_path: Path, schemas: Schemas, said: list[dict[str, Any]], what: str
) -> None:
    with pytest.raises(InvalidDocument) as caught:
        _extents(tmp_path, schemas, *(_extent(**one) for one in said))
    assert any(what in fault.what for fault in caught.value.faults)
    assert all(fault.where for fault in caught.value.faults)


def test_equal_files_of_two_registers_are_told_apart(tmp_path: Path, schemas: Schemas) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        _write(tmp_path / name)
    assert read_frameworks(tmp_path / "old", schemas) == read_frameworks(tmp_path / "new", schemas)
    for name, wrong in (("old", "controls: ["), ("new", "controls: ["), ("old", '{"id": 1}')):
        (tmp_path / name / "hipaa.yaml").write_text(wrong)
        with pytest.raises(InvalidDocument) as raised:
            read_frameworks(tmp_path / name, schemas)
        assert {fault.where.file for fault in raised.value.faults if fault.where} == {
            str(tmp_path / name / "hipaa.yaml")
        }
