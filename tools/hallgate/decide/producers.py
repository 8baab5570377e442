"""Where evidence comes from: the one table of evidence type and command.

A command stands here only where one exists; all other evidence has to be
supplied by a role that trust/roles.yaml lets sign it.
"""

from __future__ import annotations

from dataclasses import dataclass

from hallgate.model.trust import Trust

APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Producer:
    """How one type of evidence is made: commands (any one will do), empty where none exists."""

    type: str
    commands: tuple[str, ...]


_CARRIED = (
    "access_grants",
    "ci_workflows",
    "deployment_manifests",
    "infrastructure_plan",
    "pipeline_graph",
)

_WRAPPED = (
    "build_provenance",
    "calibration_report",
    "change_plan",
    "cryptographic_modules",
    "data_profile",
    "dataset_card",
    "evaluation_report",
    "explanation_test",
    "impact_assessment",
    "incident_plan",
    "leakage_test",
    "llm_configuration",
    "llm_evaluation",
    "ml_bom",
    "model_card",
    "model_signature",
    "monitoring_plan",
    "oversight_exercise",
    "oversight_plan",
    "reason_audit",
    "robustness_report",
    "rollback_drill",
    "runtime_alerts",
    "secret_scan",
    "transparency_notice",
    "validation_report",
    "vulnerability_report",
)

PRODUCERS: tuple[Producer, ...] = (
    Producer(APPROVAL, ("hallgate approval sign",)),
    Producer(
        "artifact_scan", ("hallgate measure artifact", "hallgate evidence wrap artifact_scan")
    ),
    Producer("pipeline_metadata", ("hallgate collect",)),
    Producer("fairness_report", ("hallgate measure fairness",)),
    Producer("pii_scan", ("hallgate measure pii",)),
    *(Producer(kind, (f"hallgate evidence wrap {kind}",)) for kind in (*_CARRIED, *_WRAPPED)),
)

# Faults that a signature by the right identity mends; the rest need new evidence.
_SIGNED_ANEW = {
    "unsigned": "sign the {type} with `hallgate evidence sign`",
    "wrong_role": "have the {type} signed by a role that may sign it",
    "unknown_signer": "have the {type} signed by an identity of trust/",
    "bad_signature": "sign the unaltered {type} again",
    "revoked": "have the {type} signed again with a key that still counts",
}


def producer(kind: str) -> Producer:
    """How this type is made; without commands where no command makes it."""
    return next((one for one in PRODUCERS if one.type == kind), Producer(kind, ()))


def signing_roles(kind: str, trust: Trust) -> tuple[str, ...]:
    """Roles whose signature counts under this type; for approvals those that approve promotions."""
    if kind == APPROVAL:
        return tuple(sorted(one.role for one in trust.roles if "promotion" in one.approves))
    return trust.roles_that_sign(kind)


def how_to_supply(kind: str, trust: Trust | None) -> str:
    """One clause: the command that makes this evidence and who signs, or who has to supply it."""
    commands = " or ".join(f"`{command}`" for command in producer(kind).commands)
    who = _who(kind, trust)
    if who is None:
        made = f"make it with {commands}" if commands else "ask that role for it"
        return f"trust/roles.yaml lets no role sign the {kind}: name one, then {made}"
    if kind == APPROVAL:
        return f"have {who} approve with {commands}"
    if commands:
        return f"make the {kind} with {commands}, signed by {who}"
    return f"ask {who} for the {kind}; no command makes it"


def remedy_of_gap(kind: str, fault: str, trust: Trust | None) -> str:
    """What closes a gap in evidence; faults are those of the decision and of rejected files."""
    again = _SIGNED_ANEW.get(fault)
    who = _who(kind, trust)
    if again is None or who is None or kind == APPROVAL:
        return how_to_supply(kind, trust)
    return f"{again.format(type=kind)}: {who}"


def _who(kind: str, trust: Trust | None) -> str | None:
    if trust is None:
        return "a role that trust/roles.yaml allows"
    roles = signing_roles(kind, trust)
    return f"role {' or '.join(roles)}" if roles else None
