"""`hallgate override`: an emergency, from the call for it to the review that closes it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import yaml
from tabulate import tabulate

from hallgate.cli import approval
from hallgate.cli.wiring import Workplace, add_repository_options, now, time_option
from hallgate.cli.writing import write_fresh
from hallgate.decide.override_checks import override_standings
from hallgate.intake.narrow import an_integer, an_object, texts
from hallgate.intake.rfc3339 import text as rfc3339
from hallgate.intake.waivers import OVERRIDES
from hallgate.model.documents import Approval, Override
from hallgate.model.errors import Location, NotProven, UsageError
from hallgate.model.values import JsonObject

EXAMPLES = """examples:
  hallgate override new --policy FAIR-001 --policy MON-003 --model credit-risk \\
      --digest sha256:… --to production --hours 8 --incident "INC-4711: …" \\
      --reason "Every hour …" --precaution "A person looks at every answer" \\
      --owner head-of-credit --requester head-of-credit
  hallgate override approve OVR-2026-0001 --as head-of-compliance --role compliance \\
      --key ~/.ssh/id_ed25519 --reason "Waiting does more harm"
  hallgate override revoke OVR-2026-0001 --as … --role … --key … --reason "It is over"
  hallgate override review OVR-2026-0001 --as … --role … --key … --reason "What we learnt"
  hallgate override list --format json

