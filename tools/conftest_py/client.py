"""The one class callers use: conftest's commands, each with its fail-open traps closed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from conftest_py import checking, guard, lint, parsing, reader, transfer
from conftest_py.data import stage_data
from conftest_py.documents import Input, collect_inputs
from conftest_py.errors import BinaryError, IncompleteResultError, LintError, PullError, UsageError
from conftest_py.policies import Source, read_sources, readable, stage_sources
from conftest_py.process import Completed, check_binary, network_environment, run
from conftest_py.results import PullReport, PushReport, TestReport, VerifyReport, Version
from conftest_py.strict_json import Json
from conftest_py.syntax import Module, parse_modules
from conftest_py.workspace import Workspace, workspace

BANNED_BUILTINS = frozenset({"http.send", "net.lookup_ip_addr", "opa.runtime"})
_TEST = re.compile(r"^(todo_)?test_")


class Conftest:
    """A conftest binary, run so that nothing but a complete result can be taken for a pass.

    ``opa`` is needed for the lint of policies and for the ban of network builtins; it must be
    the version conftest is built with. Without it, say ``lint=False``: the guard module still
    compares all findings, but rules that would never run are then found only when they hold
    something. No binary is ever looked up on PATH.
    """

    def __init__(
        self, binary: Path, *, opa: Path | None = None, timeout: float = 60.0, lint: bool = True
    ) -> None:
        if timeout <= 0:
            raise UsageError("the time limit must be positive")
        self._binary = check_binary(binary)
        self._opa = check_binary(opa) if opa is not None else None
        self._timeout = timeout
        self._lint = lint
        self._modules: dict[Source, Module] = {}  # of the last call: most call again with them
        self._capabilities: bytes | None = None

    def version(self) -> Version:
        """The versions of conftest and of the OPA inside it."""
        with workspace() as place:
            done = self._run(place, ["--version"])
        found = re.findall(r"^(Conftest|OPA): (\S+)$", done.stdout.decode(), re.MULTILINE)
        if [name for name, _ in found] != ["Conftest", "OPA"]:
            raise BinaryError(f"{self._binary} does not state its version")
        return Version(found[0][1], found[1][1])

    def test(
        self,
        policies: Sequence[Path],
        inputs: Sequence[Input | Path],
        *,
        namespaces: Sequence[str] = ("main",),
        data: Sequence[Path] = (),
        expected_rules: Sequence[str] = (),
        allow_undefined_data: Sequence[str] = (),
    ) -> TestReport:
        """Evaluate inputs in the named namespaces.

        ``expected_rules`` are rules (``main.deny_x``) that must have been evaluated.
        ``allow_undefined_data`` are ``data`` paths which may be absent on purpose.
        """
        names = checking.check_namespaces(namespaces)
        expected = _expected(expected_rules, names)
        documents = collect_inputs(inputs)
        sources = read_sources(policies)
        live = tuple(source for source in sources if not source.is_test)
        with workspace() as place:
            loaded = stage_data(data, place.folder("data"), (*names, "conftest", guard.NAMESPACE))
            modules = self._parse(sources, place)
            rules = None
            if modules is not None:
                merged: Json = json.loads(loaded.text)
                faults = lint.faults(modules, names)
                faults += lint.undefined(modules, merged, allow_undefined_data)
                if faults:
                    raise LintError(faults)
                rules = {name: lint.inventory(modules, name) for name in names}
            folder = place.folder("policy")
            stage_sources(live, folder)
            (folder / "guard.rego").write_text(guard.source(names, rules), encoding="utf-8")
            staged = checking.stage_inputs(documents, place.folder("input"))
            flags = ["test", "--parser", "json", *self._evaluation_flags(place, folder)]
            for name in (*names, guard.NAMESPACE):
                flags += ["--namespace", name]
            done = self._run(place, [*flags, *loaded.flags(), "--", *staged])
            checks = reader.read_checks(_named(done, live, folder), "test")
        return checking.reconcile(checks, checking.Plan(staged, names, rules, expected))

    def verify(
        self,
        policies: Sequence[Path],
        *,
        data: Sequence[Path] = (),
        expected_tests: int | None = None,
    ) -> VerifyReport:
        """Run Rego tests; none found, or fewer than the syntax tree holds, is an error."""
        sources = read_sources(policies)
        with workspace() as place:
            loaded = stage_data(data, place.folder("data"), ("conftest",))
            modules = self._parse(sources, place)
            folder = place.folder("policy")
            stage_sources(sources, folder)
            flags = ["verify", *self._evaluation_flags(place, folder), *loaded.flags()]
            done = self._run(place, flags)
            checks = reader.read_checks(_named(done, sources, folder), "verify")
        report = VerifyReport(
            successes=sum(check.successes for check in checks),
            failed=tuple(sorted(item.message for check in checks for item in check.failures)),
            skipped=tuple(sorted(item.message for check in checks for item in check.skipped)),
        )
        wanted = expected_tests
        if modules is not None:
            rules = [rule for module in modules for rule in module.rules if _TEST.match(rule.name)]
            wanted = max(len(rules), expected_tests or 0)
        if report.total < (wanted or 1):
            raise IncompleteResultError(f"conftest ran {report.total} tests of {wanted or 1}")
        return report

    def parse(self, path: Path, *, parser: str) -> Json:
        """What conftest makes of one file; the parser is named, never guessed.

        JSON and YAML are read strictly here first, and each YAML document handed over alone:
        for a stream of several documents the result is a list.
        """
        with workspace() as place:
            staged = parsing.stage_document(path, parser, place.folder("input"))
            outputs = []
            for file in staged.files:
                arguments = ["parse", "--parser", staged.parser, *self._config(place)]
                outputs.append(self._run(place, [*arguments, "--", str(file)]))
        values = [parsing.read_parsed(done, str(path)) for done in outputs]
        return values[0] if len(values) == 1 else values

    def push(
        self,
        reference: str,
        folder: Path,
        *,
        tls: bool = True,
        include_tests: bool = False,
        docker_config: Path | None = None,
    ) -> PushReport:
        """Push the policies and data of a folder to ``host/repository:tag``."""
        transfer.check_reference(reference)
        with workspace() as place:
            bundle = place.folder("bundle")
            files, left = transfer.stage_bundle(folder, bundle, include_tests)
            flags = ["push", "--policy", ".", "--data", ".", "--rego-version", "v1"]
            flags += [_tls(tls), *self._config(place), "--", reference]
            done = self._run(place, flags, cwd=bundle, network=True, docker_config=docker_config)
        return PushReport(reference, transfer.read_pushed(done), files, left)

    def pull(
        self,
        source: str,
        destination: Path,
        *,
        tls: bool = True,
        docker_config: Path | None = None,
    ) -> PullReport:
        """Pull into a folder that does not exist yet; nothing is left there on failure.

        The transport is named (``oci://``, ``https://``, ``git::https://``, ``file:///`` …).
        conftest checks no signature: pull by digest, or compare the digests in the report.
        """
        transfer.check_source(source, tls)
        if transfer.present(destination):
            raise PullError(f"{destination} exists; a pull needs a fresh folder")
        if not destination.parent.is_dir():
            raise PullError(f"{destination.parent} is not a folder")
        with workspace() as place:
            pulled = place.root / "pulled"
            flags = ["pull", "--absolute-paths", "--policy", str(pulled), _tls(tls)]
            flags += [*self._config(place), "--", source]
            done = self._run(place, flags, network=True, docker_config=docker_config)
            if done.code != 0:
                raise PullError(f"conftest pull failed: {done.stderr or 'no reason given'}")
            return transfer.deliver(pulled, destination, source)

    def _run(
        self,
        place: Workspace,
        arguments: Sequence[str],
        *,
        cwd: Path | None = None,
        network: bool = False,
        docker_config: Path | None = None,
    ) -> Completed:
        extra = network_environment(docker_config) if network else {}
        return run(self._binary, arguments, place, self._timeout, cwd=cwd, environment=extra)

    def _config(self, place: Workspace) -> list[str]:
        return ["--config-file", str(place.config)]

    def _evaluation_flags(self, place: Workspace, folder: Path) -> list[str]:
        flags = ["--policy", str(folder), "--output", "json", "--rego-version", "v1"]
        flags += ["--show-builtin-errors", "--no-color", *self._config(place)]
        if self._opa is not None:
            path = place.root / "capabilities.json"
            path.write_bytes(self._allowed(place))
            flags += ["--capabilities", str(path)]
        return flags

    def _allowed(self, place: Workspace) -> bytes:
        if self._capabilities is None and self._opa is not None:
            done = run(self._opa, ["capabilities", "--current"], place, self._timeout)
            found = json.loads(done.stdout)
            found["builtins"] = [
                builtin for builtin in found["builtins"] if builtin["name"] not in BANNED_BUILTINS
            ]
            found["allow_net"] = []
            self._capabilities = json.dumps(found).encode("utf-8")
        return self._capabilities or b""

    def _parse(self, sources: Sequence[Source], place: Workspace) -> tuple[Module, ...] | None:
        if not self._lint:
            return None
        if self._opa is None:
            raise UsageError("the lint needs the path of opa; give it, or say lint=False")
        if not self._modules:
            self._check_versions(self._opa, place)
        known = self._modules
        missing = [source for source in dict.fromkeys(sources) if source not in known]
        if missing:
            parsed = parse_modules(self._opa, missing, place, self._timeout)
            known = {**known, **dict(zip(missing, parsed, strict=True))}
        modules = tuple(known[source] for source in sources)
        self._modules = dict(zip(sources, modules, strict=True))
        return modules

    def _check_versions(self, opa: Path, place: Workspace) -> None:
        done = run(opa, ["version"], place, self._timeout)
        stated = re.search(r"^Version: (\S+)$", done.stdout.decode("utf-8"), re.MULTILINE)
        inside = self.version().opa
        if stated is None or stated.group(1) != inside:
            raise BinaryError(f"{opa} is not OPA {inside}, which conftest is built with")


def _expected(rules: Sequence[str], namespaces: Sequence[str]) -> frozenset[str]:
    for rule in rules:
        if rule.rpartition(".")[0] not in namespaces:
            raise UsageError(f"the expected rule {rule!r} lies in no namespace under test")
    return frozenset(rules)


def _named(done: Completed, sources: Sequence[Source], folder: Path) -> Completed:
    return Completed(done.code, done.stdout, readable(done.stderr, sources, folder))


def _tls(tls: bool) -> str:
    return "--tls=true" if tls else "--tls=false"
