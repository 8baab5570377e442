"""Names that were never replaced: with them a release would trust or ask nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hallgate.model.errors import Fault, Location
from hallgate.model.trust import Trust

# Domains that nobody can own: RFC 2606 and RFC 6761.
_RESERVED = re.compile(
    r"(?:^|[@./])(?:[a-z0-9-]+\.)*(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)(?:[:/]|$)",
    re.IGNORECASE,
)
_WORDS = re.compile(r"placeholder|change[-_ ]?me|@your-|your-org|@[^/]*example", re.IGNORECASE)


def is_placeholder(text: str) -> bool:
    """Whether a name, address or team was made up to be replaced."""
    return bool(_RESERVED.search(text) or _WORDS.search(text))


def trust_placeholders(trust: Trust, folder: Path) -> tuple[Fault, ...]:
    """Placeholders among identities, build services and model signers."""
    return tuple(
        Fault(
            f"{what} is a placeholder",
            Location(str(folder)),
            "name who it really is, with a key of theirs, or remove the entry before a release",
        )
        for what in sorted(set(_made_up(trust)))
    )


def _made_up(trust: Trust) -> Iterator[str]:
    for one in trust.identities:
        for text in (one.id, *one.emails):
            if is_placeholder(text):
                yield f"{text} of identity {one.id}" if text != one.id else f"identity {text}"
    for builder in trust.builders:
        if is_placeholder(builder.id):
            yield f"build service {builder.id}"
    for model in trust.base_models:
        if is_placeholder(model.publisher) or is_placeholder(model.name):
            yield f"base model {model.name} of {model.publisher}"
    for signer in trust.model_signers:
        if is_placeholder(signer):
            yield f"model signer {signer}"
