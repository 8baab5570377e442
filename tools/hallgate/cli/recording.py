"""Signs and writes the record of a decision."""

from __future__ import annotations

from pathlib import Path

from hallgate.cli.wiring import Workplace
from hallgate.decide.promotion import Decided, Materials
from hallgate.record.decision_record import Material, deciding_identity, write_record
from hallgate.record.keys import load_private_key


def record(
    place: Workplace, materials: Materials, decided: Decided, folder: Path, key_file: Path
) -> Path:
    """Write the record into a folder and return its path.

    Raises UsageError where the key may not sign decisions, StorageError where the
    record could not be written whole.
    """
    key = load_private_key(key_file)
    identity = deciding_identity(materials.trust, key, decided.decision.decided_at)
    material = Material(
        decision=decided.decision,
        input=decided.document,
        policies=materials.policies.bundle.data,
        waivers=decided.waivers.data,
        engine=("opa", place.engine_version),
    )
    return write_record(folder, material, key, identity)
