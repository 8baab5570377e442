"""The review as JSON, for machines: every fact of it, nothing left off."""

from __future__ import annotations

import json

from hallgate.decide.impact import Effect, Impact
from hallgate.model.errors import Fault
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.review.value import Review, WaiverChange

VERSION = 1


def json_review(review: Review) -> str:
    """One document; keys in a fixed order."""
    document: JsonObject = {
        "version": VERSION,
        "base": review.base,
        "head": review.head,
        "at": review.at,
        "headline": review.headline,
        "exit_code": review.exit_code,
        "refused": [_fault(one) for one in review.refused],
        "waivers": [_waiver(one) for one in review.waivers],
        "blast_radius": [
            {"title": one.title, "question": one.question, **_impact(one.impact)}
            for one in review.reaches
        ],
        "corpus": list(review.corpus),
        "left_out": [_fault(one) for one in review.left_out],
        "sections": {one.title: list(one.lines) for one in review.sections},
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _fault(fault: Fault) -> JsonValue:
    where = fault.where
    place = {"file": where.file, "line": where.line, "column": where.column} if where else None
    return {"what": fault.what, "where": place, "remedy": fault.remedy}


def _waiver(of: WaiverChange) -> JsonValue:
    return {
        "id": of.id,
        "change": of.kind,
        "file": of.file,
        "document": of.document,
        "band": of.band,
        "inherent": list(of.inherent),
        "residual": list(of.residual),
        "approved": of.approved,
        "words": list(of.words),
        "signers": list(of.signers),
        "conflicts": list(of.conflicts),
    }


def _impact(found: Impact) -> dict[str, JsonValue]:
    return {
        "replayed": found.replayed,
        "unchanged": found.unchanged,
        "flipped": found.flipped,
        "newly_allowed": sorted({one.case for one in found.newly_allowed}),
        "newly_denied": sorted({one.case for one in found.newly_denied}),
        "errors": len(found.errors),
        "effects": [_effect(one) for one in found.effects],
    }


def _effect(of: Effect) -> JsonValue:
    return {
        "case": of.case,
        "origin": of.origin,
        "moment": of.moment,
        "at": of.at,
        "before": of.old_allowed,
        "after": of.new_allowed,
        "error": of.error,
        "policies": [
            {
                "policy": one.policy,
                "before": one.old.value if one.old else None,
                "after": one.new.value if one.new else None,
                "gained": list(one.gained),
                "lost": list(one.lost),
            }
            for one in of.changes
        ],
    }
