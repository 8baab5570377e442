"""`hallgate init`: an adopter's trust, keys and owners."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import yaml

from hallgate.cli import adopt
from hallgate.cli.wiring import now
from hallgate.cli.writing import write_fresh
from hallgate.intake.repository import Repository
from hallgate.intake.rfc3339 import text as rfc3339
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.model.errors import UsageError
from hallgate.model.trust import Role, Trust
from hallgate.publish.owners import codeowners_text
from hallgate.record.files import write_atomic
from hallgate.record.keys import generate_key, public_pem, write_private_key

EXAMPLES = """examples:
  hallgate init --keys ~/keys --machine scan-pipeline=scanner --machine gate=decider
  hallgate init --person head-of-risk=model-risk:head.pub --team model-risk=@bank/model-risk
  hallgate init --adopt oci://ghcr.io/acme/policies/all@sha256:… --trusted upstream.pub.pem

A machine gets a new Ed25519 key: the private half goes to --keys with mode 0600
(never into the repository), the public half into trust/identities/. A person
brings the public half of an SSH key. With --team, CODEOWNERS is written from the
roles' path patterns. Nothing is overwritten."""

Pairs = list[tuple[str, str]]
_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--repository", type=Path, metavar="DIR")
    parser.add_argument(
        "--trust", type=Path, metavar="DIR", help="default: the repository's trust/"
    )
    parser.add_argument("--keys", type=Path, metavar="DIR", help="where new private keys go")
    parser.add_argument(
        "--machine", action="append", default=[], metavar="ID=ROLE[,ROLE]", help="repeatable"
    )
    parser.add_argument(
        "--person", action="append", default=[], metavar="ID=ROLE[,ROLE]:KEY.pub", help="repeatable"
    )
    parser.add_argument(
        "--email", action="append", default=[], metavar="ID=ADDRESS", help="repeatable"
    )
    parser.add_argument(
        "--team", action="append", default=[], metavar="ROLE=@ORG/TEAM", help="repeatable"
    )
    adopt.configure(parser)


def run(options: argparse.Namespace) -> int:
    """Write identities, keys and owners; print what was written."""
    if options.adopt is not None:
        return adopt.run(options)
    repository = Repository.find(options.repository or Path.cwd())
    folder = options.trust or repository.trust
    trust = read_trust(folder, Schemas.load(repository.evidence_schemas))
    emails = _pairs(options.email, "--email")
    written: list[Path] = []
    for name, roles in _pairs(options.machine, "--machine"):
        written += _machine(folder, options.keys, trust, name, roles, emails)
    for name, rest in _pairs(options.person, "--person"):
        roles, colon, key = rest.partition(":")
        if not colon:
            raise UsageError(f"--person {name} names no key", remedy="write ID=ROLE:KEY.pub")
        public = _public(Path(key))
        written.append(_identity(folder, trust, name, "person", roles, public, emails))
    if options.team:
        teams = dict(_pairs(options.team, "--team"))
        path = repository.root / "CODEOWNERS"
        written.append(write_fresh(path, codeowners_text(_with_teams(trust, teams))))
        written.append(_teams(folder / "roles.yaml", teams))
    if not written:
        raise UsageError("nothing to do", remedy="name a --machine, a --person or a --team")
    sys.stdout.writelines(f"{path}\n" for path in written)
    return 0


def _machine(
    folder: Path,
    keys: Path | None,
    trust: Trust,
    name: str,
    roles: str,
    emails: Pairs,
) -> list[Path]:
    if keys is None:
        raise UsageError("a machine needs a place for its private key", remedy="add --keys DIR")
    root = Repository.find(folder).root if _in_repository(folder) else folder.resolve()
    if keys.resolve().is_relative_to(root):
        raise UsageError(
            f"{keys} is inside the repository", remedy="keep private keys outside of it"
        )
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = generate_key()
    private = keys / f"{name}.pem"
    write_private_key(private, key)
    return [private, _identity(folder, trust, name, "machine", roles, public_pem(key), emails)]


def _in_repository(folder: Path) -> bool:
    try:
        Repository.find(folder)
    except UsageError:
        return False
    return True


def _identity(
    folder: Path, trust: Trust, name: str, kind: str, roles: str, public: str,
    emails: Pairs,
) -> Path:  # fmt: skip
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no identity id", remedy="use lower case, digits and hyphens")
    known = {role.role: role for role in trust.roles}
    for role in roles.split(","):
        if role not in known:
            raise UsageError(
                f"there is no role {role!r}", remedy=f"use one of {', '.join(sorted(known))}"
            )
    since = rfc3339(now())
    document = {
        "id": name,
        "kind": kind,
        "title": ", ".join(known[role].title for role in roles.split(",")),
        "emails": [address for owner, address in emails if owner == name],
        "roles": [{"role": role, "since": since, "until": None} for role in roles.split(",")],
        "keys": [
            {
                "public": public,
                "valid_from": since,
                "valid_until": None,
                "revoked_at": None,
                "compromised": False,
            }
        ],
    }
    path = folder / "identities" / f"{name}.yaml"
    return write_fresh(path, yaml.safe_dump(document, sort_keys=False, allow_unicode=True))


def _public(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", remedy="name a .pub file"
        ) from error
    if "PRIVATE" in text:
        raise UsageError(f"{path} is a private key", remedy="name the .pub file beside it")
    # The comment of an OpenSSH line often names a person and a host.
    return " ".join(text.split()[:2])


def _pairs(texts: list[str], option: str) -> Pairs:
    pairs = []
    for text in texts:
        name, equals, rest = text.partition("=")
        if not (name and equals and rest):
            raise UsageError(
                f"{option} {text!r} is no NAME=VALUE", remedy="see hallgate init --help"
            )
        pairs.append((name, rest))
    return pairs


def _teams(path: Path, teams: dict[str, str]) -> Path:
    """Put the teams into the roles themselves, from which CODEOWNERS is made again."""
    text = path.read_text(encoding="utf-8")
    for role, team in teams.items():
        block = rf"(role: {re.escape(role)}\b(?:(?!role: ).)*?\bteam: )(?:\"[^\"]*\"|[^\s,}}]+)"
        # Teams are @org/team: nothing in them means anything to re.sub.
        text = re.sub(block, rf'\1"{team}"', text, flags=re.DOTALL)
    write_atomic(path, text.encode())
    return path


def _with_teams(trust: Trust, teams: dict[str, str]) -> tuple[Role, ...]:
    from dataclasses import replace

    return tuple(replace(role, team=teams.get(role.role, role.team)) for role in trust.roles)
