"""Signs and writes the record of a decision, and publishes it where there is a log."""

from __future__ import annotations

import argparse
from pathlib import Path

from hallgate.cli.wiring import Workplace
from hallgate.decide.promotion import Decided, Materials
from hallgate.model.errors import UsageError
from hallgate.record.decision_record import Material, deciding_identity, write_record
from hallgate.record.keys import load_private_key


def ready_to_log(place: Workplace, folder: Path, log_key: Path | None) -> None:
    """Raise UsageError, before anything is decided, where the record could not be published."""
    if not place.repository.log_file.exists():
        if log_key is not None:
            raise UsageError(
                "--log-key is for a repository with a log",
                remedy="leave it out, or make a log with `hallgate log init`",
            )
        return
    from hallgate.cli.log_append import log_of

    _, log = log_of(place)
    if folder.resolve() != log.resolve():
        raise UsageError(
            f"this repository records into its log, {log}",
            remedy=f"give --record {log}; copies may be made of what was published",
        )
    if log_key is None:
        raise UsageError(
            "this repository has a log: a record is published in it",
            remedy="name the log's private key with --log-key",
        )


def record(
    place: Workplace, materials: Materials, decided: Decided, options: argparse.Namespace
) -> tuple[Path, int | None]:
    """Write the record, publish it with what it rests on; its path and its index in the log.

    Raises UsageError where a key may not sign, StorageError where the record could not be
    written whole or published.
    """
    key = load_private_key(options.key)
    identity = deciding_identity(materials.trust, key, decided.decision.decided_at)
    material = Material(
        decision=decided.decision,
        input=decided.document,
        policies=materials.policies.bundle.data,
        waivers=decided.waivers.data,
        engine=("opa", place.engine_version),
    )
    path = write_record(options.record, material, key, identity)
    if not place.repository.log_file.exists():
        return path, None
    from hallgate.cli.log_append import publish

    evidence = materials.evidence
    rests_on = [options.evidence / one.file for one in (*evidence.superseded, *evidence.statements)]
    return path, publish(place, options.record, path, options.log_key, rests_on).index
