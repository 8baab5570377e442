"""Where the parts of a policy repository lie. Paths only; nothing is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hallgate.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class Repository:
    """A policy repository: the folder that holds policies/promotion.

    An adopter may keep trust and waivers elsewhere, and a machine the log: the others say where.
    """

    root: Path
    trust_elsewhere: Path | None = None
    exceptions_elsewhere: Path | None = None
    log_elsewhere: Path | None = None

    @classmethod
    def find(cls, start: Path) -> Repository:
        """The repository at `start` or around it.

        Raises UsageError where no folder upward holds policies/promotion.
        """
        here = start.resolve()
        for folder in (here, *here.parents):
            if (folder / "policies" / "promotion").is_dir():
                return cls(folder)
        raise UsageError(
            f"no policy repository at {start} or above it",
            remedy="run inside one, name it with --repository, or make one with `hallgate init`",
        )

    @property
    def policies(self) -> Path:
        """Policies that ship."""
        return self.root / "policies" / "promotion"

    @property
    def exceptions(self) -> Path:
        """Waivers and their approvals, by family."""
        return self.exceptions_elsewhere or self.root / "exceptions"

    @property
    def evidence_schemas(self) -> Path:
        """Schemas of evidence types."""
        return self.root / "evidence-schemas"

    @property
    def trust(self) -> Path:
        """Identities, roles, sources."""
        return self.trust_elsewhere or self.root / "trust"

    @property
    def log_file(self) -> Path:
        """What the repository says about its log; where there is none it has no log."""
        return self.trust / "log.yaml"

    @property
    def checkpoints(self) -> Path:
        """Checkpoints of the log, kept in Git."""
        return self.root / "checkpoints"

    @property
    def holds(self) -> Path:
        """Legal holds and the words about them."""
        return self.root / "holds"

    @property
    def inventory(self) -> Path:
        """The register of models, one file each."""
        return self.root / "inventory"

    @property
    def commits_file(self) -> Path:
        """Whether commits must be signed; absent where nothing is asked."""
        return self.trust / "commits.yaml"

    @property
    def frameworks(self) -> Path:
        """The law register."""
        return self.root / "frameworks"

    @property
    def upstream(self) -> Path:
        """What an organisation's own repository adds to; there is none in upstream itself."""
        return self.root / "upstream.yaml"

    @property
    def tracks(self) -> Path:
        """What each consuming team takes."""
        return self.root / "tracks"

    @property
    def codeowners(self) -> Path:
        """Who owns which path."""
        return self.root / "CODEOWNERS"
