"""What the scenarios together must show of the catalog.

Every policy blocks alone somewhere; it passes, or says why it does not apply, in each base;
and no base is allowed any more when evidence that counts is taken away.
"""

import pytest

from hallgate.decide.compose import waiver_bundle
from hallgate.decide.judge import judge_many
from hallgate.model.decision import Decision
from hallgate.model.values import Outcome
from hallgate.testing.pointer import pruned

SECTORS = ("finance", "healthcare", "government")
BASES = (*SECTORS, "llm")

# In each sector: what the file name (after its outcome) says was done.
WAIVERS = ("expired", "other-digest", "other-stage", "without-history", "approved-by-requester")
FAULTS = (
    "missing", "stale", "malformed", "unsigned", "bad_signature", "wrong_role", "revoked",
    "other_subject", "not_yet_valid", "empty_population", "expired", "incomplete",
    "not_measured", "unknown_signer",
)  # fmt: skip


def base_of(harness, sector):
    path = harness.scenarios / sector / "base.yaml"
    return harness.prepared[path], harness.decisions[path]


def decided(harness):
    """Scenarios with their decisions, those that came out as expected."""
    for path, decision in harness.decisions.items():
        if isinstance(decision, Decision) and not harness.scenario_trouble(path):
            yield path, harness.prepared[path].scenario, decision


def blocking(decision):
    return {verdict.id for verdict in decision.verdicts if verdict.outcome.blocks}


def test_every_scenario_is_decided(harness):
    assert harness.decisions.keys() == harness.prepared.keys()
    assert len(harness.decisions) >= 100


def test_every_policy_blocks_alone_somewhere(harness):
    alone = {}
    for path, _, decision in decided(harness):
        found = blocking(decision)
        if len(found) == 1:
            alone.setdefault(found.pop(), []).append(path.stem)
    missing = sorted({policy.id for policy in harness.policies.catalog} - alone.keys())
    assert not missing, f"nowhere does it block alone: {', '.join(missing)}"


def test_every_policy_blocks_by_its_own_finding(harness):
    """Not only for want of evidence or in quarantine: by a deny or insufficient of its rule."""
    shown = {
        verdict.id
        for _, _, decision in decided(harness)
        for verdict in decision.verdicts
        if verdict.outcome.blocks and any(one.kind != "evidence" for one in verdict.findings)
    }
    assert shown == {policy.id for policy in harness.policies.catalog}


@pytest.mark.parametrize("sector", BASES)
def test_every_policy_passes_or_says_why_not_in_each_base(harness, sector):
    _, decision = base_of(harness, sector)
    assert decision.allowed
    for verdict in decision.verdicts:
        if verdict.outcome is Outcome.NOT_APPLICABLE:
            assert verdict.reasons, f"{verdict.id} does not apply and does not say why"
        else:
            assert verdict.outcome is Outcome.PASS, verdict.id


@pytest.mark.parametrize("sector", SECTORS)
def test_every_fault_of_evidence_is_shown_in_each_sector(harness, sector):
    shown = {
        fault
        for _, scenario, _ in decided(harness)
        if scenario.sector == sector
        for kind, fault in scenario.expected.faults
        if kind != "approval"
    }
    assert set(FAULTS) <= shown


@pytest.mark.parametrize("sector", SECTORS)
def test_every_state_of_a_waiver_is_shown_in_each_sector(harness, sector):
    names = {path.stem for path, scenario, _ in decided(harness) if scenario.sector == sector}
    assert any(name.startswith("waived-") for name in names)
    assert {f"denied-waiver-{what}" for what in WAIVERS} <= names


@pytest.mark.parametrize("sector", BASES)
def test_populations_of_bases_are_labelled(harness, sector):
    prepared, _ = base_of(harness, sector)
    assert prepared.scenario.base["population"].partition(";")[0] in {"real", "synthetic"}


@pytest.mark.parametrize("sector", BASES)
def test_a_base_is_allowed_with_an_empty_waiver_bundle(harness, sector):
    """Nobody has a waiver at first; OPA's type checker once refused the empty constants."""
    prepared, _ = base_of(harness, sector)
    (answer,) = judge_many(
        harness.engine,
        harness.policies.rules,
        waiver_bundle((), prepared.scenario.now, overrides=()),
        [prepared.document],
        replay=True,
    )
    assert isinstance(answer, Decision), answer
    assert answer.allowed


