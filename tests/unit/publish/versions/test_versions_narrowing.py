"""What a rule's text alone shows: only what certainly denies less is called looser."""

from pathlib import Path

import pytest

from hallgate.decide.rule_digest import parsed_modules
from hallgate.engine.opa import Opa, find_opa
from hallgate.publish.versions.narrowing import only_adds, only_narrower, same_rules

RULE = """package promotion.rules.made.one

import data.promotion.lib.tiers

limits := {"low": 1}

deny contains finding if {
	some report in input.evidence.made
	report.n > limits[tiers.effective]
	finding := _finding(report)
}

deny contains {"key": "b", "message": "b"} if _b

insufficient contains {"key": "c", "message": "c"} if input.c

not_applicable contains "no" if input.request.no

_b if input.b

_finding(report) := {"key": "a", "message": report.text}
"""
SAME, LESS, UNSHOWN = "same", "denies less", "may deny more"

CASES = {
    "comment": (("package", "# a comment\npackage"), SAME),
    "limit": (('{"low": 1}', '{"low": 2}'), SAME),
    "rule dropped": (('deny contains {"key": "b", "message": "b"} if _b\n', ""), LESS),
    "comparison added": (("report.n >", 'report.kind == "x"\n\treport.n >'), LESS),
    "reference added": (("report.n >", "report.counts\n\treport.n >"), LESS),
    "reason added": (("_b if", 'not_applicable contains "d" if input.d\n_b if'), LESS),
    "helper nothing used": (("_b if", "_d if input.d\n\n_b if"), LESS),
    "call added": (("report.n >", "startswith(report.text, report.x)\n\treport.n >"), UNSHOWN),
    "assignment added": (("report.n >", "count(report.x) > 1\n\treport.n >"), UNSHOWN),
    "negation added": (("report.n >", "not report.x\n\treport.n >"), LESS),
    "comparison dropped": (("\treport.n > limits[tiers.effective]\n", ""), UNSHOWN),
    "comparison moved": (("report.n >", "report.n >="), UNSHOWN),
    "rule added": (("_b if", 'deny contains {"key": "d"} if input.d\n_b if'), UNSHOWN),
    "helper changed": (("_b if input.b", "_b if input.other"), UNSHOWN),
    "helper overloaded": (("_b if input.b", "_b if input.b\n\n_b if input.other"), UNSHOWN),
    "reason dropped": (('not_applicable contains "no" if input.request.no\n', ""), UNSHOWN),
    "other library": (("lib.tiers", "lib.other as tiers"), UNSHOWN),
    "message": (('"message": "b"', '"message": "B"'), UNSHOWN),
}  # fmt: skip


@pytest.fixture(scope="module")
def parsed():
    engine = Opa(find_opa(Path(__file__).parents[4]))
    texts = {name: RULE.replace(*pair) for name, (pair, _) in CASES.items()}
    texts |= {"old": RULE, "none left": RULE.split("deny contains")[0]}
    trees = parsed_modules({f"{name}.rego": text.encode() for name, text in texts.items()}, engine)
    return {name: [tree] for name, (_, tree) in zip(texts, trees, strict=True)}


@pytest.mark.parametrize("name", CASES)
def test_what_a_change_of_text_shows(parsed, name):
    old, new, wanted = parsed["old"], parsed[name], CASES[name][1]
    assert RULE.replace(*CASES[name][0]) != RULE
    assert same_rules(old, new) == (wanted == SAME)
    assert only_narrower(old, new) == (wanted != UNSHOWN)


def test_a_policy_left_without_rules_is_no_looser_one(parsed):
    assert not only_narrower(parsed["old"], parsed["none left"])


def test_a_library_that_only_grows(parsed):
    assert only_adds(parsed["old"], parsed["helper nothing used"])
    assert not only_adds(parsed["old"], parsed["limit"])
    assert not only_adds(parsed["old"], parsed["rule dropped"])
    assert not only_adds(parsed["old"], parsed["helper overloaded"])
