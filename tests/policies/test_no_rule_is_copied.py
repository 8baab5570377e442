"""One implementation of each rule: what two policies need lies in lib, and tracks bring none."""

import json
from pathlib import Path

import pytest

from hallgate.decide.policies import read_sources
from hallgate.decide.rule_digest import parsed_modules
from hallgate.engine.opa import Opa, find_opa

ROOT = Path(__file__).parents[2]
LONG = 3


def steady(value):
    """A rule without places, under whatever name it goes."""
    if isinstance(value, dict):
        return {key: steady(one) for key, one in value.items() if key != "index"}
    return [steady(one) for one in value] if isinstance(value, list) else value


def copies(modules):
    """Rules of at least LONG expressions that stand in more than one package."""
    found = {}
    for package, tree in modules:
        for rule in tree.get("rules") or []:
            if len(rule["body"]) >= LONG:
                text = json.dumps([steady(rule["body"]), rule["head"].get("args")], sort_keys=True)
                found.setdefault(text, set()).add((package, rule["head"].get("name")))
    return sorted(
        sorted(f"{package}.{name}" for package, name in places)
        for places in found.values()
        if len({package for package, _ in places}) > 1
    )


@pytest.fixture(scope="module")
def engine():
    return Opa(find_opa(ROOT))


def test_no_rule_is_copied(engine):
    sources = read_sources(ROOT / "policies/promotion")
    assert copies(parsed_modules(sources, engine)) == []


def test_tracks_bring_no_rules():
    assert [one.name for one in (ROOT / "tracks").rglob("*") if one.suffix != ".yaml"] == []


def test_a_copied_rule_is_found(engine):
    rule = "deny contains x if {\n\tsome x in input.a\n\tx.b > 1\n\tx.c == 2\n}\n"
    texts = {
        f"{name}.rego": f"package promotion.rules.made.{name}\n\n{rule}".encode()
        for name in ("one", "two")
    }
    places = ["promotion.rules.made.one.deny", "promotion.rules.made.two.deny"]
    assert copies(parsed_modules(texts, engine)) == [places]
