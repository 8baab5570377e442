"""Puts a review together: what changed, what that does, and what governance refuses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hallgate.decide.impact import Say
from hallgate.decide.override_checks import override_faults
from hallgate.decide.policy_checks import policy_faults
from hallgate.decide.waiver_checks import waiver_faults
from hallgate.intake.history import unsigned_faults
from hallgate.intake.narrow import a_list, a_text, an_object
from hallgate.model.documents import Waiver
from hallgate.model.errors import Fault, Location
from hallgate.publish.report.text import counted
from hallgate.publish.review.blast import Corpus, reaches
from hallgate.publish.review.contents import Contents, placed
from hallgate.publish.review.gate import gate_notes, owner_faults, owner_notes
from hallgate.publish.review.overrides import override_notes
from hallgate.publish.review.policies import control_notes, policy_notes, schema_notes
from hallgate.publish.review.tracks import track_faults, track_notes
from hallgate.publish.review.trust import new_words, trust_notes
from hallgate.publish.review.value import Notes, Reach, Review
from hallgate.publish.review.waivers import (
    ask_quorum,
    changed_waivers,
    describe,
)

_FIRST_ERRORS = 5


def make_review(base: Contents, head: Contents, corpus: Corpus, at: int, say: Say) -> Review:
    """Review base..head as of a time (seconds); raises EngineError where the base's engine fails.

    head.repository holds the base's policies/checks: a change is not judged by its own rules.
    """
    changed = changed_waivers(base, head)
    # Approvals are judged by the trust there was before, whatever the change adds to it.
    proven = head.waivers_by(base.trust, at)
    under_base = {one.id: one for one in proven.waivers}
    asked = [(kind, one if kind == "removed" else under_base[one.id]) for kind, one in changed]
    say(f"asking who must sign {counted(len(asked), 'waiver')}")
    quorum = ask_quorum(base.engine, base.policies, [one for _, one in asked], at)
    found = reaches(base, head, corpus, changed, quorum, at, say)
    words = tuple(new_words(under_base, head.by_id()))
    refused = (
        *_not_counted(base, head, proven.not_counted),
        *_own_trust(base, head, words),
        *owner_faults(base, head),
        *_governance(base, head, at, say),
        *_waiver_rules(base, head, proven.waivers, corpus, at),
        *_override_rules(base, head, at),
        *track_faults(base, head),
        *_broken(found),
    )
    return Review(
        base=base.tree.commit,
        head=head.tree.commit,
        at=at,
        refused=refused,
        waivers=tuple(describe(kind, one, base, head, quorum, at) for kind, one in asked),
        reaches=found,
        corpus=corpus.told,
        left_out=corpus.left_out,
        sections=_sections(base, head, words, at),
    )


def _sections(
    base: Contents, head: Contents, words: Sequence[tuple[str, str, str]], at: int
) -> tuple[Notes, ...]:
    trust = trust_notes(base.trust, head.trust, at)
    counting = tuple(
        f"The approval of {waiver} by {who} as {role} would NOW COUNT."
        for waiver, who, role in words
    )
    return (
        override_notes(base, head, at),
        gate_notes(base.tree, head.tree),
        policy_notes(base, head),
        track_notes(base, head),
        Notes(trust.title, (*counting, *trust.lines)),
        schema_notes(base, head),
        control_notes(base.register, head.register),
        owner_notes(base, head),
    )


def _not_counted(base: Contents, head: Contents, faults: Sequence[Fault]) -> Iterator[Fault]:
    """Approvals that do not hold, unless the base has them already."""
    left, right = (unsigned_faults(one.history, one.repository.exceptions) for one in (base, head))
    known = {placed(one, base.repository.root) for one in (*base.waivers.not_counted, *left)}
    for one in (placed(fault, head.repository.root) for fault in (*faults, *right)):
        if one not in known:
            yield one


def _own_trust(
    base: Contents, head: Contents, words: Sequence[tuple[str, str, str]]
) -> Iterator[Fault]:
    """Approvals in the change that count only by the trust it brings along."""
    files = {one.id: head.path(one.file) for one in head.waivers.waivers}
    for waiver, who, role in words:
        word = f"{files[waiver].removesuffix('.yaml')}.{who}.approval.json"
        if not base.tree.same(head.tree, files[waiver], word):
            yield Fault(
                f"{waiver}: {who} as {role} counts only by the trust this change brings along",
                Location(word),
                "merge the change of trust first, by itself; then have the waiver approved",
            )


def _governance(base: Contents, head: Contents, at: int, say: Say) -> Iterator[Fault]:
    """What the base's checks find in the head's policies: these are parsed here, not run.

    Not asked where the change leaves alone all that they read. What stands in what it leaves
    alone is the base's.
    """
    if base.tree.same(head.tree, "policies", "frameworks", "evidence-schemas"):
        return
    say("asking the base's policies about policies")
    found = policy_faults(
        head.repository, base.engine, head.policies, head.register, head.schemas,
        at=at, modules=base.modules,
    )  # fmt: skip
    yield from (placed(fault, head.repository.root) for fault in found)


def _waiver_rules(
    base: Contents, head: Contents, waivers: Sequence[Waiver], corpus: Corpus, at: int
) -> Iterator[Fault]:
    """What the base's rules about waivers find in the head's, and do not find in the base."""
    for one in waivers:
        _lay_named(one, head)
    every = (*base.waivers.waivers, *waivers)
    digests = {digest for one in every for digest in one.digests}
    models = {one.ranged_model for one in every}
    # What decisions found matters where a waiver names their model; there may be thousands.
    decided = tuple(
        one
        for one in corpus.decided
        if one[0].model_digest in digests or one[0].model_name in models
    )
    known, found = (
        [
            placed(fault, side.repository.root)
            for fault in waiver_faults(
                side.repository, base.engine, base.policies, some, side.ended,
                at=at, decided=decided,
            )
        ]
        for side, some in ((base, base.waivers.waivers), (head, waivers))
    )  # fmt: skip
    yield from (fault for fault in found if fault not in known)


def _override_rules(base: Contents, head: Contents, at: int) -> Iterator[Fault]:
    """Words that do not hold under the base's trust, and what governance finds, if it is new."""
    known, found = (
        [
            placed(fault, side.repository.root)
            for fault in (
                *some.not_counted,
                *override_faults(
                    side.repository, base.engine, base.policies, some.overrides, at=at
                ),
            )
        ]
        for side, some in ((base, base.overrides), (head, head.overrides_by(base.trust)))
    )
    yield from (fault for fault in found if fault not in known)


def _lay_named(waiver: Waiver, head: Contents) -> None:
    """Make files that a compensating control names exist, as they do in the commit."""
    for control in a_list(waiver.document["compensating_controls"]):
        name = a_text(an_object(control)["evidence"]).partition("#")[0]
        path = head.repository.root / name
        if name in head.tree.files and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


def _broken(found: Sequence[Reach]) -> Iterator[Fault]:
    """Cases the base answers and the head does not: no answer is an error, never an allow."""
    broken = {
        one.case: one.error
        for reach in found
        for one in reach.impact.errors
        if one.old_allowed is not None and one.new_allowed is None
    }
    for case, error in sorted(broken.items())[:_FIRST_ERRORS]:
        yield Fault(
            f"no complete answer for {case} any more: {error}", None, "mend what the head changed"
        )
    if len(broken) > _FIRST_ERRORS:
        more = counted(len(broken) - _FIRST_ERRORS, "more case")
        yield Fault(f"no complete answer for {more}", None, "mend what the head changed")
