"""Policies by sector: every cell of the matrix shows something; the page is the one here."""

from dataclasses import replace

import pytest

from hallgate.model.errors import InvalidDocument
from hallgate.model.values import Outcome
from hallgate.publish.policy_matrix import Cell, matrix, matrix_page
from hallgate.testing.bases import base_verdicts
from hallgate.testing.examples import read_examples
from hallgate.testing.runner import unproven
from hallgate.testing.scenario import BASE, read_scenario, scenario_files

SECTORS = ("finance", "government", "healthcare", "llm")


@pytest.fixture(scope="module")
def bases(harness):
    return base_verdicts(harness.repository, harness.schemas, harness.policies, harness.engine)


@pytest.fixture(scope="module")
def alone(harness):
    seen = read_examples(harness.scenarios, harness.policies.catalog)
    return {name: [case.name for case in cases] for name, cases in seen.alone.items()}


@pytest.fixture(scope="module")
def cells(harness, bases, alone):
    return matrix(harness.policies.catalog, bases, alone)


def test_every_cell_is_filled(cells):
    assert len(cells) >= 74
    empty = [
        (name, where) for name, row in cells.items() for where in SECTORS if not row[where].filled
    ]
    assert not empty


def test_what_cannot_apply_says_why_and_nothing_else_does(cells):
    for name, row in cells.items():
        for sector, cell in row.items():
            inapplicable = cell.outcome == Outcome.NOT_APPLICABLE
            assert inapplicable == bool(cell.reasons), (name, sector)
            assert inapplicable or cell.outcome == Outcome.PASS, (name, sector)


def test_every_policy_blocks_alone_in_some_sector(cells):
    assert not [name for name, row in cells.items() if not any(one.alone for one in row.values())]


@pytest.mark.parametrize("sector", SECTORS)
def test_every_sector_has_forty_scenarios(harness, sector):
    files = [one for one in scenario_files(harness.scenarios) if one.parent.name == sector]
    assert len([one for one in files if one.name != BASE]) >= 40


def test_every_scenario_is_about_a_policy_and_proves_what_that_policy_cites(harness):
    vague, false = [], []
    for path in scenario_files(harness.scenarios):
        scenario = read_scenario(path)
        if not scenario.is_base:
            vague += [] if scenario.own else [path.name]
            false += [path.name] if unproven(scenario, harness.policies.catalog) else []
    assert (vague, false) == ([], [])


def test_the_page_is_the_one_that_lies_here(harness, bases, cells):
    page = harness.root / "docs" / "reference" / "sectors.md"
    policies = harness.policies
    told = matrix_page(policies.catalog, cells, tuple(bases), policies.families)
    assert told == page.read_text("utf-8")


def test_a_policy_that_a_base_does_not_show_is_seen(harness, bases, alone):
    """The gate can fail: one verdict is lost, and no scenario of the sector stands in for it."""
    (policy,) = (one for one in harness.policies.catalog if one.id == "APR-005")
    lost = {**bases, "llm": [one for one in bases["llm"] if one.id != policy.id]}
    cells = matrix([policy], lost, alone)
    assert not cells[policy.id]["llm"].filled
    assert cells[policy.id]["finance"].filled
    page = matrix_page([policy], cells, tuple(bases))
    assert "**nothing shows it**" in page


@pytest.mark.parametrize(
    ("cell", "filled"),
    [
        (Cell("pass", (), ()), True),
        (Cell("not_applicable", ("no credit",), ()), True),
        (Cell("not_applicable", (), ()), False),
        (Cell("pending", (), ()), False),
        (Cell("fail", (), ("denied-one",)), True),
        (Cell("fail", (), ()), False),
    ],
)
def test_when_a_cell_is_filled(cell, filled):
    assert cell.filled is filled


def test_a_name_that_would_break_the_table_does_not(harness, bases):
    (policy,) = (one for one in harness.policies.catalog if one.id == "NET-005")
    odd = [replace(one, reasons=("a | b",)) for one in bases["finance"] if one.id == policy.id]
    page = matrix_page([policy], matrix([policy], {"finance": odd}, {}), ("finance",))
    assert "cannot apply: a \\| b" in page


def test_a_repository_without_scenarios_has_no_matrix(harness, tmp_path):
    nowhere = replace(harness.repository, root=tmp_path)
    assert base_verdicts(nowhere, harness.schemas, harness.policies, harness.engine) == {}


def test_a_base_that_cannot_be_read_says_so(harness, tmp_path):
    folder = tmp_path / "tests" / "scenarios" / "finance"
    folder.mkdir(parents=True)
    (folder.parent / "trust").symlink_to(harness.scenarios / "trust")
    (folder / BASE).write_text("title: Nothing else\n", encoding="utf-8")
    broken = replace(harness.repository, root=tmp_path)
    with pytest.raises(InvalidDocument, match=r"base\.yaml"):
        base_verdicts(broken, harness.schemas, harness.policies, harness.engine)
