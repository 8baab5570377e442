"""Who gains power by a change of trust, and which signatures would now count."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from hallgate.model.documents import Waiver
from hallgate.model.trust import Identity, Key, Role, Trust
from hallgate.publish.report.text import counted, iso, listed
from hallgate.publish.review.value import Notes


def trust_notes(old: Trust, new: Trust, at: int) -> Notes:
    """Identities, keys, roles and sources that differ; powers as of a time (seconds)."""
    lines = [*_roles(old, new)]
    for name in sorted({one.id for one in (*old.identities, *new.identities)}):
        first, second = old.identity(name), new.identity(name)
        lines += [f"{name} {line}" for line in _identity(first, second)]
        gained = _powers(new, second, at) - _powers(old, first, at)
        lost = _powers(old, first, at) - _powers(new, second, at)
        if gained:
            lines.append(f"{name} GAINS: {listed(sorted(gained))}.")
        if lost:
            lines.append(f"{name} loses: {listed(sorted(lost))}.")
    lines += _sources(old, new)
    return Notes("Trust", tuple(lines))


def new_words(
    before: dict[str, Waiver], after: dict[str, Waiver]
) -> Iterator[tuple[str, str, str]]:
    """Approvals that only the new trust proves, as (waiver, identity, role)."""
    for name in sorted(after):
        known = (
            {(one.identity, one.role) for one in before[name].approvals}
            if name in before
            else set()
        )
        for word in after[name].approvals:
            if (word.identity, word.role) not in known:
                yield name, word.identity, word.role


def _powers(trust: Trust, identity: Identity | None, at: int) -> set[str]:
    """What an identity can bring about with a signature now; nothing without a key that counts."""
    if identity is None or not any(key.counts_at(at) for key in identity.keys):
        return set()
    held = identity.roles_at(at)
    roles = [one for one in trust.roles if one.role in held]
    return (
        {f"approve {_a(action)} as {one.role}" for one in roles for action in one.approves}
        | {f"sign {kind}" for kind in trust.evidence_types(held)}
        | {"decide promotions" for one in roles if one.decides}
    )


def _identity(old: Identity | None, new: Identity | None) -> Iterator[str]:
    if old is None and new is not None:
        yield f"is a NEW {new.kind} with {counted(len(new.keys), 'key')}."
        yield from (f"holds {_held(one)}." for one in new.roles)
        yield from (f"has the key {_key(one)}." for one in new.keys)
    elif new is None:
        yield "is REMOVED: what only this identity signed counts no more."
    elif old is not None and old != new:
        if old.kind != new.kind:
            yield f"was a {old.kind} and is now a {new.kind}."
        if old.emails != new.emails:
            now, then = listed(new.emails) or "none", listed(old.emails) or "none"
            yield f"has the addresses {now}, before {then}."
        yield from _parts(
            "role", [_held(one) for one in old.roles], [_held(one) for one in new.roles]
        )
        yield from _parts("key", [_key(one) for one in old.keys], [_key(one) for one in new.keys])


def _parts(what: str, old: list[str], new: list[str]) -> Iterator[str]:
    yield from (f"has the NEW {what} {one}." for one in new if one not in old)
    yield from (f"no longer has the {what} {one}." for one in old if one not in new)


def _held(held: object) -> str:
    role, since, until = (getattr(held, name) for name in ("role", "since", "until"))
    return f"{role} from {iso(since)}{f' until {iso(until)}' if until is not None else ''}"


def _key(key: Key) -> str:
    print_ = sha256(key.public.encode()).hexdigest()[:16]
    facts = [f"{print_} from {iso(key.valid_from)}"]
    if key.valid_until is not None:
        facts.append(f"until {iso(key.valid_until)}")
    if key.revoked_at is not None:
        facts.append(f"revoked at {iso(key.revoked_at)}")
    if key.compromised:
        facts.append("compromised")
    return ", ".join(facts)


def _roles(old: Trust, new: Trust) -> Iterator[str]:
    before = {one.role: one for one in old.roles}
    after = {one.role: one for one in new.roles}
    for name in sorted(before.keys() | after.keys()):
        first, second = before.get(name), after.get(name)
        if first == second:
            continue
        if first is None and second is not None:
            yield f"The role {name} is NEW: {_can(second)}."
        elif second is None:
            yield f"The role {name} is REMOVED."
        elif first is not None:
            yield f"The role {name} was: {_can(first)}. It is now: {_can(second)}."


def _can(role: Role) -> str:
    facts = [
        f"signs {listed(role.evidence)}" if role.evidence else "signs nothing",
        f"approves {listed(role.approves)}" if role.approves else "approves nothing",
        f"owns {listed(role.owns)}" if role.owns else "owns nothing",
        f"team {role.team}" if role.team else "no team",
    ]
    return ", ".join([*facts, *(["DECIDES"] if role.decides else [])])


def _sources(old: Trust, new: Trust) -> Iterator[str]:
    before = {one.id: one.level for one in old.builders}
    after = {one.id: one.level for one in new.builders}
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            levels = f"{before.get(name, 'none')} → {after.get(name, 'none')}"
            yield f"The build service {name} is believed up to level {levels}."
    for signer in sorted(set(new.model_signers) - set(old.model_signers)):
        yield f"Model signatures by {signer} would NOW COUNT."
    for signer in sorted(set(old.model_signers) - set(new.model_signers)):
        yield f"Model signatures by {signer} count no more."
    known = {(one.publisher, one.name, one.digest) for one in old.base_models}
    named = {(one.publisher, one.name, one.digest) for one in new.base_models}
    for publisher, name, digest in sorted(named - known):
        yield f"Models may NOW BE BUILT on {name} of {publisher}, {digest}."
    for publisher, name, digest in sorted(known - named):
        yield f"No model may be built on {name} of {publisher}, {digest}, any more."


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
