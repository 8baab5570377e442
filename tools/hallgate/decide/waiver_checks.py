"""Governance of waivers (policies/checks/waivers), asked once about all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from hallgate.decide.check_sources import governance_sources
from hallgate.decide.compose import waiver_constant
from hallgate.decide.policies import PolicySet
from hallgate.decide.standings import ask_governance
from hallgate.engine.bundle import build_bundle
from hallgate.engine.opa import Opa
from hallgate.intake.narrow import a_list, a_text, an_object
from hallgate.intake.repository import Repository
from hallgate.intake.waiver_archive import Ended
from hallgate.model.decision import Decision
from hallgate.model.documents import Request, Waiver
from hallgate.model.errors import Fault, Location
from hallgate.model.values import JsonObject, JsonValue

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
Decided = Sequence[tuple[Request, Decision]]


def waiver_faults(
    repository: Repository,
    engine: Opa,
    policies: PolicySet,
    waivers: Sequence[Waiver],
    ended: Sequence[Ended],
    *,
    at: int,
    decided: Decided = (),
) -> tuple[Fault, ...]:
    """What governance finds in waivers as of a time (seconds), in order of file and key.

    decided are decisions, newest last, that say which findings there are. A repository
    without these rules is itself at fault. Raises EngineError.
    """
    rules = governance_sources(repository, "waivers")
    if not rules:
        folder = repository.root / "policies" / "checks" / "waivers"
        words = "take the folder over from Hallgate; nothing else governs waivers"
        return (Fault("there are no policies about waivers", Location(str(folder)), words),)
    if not waivers:
        return ()
    document: JsonObject = {
        "waivers": [{**waiver_constant(one), "file": one.file} for one in waivers],
        "ended": [{**one.document, "file": one.file} for one in ended],
        "catalog": {
            name: {
                "waivable": list(one.waivable),
                "why_not": one.why_not or "METADATA forbids it",
            }
            for one in policies.catalog
            for name in (one.id, *one.aliases)
        },
        "evidence": list(existing_evidence(repository.root, named_evidence(waivers))),
        "decisions": _findings(decided),
        "now": at,
    }
    bundle = build_bundle(rules, ("checks",), {})
    # The policies lend lib/versions: one place says how versions compare.
    found = ask_governance(engine, policies.bundle, bundle, "waiver", document)
    faults = [_fault(one) for one in found]
    return tuple(sorted(faults, key=lambda one: (str(one.where), one.what)))


def named_evidence(waivers: Sequence[Waiver]) -> set[str]:
    """What compensating controls give as evidence: digests, and files of the repository."""
    return {
        a_text(an_object(control)["evidence"])
        for waiver in waivers
        for control in a_list(waiver.document["compensating_controls"])
    }


def existing_evidence(root: Path, named: Iterable[str]) -> list[str]:
    """Which of these are digests, or files that the repository at root has; sorted."""
    return sorted(one for one in named if _DIGEST.fullmatch(one) or _is_file(root, one))


def _is_file(root: Path, name: str) -> bool:
    said = Path(name.partition("#")[0])
    if "\0" in name or said.is_absolute() or ".." in said.parts:
        return False
    path = (root / said).resolve()
    return path.is_relative_to(root.resolve()) and path.is_file()


def _findings(decided: Decided) -> list[JsonValue]:
    """The keys that the newest decision about each subject shows, by policy."""
    newest = {
        (one.model_name, one.model_digest, one.to_stage): (one, answer) for one, answer in decided
    }
    return [
        {
            "policy": verdict.id,
            "subject": {
                "name": one.model_name,
                "digest": one.model_digest,
                "version": one.model_version,
                "to_stage": one.to_stage,
            },
            "keys": [finding.key for finding in verdict.findings],
        }
        for one, answer in newest.values()
        for verdict in answer.verdicts
    ]


def _fault(finding: JsonObject) -> Fault:
    what = f"{a_text(finding['message'])} (waivers)"
    return Fault(what, Location(a_text(finding["file"])), a_text(finding["remedy"]))
