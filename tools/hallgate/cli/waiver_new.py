"""Proposes a waiver: what is said, what a record shows, what a person at the terminal answers."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from hallgate.cli.waiver_show import find, folder_of
from hallgate.cli.wiring import Workplace, now
from hallgate.cli.writing import write_fresh
from hallgate.decide.judge import read_decision
from hallgate.intake.requests import read_document
from hallgate.intake.rfc3339 import text as rfc3339
from hallgate.model.errors import UsageError
from hallgate.model.policy import Policy
from hallgate.model.values import JsonObject
from hallgate.record.decision_proof import verify_record

_OPEN = "FILL-IN"
_HEAD = "# How to ask: exceptions/README.md. Replace every FILL-IN; then ask for signatures.\n"
_NAMED = "[n | n := data.promotion.lib.versions.named(input)]"
_SCORE = re.compile(r"([1-5])\s*[xX]\s*([1-5])")


def propose(options: argparse.Namespace) -> int:
    """Write the file of a new waiver, or of a renewal, and say where it is."""
    place = Workplace(options)
    moment = now()
    if options.form == "renew":
        policy, document = _renewal(place, options, moment)
    else:
        policy = _policy(place, options.policy)
        document = _fresh(place, options, policy, moment)
    _fill(document, options)
    document["id"] = _free_id(place, rfc3339(moment)[:4])
    path = folder_of(place) / policy.family / f"{document['id']}.yaml"
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=96)
    sys.stdout.write(f"{write_fresh(path, _HEAD + text)}\n")
    return 0


def _policy(place: Workplace, name: str) -> Policy:
    policy = place.policies.policy(name)
    if policy is None:
        raise UsageError(f"there is no policy {name}", remedy="see `hallgate explain`")
    if not policy.waivable:
        raise UsageError(
            f"{name} cannot be waived: {policy.why_not}", remedy="mend what it finds instead"
        )
    return policy


def _fresh(
    place: Workplace, options: argparse.Namespace, policy: Policy, moment: int
) -> dict[str, Any]:
    name, digests, stage = options.model, list(options.digest), options.stage or "production"
    findings = list(options.finding)
    if options.versions is not None and digests:
        raise UsageError(
            "--digest and --versions exclude each other",
            remedy="ask for exact digests, or in another waiver for a range of versions",
        )
    if options.record is not None:
        record = verify_record(options.record, place.trust, moment)
        name = name or record.claims.model
        digests = sorted({*digests, record.claims.digest})
        stage = options.stage or record.to_stage
        findings = findings or _found(record.claims.body, policy)
    reach: dict[str, Any] = {"digests": digests}
    if options.versions is not None:
        reach = {"versions": _versions(place, options.versions)}
    elif not digests:
        name = None
    if not name:
        raise UsageError(
            "nothing says which model",
            remedy="name --from, or --model and --digest, or --model and --versions",
        )
    return {
        "id": "",
        "policy": policy.id,
        "subject": {"name": name, **reach, "to_stage": stage},
        "findings": findings or None,
        "reason": f"{_OPEN} why the exception is needed.",
        "risk": {
            "inherent": {"likelihood": 5, "impact": 5},
            "residual": {"likelihood": 5, "impact": 5},
            "rationale": f"{_OPEN} why these scores.",
        },
        "compensating_controls": [],
        "remediation": {"plan": f"{_OPEN} what will be done.", "due": _OPEN},
        "owner": _OPEN,
        "requester": _OPEN,
        "opened": rfc3339(moment),
        "expires": _OPEN,
        "renews": None,
    }


def _versions(place: Workplace, said: str) -> dict[str, str]:
    """A range as written, if the policies can count the versions in it."""
    first, _, last = said.partition("..")
    versions: JsonObject = {"from": first, "to": last}
    if not place.engine.evaluate([place.policies.bundle], _NAMED, versions):
        raise UsageError(
            f"{said!r} is no range of PATCH releases of one MAJOR.MINOR",
            remedy="write FROM..TO, as 1.2.0..1.2.9; both are included, and there are no wildcards",
        )
    return {"from": first, "to": last}


def _found(body: Any, policy: Policy) -> list[str]:
    """Keys of uncovered findings of this policy that METADATA lets anybody waive."""
    verdicts = [one for one in read_decision(body).verdicts if one.id == policy.id]
    keys = [
        finding.key
        for verdict in verdicts
        for finding in verdict.findings
        if finding.kind in policy.waivable and finding.waiver is None
    ]
    if not keys:
        raise UsageError(
            f"the record shows no finding of {policy.id} that could be waived",
            remedy="name another record or policy, or the keys with --finding",
        )
    return sorted(set(keys))


def _renewal(
    place: Workplace, options: argparse.Namespace, moment: int
) -> tuple[Policy, dict[str, Any]]:
    before = find(place, options.waiver, moment)
    source: Any = read_document(Path(before.file)).value
    document: dict[str, Any] = {
        **source,
        "reason": f"{_OPEN} what changed since {before.id}, and why it is still needed.",
        "remediation": {"plan": f"{_OPEN} what will be done now.", "due": _OPEN},
        "opened": rfc3339(moment),
        "expires": _OPEN,
        "renews": before.id,
    }
    return _policy(place, str(source["policy"])), document


def _fill(document: dict[str, Any], options: argparse.Namespace) -> None:
    """Put in what was said; ask for the rest where somebody sits at a terminal."""
    ask = _asker()
    document["reason"] = options.reason or ask("Why is it needed", document["reason"])
    risk = document["risk"]
    for which in ("inherent", "residual"):
        now_is = f"{risk[which]['likelihood']}x{risk[which]['impact']}"
        said = getattr(options, which) or ask(f"{which} risk, likelihood x impact", now_is)
        match = _SCORE.fullmatch(said)
        if match is None:
            raise UsageError(f"{said!r} is no score", remedy="write 1x1 to 5x5, as 2x3")
        risk[which] = {"likelihood": int(match[1]), "impact": int(match[2])}
    risk["rationale"] = options.rationale or ask("Why these scores", risk["rationale"])
    for control in options.control:
        what, equals, evidence = control.rpartition("=")
        if not equals:
            raise UsageError(f"{control!r} names no evidence", remedy="write TEXT=EVIDENCE")
        document["compensating_controls"].append({"control": what, "evidence": evidence})
    plan = document["remediation"]
    plan["plan"] = options.plan or ask("What will be done", plan["plan"])
    plan["due"] = options.due or ask("By when, RFC 3339", plan["due"])
    for who in ("owner", "requester", "expires"):
        document[who] = getattr(options, who) or ask(who, document[who])


def _asker() -> Callable[[str, str], str]:
    if not sys.stdin.isatty():
        return lambda question, unsaid: unsaid

    def ask(question: str, unsaid: str) -> str:
        sys.stderr.write(f"{question} [{unsaid}]: ")
        sys.stderr.flush()
        return sys.stdin.readline().strip() or unsaid

    return ask


def _free_id(place: Workplace, year: str) -> str:
    used = [
        int(path.name[9:13])
        for path in folder_of(place).rglob(f"EXC-{year}-[0-9][0-9][0-9][0-9].*")
    ]
    return f"EXC-{year}-{max(used, default=0) + 1:04d}"
