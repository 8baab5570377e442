"""The review as SARIF 2.1.0: what governance refuses, and what the change would let through."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.report.sarif import SCHEMA, sarif_text, sarif_uri
from hallgate.publish.report.text import iso
from hallgate.publish.review.value import Review
from hallgate.publish.review.words import answer, change, ordered, waiver_title

_RULES = {
    "refused": ("Governance permits it", "error"),
    "newly-allowed": ("No promotion is allowed that was not", "error"),
    "no-answer": ("Every case has a complete answer", "error"),
    "waiver": ("Waivers that change", "warning"),
    "notes": ("What else changes", "note"),
}
_MOST = 1000


def sarif_review(review: Review) -> str:
    """One run. Nothing is suppressed, and an empty run says in its properties what was replayed.

    Results beyond 1,000 are counted in the last one: forges take no more.
    """
    results = list(_results(review))
    if len(results) > _MOST:
        left = len(results) - _MOST + 1
        more = _result("notes", f"{left:,} more results; the JSON review has them all", None)
        results = [*results[: _MOST - 1], more]
    run: dict[str, JsonValue] = {
        "tool": {"driver": {"name": "hallgate review", "rules": [_rule(one) for one in _RULES]}},
        "invocations": [
            {"executionSuccessful": not review.unreadable, "endTimeUtc": iso(review.at)}
        ],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {
            "base": review.base,
            "head": review.head,
            "headline": review.headline,
            "corpus": list(review.corpus),
            "replayed": sum(one.impact.replayed for one in review.reaches),
        },
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, sort_keys=True, allow_nan=False) + "\n"


def _rule(name: str) -> JsonObject:
    title, level = _RULES[name]
    return {
        "id": name,
        "shortDescription": {"text": title},
        "defaultConfiguration": {"level": level},
    }


def _results(review: Review) -> Iterator[JsonObject]:
    for fault in review.refused:
        where = fault.where
        text = f"{fault.what}. do: {fault.remedy}"
        yield _result("refused", text, where.file if where else None, where.line if where else None)
    for reach in review.reaches:
        for effect in ordered(reach.impact):
            told = "; ".join(change(one) for one in effect.changes)
            if effect.error is not None:
                yield _result("no-answer", f"{reach.title}: {effect.case}: {effect.error}", None)
            elif effect.newly_allowed:
                text = f"{reach.title}, {effect.moment}: {effect.case}: {answer(effect)}: {told}"
                yield _result("newly-allowed", text, None)
    for waiver in review.waivers:
        parts = (*waiver.words, *waiver.signers, *(f"{one}." for one in waiver.conflicts))
        text = " ".join([f"{waiver_title(waiver)}.", *parts])
        yield _result("waiver", text, waiver.file)
    for fault in review.left_out:
        where = fault.where
        text = f"Left out of the replay: {where}: {fault.what}. do: {fault.remedy}"
        yield _result("notes", text, None)
    for notes in review.sections:
        for line in notes.lines:
            yield _result("notes", f"{notes.title}: {line}", None)


def _result(rule: str, text: str, file: str | None, line: int | None = None) -> JsonObject:
    # A forge shows no result without a place; what has none is said of the repository as a whole.
    place: JsonObject = {
        "physicalLocation": {
            "artifactLocation": {"uri": sarif_uri(file or "policies")},
            "region": {"startLine": line or 1},
        }
    }
    mark = hashlib.sha256(f"{rule}\0{text}".encode(errors="surrogatepass")).hexdigest()
    return {
        "ruleId": rule,
        "ruleIndex": list(_RULES).index(rule),
        "level": _RULES[rule][1],
        "message": {"text": sarif_text(text)},
        "locations": [place],
        "partialFingerprints": {"hallgateReview/v1": mark},
    }
