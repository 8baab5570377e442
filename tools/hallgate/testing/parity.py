"""The same scenarios through conftest, by the wrapper: the denials must be the same."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conftest_py import Conftest, ConftestError, input_from_value
from hallgate.model.decision import Decision
from hallgate.model.values import Outcome
from hallgate.testing.rego import unpack
from hallgate.testing.runner import Prepared, grouped, observed
from hallgate.testing.scenario import Expected

Denial = tuple[str, str, str]
_NAMESPACE = "promotion.replay"
_SHARE = 40  # below this a second start costs more than it saves
_INCOMPLETE = ("", "error", "")


def denials_of(decision: Decision) -> frozenset[Denial]:
    """What blocks in a decision, as (policy, outcome, key).

    Reasons have an empty key; a decision that is not complete has no policy either.
    """
    return denials_expected(observed(decision))


def denials_expected(expected: Expected) -> frozenset[Denial]:
    """What blocks in what is expected, in the same form."""
    found: set[Denial] = set()
    for policy, outcome, keys in expected.verdicts:
        if Outcome(outcome).blocks:
            found |= {(policy, outcome, key) for key in keys or ("",)}
    if not found and not expected.allowed:
        found.add(_INCOMPLETE)
    return frozenset(found)


def denial_lines(expected: frozenset[Denial], denied: frozenset[Denial]) -> tuple[str, ...]:
    """Lines that say how conftest's denials differ from those that are expected."""
    return (
        *(f"only conftest: {' '.join(one)}" for one in sorted(denied - expected)),
        *(f"not by conftest: {' '.join(one)}" for one in sorted(expected - denied)),
    )


def denials_by_conftest(
    prepared: Sequence[Prepared], program: Conftest, tree: Path, folder: Path
) -> dict[Path, frozenset[Denial] | str]:
    """Denials of each scenario by `conftest test` over a tree of policies; an error is its words.

    folder is for waivers. A wrong scenario among many would silence all, so a run that
    fails is repeated one by one. conftest uses one processor, so large groups are shared out.
    """
    parts: list[tuple[list[Path], Sequence[Prepared]]] = []
    for group in grouped(prepared):
        extra = folder / f"waivers-{group.waivers.digest.removeprefix('sha256:')}"
        unpack(group.waivers.data, extra)
        shares = min(os.cpu_count() or 1, max(1, len(group.members) // _SHARE))
        parts += [([tree, extra], group.members[share::shares]) for share in range(shares)]
    answers: dict[Path, frozenset[Denial] | str] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda part: _run(program, *part), parts):
            answers.update(found)
    return answers


def _run(
    program: Conftest, sources: list[Path], members: Sequence[Prepared]
) -> dict[Path, frozenset[Denial] | str]:
    inputs = [input_from_value(str(index), dict(one.document)) for index, one in enumerate(members)]
    try:
        report = program.test(
            sources, inputs, namespaces=(_NAMESPACE,), allow_undefined_data=("waivers",)
        )
    except ConftestError as error:
        if len(members) == 1:
            return {members[0].scenario.file: str(error)}
        alone = [_run(program, sources, [one]) for one in members]
        return {file: answer for found in alone for file, answer in found.items()}
    denials: dict[int, set[Denial]] = {index: set() for index in range(len(members))}
    for result in report.results:
        for failure in result.failures:
            said = {name: json.loads(text) for name, text in failure.metadata}
            denials[int(result.input)].add((said["id"], said["outcome"], said["key"]))
    return {one.scenario.file: frozenset(denials[i]) for i, one in enumerate(members)}
