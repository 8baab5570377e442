"""Puts a scenario's waivers and their approvals on disk, in Git, and reads them back.

The history is a real one: who touched a waiver is whoever committed its file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hallgate.decide.policies import PolicySet
from hallgate.intake.history import History
from hallgate.intake.schema import Schemas
from hallgate.intake.shapes import APPROVAL_TYPE
from hallgate.intake.waivers import read_waivers
from hallgate.model.documents import Waiver
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.statement import statement as in_toto
from hallgate.testing.cast import Cast
from hallgate.testing.commits import Commit, write_history
from hallgate.testing.pointer import apply_change
from hallgate.testing.scenario import Scenario


def stage_waivers(
    scenario: Scenario,
    cast: Cast,
    schemas: Schemas,
    folder: Path,
    policies: PolicySet,
) -> tuple[Waiver, ...]:
    """Write, sign, commit and read back the waivers of a scenario; none without any.

    A waiver is merged when it opens, a word when it is signed unless it says
    otherwise. Raises InvalidDocument as `hallgate decide` would.
    """
    changes = scenario.change.get("waivers") or ()
    if not changes:
        return ()
    folder.mkdir()
    written = [_write(scenario, cast, folder, change, policies) for change in changes]
    if any(one.touchers for one in written):
        write_history(folder.parent, [commit for one in written for commit in _commits(one)])
    return read_waivers(
        folder,
        cast.trust,
        schemas,
        history=History.read(folder),
        live=policies.live,
        at=scenario.now,
    )


@dataclass(frozen=True, slots=True)
class _Written:
    """A waiver's file, who is to have touched it (None: no history), and words with their merge."""

    path: Path
    touchers: Sequence[str] | None
    opened: str
    words: tuple[tuple[Path, str | None], ...]


def _write(
    scenario: Scenario, cast: Cast, folder: Path, change: Mapping[str, Any], policies: PolicySet
) -> _Written:
    document = apply_change(scenario.base["waiver"], change)
    name = document["id"]
    live = policies.policy(document["policy"])
    family = folder / (live.family if live else "none")
    family.mkdir(exist_ok=True)
    path = family / f"{name}.yaml"
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    words: list[tuple[Path, str | None]] = []
    for word in change.get("approvals") or ():
        said = {"role": word} if isinstance(word, str) else word
        rule = policies.rule_digests.get(document["policy"])
        approval = _approval(cast, document, said, rule)
        target = _free(family, name, said.get("identity", said["role"]))
        target.write_text(json.dumps(approval), encoding="utf-8")
        words.append(
            (target, said.get("merged", approval["statement"]["predicate"]["approved_at"]))
        )
    touchers = change.get("touched_by", (document["requester"],))
    if "edited" in change:
        edited = apply_change(document, change["edited"])
        path.write_text(json.dumps(edited, indent=2), encoding="utf-8")
    return _Written(path, touchers, document["opened"], tuple(words))


def _free(family: Path, name: str, identity: str) -> Path:
    """The next file of this person's words: a later one leaves the earlier ones in place."""
    said = len(list(family.glob(f"{name}.{identity}.*approval.json")))
    return family / f"{name}.{identity}.{f'{said + 1}.' if said else ''}approval.json"


def _approval(
    cast: Cast, waiver: dict[str, Any], said: Mapping[str, Any], rule: str | None
) -> dict[str, Any]:
    identity = said.get("identity", said["role"])
    predicate = {
        "action": "waiver",
        "role": said["role"],
        "identity": identity,
        "decision": "approve",
        "to_stage": None,
        "approved_at": waiver["opened"],
        "valid_until": waiver["expires"],
        "reason": "The residual risk is acceptable until the remedy is due.",
        "conditions": None,
        "rule_digest": rule,
    }
    subject = said.get("subject") or {}
    document = in_toto(
        subject.get("name", waiver["id"]),
        subject.get("digest", sha256_digest(canonical_bytes(waiver))),
        APPROVAL_TYPE,
        apply_change(predicate, said),
    )
    return dict(cast.approve(said.get("signer", identity), document))


def _commits(one: _Written) -> Iterator[Commit]:
    """A commit of the waiver by each toucher (only a last line end moves), one of each word."""
    text = one.path.read_text(encoding="utf-8")
    for number, who in enumerate(one.touchers or ()):
        one.path.write_text(text + "\n" * number, encoding="utf-8")
        yield Commit(one.path, one.path.read_bytes(), who, one.opened)
    for path, merged in one.words if one.touchers else ():
        if merged is not None:
            yield Commit(path, path.read_bytes(), "nobody", merged)
