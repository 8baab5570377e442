"""An example audit pack, unpacked, from the records of the demo: `make pack-example OUT=DIR`.

The demo runs first, in a temporary folder. Its records and evidence are published in a log made
for the purpose, and the pack is built from that.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
ORIGIN = "lender.example/promotions"


def main() -> int:
    """Run the demo, publish what it recorded, build the pack and verify it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    parser.add_argument("--framework", default="nist-ai-rmf", metavar="ID")
    options = parser.parse_args()
    if options.out.exists():
        print(
            f"{options.out} exists; name a new folder: make pack-example OUT=DIR", file=sys.stderr
        )
        return 2
    with tempfile.TemporaryDirectory(prefix="hallgate-") as name:
        print("The demo first (about a minute); its story is in examples/credit-risk.", flush=True)
        out, log = Path(name) / "demo", Path(name) / "log"
        run(sys.executable, ROOT / "examples/credit-risk/run.py", "--out", out, quiet=True)
        key = Path(name) / "log.pem"
        run("openssl", "genpkey", "-algorithm", "ed25519", "-out", key, quiet=True)
        key.chmod(0o600)
        where = ("--repository", ROOT, "--trust", out / "governance/trust", "--log", log)
        hallgate("log", "init", "--origin", ORIGIN, "--key", key, *where)
        kept = sorted((out / "records").glob("*.record.json"))
        evidence = sorted((out / "without-age-and-sex/evidence").glob("*.json"))
        hallgate("log", "append", *kept, *evidence, "--key", key, *where)
        hallgate(
            "pack", "build", "--framework", options.framework, "--output", options.out,
            "--from", "2020-01-01T00:00:00Z", "--until", "2100-01-01T00:00:00Z", *where,
            quiet=False,
        )  # fmt: skip
    print(f"\n$ python3 -I {options.out}/verify.py", flush=True)
    return run("python3", "-I", options.out / "verify.py", quiet=False)


def hallgate(*words: str | Path, quiet: bool = True) -> None:
    """The installed command."""
    run(BIN / "hallgate", *words, quiet=quiet)


def run(*words: str | Path, quiet: bool) -> int:
    """Run a command; its output is shown where it fails, and where it is not quiet."""
    command = [str(word) for word in words]
    done = subprocess.run(command, cwd=ROOT, capture_output=quiet, text=True, check=False)
    if done.returncode and quiet:
        print(done.stdout + done.stderr, file=sys.stderr)
        sys.exit(done.returncode)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
