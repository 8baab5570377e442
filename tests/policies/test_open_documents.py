"""Configuration documents are open: whatever stands in them, there is an answer.

In the base of finance every few members of each document become something of another type. No
policy makes the engine stop, and every finding stays readable: text where a number should be must
end in a finding or in none, never in a policy that could not be judged.
"""

import copy
import itertools
import json

from hallgate.measure.configuration import TYPES

EVERY = 3
ODD = (
    None,
    True,
    -1,
    1.5,
    "",
    "*",
    [],
    [None],
    ["x"],
    {},
    {"a": {"b": [1]}},
    "\u202ex",
    "a" * 3000,
)
QUERY = (
    "[[n, sound] | some seen in input.seen; found := {f | some one in input.wanted; "
    'some kind in ["deny", "insufficient"]; '
    "rules := data.promotion.rules[one.family][one.name][kind] with input as seen; "
    "some f in rules}; n := count(found); "
    "sound := count({f | some f in found; is_string(f.key); is_string(f.message)})]"
)


def places(value, path=()):
    yield path
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, name))


def replaced(value, path, odd):
    if not path:
        return odd
    changed = copy.copy(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], odd)
    return changed


def variants(document):
    """The input document with one part of one configuration document replaced, over and over."""
    odd = itertools.cycle(ODD)
    for kind in TYPES:
        (statement,) = document["evidence"][kind]
        for number, carried in enumerate(statement["result"]["documents"]):
            content = json.loads(carried["content"])
            for path in itertools.islice(places(content), number % EVERY, None, EVERY):
                changed = json.dumps(replaced(content, path, next(odd)))
                documents = list(statement["result"]["documents"])
                documents[number] = {**carried, "content": changed}
                result = {**statement["result"], "documents": documents}
                evidence = {**document["evidence"], kind: [{**statement, "result": result}]}
                yield {"request": document["request"], "evidence": evidence}


def test_every_variant_has_an_answer_and_readable_findings(harness):
    prepared = harness.prepared[harness.scenarios / "finance" / "base.yaml"]
    document = {
        "request": prepared.document["request"],
        "evidence": {kind: prepared.document["evidence"][kind] for kind in TYPES},
    }
    wanted = [
        {"family": one.family, "name": one.name}
        for one in harness.policies.catalog
        if one.evidence and set(one.evidence) <= set(TYPES)
    ]
    seen = list(variants(document))
    answers = harness.engine.evaluate(
        [harness.policies.bundle], QUERY, {"seen": seen, "wanted": wanted}
    )
    assert len(wanted) >= 16
    assert len(answers) == len(seen)
    assert len(seen) > 80
    assert all(found == sound for found, sound in answers)
    assert sum(found > 0 for found, _ in answers) > len(answers) // 3
