"""`hallgate measure`: complete statements on content, failures told apart, errors in words."""

import base64
import json
import pickle
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from hallgate.cli import app
from hallgate.intake.schema import Schemas
from hallgate.model.trust import Identity, Key, RoleHeld, Trust
from hallgate.record.dsse import verify_envelope
from hallgate.record.keys import generate_key, public_pem, write_private_key

ROOT = Path(__file__).parents[3]
DIGEST = "sha256:" + "a" * 64
MODEL = ("--model", f"credit-risk@{DIGEST}")
COLUMNS = ("--prediction", "granted", "--outcome", "repaid")
SCHEMAS = Schemas.load(ROOT / "evidence-schemas")


@pytest.fixture
def predictions(tmp_path):
    """Two sexes of 40, half of each over 40 years old; men are granted more often."""
    path = tmp_path / "predictions.csv"
    lines = ["sex,age,repaid,granted"]
    for at in range(80):
        sex, age = ("male", "female")[at % 2], 20 + 30 * (at % 4 > 1)
        lines.append(f"{sex},{age},{int(at % 5 > 0)},{int(sex == 'male' or at % 3 == 0)}")
    path.write_text("\n".join(lines) + "\n")
    return path


def measure(*words):
    return app.main(["measure", *map(str, words)])


def fairness(file, *words):
    return measure("fairness", file, *MODEL, *COLUMNS, *words)


def test_fairness_is_a_complete_statement_that_its_schema_accepts(predictions, capsys):
    assert fairness(predictions, "--attribute", "sex", "--attribute", "age<40") == 0
    statement = json.loads(capsys.readouterr().out)
    assert SCHEMAS.accepts(statement, "statement:fairness_report")
    assert statement["subject"] == [{"name": "credit-risk", "digest": {"sha256": "a" * 64}}]
    predicate = statement["predicate"]
    assert predicate["status"] == "measured"
    assert predicate["population"]["count"] == 80
    assert predicate["population"]["digest"] == (
        "sha256:" + sha256(predictions.read_bytes()).hexdigest()
    )
    sex, age = predicate["result"]["attributes"]
    assert sex["reference"] == "male"
    assert {one["name"]: one["selected"] for one in sex["groups"]} == {"male": 40, "female": 13}
    assert [one["name"] for one in age["groups"]] == ["under 40", "40 and over"]
    assert predicate["result"]["consistency_bp"] is None


def test_fairness_takes_a_reference_neighbours_and_a_score(predictions, tmp_path, capsys):
    scored = tmp_path / "scored.csv"
    text = predictions.read_text().replace(",1\n", ",0.9\n").replace(",0\n", ",0.1\n")
    scored.write_text(text)
    words = ("--attribute", "sex", "--reference", "sex=female", "--neighbours", "age,sex")
    assert fairness(scored, *words, "--threshold", "0.5") == 0
    result = json.loads(capsys.readouterr().out)["predicate"]["result"]
    (sex,) = result["attributes"]
    assert sex["reference"] == "female"
    assert {one["name"]: one["selected"] for one in sex["groups"]} == {"male": 40, "female": 13}
    assert 0 < result["consistency_bp"] <= 10_000


def test_validity_is_counted_from_now(predictions, capsys):
    assert fairness(predictions, "--attribute", "sex", "--valid-days", "7") == 0
    predicate = json.loads(capsys.readouterr().out)["predicate"]
    begins, ends = (
        datetime.fromisoformat(predicate[name]) for name in ("collected_at", "valid_until")
    )
    assert (ends - begins).days == 7


def test_with_a_key_the_statement_lies_in_a_verified_envelope(predictions, tmp_path):
    key, out = generate_key(), tmp_path / "evidence" / "fairness_report.json"
    write_private_key(tmp_path / "key.pem", key)
    words = ("--attribute", "sex", "--key", tmp_path / "key.pem", "--out", out)
    assert fairness(predictions, *words) == 0
    listed = Key(public_pem(key), 0, None, None, False)
    evaluator = Identity("evaluator", "machine", "", (), (RoleHeld("r", 0, None),), (listed,))
    envelope = json.loads(out.read_text())
    verified = verify_envelope(envelope, Trust((evaluator,), (), (), ()), 1)
    assert verified.identity == "evaluator"
    assert SCHEMAS.accepts(json.loads(verified.payload), "statement:fairness_report")
    assert fairness(predictions, *words) == 0, "measured again, the file is replaced"


def test_a_measurement_that_fails_says_error_and_exits_1(predictions, tmp_path, capsys):
    out = tmp_path / "out.json"
    words = ("--prediction", "granted", "--outcome", "age", "--attribute", "sex", "--out", out)
    predictions.write_text(predictions.read_text().replace(",20,", ",21,", 1))
    assert measure("fairness", predictions, *MODEL, *words) == 1
    statement = json.loads(out.read_text())
    assert SCHEMAS.accepts(statement, "statement:fairness_report:unmeasured")
    assert statement["predicate"]["status"] == "error"
    assert statement["predicate"]["result"] is None
    said = capsys.readouterr().err
    assert "column 'age' has 3 values, not two" in said
    assert "closes no gap" in said


