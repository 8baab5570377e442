"""A bank with a log and an audit pack of it, and what a forger does to one."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from hallgate.record.keys import generate_key, write_private_key

ROOT = Path(__file__).parents[2]
OPA = {"HALLGATE_OPA": str(ROOT / ".tools/bin/opa")}
PERIOD = ("--from", "2020-01-01T00:00:00Z", "--until", "2100-01-01T00:00:00Z")


class Office:
    """A bank with a log and two decisions: one allowed, one denied for want of evidence."""

    def __init__(self, bank, run):
        self.bank, self.run, self.root = bank, run, bank.folder
        for part in ("policies", "evidence-schemas", "frameworks"):
            shutil.copytree(ROOT / part, self.root / part)
        self.key = self.root / "keys" / "log.pem"
        write_private_key(self.key, generate_key())
        self.command("log", "init", "--origin", "example.org/bank", "--key", self.key)
        self.decide(0)
        (bank.evidence / "fairness_report.json").rename(self.root / "taken")
        self.decide(1)
        self.command("log", "checkpoint")

    def command(self, *words, code=0):
        return self.run(*words, "--repository", self.root, code=code, env=OPA)

    def decide(self, code):
        self.command(
            "decide", self.bank.request, "--evidence", self.bank.evidence, "--key", self.bank.key,
            "--record", self.root / "records", "--log-key", self.key, code=code,
        )  # fmt: skip

    def pack(self, folder, *words, code=0, framework="nist-ai-rmf"):
        return self.command(
            "pack", "build", "--framework", framework, *PERIOD, "--output", folder, *words,
            code=code,
        )  # fmt: skip


def verify(folder, *words, code=0):
    """Under a bare Python: isolated, without site-packages."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", folder / "verify.py", "--json", *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout else None


def altered(path):
    """A file with one byte changed in its middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def resummed(folder):
    """What a forger would do: list the files anew."""
    files = [one for one in sorted(folder.rglob("*")) if one.is_file() and one.name != "SHA256SUMS"]
    lines = [
        f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(folder).as_posix()}\n"
        for one in files
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))