Two people in two roles approve; it holds from the merge, for one artifact and stage, and
ends to the second. Then its review is owed: signed by somebody who neither asked for it nor
approved it, and merged in time, or this model is promoted no more.
exit codes: 0 done, 1 a word would not count or a review is overdue, 2 usage,
            3 invalid documents, 4 engine failure"""

_WORDS = {
    "approve": "sign that the emergency may pass",
    "revoke": "end it at once and for good",
    "review": "sign the review that closes it, once it is over",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the steps of an emergency."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="WHAT")
    new = forms.add_parser("new", help="call for one")
    new.add_argument("--policy", action="append", required=True, metavar="ID", help="repeatable")
    new.add_argument("--model", required=True, help="model name")
    new.add_argument("--digest", required=True, help="sha256:… of the one artifact")
    new.add_argument("--to", dest="stage", default="production", help="stage (production)")
    new.add_argument("--hours", type=int, required=True, metavar="N", help="1 to 72")
    new.add_argument("--opened", type=time_option, metavar="TIME", help="from when (now)")
    new.add_argument("--incident", required=True, metavar="TEXT", help="what happens")
    new.add_argument("--reason", required=True, metavar="TEXT", help="why waiting does more harm")
    new.add_argument(
        "--precaution", action="append", required=True, metavar="TEXT", help="repeatable"
    )
    new.add_argument("--owner", required=True, metavar="IDENTITY", help="sees to the review")
    new.add_argument("--requester", required=True, metavar="IDENTITY", help="who asks")
    for decision, what in _WORDS.items():
        word = forms.add_parser(decision, help=what)
        word.add_argument("override", metavar="OVERRIDE", help="id")
        word.add_argument("--as", dest="identity", required=True, metavar="IDENTITY")
        word.add_argument("--role", required=True, help="in which role")
        word.add_argument("--key", type=Path, required=True, metavar="SSHKEY")
        word.add_argument("--reason", required=True, metavar="TEXT", help="why; or what was learnt")
    listed = forms.add_parser("list", help="how each stands; 1 where a review is overdue")
    listed.add_argument("--format", choices=("table", "json"), default="table")
    for form in forms.choices.values():
        add_repository_options(form)


def run(options: argparse.Namespace) -> int:
    """Do the step that was asked for."""
    place = Workplace(options)
    if options.form == "new":
        return _propose(place, options)
    overrides = place.overrides()
    if options.form == "list":
        return _list(place, overrides, options.format)
    found = next((one for one in overrides if one.id == options.override), None)
    if found is None:
        raise UsageError(
            f"there is no override {options.override}", remedy="see `hallgate override list`"
        )
    _refuse(place, options, found)
    said = argparse.Namespace(
        **{**vars(options), "request": None, "waiver": None, "override": Path(found.file)},
        decision=options.form,
        conditions=None,
        valid_days=None,
        out=None,
    )
    said.trust = place.trust_folder
    return approval.sign(said)


def _propose(place: Workplace, options: argparse.Namespace) -> int:
    for name in options.policy:
        policy = place.policies.policy(name)
        if policy is None:
            raise UsageError(f"there is no policy {name}", remedy="see `hallgate explain`")
        if not policy.overridable:
            raise UsageError(
                f"{name} cannot be overridden", remedy="mend what it finds; no emergency changes it"
            )
    if not 1 <= options.hours <= 72:
        raise UsageError("--hours is out of range", remedy="an emergency lasts 1 to 72 hours")
    opened = now() if options.opened is None else options.opened
    document = {
        "id": _free_id(place, rfc3339(opened)[:4]),
        "policies": list(options.policy),
        "subject": {
            "name": options.model,
            "digest": options.digest,
            "to_stage": options.stage,
        },
        "incident": options.incident,
        "reason": options.reason,
        "precautions": list(options.precaution),
        "owner": options.owner,
        "requester": options.requester,
        "opened": rfc3339(opened),
        "expires": rfc3339(opened + options.hours * 3600),
    }
    path = place.repository.exceptions / OVERRIDES / f"{document['id']}.yaml"
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=96)
    sys.stdout.write(f"{write_fresh(path, text)}\n")
    return 0


def _free_id(place: Workplace, year: str) -> str:
    """The next number, also past those whose files are gone: an id is used once."""
    folder = place.repository.exceptions / OVERRIDES
    names = {path.name for path in folder.glob("OVR-*")} if folder.is_dir() else set()
    names |= {Path(name).name for name in place.history.known() if name.startswith(OVERRIDES)}
    used = [int(name[9:13]) for name in names if name.startswith(f"OVR-{year}-")]
    return f"OVR-{year}-{max(used, default=0) + 1:04d}"


def _refuse(place: Workplace, options: argparse.Namespace, override: Override) -> None:
    """Raise NotProven for a word that would not count, before anything is signed."""
    moment = now()
    expires = an_integer(override.document["expires"])
    word = Approval(
        identity=options.identity,
        role=options.role,
        decision=options.form,
        approved_at=moment,
        valid_until=max(moment + 1, expires),
        file="",
        published_at=moment,
    )
    words = (*override.approvals, word) if options.form == "review" else (word,)
    asked = replace(override, approvals=words)
    answer = override_standings(place.engine, place.policies.bundle, [asked], moment)[override.id]
    why = None
    if options.identity in texts(answer["barred"]):
        why = f"{options.identity} asked for this override or touched its file"
    elif options.form == "review" and answer["status"] != "reviewed":
        why = "this would close nothing: the emergency is not over, or its reviewer approved it"
    if why is not None:
        raise NotProven(why, remedy="have somebody else sign", where=Location(override.file))


def _list(place: Workplace, overrides: tuple[Override, ...], form: str) -> int:
    stand = override_standings(place.engine, place.policies.bundle, overrides, now())
    rows = [_row(one, stand[one.id]) for one in overrides]
    if form == "json":
        sys.stdout.write(json.dumps(rows, indent=2, sort_keys=True) + "\n")
    elif rows:
        table = tabulate([list(row.values()) for row in rows], headers=list(rows[0]))
        sys.stdout.write(table + "\n")
    else:
        sys.stdout.write("No overrides.\n")
    return 1 if any(row["status"] == "overdue" for row in rows) else 0


def _row(override: Override, standing: JsonObject) -> Mapping[str, object]:
    said, due = override.document, standing["review_by"]
    subject = an_object(said["subject"])
    return {
        "override": override.id,
        "status": standing["status"],
        "policies": ", ".join(texts(said["policies"])),
        "model": f"{subject['name']} to {subject['to_stage']}",
        "approved": f"{standing['matched']} of {standing['needed']}",
        "expires": rfc3339(an_integer(said["expires"])),
        "review by": "" if due is None else rfc3339(an_integer(due)),
        "owner": said["owner"],
    }