@pytest.mark.parametrize("rows", ["", "male,,1\nmale,1,\n"])
def test_nothing_to_measure_is_not_run_and_exits_1(tmp_path, rows, capsys):
    (tmp_path / "p.csv").write_text("sex,repaid,granted\n" + rows)
    assert fairness(tmp_path / "p.csv", "--attribute", "sex") == 1
    statement = json.loads(capsys.readouterr().out)
    assert SCHEMAS.accepts(statement, "statement:fairness_report:unmeasured")
    assert statement["predicate"]["status"] == "not_run"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--attribute", "race"), "no column 'race'"),
        (("--attribute", "sex", "--attribute", "sex"), "an attribute is given twice"),
        (("--attribute", "age<x"), "cut point that is no number"),
        (("--attribute", "sex", "--reference", "age=old"), "names no attribute"),
        (("--attribute", "sex", "--reference", "sex=other"), "has no group 'other'"),
        (("--attribute", "sex", "--favourable", "yes"), "'yes' occurs neither"),
        (("--attribute", "sex", "--valid-days", "0"), "no number of days"),
        (("--attribute", "sex", "--key", "nowhere.pem"), "cannot read the private key"),
    ],
)
def test_a_wrong_call_says_what_and_exits_2(predictions, words, said, capsys):
    assert fairness(predictions, *words) == 2
    streams = capsys.readouterr()
    assert said in " ".join(streams.err.split())
    assert streams.out == "", "nothing is written that could be taken for evidence"


@pytest.mark.parametrize("model", ["credit-risk", "credit-risk@sha256:abc", "A@" + DIGEST])
def test_the_model_needs_name_and_digest(predictions, model, capsys):
    words = ("fairness", predictions, "--model", model, *COLUMNS, "--attribute", "sex")
    assert measure(*words) == 2
    assert "is not NAME@sha256:<64 lower-case hex digits>" in " ".join(
        capsys.readouterr().err.split()
    )


def test_no_file_is_a_wrong_call(tmp_path, capsys):
    assert fairness(tmp_path / "nope.csv", "--attribute", "sex") == 2
    assert measure("pii", tmp_path / "nope.csv", *MODEL) == 2
    assert measure("artifact", tmp_path / "nope", *MODEL) == 2
    assert capsys.readouterr().err.count("nope") >= 3


def test_pii_counts_by_column_and_never_shows_a_value(tmp_path, capsys):
    people = tmp_path / "people.csv"
    people.write_text("name,contact\nA,a.b@example.org\nB,none\n")
    (tmp_path / "more.jsonl").write_text('{"note": "write to c.d@example.org"}\n')
    assert measure("pii", people, tmp_path / "more.jsonl", *MODEL) == 0
    text = capsys.readouterr().out
    statement = json.loads(text)
    assert SCHEMAS.accepts(statement, "statement:pii_scan")
    listed = statement["predicate"]["result"]["hits"]
    hits = {(one["column"], one["kind"], one["count"]) for one in listed}
    assert hits == {("contact", "email", 1), ("note", "email", 1)}
    assert "example.org" not in text


def test_a_scan_of_no_rows_is_not_run(tmp_path, capsys):
    (tmp_path / "empty.csv").write_text("a,b\n")
    assert measure("pii", tmp_path / "empty.csv", *MODEL) == 1
    assert json.loads(capsys.readouterr().out)["predicate"]["status"] == "not_run"


def of(path):
    return ("--model", f"credit-risk@sha256:{sha256(path.read_bytes()).hexdigest()}")


def test_a_safetensors_file_is_looked_at_to_the_last_byte(tmp_path, capsys):
    model = tmp_path / "model.safetensors"
    save_file({"weights": np.ones(4)}, model)
    assert measure("artifact", model, *of(model)) == 0
    statement = json.loads(capsys.readouterr().out)
    assert SCHEMAS.accepts(statement, "statement:artifact_scan")
    (file,) = statement["predicate"]["result"]["files"]
    assert (file["path"], file["format"], file["readable"]) == (model.name, "safetensors", True)
    assert statement["predicate"]["result"]["findings"] == []

    model.write_bytes(model.read_bytes() + b"x")
    assert measure("artifact", model, *of(model)) == 0
    (found,) = json.loads(capsys.readouterr().out)["predicate"]["result"]["findings"]
    assert found["kind"] == "trailing_data"


def test_a_pickle_is_a_finding_and_is_never_loaded(tmp_path, capsys):
    model = tmp_path / "model.pkl"
    model.write_bytes(pickle.dumps({"weights": [1.0]}))
    assert measure("artifact", model, *of(model)) == 0
    (found,) = json.loads(capsys.readouterr().out)["predicate"]["result"]["findings"]
    assert found["kind"] == "executable_format"


def test_a_scan_of_another_file_is_refused(tmp_path, capsys):
    model = tmp_path / "model.safetensors"
    save_file({"weights": np.ones(4)}, model)
    assert measure("artifact", model, *MODEL) == 2
    assert "none of the scanned files has the model's digest" in capsys.readouterr().err


def test_an_envelope_holds_the_same_statement_as_plain(predictions, tmp_path, capsys):
    write_private_key(tmp_path / "key.pem", generate_key())
    fairness(predictions, "--attribute", "sex")
    plain = json.loads(capsys.readouterr().out)
    fairness(predictions, "--attribute", "sex", "--key", tmp_path / "key.pem")
    signed = json.loads(base64.b64decode(json.loads(capsys.readouterr().out)["payload"]))
    assert signed["predicate"]["result"] == plain["predicate"]["result"]


def test_help_shows_commands_to_copy(capsys):
    assert measure("fairness", "--help") == 0
    assert "hallgate measure fairness predictions.csv" in capsys.readouterr().out
