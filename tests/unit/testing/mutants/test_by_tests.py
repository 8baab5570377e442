"""Mutants judged by unit tests: failing ones, conflicts, and tests that compile no more."""

import pytest

from hallgate.engine.served import served
from hallgate.model.errors import NotProven
from hallgate.testing.mutants.by_tests import judge_by_tests
from hallgate.testing.mutants.corpus import Corpus
from hallgate.testing.mutants.rules import mutants_of
from hallgate.testing.mutants.source import parse

PACKAGE = "promotion.lib.level"
RULE = "promotion/lib/level/level.rego"
SOURCE = """\
package promotion.lib.level

limits := {"low": 1}

level := "low" if input.x <= limits.low

level := "high" if input.x > limits.low
"""
TESTS = """\
package promotion.lib.level_test

import data.promotion.lib.level

test_allow_low if level.level == "low" with input as {"x": 1}

test_deny_high if {
	level.level == "high" with input as {"x": 2}
	level.limits.low == 1
}
"""


GUARDED = """\
package promotion.lib.level

known if {
	is_string(input.x)
	lower(input.x) == "a"
}
"""
GUARD_TEST = """\
package promotion.lib.level_test

import data.promotion.lib.level

test_deny_numbers if not level.known with input as {"x": 5}
"""


@pytest.fixture(scope="module")
def judged(opa):
    """Fates of mutants by their changes, under some tests."""

    def judge(tests, source=SOURCE):
        corpus = Corpus.read({RULE: source.encode()})
        mutants = mutants_of(corpus.modules[RULE], parse(source, opa))
        files = {RULE: source.encode(), RULE.replace(".rego", "_test.rego"): tests.encode()}
        found = judge_by_tests(mutants, Corpus.read(files), frozenset({PACKAGE}), opa)
        assert not found.killed & found.stillborn
        changes = [(one.old, one.new) for one in mutants]
        return {changes[number] for number in found.killed}, set(changes)

    return judge


def test_failing_tests_kill_and_so_do_conflicts_and_tests_that_do_not_compile(judged):
    killed, _ = judged(TESTS)
    assert ("<=", "<") in killed
    assert ("input.x <= limits.low", "true") in killed, "two values for x = 2"
    assert ('"low"', '"low_m"') in killed, "of limits, as of level"


def test_what_no_test_asks_survives(judged):
    weak = TESTS.replace("test_allow_low", "_test_allow_low")
    killed, every = judged(weak)
    assert ("<=", "<") in every - killed


def test_a_builtin_s_error_kills_as_it_blocks_a_decision(judged):
    killed, _ = judged(GUARD_TEST, GUARDED)
    assert ("is_string(input.x)", "true") in killed, "opa test takes the error for undefined"
    killed, every = judged(GUARD_TEST.replace("5", "null"), GUARDED)
    assert ("is_string(input.x)", "true") in killed
    killed, every = judged(GUARD_TEST.replace("5", '"b"'), GUARDED)
    assert ("is_string(input.x)", "true") in every - killed


def test_tests_that_fail_without_a_change_are_named(judged):
    with pytest.raises(NotProven, match="test_deny_wrong"):
        judged(TESTS + "\ntest_deny_wrong if 1 == 2\n")


def test_a_server_tells_a_rule_s_error_from_its_own_end(opa):
    with served(opa, []) as server:
        assert server.answers()
    assert not server.answers()
