from dataclasses import replace

import pytest

from hallgate.model.decision import Decision
from hallgate.model.errors import EngineError
from hallgate.testing import runner
from hallgate.testing.parity import denials_of
from hallgate.testing.scenario import read_scenario


@pytest.fixture
def base(harness):
    path = harness.scenarios / "finance" / "base.yaml"
    return harness.prepared[path].scenario, harness.decisions[path]


def read(harness, name):
    return read_scenario(harness.scenarios / "finance" / f"{name}.yaml")


def prepared(harness, scenario):
    return runner.prepare(scenario, harness.cast, harness.schemas, harness.policies)


def decided(harness, scenario):
    found = runner.run_all([prepared(harness, scenario)], harness.engine, harness.policies)
    (decision,) = found.values()
    assert isinstance(decision, Decision), decision
    return decision


def expecting(scenario, **changes):
    return replace(scenario, expected=replace(scenario.expected, **changes))


def test_what_is_as_expected_has_no_differences(base):
    assert runner.differences(*base) == ()


def test_a_difference_shows_both_lines_and_the_reason(harness):
    scenario = read(harness, "denied-approval-missing")
    decision = decided(harness, scenario)
    wrong = expecting(
        scenario,
        allowed=True,
        tier="low",
        verdicts=(*inapplicable(scenario), ("SEC-001", "fail", ("x",)), ("XXX-001", "error", ())),
        faults=(("pii_scan", "stale"),),
    )
    assert runner.differences(wrong, decision) == (
        "allowed: expected yes, decided no",
        "tier: expected low, computed high",
        "fault: expected pii_scan stale, not found",
        "APR-001: expected pass",
        "         decided  fail quorum",
        "    2 people in different roles approve, limit 3 (roles heard: compliance, model-risk)",
        "SEC-001: expected fail x",
        "         decided  pass",
        "XXX-001: expected error",
        "         decided  pass",
        "    XXX-001 is no policy of the catalog",
    )


def test_another_key_of_the_same_outcome_is_a_difference(harness):
    scenario = read(harness, "denied-approval-missing")
    wrong = expecting(scenario, verdicts=(("APR-001", "fail", ("other",)),))
    lines = runner.differences(wrong, decided(harness, scenario))
    assert lines[:2] == ("APR-001: expected fail other", "         decided  fail quorum")


def test_a_fault_nobody_expected_is_a_difference(harness):
    scenario = read(harness, "insufficient-missing-reason-audit")
    lines = runner.differences(expecting(scenario, faults=()), decided(harness, scenario))
    assert lines == ("fault: not expected reason_audit missing",)


def test_reasons_are_shown_too(harness):
    scenario = read(harness, "error-quarantined-policy")
    lines = runner.differences(expecting(scenario, verdicts=()), decided(harness, scenario))
    assert "    the policy made the engine fail and was quarantined" in lines


def test_controls_must_be_cited_by_policies_the_scenario_is_about(harness, base):
    catalog = harness.policies.catalog
    scenario = read(harness, "denied-approval-missing")
    assert runner.unproven(scenario, catalog) == ()
    strange = replace(scenario, proves=("soc2:CC8.1", "nist-800-53:si-3", "moon:1"))
    assert runner.unproven(strange, catalog) == ("nist-800-53:si-3", "moon:1")
    about_all = replace(base[0], proves=("nist-800-53:si-3", "moon:1"))
    assert runner.unproven(about_all, catalog) == ("moon:1",)


def test_scenarios_with_waivers_share_one_bundle_and_do_not_see_each_other(harness):
    names = ("waived-selection-ratio", "denied-waiver-other-digest", "denied-young-selected-less")
    ready = [prepared(harness, read(harness, name)) for name in names]
    groups = runner.grouped(ready)
    assert [len(group.members) for group in groups] == [2, 1]
    assert groups[0].waivers != groups[1].waivers
    digests = {one.document["request"]["model"]["digest"] for one in ready}
    assert len(digests) == 3
    answers = runner.run_all(ready, harness.engine, harness.policies)
    allowed = [answers[one.scenario.file].allowed for one in ready]
    assert allowed == [True, False, False]


def test_a_bundle_without_a_single_approval_still_decides(harness):
    """OPA's type checker would know of constants without approvals that none can be found."""
    scenario = read(harness, "waived-selection-ratio")
    (waiver,) = scenario.change["waivers"]
    alone = replace(scenario, change={**scenario.change, "waivers": [{**waiver, "approvals": []}]})
    found = set(seen(decided(harness, alone))) - set(inapplicable(scenario))
    assert {name: outcome for name, outcome, _ in found} == {"FAIR-001": "fail"}


def test_a_bundle_whose_waivers_have_all_expired_still_decides(harness):
    alone = read(harness, "denied-waiver-expired")
    assert ("FAIR-001", "fail", ("age=under 26",)) in seen(decided(harness, alone))


def inapplicable(scenario):
    """What the base of the scenario expects not to apply."""
    return tuple(row for row in scenario.expected.verdicts if row[1] == "not_applicable")


def seen(decision):
    return runner.observed(decision).verdicts


def test_an_engine_that_fails_is_no_decision(harness, monkeypatch):
    path = harness.scenarios / "finance" / "base.yaml"
    broken = {**harness.decisions, path: EngineError("it broke", remedy="mend it")}
    monkeypatch.setitem(harness.__dict__, "_once_decisions", (broken, None))
    assert "it broke" in harness.scenario_trouble(path)
    assert "it broke" in harness.parity_trouble(path)


def test_denials_that_differ_are_shown_with_their_engine(harness, monkeypatch):
    path = harness.scenarios / "finance" / "denied-approval-missing.yaml"
    (denial,) = denials_of(harness.decisions[path])
    assert denial == ("APR-001", "fail", "quorum")
    other = ("SEC-001", "fail", "x")
    monkeypatch.setitem(harness.__dict__, "_once__conftest", ({path: frozenset({other})}, None))
    assert harness.parity_trouble(path).splitlines()[1:] == [
        f"  only conftest: {' '.join(other)}",
        f"  not by conftest: {' '.join(denial)}",
    ]
    monkeypatch.setitem(harness.__dict__, "_once__conftest", ({path: "conftest broke"}, None))
    assert "conftest broke" in harness.parity_trouble(path)


def test_a_reason_without_findings_denies_under_an_empty_key(harness):
    path = harness.scenarios / "finance" / "error-quarantined-policy.yaml"
    assert denials_of(harness.decisions[path]) == {("FAIR-001", "error", "")}


def test_expected_and_observed_have_one_form(base):
    scenario, decision = base
    assert runner.observed(decision) == scenario.expected
    assert scenario.expected.allowed
    assert runner.observed(decision) != replace(scenario.expected, verdicts=())
