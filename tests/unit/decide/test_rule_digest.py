"""What an approval binds of a policy, and what it does not."""

import pytest

from hallgate.decide.rule_digest import rule_digests

RULE = """# METADATA
# title: One
package promotion.rules.made.one

import data.promotion.lib.near

deny contains "x" if near.far(input.x)
"""
SOURCES = {
    "promotion/rules/made/one/one.rego": RULE,
    "promotion/rules/made/two/two.rego": "package promotion.rules.made.two\n\ndeny contains 1\n",
    "promotion/lib/near/near.rego": (
        "package promotion.lib.near\n\nfar(x) if data.promotion.lib.deep.deeper(x)\n"
    ),
    "promotion/lib/deep/deep.rego": "package promotion.lib.deep\n\ndeeper(x) if x > 1\n",
    "promotion/lib/other/other.rego": "package promotion.lib.other\n\nlimit := 1\n",
}
ONE = "promotion.rules.made.one"


@pytest.fixture(scope="module")
def digest(request):
    from hallgate.engine.opa import Opa, find_opa

    engine = Opa(find_opa(request.config.rootpath))

    def ask(**changes):
        sources = {
            **SOURCES,
            **{path.replace("__", "/") + ".rego": t for path, t in changes.items()},
        }
        return rule_digests({path: text.encode() for path, text in sources.items()}, engine)

    return ask


def test_every_policy_has_one_and_nothing_else(digest):
    found = digest()
    assert set(found) == {ONE, "promotion.rules.made.two"}
    assert len(set(found.values())) == 2
    assert all(value.startswith("sha256:") for value in found.values())


@pytest.mark.parametrize(
    "text",
    [
        RULE.replace("# title: One", "# title: Another\n# description: longer"),
        RULE.replace("deny contains", "# why\n\n\ndeny   contains"),
    ],
    ids=["comment", "layout"],
)
def test_words_about_the_rule_change_nothing(digest, text):
    assert digest(promotion__rules__made__one__one=text) == digest()


@pytest.mark.parametrize(
    "change",
    [
        {"promotion__rules__made__one__one": RULE.replace("input.x", "input.y")},
        {"promotion__rules__made__one__more": "package promotion.rules.made.one\n\nlimit := 2\n"},
        {"promotion__lib__near__near": "package promotion.lib.near\n\nfar(x) if x > 1\n"},
        {"promotion__lib__deep__deep": "package promotion.lib.deep\n\ndeeper(x) if x > 2\n"},
    ],
    ids=["rule", "second file", "library", "library of the library"],
)
def test_what_the_rule_reaches_changes_it(digest, change):
    before, after = digest(), digest(**change)
    assert after[ONE] != before[ONE]
    assert after["promotion.rules.made.two"] == before["promotion.rules.made.two"]


def test_a_library_it_does_not_reach_changes_nothing(digest):
    after = digest(promotion__lib__other__other="package promotion.lib.other\n\nlimit := 2\n")
    assert after == digest()
