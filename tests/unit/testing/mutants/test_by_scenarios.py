"""Mutants judged by documents: who is told apart, who makes OPA stop, and who is left."""

import pytest

from hallgate.decide.compose import exceptions_bundle
from hallgate.model.errors import EngineAborted, Location
from hallgate.model.policy import Policy
from hallgate.model.values import Severity
from hallgate.testing.mutants.by_scenarios import Staged, killed_among_policies
from hallgate.testing.mutants.corpus import Corpus
from hallgate.testing.mutants.rules import mutants_of
from hallgate.testing.mutants.source import parse

RULE = "promotion/rules/fake/many/many.rego"
MAIN = """\
package promotion.main

import data.promotion.generated.catalog

verdicts := [verdict |
	some id, policy in catalog.policies
	not id in input.quarantined
	deny := data.promotion.rules[policy.family][policy.name].deny
	keyed := [finding | some finding in deny; finding.key]
	verdict := {"id": id, "outcome": "pass", "reasons": [], "findings": keyed}
]
"""
REPLAY = """\
package promotion.replay

decision := {"verdicts": data.promotion.main.verdicts}
"""
POLICY = """\
package promotion.rules.fake.many

deny contains {"key": "many"} if {
	is_array(input.x)
	count(input.x) > 1
}
"""


@pytest.fixture(scope="module")
def corpus():
    files = {"promotion/main/main.rego": MAIN, "promotion/replay/replay.rego": REPLAY, RULE: POLICY}
    catalog = "package promotion.generated.catalog\n\npolicies := {}\n"
    files["promotion/generated/catalog.rego"] = catalog
    return Corpus.read({path: text.encode() for path, text in files.items()})


@pytest.fixture(scope="module")
def judged(corpus, opa):
    """For some documents the changed lines of the mutants that they kill, and the others."""
    mutants = mutants_of(corpus.modules[RULE], parse(POLICY, opa))
    policy = Policy(
        id="FAKE-001",
        name="many",
        family="fake",
        title="Not many",
        description="For a test.",
        severity=Severity.HIGH,
        evidence=(),
        limits=(),
        waivable=(),
        why_not=None,
        controls=(),
        remediation="None.",
        effective_from=0,
        where=Location(RULE),
    )
    waivers = exceptions_bundle({"by_digest": {}})

    def judge(*values):
        documents = tuple({"x": value, "quarantined": []} for value in values)
        found = killed_among_policies(mutants, policy, corpus, Staged(documents, waivers), opa)
        changes = [(one.old, one.new) for one in mutants]
        return {changes[number] for number in found}, set(changes)

    return judge


GUARD = ("is_array(input.x)", "true")


def test_a_document_tells_mutants_apart(judged):
    killed, every = judged([1, 2], [1])
    assert {(">", ">="), ("1", "2"), ("count(input.x) > 1", "true")} <= killed
    assert GUARD in every - killed, "no document holds anything but a list"


def test_who_makes_opa_stop_is_killed_and_the_others_are_judged_on(judged):
    killed, every = judged(5, [1, 2])
    assert GUARD in killed, "count(5) is an error"
    assert ("1", "2") in killed, "by the document after it"
    assert (">", ">=") in every - killed, "no document holds a single thing"


def test_what_makes_opa_stop_without_a_change_is_told(judged, corpus, monkeypatch):
    broken = MAIN.replace("deny := data", "count(input.x) > 0\n\tdeny := data")
    files = {path: one.text.encode() for path, one in corpus.modules.items()}
    broken_corpus = Corpus.read({**files, "promotion/main/main.rego": broken.encode()})
    monkeypatch.setattr(corpus, "modules", broken_corpus.modules)
    with pytest.raises(EngineAborted):
        judged(5)
