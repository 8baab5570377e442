"""Puts a scenario's emergency overrides on disk, in Git, and reads them back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hallgate.intake.history import History
from hallgate.intake.overrides import read_overrides
from hallgate.intake.schema import Schemas
from hallgate.intake.shapes import APPROVAL_TYPE
from hallgate.intake.waivers import OVERRIDES
from hallgate.model.documents import Override
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.statement import statement as in_toto
from hallgate.testing.cast import Cast
from hallgate.testing.commits import Commit, write_history
from hallgate.testing.pointer import apply_change
from hallgate.testing.scenario import Scenario


def stage_overrides(
    scenario: Scenario, cast: Cast, schemas: Schemas, folder: Path
) -> tuple[Override, ...]:
    """Write, sign, commit and read back the overrides of a scenario; none without any.

    A change sets members of a template about the base's model. An override is merged when
    it opens, a word when it is signed unless it says otherwise. Raises InvalidDocument as
    `hallgate decide` would.
    """
    changes = scenario.change.get("overrides") or ()
    if not changes:
        return ()
    place = folder / OVERRIDES
    place.mkdir(parents=True)
    commits: list[Commit] = []
    for number, change in enumerate(changes, start=1):
        document = apply_change(_template(scenario, number), change)
        path = place / f"{document['id']}.yaml"
        path.write_text(json.dumps(document, indent=2), encoding="utf-8")
        touchers = change.get("touched_by", (document["requester"],))
        content = path.read_bytes()
        commits += [Commit(path, content, who, document["opened"]) for who in touchers]
        for word in change.get("approvals") or ():
            said = {"role": word} if isinstance(word, str) else word
            commits += _speak(cast, document, said, place)
    write_history(folder, commits)
    return read_overrides(folder, cast.trust, schemas, history=History.read(folder))


def _template(scenario: Scenario, number: int) -> dict[str, Any]:
    request = scenario.base["request"]
    return {
        "id": f"OVR-2026-{number:04d}",
        "policies": [],
        "subject": {
            "name": request["model"]["name"],
            "digest": request["model"]["digest"],
            "to_stage": request["to_stage"],
        },
        "incident": "The model in production answers nonsense since this morning.",
        "reason": "Every hour with the old model does more harm than what was found.",
        "precautions": ["A person looks at every answer."],
        "owner": "model-owner",
        "requester": "model-owner",
        "opened": scenario.base["now"],
        "expires": scenario.base["now"],
    }


def _speak(
    cast: Cast, document: dict[str, Any], said: Mapping[str, Any], place: Path
) -> tuple[Commit, ...]:
    """Write a signed word; the commit that merges it, if anything does."""
    identity = said.get("identity", said["role"])
    predicate = apply_change(
        {
            "action": "override",
            "role": said["role"],
            "identity": identity,
            "decision": "approve",
            "to_stage": None,
            "approved_at": document["opened"],
            "valid_until": document["expires"],
            "reason": "Waiting would do more harm.",
            "conditions": None,
            "rule_digest": None,
        },
        said,
    )
    digest = sha256_digest(canonical_bytes(document))
    word = in_toto(document["id"], digest, APPROVAL_TYPE, predicate)
    name = f"{document['id']}.{identity}"
    number = len(list(place.glob(f"{name}.*approval.json"))) + 1
    target = place / f"{name}.{f'{number}.' if number > 1 else ''}approval.json"
    signed = cast.approve(said.get("signer", identity), word)
    target.write_text(json.dumps(signed), encoding="utf-8")
    merged = said.get("merged", predicate["approved_at"])
    if merged is None:
        return ()
    return (Commit(target, target.read_bytes(), "nobody", merged),)
