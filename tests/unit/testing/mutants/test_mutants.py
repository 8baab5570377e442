"""Which changes are made of a text, and that each stands where it should."""

import pytest

from hallgate.testing.mutants.mutant import Mutant
from hallgate.testing.mutants.rules import mutants_of
from hallgate.testing.mutants.source import Module, parse

TEXT = """\
package promotion.rules.a.e

import data.promotion.lib.tiers

limits := {"löw": 30, "high": -1}

default ok := false

ok if {
	input.x.y < limits[tiers.effective]
	not input.z
	input.a in {"p", "q"}
}

level(x) := 1 if x == "é" # first

# A remark.
else := 2 if {
	every one in x { one.b }
}

else := 3 if x >= 7

not_applicable contains "why" if {
	input.e == 1
	input.b
}

deny contains {"key": "a"} if {
	some f in input.f
	count([g | some g in f; g > 3]) == max({1, 2}) + 1
	f.a | {1} == set()
}
"""


@pytest.fixture(scope="module")
def mutants(opa):
    module = Module.read("promotion/rules/a/e/e.rego", TEXT.encode())
    return mutants_of(module, parse(TEXT, opa))


def changes(mutants, operator):
    return {(one.old, one.new) for one in mutants if one.operator == operator}


@pytest.mark.parametrize(
    ("operator", "old", "new"),
    [
        ("compare", "<", "<="),
        ("opposite", "<", ">="),
        ("opposite", "==", "!="),
        ("compare", ">=", ">"),
        ("compare", ">", ">="),
        ("drop", "input.x.y < limits[tiers.effective]", "true"),
        ("drop", "not input.z", "true"),
        ("drop", 'x == "é"', "true"),
        ("negate", "not input.z", "input.z"),
        ("negate", 'input.a in {"p", "q"}', 'not input.a in {"p", "q"}'),
        ("number", "30", "31"),
        ("number", "-1", "-2"),
        ("number", "7", "6"),
        ("rename", '"löw"', '"löw_m"'),
        ("rename", "y", "y_m"),
        ("element", '"p", ', ""),
        ("element", ', "q"', ""),
        ("empty", '{"p", "q"}', "set()"),
        ("empty", "[g | some g in f; g > 3]", "[]"),
        ("boolean", "false", "true"),
        ("operator", "max", "min"),
        ("operator", "+", "-"),
        ("operator", "|", "&"),
        ("every", "every one in x { one.b }", "count([1 | some one in x; one.b]) > 0"),
        ("never", 'x == "é"', '{ false; x == "é" }'),
        ("widen", "input.e == 1\n\tinput.b", "true\n\ttrue"),
    ],
)
def test_each_kind_of_change_is_made(mutants, operator, old, new):
    assert (old, new) in changes(mutants, operator)


def test_two_conditions_become_two_rules(mutants):
    joined = [one.new for one in mutants if one.operator == "or" and one.rule == "not_applicable"]
    assert joined == [
        'not_applicable contains "why" if {\n\ttrue\n\tinput.b\n}\n\n'
        'not_applicable contains "why" if {\n\tinput.e == 1\n\ttrue\n}'
    ]


def test_every_mutant_is_a_text_of_its_own_at_its_place(mutants):
    texts = [one.apply(TEXT) for one in mutants]
    assert len({*texts, TEXT}) == len(mutants) + 1 > 80
    for one in mutants:
        assert TEXT[one.start : one.end] == one.old
        assert TEXT.count("\n", 0, one.start) + 1 == one.row


def test_names_follow_the_lines_not_their_place():
    def made(text):
        start = text.index("<")
        return Mutant("a.rego", "ok", "compare", start, start + 1, "<", "<=", 1).name(text)

    assert made("a < b\n") == made("# more\n\n\ta < b\n")
    assert made("a < b\n") != made("a < c\n")


def test_lines_are_those_that_change():
    text = "x := {\n\t1,\n\t2,\n}\n"
    one = Mutant("a.rego", "x", "element", text.index("1,"), text.index("2,"), "1,", "", 2)
    assert one.lines(text) == (("1,",), ())
