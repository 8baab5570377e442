"""A made-up lender: who may sign what, keys made on the spot, and a Git repository for waivers."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from papers import SOURCES, write_yaml
from story import ROOT, Story

MACHINES = {
    "evaluation-pipeline": "evaluator",
    "scan-pipeline": "scanner",
    "build-service": "builder",
    "document-registry": "steward",
    "promotion-gate": "decider",
}
PEOPLE = {
    "model-owner": "model-owner",
    "model-developer": "model-developer",
    "head-of-model-risk": "model-risk",
    "compliance-officer": "compliance",
    "privacy-officer": "privacy-officer",
    "release-manager": "release-manager",
}
APPROVERS = ("head-of-model-risk", "compliance-officer", "privacy-officer")

_OWN_GIT = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


class Organisation:
    """governance/ with trust/ and exceptions/ under Git, and keys outside of every repository."""

    def __init__(self, story: Story, out: Path) -> None:
        self._story = story
        self.keys = _keys_folder(out)
        self.root = out / "governance"
        self.trust = self.root / "trust"
        self.exceptions = self.root / "exceptions"

    def found(self) -> None:
        """Make keys and trust, and commit the trust."""
        shutil.rmtree(self.keys, ignore_errors=True)
        self.keys.mkdir(parents=True, mode=0o700)
        (self.trust / "identities").mkdir(parents=True)
        self.exceptions.mkdir()
        shutil.copy(ROOT / "trust" / "roles.yaml", self.trust / "roles.yaml")
        write_yaml(self.trust / "sources.yaml", SOURCES)
        for person in PEOPLE:
            self._story.run(
                "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", self.keys / person,
                shown=False, told=False,
            )  # fmt: skip
        words: list[str | Path] = ["hallgate", "init", "--trust", self.trust, "--keys", self.keys]
        for machine, role in MACHINES.items():
            words += ["--machine", f"{machine}={role}"]
        for person, role in PEOPLE.items():
            words += ["--person", f"{person}={role}:{self.keys / person}.pub"]
            words += ["--email", f"{person}={_address(person)}"]
        self._story.run(*words, shown=False, told=False)
        git = ("git", "init", "--quiet", "--initial-branch=main", self.root)
        self._story.run(*git, shown=False, told=False, environment=_OWN_GIT)
        self.commit("compliance-officer", "Name who may sign what")

    def key(self, role: str) -> Path:
        """The private key of the machine that holds a role."""
        name = next(machine for machine, held in MACHINES.items() if held == role)
        return self.keys / f"{name}.pem"

    def approve_waiver(self, waiver: Path, *, shown: bool) -> None:
        """Two people in two roles sign; the approvals lie beside the waiver."""
        for person in APPROVERS[:2]:
            self._story.run(
                "hallgate", "approval", "sign", "--waiver", waiver, "--as", person,
                "--role", PEOPLE[person], "--key", self.keys / person,
                "--reason", "Second review seen at work; to be measured again.",
                shown=shown, told=False,
            )  # fmt: skip

    def commit(self, person: str, message: str) -> None:
        """Commit everything as this person; the user's own Git settings stay out of it."""
        identity = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", person), ("EMAIL", _address(person)))
        }
        alone = {**identity, **_OWN_GIT}
        git = ("git", "-C", self.root)
        self._story.run(*git, "add", "--all", shown=False, told=False, environment=alone)
        self._story.run(
            *git, "commit", "--quiet", "-m", message, shown=False, told=False, environment=alone
        )


def _keys_folder(out: Path) -> Path:
    """In the user's cache, one per output folder: private keys stay out of repositories."""
    cache = os.environ.get("XDG_CACHE_HOME")
    place = hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:12]
    return (Path(cache) if cache else Path.home() / ".cache") / "hallgate" / "demo-keys" / place


def _address(person: str) -> str:
    return f"{person}@lender.example"
