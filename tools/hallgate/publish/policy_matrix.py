"""Policies against sectors: where each blocks alone, passes, or cannot apply and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hallgate.model.decision import Verdict
from hallgate.model.policy import Family, Policy
from hallgate.model.values import Outcome
from hallgate.publish.policy_pages import GENERATED, words


@dataclass(frozen=True, slots=True)
class Cell:
    """One policy in one sector: the verdict of the sector's base, and scenarios it alone blocks.

    reasons say why it cannot apply in the base; alone are names of scenarios of the sector.
    """

    outcome: str
    reasons: tuple[str, ...]
    alone: tuple[str, ...]

    @property
    def filled(self) -> bool:
        """Whether something is shown: it blocks alone, passes, or says why it cannot apply."""
        return bool(self.alone or self.reasons) or self.outcome == Outcome.PASS


# By id of the policy, then by sector.
Matrix = Mapping[str, Mapping[str, Cell]]


def matrix(
    catalog: Sequence[Policy],
    bases: Mapping[str, Sequence[Verdict]],
    alone: Mapping[str, Sequence[str]],
) -> Matrix:
    """Cells from the verdicts of each sector's base, and names `<sector>/<scenario>` by policy."""
    found: dict[str, dict[str, Cell]] = {policy.id: {} for policy in catalog}
    for sector, verdicts in bases.items():
        given = {verdict.id: verdict for verdict in verdicts}
        for policy in catalog:
            verdict = given.get(policy.id)
            names = [name for name in alone.get(policy.id, ()) if name.startswith(f"{sector}/")]
            found[policy.id][sector] = Cell(
                verdict.outcome.value if verdict else "",
                tuple(sorted(verdict.reasons)) if verdict else (),
                tuple(sorted(name.partition("/")[2] for name in names)),
            )
    return found


def matrix_page(
    catalog: Sequence[Policy],
    cells: Matrix,
    sectors: Sequence[str],
    families: Sequence[Family] = (),
) -> str:
    """The page in Markdown; its first table counts, the second has a row for each policy."""
    lines = [
        GENERATED,
        "# Policies by sector\n",
        "A number says in how many scenarios of the sector a policy alone blocks, with one of",
        "them as an example. Where the sound promotion of a sector (its base) is no matter of a",
        "policy, the reason is the one that the decision itself gives; a number beside it counts",
        "scenarios that change the use so that it does apply.\n",
        "| sector | block alone somewhere | only pass | cannot apply |",
        "|---|---|---|---|",
    ]
    lines += [_counts(sector, [cells[one.id][sector] for one in catalog]) for sector in sectors]
    titles = {one.name: one.title for one in families}
    for family in sorted({policy.family for policy in catalog}):
        lines += ["", f"## [{titles.get(family, words(family))}](policies/{family}.md)\n"]
        lines += ["| policy | " + " | ".join(sectors) + " |", "|---" * (len(sectors) + 1) + "|"]
        for policy in catalog:
            if policy.family == family:
                row = (_words(cells[policy.id][sector]) for sector in sectors)
                lines.append(f"| {policy.id} {policy.title} | {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def _counts(sector: str, cells: Sequence[Cell]) -> str:
    blocks = sum(1 for cell in cells if cell.alone)
    passes = sum(1 for cell in cells if not cell.alone and cell.outcome == Outcome.PASS)
    not_applicable = sum(1 for cell in cells if not cell.alone and cell.reasons)
    return f"| {sector} | {blocks} | {passes} | {not_applicable} |"


def _words(cell: Cell) -> str:
    if not cell.filled:
        return "**nothing shows it**"
    said = []
    if cell.alone:
        said.append(f"blocks alone: {len(cell.alone)} (`{cell.alone[0]}`)")
    if cell.reasons:
        said.append(f"cannot apply: {'; '.join(cell.reasons)}".replace("|", "\\|"))
    elif not cell.alone:
        said.append("passes")
    return "; ".join(said)
