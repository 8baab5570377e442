"""Real people, thin groups: the gate must say that it cannot tell, neither pass nor fail.

Data: examples/data/SOURCES.md. The predictions are fixed rules written down here before
anything was measured, not models; what is judged is whether so few people can carry a
verdict at all. All other evidence is that of the sector's synthetic base scenario.
"""

import csv
from dataclasses import replace
from pathlib import Path

from hallgate.measure.context import Context
from hallgate.measure.fairness import measure_fairness
from hallgate.measure.fairness_spec import Attribute, Outcomes
from hallgate.model.decision import Decision
from hallgate.model.values import Outcome
from hallgate.testing.runner import prepare, run_all
from hallgate.testing.scenario import read_scenario

DATA = Path(__file__).parents[2] / "examples" / "data"
FAIRNESS = ("FAIR-001", "FAIR-002", "FAIR-003", "FAIR-004", "FAIR-006")


def rows_of(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def recidivism(folder):
    """Released prisoners; favourable: not arrested again within the year.

    The rule takes whoever has at most four prior convictions for low risk.
    """
    rows = [
        {
            "low_risk": int(int(row["prio"]) <= 4),
            "not_arrested": 1 - int(row["arrest"]),
            "age": row["age"],
            "race": "Black" if row["race"] == "1" else "other",
        }
        for row in rows_of("rossi_recidivism.csv")
    ]
    return write(folder / "recidivism.csv", rows)


def transplant(folder, oldest):
    """Kidney transplants; favourable: alive at the end of observation.

    The rule expects survival of whoever is at most so many years old.
    """
    rows = [
        {
            "survival_expected": int(int(row["age"]) <= oldest),
            "alive": 1 - int(row["death"]),
            "age": row["age"],
            "sex": "male" if "1" in (row["black_male"], row["white_male"]) else "female",
            "race": "Black" if "1" in (row["black_male"], row["black_female"]) else "White",
        }
        for row in rows_of("kidney_transplant.csv")
    ]
    return write(folder / "transplant.csv", rows)


def decide(harness, sector, path, outcomes, attributes, request):
    """The sector's base with a fairness report that is measured here, and with another use."""
    base = read_scenario(harness.scenarios / sector / "base.yaml")
    common = base.base["common"]
    predicate = measure_fairness(
        path,
        outcomes,
        tuple(Attribute.parse(text) for text in attributes),
        model_digest=base.base["request"]["model"]["digest"],
        context=Context(common["collected_at"], common["valid_until"], "0.1.0"),
    )
    measured = {"set": {f"/{name}": value for name, value in predicate.items()}}
    purpose = request.get("/use/purpose", base.base["request"]["use"]["purpose"])
    card = {"set": {"/result/purposes": [purpose]}}
    features = base.base["evidence"]["model_card"]["result"]["features"]
    needed = {f"/result/features/{number}/purposes": [purpose] for number in range(len(features))}
    evidence = {
        "fairness_report": measured,
        "dataset_card": card,
        "model_card": {"set": needed},
        "impact_assessment": {"set": {"/result/purpose": purpose}},
    }
    change = {"request": {"set": request}, "evidence": evidence}
    prepared = prepare(
        replace(base, change=change), harness.cast, harness.schemas, harness.policies
    )
    (decision,) = run_all([prepared], harness.engine, harness.policies).values()
    assert isinstance(decision, Decision), decision
    return decision


def keys(decision, policy):
    verdict = next(one for one in decision.verdicts if one.id == policy)
    return verdict.outcome, {finding.key for finding in verdict.findings}


def assert_only_fairness_is_insufficient(decision):
    """Nothing failed, nothing but fairness blocks: the people are too few to judge."""
    assert not decision.allowed
    blocking = {one.id: one.outcome for one in decision.verdicts if one.outcome.blocks}
    assert set(blocking) <= set(FAIRNESS)
    assert set(blocking.values()) == {Outcome.INSUFFICIENT}


def test_recidivism_is_insufficient_because_its_groups_are_thin(harness, tmp_path):
    decision = decide(
        harness,
        "government",
        recidivism(tmp_path),
        Outcomes("low_risk", "not_arrested"),
        ("age<26", "race"),
        {
            "/use/purpose": "recidivism_prediction",
            "/use/domain": "law_enforcement",
            "/use/jurisdictions": ["us"],
        },
    )
    assert_only_fairness_is_insufficient(decision)
    outcome, found = keys(decision, "FAIR-003")
    assert outcome is Outcome.INSUFFICIENT
    # 53 of 432 people, of whom 41 were not arrested; the limits are 200 and 67.
    assert {"insufficient:rows:race=other", "insufficient:positives:race=other"} <= found
    # The study followed men alone, so nothing can be said of sex.
    assert keys(decision, "FAIR-004") == (Outcome.INSUFFICIENT, {"insufficient:sex"})
    assert "insufficient:tpr_gap:race=other" in keys(decision, "FAIR-002")[1]


def decide_transplant(harness, path):
    return decide(
        harness,
        "healthcare",
        path,
        Outcomes("survival_expected", "alive"),
        ("sex", "race", "age<50"),
        {"/use/summary": "Tells patients of a transplant what to expect; a physician decides."},
    )


def test_transplant_is_insufficient_because_its_groups_are_thin(harness, tmp_path):
    """Everybody is expected to live: as equal as can be, and still not shown to be."""
    decision = decide_transplant(harness, transplant(tmp_path, oldest=150))
    assert_only_fairness_is_insufficient(decision)
    # 151 of 863 patients are Black; the limit is 200.
    assert keys(decision, "FAIR-003") == (Outcome.INSUFFICIENT, {"insufficient:rows:race=Black"})
    assert "insufficient:fpr_gap:race=Black" in keys(decision, "FAIR-002")[1]
    assert keys(decision, "FAIR-001") == (Outcome.PASS, set())
    assert keys(decision, "FAIR-004") == (Outcome.PASS, set())


def test_a_rule_about_age_fails_on_age_and_stays_insufficient_on_race(harness, tmp_path):
    decision = decide_transplant(harness, transplant(tmp_path, oldest=60))
    found = keys(decision, "FAIR-001")[1] | keys(decision, "FAIR-002")[1]
    # 289 patients of 50 and over can carry a verdict, 151 Black ones cannot.
    assert keys(decision, "FAIR-001") == (Outcome.FAIL, {"age=50 and over"})
    assert {"tpr_gap:age=50 and over", "fpr_gap:age=50 and over"} <= found
    about_race = {key for key in found if "race=" in key}
    assert about_race
    assert all(key.startswith("insufficient:") for key in about_race)
    assert keys(decision, "FAIR-003") == (Outcome.INSUFFICIENT, {"insufficient:rows:race=Black"})


def test_the_data_are_the_ones_described():
    assert len(rows_of("rossi_recidivism.csv")) == 432
    assert len(rows_of("kidney_transplant.csv")) == 863
    assert len(rows_of("german_credit.csv")) == 1000
    assert "real" in (DATA / "SOURCES.md").read_text(encoding="utf-8").lower()