@pytest.mark.parametrize("sector", SECTORS)
def test_no_base_is_allowed_without_a_waiver_bundle(harness, sector):
    """It also says which emergencies still owe their review; untold is not none."""
    prepared, _ = base_of(harness, sector)
    (answer,) = judge_many(
        harness.engine, harness.policies.rules, None, [prepared.document], replay=True
    )
    assert isinstance(answer, Decision), answer
    assert not answer.allowed
    assert blocking(answer) == {"APR-007"}


# --- taking evidence away ----------------------------------------------------------------


def required(harness, sector):
    """Evidence types that a policy in force and applicable asks for in a base."""
    _, decision = base_of(harness, sector)
    outcomes = {verdict.id: verdict.outcome for verdict in decision.verdicts}
    return {
        kind: {policy.id for policy in harness.policies.catalog if kind in policy.evidence}
        - {name for name, outcome in outcomes.items() if outcome is not Outcome.PASS}
        for policy in harness.policies.catalog
        if outcomes[policy.id] is Outcome.PASS
        for kind in policy.evidence
    }


def without(document, kind, left):
    """A copy with the statements of a type replaced; None takes the type itself away."""
    changed = {**document, "evidence": dict(document["evidence"])}
    if left is None:
        del changed["evidence"][kind]
    else:
        changed["evidence"][kind] = left
    return changed


def test_no_base_is_allowed_without_evidence_that_counts(harness):
    cases, documents = [], []
    for sector in BASES:
        prepared, _ = base_of(harness, sector)
        for kind, policies in sorted(required(harness, sector).items()):
            for left in (None, [], [None], [{}]):
                cases.append((sector, kind, left, policies))
                documents.append(without(prepared.document, kind, left))
    assert len({(sector, kind) for sector, kind, _, _ in cases}) >= 40
    for (sector, kind, left, policies), decision in zip(
        cases, harness.replayed(documents), strict=True
    ):
        assert isinstance(decision, Decision), (sector, kind, left, decision)
        assert not decision.allowed, (sector, kind, left)
        assert blocking(decision) == policies, (sector, kind, left)


_GAPS = """[gaps | some one in input.batch
	gaps := [gap | some gap in data.promotion.lib.evidence.gaps([one.kind])]
		with input as one.document
		with time.now_ns as one.document.now * 1000000000
]"""


def without_a_field(harness):
    """An input document for every field of every type of evidence, without it."""
    documents = {}
    for sector in BASES:
        prepared, _ = base_of(harness, sector)
        for kind in sorted(required(harness, sector)):
            first, *others = prepared.document["evidence"][kind]
            for path in fields(first):
                if (kind, path) not in documents:
                    left = [pruned(first, path), *others]
                    documents[kind, path] = without(prepared.document, kind, left)
    assert len(documents) > 400
    return documents


def test_no_base_is_allowed_without_any_single_field_of_its_evidence(harness):
    """Absence must never read as success: every field of every type, one at a time.

    A statement without it is a gap, which denies (the test above); where it is none, the whole
    decision is made. tests/services makes the whole decision about each.
    """
    documents = without_a_field(harness)
    asked = [
        {"kind": kind, "document": {**one, "evidence": {kind: one["evidence"][kind]}}}
        for (kind, _), one in documents.items()
    ]
    found = harness.engine.evaluate([harness.policies.bundle], _GAPS, {"batch": asked})
    assert len(found) == len(documents)
    whole = [case for case, gaps in zip(documents, found, strict=True) if not gaps]
    # A part of every kind of case, so that this shortcut is itself held.
    whole += [case for number, case in enumerate(documents) if number % 40 == 0]
    answers = harness.replayed([documents[case] for case in whole])
    for case, decision in zip(whole, answers, strict=True):
        assert isinstance(decision, Decision), (case, decision)
        assert not decision.allowed, case


def fields(value, path=()):
    """Paths of all members of objects in a JSON value; of a list only its first item."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name)
            yield from fields(inner, (*path, name))
    elif isinstance(value, list) and value:
        yield from fields(value[0], (*path, 0))


def test_no_base_is_allowed_without_any_part_of_its_request(harness):
    cases, documents = [], []
    for sector in BASES:
        prepared, _ = base_of(harness, sector)
        for path in fields(prepared.document["request"]):
            cases.append((sector, path))
            request = pruned(prepared.document["request"], path)
            documents.append({**prepared.document, "request": request})
    for case, decision in zip(cases, harness.replayed(documents), strict=True):
        assert isinstance(decision, Decision), (case, decision)
        assert not decision.allowed, case
        assert {verdict.outcome for verdict in decision.verdicts} == {Outcome.ERROR}, case
