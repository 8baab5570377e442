"""Two commits of a policy repository, read as Git objects: nothing is checked out or run."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hallgate.cli.wiring import cache_folder
from hallgate.engine.opa import Opa, find_opa
from hallgate.engine.strangers import for_strangers
from hallgate.intake.commit_signatures import commit_check
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.tree import Tree, history_of, materialise
from hallgate.intake.tree_objects import Objects
from hallgate.publish.review.contents import Contents, read_contents


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder of this run alone, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="hallgate-review-") as name:
        yield Path(name).resolve()


@dataclass(frozen=True)
class Revisions:
    """Reads commits into a private folder; at (seconds) is when approvals are judged.

    timeout bounds one engine run; cached says whether the engine's earlier answers count.
    """

    objects: Objects
    private: Path
    at: int
    timeout: float
    cached: bool
    quiet: bool

    def trusted_engine(self) -> Opa:
        """The pinned engine for what is already merged."""
        engine = Opa(find_opa(self._tools()), timeout=self.timeout)
        engine.version()
        return engine

    def stranger_engine(self, engine: Opa) -> Opa:
        """The same program for what a stranger may have written."""
        return for_strangers(engine, self.private, seconds=self.timeout)

    def base(self, tree: Tree) -> Contents:
        """The side that is believed."""
        cache = cache_folder() if self.cached else None
        return self._contents(tree, "base", self.trusted_engine(), cache)

    def head(self, tree: Tree, base: Contents) -> Contents:
        """The side under review."""
        # No cache: an answer kept by an engine that may call everything would count here.
        return self._contents(tree, "head", self.stranger_engine(base.engine), None, base)

    def say(self, what: str) -> None:
        """Progress, where somebody watches."""
        if not self.quiet and sys.stderr.isatty():
            sys.stderr.write(f"hallgate: {what}\n")

    def _contents(
        self, tree: Tree, name: str, engine: Opa, cache: Path | None, base: Contents | None = None
    ) -> Contents:
        self.say(f"reading the {name}, {len(tree.files):,} files")
        root = self.private / name
        root.mkdir(mode=0o700)
        materialise(self.objects, tree, root)
        # What the change itself says of signatures is no law for it.
        asking = base.repository if base is not None else Repository(root)
        check = commit_check(asking, Schemas.load(None))
        history = history_of(self.objects, tree, "exceptions", check)
        return read_contents(tree, self.objects, root, engine, history, self.at, cache, base=base)

    def _tools(self) -> Path:
        """Where built tools lie: in the folder itself, or above it where it holds none."""
        here = self.objects.folder
        tried = (here, *here.parents)
        return next((one for one in tried if (one / ".tools").is_dir()), here)
