"""Deciding from Python, by a published bundle:

    import hallgate
    gate = hallgate.open_gate("policies.tar.gz", scope="mlops", trusted=["key.pem"], trust="trust")
    decision = gate.decide("request.yaml", "evidence")

The same steps as `hallgate decide --bundle`: signatures are verified, evidence is read under the
bundle's own schemas, and the pinned engine decides. Nothing is printed and no record is written.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hallgate.decide.bundled import policies_of
from hallgate.decide.compose import waiver_bundle
from hallgate.decide.judge import judge
from hallgate.decide.policies import PolicySet, schemas_of
from hallgate.decide.promotion import Materials, decide_promotion
from hallgate.engine.opa import Opa, find_opa
from hallgate.intake.evidence import read_evidence
from hallgate.intake.files import read_file
from hallgate.intake.history import History
from hallgate.intake.overrides import read_overrides
from hallgate.intake.requests import people_faults, read_request
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.intake.waivers import read_waivers
from hallgate.model.decision import Decision
from hallgate.model.documents import Override, Waiver
from hallgate.model.errors import InvalidDocument
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject
from hallgate.publish.consumers.chosen import Choice, Chosen, choose_bundle
from hallgate.publish.registry.client import Options

_LARGEST_KEY = 64 * 1024

File = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Gate:
    """A verified bundle, ready to decide; chosen says which one it is and how old."""

    chosen: Chosen
    policies: PolicySet
    schemas: Schemas
    trust: Trust
    engine: Opa
    waivers: Path | None

    def decide(self, request: File, evidence: File) -> Decision:
        """Decide one promotion now. `decision.allowed` is True only for a complete allow.

        Raises InvalidDocument for a request or waiver that is wrong, EngineError where there
        is no complete answer, and NotProven once the bundle's pointer has expired: never an allow.
        """
        now = int(time.time())
        self.chosen.require_current(now)
        asked = read_request(Path(request), self.schemas)
        if faults := people_faults(asked, self.trust):
            raise InvalidDocument(faults)
        materials = Materials(
            request=asked,
            evidence=read_evidence(Path(evidence), self.trust, self.schemas, at=now),
            trust=self.trust,
            waivers=self._waivers(now),
            overrides=self._overrides(),
            policies=self.policies,
        )
        return decide_promotion(self.engine, materials, now, what_if=False).decision

    def judge(self, document: JsonObject) -> Decision:
        """What would be decided about a verified input document at its own `now`; no promotion.

        For conformance and questions; whoever composes the document is believed.
        """
        none = waiver_bundle((), 0, overrides=())
        return judge(self.engine, self.policies.rules, none, document, replay=True)

    def _overrides(self) -> tuple[Override, ...]:
        if self.waivers is None:
            return ()
        history = History.read(self.waivers)
        return read_overrides(self.waivers, self.trust, self.schemas, history=history)

    def _waivers(self, now: int) -> tuple[Waiver, ...]:
        if self.waivers is None:
            return ()
        live = self.policies.live
        history = History.read(self.waivers)
        return read_waivers(
            self.waivers, self.trust, self.schemas, history=history, live=live, at=now
        )


def open_gate(
    bundle: File,
    *,
    scope: str,
    trusted: Iterable[File],
    trust: File,
    waivers: File | None = None,
    pointer: File | None = None,
    channel: str = "stable",
    opa: File | None = None,
    cache: File | None = None,
    registry: Options | None = None,
    timeout: float = 60.0,
) -> Gate:
    """Verify a bundle and make it ready.

    bundle: a signed file, or "oci://host/repository@sha256:…". scope: the track it must be
    signed for. trusted: files of public keys that may sign bundles. trust: the folder of
    identities and roles. waivers: a folder of waivers and emergency overrides, as
    exceptions/; None says that there were never any. pointer: the channel's
    signed pointer, which must name this bundle and not be expired. opa: the pinned engine
    (default: HALLGATE_OPA, or the one built in this folder). cache: where pulled bundles and
    answers about them are kept. timeout: seconds for one engine run.

    Raises NotProven, InvalidDocument, UsageError, EngineMissing and RegistryError, all of
    hallgate.model.errors.
    """
    pems = tuple(read_file(Path(one), _LARGEST_KEY).decode(errors="replace") for one in trusted)
    kept = Path(cache) if cache is not None else _cache()
    choice = Choice(
        os.fspath(bundle), scope, pems, None if pointer is None else Path(pointer), channel
    )
    chosen = choose_bundle(choice, kept / "artifacts", int(time.time()), registry)
    engine = Opa(Path(opa) if opa is not None else find_opa(Path.cwd()), timeout=timeout)
    engine.version()
    sources = chosen.sources
    schemas = schemas_of(sources, chosen.address)
    believed = read_trust(Path(trust), schemas)
    chosen.refuse_deciders(believed, pems)
    return Gate(
        chosen=chosen,
        policies=policies_of(chosen.bundle, sources, schemas, engine, kept),
        schemas=schemas,
        trust=believed,
        engine=engine,
        waivers=None if waivers is None else Path(waivers),
    )


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "hallgate"
