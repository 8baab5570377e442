"""Git commit signatures, where trust/commits.yaml asks for them (`require_signed_commits`).

Authors and committers are what commits claim. Where signatures are asked for, each commit that
changed a file of exceptions/ must carry an SSH signature by a key of the person whose address is
its committer's, as Git itself verifies it against trust/ (`gpg.ssh.allowedSignersFile`). What
another commit touched is touched by nobody knows whom: then no approval of it counts.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hallgate.intake.files import read_file
from hallgate.intake.narrow import an_object, text_or_none
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.trust import Key, Trust

_LIMIT = 64 * 1024
_FORMAT = "%x01%H%x1e%G?%x1e%GS%x1e%ce%x1f%x1f"
Log = Callable[[Sequence[str], Sequence[str]], Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class CommitCheck:
    """Who may sign commits, and the commit up to which none had to; None: none is exempt."""

    trust: Trust
    since: str | None

    def unsigned(self, head: str, log: Log) -> Mapping[str, tuple[str, ...]]:
        """By path the commits up to head that are not signed as they must be.

        log runs `git log` with settings and arguments and reads its answer as who touched
        which path; it raises where Git fails.
        """
        with tempfile.TemporaryDirectory(prefix="hallgate-") as name:
            signers = Path(name) / "allowed_signers"
            signers.write_text("".join(self._lines()), encoding="utf-8")
            settings = [
                "-c", "gpg.format=ssh", "-c", "gpg.ssh.program=ssh-keygen",
                "-c", f"gpg.ssh.allowedSignersFile={signers}", "-c", "gpg.ssh.revocationFile=",
                # No other kind of signature is believed, nor is any program for it run.
                "-c", "gpg.program=false", "-c", "gpg.openpgp.program=false",
                "-c", "gpg.x509.program=false",
            ]  # fmt: skip
            exempt = [f"^{self.since}"] if self.since else []
            found = log(settings, [f"--format={_FORMAT}", head, *exempt])
        people = {one.id: {two.casefold() for two in one.emails} for one in self.trust.identities}
        bad = {
            path: [one for one in who if not _signed(one, people)] for path, who in found.items()
        }
        return {path: tuple(one[:12] for one in who) for path, who in bad.items() if who}

    def _lines(self) -> list[str]:
        return [
            f'{person.id} namespaces="git",{_dates(key)} {_public(key)}\n'
            for person in self.trust.identities
            for key in person.keys
            if person.kind == "person" and not key.compromised
        ]


def commit_check(repository: Repository, schemas: Schemas) -> CommitCheck | None:
    """What trust/commits.yaml of a repository asks for, None where nothing.

    Raises InvalidDocument where it, or the trust it needs, is at fault.
    """
    path = repository.commits_file
    if not path.exists():
        return None
    document = parse_yaml(read_file(path, _LIMIT), str(path), limit=_LIMIT)
    schemas.validate(document, "commits")
    said = an_object(document.value)
    if not said["require_signed_commits"]:
        return None
    return CommitCheck(read_trust(repository.trust, schemas), text_or_none(said["since"]))


def _signed(said: str, people: Mapping[str, set[str]]) -> bool:
    """Whether Git found a good signature by the person to whom the committer's address belongs."""
    parts = said.split("\x1e")
    if len(parts) != 4:
        return False
    _, state, signer, address = parts
    return state == "g" and address in people.get(signer, set())


def _dates(key: Key) -> str:
    """When the key counts; Git asks ssh-keygen about the committer's time, in UTC."""
    ends = [end for end in (key.valid_until, key.revoked_at) if end is not None]
    until = f',valid-before="{_time(min(ends))}"' if ends else ""
    return f'valid-after="{_time(key.valid_from)}"{until}'


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d%H%M%S")


def _public(key: Key) -> str:
    return " ".join(key.public.split()[:2])
