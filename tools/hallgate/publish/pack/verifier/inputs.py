"""What a decision rests on: its input says of each statement what was signed, and by whom.

The input is the decider's word. Here it is held against the signed originals, so that a
decider who makes up evidence, approvals, signers or roles is named.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from hallgate.publish.pack.verifier.results import canonical
from hallgate.publish.pack.verifier.signers import payload_of, signer_of
from hallgate.publish.pack.verifier.state import BROKEN, Pack, Report
from hallgate.publish.pack.verifier.trusted import CannotTell, Trusted, Unproven, moment

_MOST = 500  # originals held in memory
_SHOWN = 20  # sources named one by one
_STATED = ("derived_from", "method", "redactions", "sequence", "supersedes")  # where they are
_WORDS = ("role", "decision", "to_stage", "reason", "conditions")


class Originals:
    """The signed evidence and approvals of a pack, by the digest of what was signed."""

    def __init__(self, pack: Pack, trusted: Trusted | None) -> None:
        self._pack, self._trusted = pack, trusted
        self._paths: dict[str, list[str]] = {}
        self._signers: dict[tuple[str, int], str | None] = {}
        self._parsed: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        self._alike: dict[str, str] = {}
        self._sources: dict[str, str] = {}
        self._redacted: set[str] = set()

    def take(self, path: str) -> None:
        """Know the original in a file; what is none is passed over: others name it."""
        try:
            signed = self._pack.json(path)
            said = payload_of(signed) if "payload" in signed else canonical(signed["statement"])
        except BROKEN:
            return
        self._paths.setdefault(f"sha256:{hashlib.sha256(said).hexdigest()}", []).append(path)

    def check(self, path: str, blob: str, decided: int, report: Report) -> list[str]:
        """Name what the input of a decision says otherwise; digests without an original."""
        missing = []
        evidence = self._pack.json(blob)["evidence"]
        rests_on = {one["digest"] for said in evidence.values() for one in said}
        for kind, said in sorted(evidence.items()):
            for one in said:
                if one.get("supersedes") in rests_on:
                    words = f"rests on {one['supersedes']}, which other {kind} of it supersedes"
                    report.wrong.append(f"{path}: {words}")
                self._note(kind, one)
                signer = one.get("signer")
                if signer is None or kind not in signer.get("evidence_types", [kind]):
                    continue  # nobody signed it who may, and the policies were told so
                # The same text may have been signed, and logged, by several.
                found = self._paths.get(one["digest"], [])
                why = [self._differs(kind, one, original, decided) for original in found]
                if not found:
                    missing.append(one["digest"])
                elif "" not in why:
                    words = f"its input says of {kind} other than was signed in {found[0]}"
                    report.wrong.append(f"{path}: {words}: {why[0]}")
        return missing

    def _note(self, kind: str, one: dict[str, Any]) -> None:
        """Remember what a statement names elsewhere, and that it leaves something out."""
        for source in one.get("derived_from", ()):
            self._sources[source["digest"]] = f"{kind} was derived from {source['name']}"
        if "supersedes" in one:
            self._sources.setdefault(one["supersedes"], f"{kind} supersedes another statement")
        if "redactions" in one:
            self._redacted.add(one["digest"])

    def unshown(self, report: Report) -> None:
        """Say which sources are not in the pack, and how much evidence is redacted."""
        away = sorted((why, one) for one, why in self._sources.items() if one not in self._paths)
        for why, digest in away[:_SHOWN]:
            report.unchecked.append(f"{why} ({digest}), which is not in the pack")
        if len(away) > _SHOWN:
            more = len(away) - _SHOWN
            report.unchecked.append(f"{more} more sources of evidence are not in the pack")
        if self._redacted:
            count = len(self._redacted)
            words = "statements leave something out: evidence.csv says what, why and of what"
            report.unchecked.append(f"what was redacted: {count} {words}")

    def _differs(self, kind: str, one: dict[str, Any], original: str, decided: int) -> str:
        """Which member differs, "" where none does."""
        signed, statement = self._read(original)
        at = decided
        if "statement" in signed:
            at = one["collected_at"]
            expected = _of_word(statement["predicate"])
            owner: str | None = statement["predicate"]["identity"]
            right = kind == "approval" and statement["predicate"]["action"] == "promotion"
        else:
            expected = statement["predicate"]
            owner = self._signer(original, signed, decided)
            right = statement["predicateType"].startswith(f"urn:hallgate:evidence:{_stem(kind)}:v")
        (subject,) = statement["subject"]
        about = {"name": subject["name"], "digest": f"sha256:{subject['digest']['sha256']}"}
        if not right:
            return "type"
        # Decisions share evidence: what was found the same is not compared again, member by member.
        text_of = json.dumps(one)
        if self._alike.get(original) == text_of:
            return self._claims(one["signer"], owner, at)
        if one["subject"] != about:
            return "subject"
        for name, value in expected.items():
            if name not in one or not _same(one[name], value):
                return str(name)
        for name in _STATED:
            if name in one and name not in expected:
                return name
        self._alike[original] = text_of
        return self._claims(one["signer"], owner, at)

    def _read(self, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """An original and the statement in it; decisions one after another share them."""
        if path not in self._parsed:
            if len(self._parsed) == _MOST:
                self._parsed.clear()
                self._alike.clear()
            signed = self._pack.json(path)
            said = signed["statement"] if "statement" in signed else json.loads(payload_of(signed))
            self._parsed[path] = signed, said
        return self._parsed[path]

    def _claims(self, signer: dict[str, Any], owner: str | None, at: int) -> str:
        """Whether signer and roles are those the auditor knows."""
        if self._trusted is None or owner not in self._trusted.people:
            return ""  # not asked for, or named by the check of signatures
        if signer["identity"] != owner:
            return "signer"
        if not set(signer["roles"]) <= self._trusted.roles_of(owner, at):
            return "roles of the signer"
        return ""

    def _signer(self, path: str, signed: dict[str, Any], decided: int) -> str | None:
        """Whose key signed an original; None where that is not known here, or is named there.

        Of several signatures the first that counted at the decision is meant.
        """
        if self._trusted is None:
            return None
        key = (path, 0 if len(signed["signatures"]) == 1 else decided)
        if key not in self._signers:
            try:
                times = (decided,) if key[1] else ()
                self._signers[key] = signer_of(signed, self._trusted, times)
            except (Unproven, CannotTell):
                self._signers[key] = None
        return self._signers[key]


def _of_word(said: dict[str, Any]) -> dict[str, Any]:
    """Members of the flat form that an approval gives."""
    return {
        "collected_at": said["approved_at"],
        "valid_until": said["valid_until"],
        "status": "measured",
        "result": {name: said[name] for name in _WORDS},
    }


def _stem(kind: str) -> str:
    head, _, major = kind.rpartition("_v")
    return head if head and major.isdigit() else kind


def _same(flat: Any, said: Any) -> bool:
    """Whether the flat form has this value: times have become seconds, members may be added."""
    if isinstance(said, dict):
        return isinstance(flat, dict) and all(
            name in flat and _same(flat[name], value) for name, value in said.items()
        )
    if isinstance(said, list):
        return (
            isinstance(flat, list)
            and len(flat) == len(said)
            and all(_same(*pair) for pair in zip(flat, said, strict=True))
        )
    if isinstance(said, str) and type(flat) is int:
        try:
            return moment(said) == flat
        except ValueError:
            return False
    return type(flat) is type(said) and bool(flat == said)
