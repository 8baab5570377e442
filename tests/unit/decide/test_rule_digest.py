"""What an approval binds of a policy, and what it does not."""

import json
from hashlib import sha256

import pytest

from hallgate.decide import rule_digest
from hallgate.decide.kept_answers import KeptModules
from hallgate.decide.rule_digest import parsed_modules, rule_digests
from hallgate.engine.opa import Opa, find_opa

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
    engine = Opa(find_opa(request.config.rootpath))

    def ask(kept=None, **changes):
        sources = {
            **SOURCES,
            **{path.replace("__", "/") + ".rego": t for path, t in changes.items()},
        }
        return rule_digests({path: text.encode() for path, text in sources.items()}, engine, kept)

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


def test_what_is_kept_of_modules_gives_the_same_and_asks_about_changed_ones_alone(
    digest, tmp_path, monkeypatch
):
    asked = []
    evaluate = Opa.evaluate
    monkeypatch.setattr(
        Opa, "evaluate", lambda self, *words: asked.append(set(words[2])) or evaluate(self, *words)
    )
    deeper = "package promotion.lib.deep\n\ndeeper(x) if x > 2\n"
    fresh, other = digest(), digest(promotion__lib__deep__deep=deeper)
    asked.clear()
    kept = KeptModules(tmp_path)
    assert digest(kept) == fresh
    assert digest(kept) == fresh
    assert digest(kept, promotion__lib__deep__deep=deeper) == other != fresh
    assert digest(kept) == fresh
    assert asked == [set(SOURCES), {"promotion/lib/deep/deep.rego"}]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "[1, 2]", '["promotion.rules.made.one"]'])
def test_a_damaged_module_is_asked_about_again(digest, tmp_path, text):
    kept = KeptModules(tmp_path)
    fresh = digest(kept)
    for path in (tmp_path / "rule").iterdir():
        path.write_text(text)
    assert digest(kept) == fresh


def test_of_other_bytes_nothing_is_read_and_nothing_kept(digest, tmp_path):
    fresh = digest()
    digest(KeptModules(tmp_path))
    for path in (tmp_path / "rule").iterdir():
        path.write_text(json.dumps(["promotion.rules.made.one", "another tree"]))
    assert digest(KeptModules(tmp_path, frozenset())) == fresh
    assert digest(KeptModules(tmp_path)) != fresh
    one = sha256(RULE.encode()).hexdigest()
    digest(KeptModules(tmp_path / "own", frozenset({one})))
    assert len(list((tmp_path / "own/rule").iterdir())) == 1


def test_the_form_of_the_digest_is_as_it_was(digest):
    """Approvals of years ago bind it: SHA-256 over the JSON of trees as texts, by package."""
    tree = {
        "package": {"path": [{"type": "var", "value": "data"}]},
        "rules": [{"body": [], "head": {"name": "deny"}}],
    }
    trees = json.dumps(tree, sort_keys=True)
    assert rule_digest._digest({"b", "a"}, {"a": json.dumps(trees)}) == (
        "sha256:" + sha256(json.dumps({"a": [trees], "b": []}, sort_keys=True).encode()).hexdigest()
    )


def test_trees_of_what_is_kept_are_those_of_the_source_in_its_order(request, tmp_path):
    engine = Opa(find_opa(request.config.rootpath))
    sources = {path: text.encode() for path, text in reversed(SOURCES.items())}
    fresh = parsed_modules(sources, engine)
    assert [name.rpartition(".")[2] for name, _ in fresh] == ["other", "deep", "near", "two", "one"]
    kept = KeptModules(tmp_path)
    parsed_modules({path: sources[path] for path in list(sources)[1::2]}, engine, kept)
    assert parsed_modules(sources, engine, kept) == fresh
    assert parsed_modules(sources, engine, kept) == fresh
