"""What a check found in the exceptions, kept until a byte changes or a date passes (ADR 6).

An answer rests on everything that went into it: the bytes below exceptions/, trust, schemas,
policies, what Git and the log say, the code here and the programs it runs. All of that is its
key. It counts from the time it was made until the next time that stands in any of the
documents; and only where the rules that judge are those whose use of the clock is known.
"""

from __future__ import annotations

import io
import json
import logging
import re
import shutil
import tarfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from hallgate.decide.check_sources import governance_sources
from hallgate.decide.checked import Part
from hallgate.decide.exception_checks import (
    ExceptionAnswer,
    ExceptionQuestion,
    check_exceptions,
)
from hallgate.decide.fingerprint import add_folder, add_parts, code_digest, program_facts
from hallgate.decide.kept import faults_told, keep_until, kept_until, told_faults
from hallgate.decide.waiver_checks import existing_evidence
from hallgate.intake.narrow import a_list, a_text, an_integer, an_object, text_or_none, texts
from hallgate.model.values import JsonObject, JsonValue

log = logging.getLogger(__name__)

# Over the rules that judge exceptions and all that they import. Whoever changes one of them
# looks whether it compares the clock with anything that exception_checks does not count among
# its times, and then writes the new digest here; the test that fails says which it is.
CLOCK_KNOWN = "sha256:63edb6bda45e57dd6f76186f6dfe73aae12a41cfed3ae335352d6520b5270e53"
_JUDGES = re.compile(
    rb"^package\s+promotion\.lib\.(?:approvals|evidence|numbers|overrides|tiers|versions|waivers)\s*$",
    re.MULTILINE,
)
_ABOUT = "exceptions"


def kept_exceptions(cache: Path | None, asked: ExceptionQuestion) -> ExceptionAnswer:
    """check_exceptions(), or what it said before where nothing of it can have changed.

    cache is the folder for answers, None to ask afresh. Raises as check_exceptions().
    """
    key = _key(asked) if cache is not None else None
    if cache is None or key is None:
        return check_exceptions(asked)
    kept = _answer(kept_until(cache, _ABOUT, key, asked.at), asked)
    if kept is not None:
        return kept
    answer = check_exceptions(asked)
    # What changed while it was read is in the answer or is not: then it is not kept.
    if rules_digest(asked) == CLOCK_KNOWN and _key(asked) == key:
        keep_until(cache, _ABOUT, key, asked.at, answer.until, _document(answer, asked))
    return answer


def rules_digest(asked: ExceptionQuestion) -> str:
    """Over the rules that judge exceptions: those of the bundle, and those of policies/checks."""
    found = _rules(asked)
    with tarfile.open(fileobj=io.BytesIO(asked.policies.bundle.data)) as archive:
        for member in archive:
            file = archive.extractfile(member)
            data = file.read() if file is not None else b""
            if _JUDGES.search(data):
                found[member.name] = data
    total = sha256()
    add_parts(
        total.update, (f"{name} {sha256(one).hexdigest()}" for name, one in sorted(found.items()))
    )
    return f"sha256:{total.hexdigest()}"


def _rules(asked: ExceptionQuestion) -> dict[str, bytes]:
    overrides = governance_sources(asked.repository, "overrides")
    return overrides | governance_sources(asked.repository, "waivers")


def _key(asked: ExceptionQuestion) -> str | None:
    """A digest over all that the answer rests on, the time apart; None where nobody can tell."""
    repository, policies = asked.repository, asked.policies
    total = sha256()
    try:
        parts = [
            code_digest(), program_facts(str(asked.engine.program)),
            program_facts(shutil.which("ssh-keygen")),
            str(repository.root), str(repository.exceptions),
            repr(asked.trust), asked.history.told(),
            json.dumps(asked.schemas.documents(), sort_keys=True),
            policies.bundle.digest, repr(policies.catalog),
            *(f"{name} {sha256(one).hexdigest()}" for name, one in _rules(asked).items()),
        ]  # fmt: skip
        add_parts(total.update, parts)
        if not add_folder(total.update, repository.exceptions):
            return None
    except OSError as error:
        log.debug("nothing is kept of the exceptions: %s", error)
        return None
    return total.hexdigest()


def _document(answer: ExceptionAnswer, asked: ExceptionQuestion) -> JsonObject:
    return {
        "named": list(answer.named),
        "existing": list(existing_evidence(asked.repository.root, answer.named)),
        "parts": [
            [one.name, one.documents, told_faults(one.faults), one.skipped] for one in answer.parts
        ],
        "findings": told_faults(answer.findings),
        "until": answer.until,
    }


def _answer(said: JsonValue, asked: ExceptionQuestion) -> ExceptionAnswer | None:
    """The kept answer where the files that controls name are there, or not, as they were."""
    if said is None:
        return None
    try:
        document = an_object(said)
        named = texts(document["named"])
        if existing_evidence(asked.repository.root, named) != document["existing"]:
            return None
        parts = tuple(_part(a_list(one)) for one in a_list(document["parts"]))
        until = document["until"]
        found = faults_told(document["findings"])
        return ExceptionAnswer(parts, found, None if until is None else an_integer(until), named)
    except (KeyError, TypeError, ValueError) as error:
        log.debug("what was kept of the exceptions has another form: %s", error)
        return None


def _part(said: Sequence[JsonValue]) -> Part:
    name, documents, faults, skipped = said
    return Part(a_text(name), an_integer(documents), faults_told(faults), text_or_none(skipped))
