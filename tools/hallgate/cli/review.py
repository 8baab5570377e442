"""`hallgate review BASE..HEAD`: what a change would do, before anybody merges it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile, copytree, rmtree

from hallgate.cli.review_corpus import read_corpus
from hallgate.cli.wiring import cache_folder, now
from hallgate.engine.opa import Opa, find_opa
from hallgate.engine.strangers import for_strangers
from hallgate.intake.tree import Tree, history_of, materialise, read_tree
from hallgate.intake.tree_objects import Objects
from hallgate.model.errors import InvalidDocument, UsageError
from hallgate.publish.review import FORMATS, Review
from hallgate.publish.review.assemble import make_review
from hallgate.publish.review.contents import Contents, read_contents
from hallgate.record.files import write_atomic

EXAMPLES = """examples:
  hallgate review main..HEAD
  hallgate review main..HEAD --records records/ --format html --output review.html
  hallgate review origin/main..refs/pull/7/merge --format markdown --output comment.md

HEAD is read as Git objects: nothing of it is checked out, run or followed. Governance, trust and
tool are the base's. HEAD must contain BASE: review the merge, not the branch.
exit codes: 0 reviewed, 1 governance refuses, 2 usage, 3 invalid documents in the head,
            4 engine failure"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("range", metavar="BASE..HEAD", help="the commits to compare")
    parser.add_argument(
        "--repository", type=Path, metavar="DIR", help="clone to read (default: this folder)"
    )
    parser.add_argument("--records", type=Path, metavar="DIR", help="archived decisions to replay")
    parser.add_argument("--format", choices=tuple(FORMATS), default="markdown")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    parser.add_argument(
        "--timeout", type=float, default=120.0, metavar="SECONDS", help="for one engine run (120)"
    )
    parser.add_argument("--no-cache", action="store_true", help="ask the engine afresh")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def run(options: argparse.Namespace) -> int:
    """Review, print or write, and answer with what governance says."""
    names = options.range.split("..")
    if len(names) != 2 or not all(names):
        raise UsageError(
            f"{options.range!r} is no range of two commits",
            remedy="write BASE..HEAD with two dots, as main..HEAD",
        )
    folder = (options.repository or Path.cwd()).resolve()
    with _private_folder() as private:
        review = _Reviewer(options, Objects(folder), private, now()).review(*names)
    text = FORMATS[options.format](review)
    if options.output is None:
        sys.stdout.write(text)
    else:
        write_atomic(options.output, text.encode())
        sys.stderr.write(f"hallgate: {review.headline}\n")
    if review.unreadable:
        raise InvalidDocument(review.refused)
    return review.exit_code


@contextmanager
def _private_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hallgate-review-") as name:
        yield Path(name).resolve()


@dataclass(frozen=True)
class _Reviewer:
    options: argparse.Namespace
    objects: Objects
    private: Path
    at: int

    def review(self, base_name: str, head_name: str) -> Review:
        """Both sides read, the corpus gathered, the review made."""
        self.objects.require_whole()
        ids = [self.objects.commit(name) for name in (base_name, head_name)]
        if not self.objects.contains(*ids):
            raise UsageError(
                f"{head_name} does not contain {base_name}",
                remedy="review what the merge would give: merge the base in, or take the forge's "
                "merge commit",
            )
        try:
            # First of all, because a commit that brings an opa along must not have it used.
            head_tree = read_tree(self.objects, ids[1])
        except InvalidDocument as error:
            return Review.of_faults(ids[0], ids[1], self.at, error.faults)
        base = self._base(read_tree(self.objects, ids[0]))
        try:
            head = self._head(head_tree, base)
        except InvalidDocument as error:
            return Review.of_faults(ids[0], ids[1], self.at, error.faults)
        self._say(f"reviewing {ids[0][:12]}..{ids[1][:12]}")
        corpus = read_corpus(base, head, self.options.records, self.private, self.at, self._say)
        return make_review(base, head, corpus, self.at, self._say)

    def _base(self, tree: Tree) -> Contents:
        engine = Opa(find_opa(self._tools()), timeout=self.options.timeout)
        engine.version()
        cache = None if self.options.no_cache else cache_folder()
        return self._contents(tree, "base", engine, cache)

    def _head(self, tree: Tree, base: Contents) -> Contents:
        engine = for_strangers(base.engine, self.private, seconds=self.options.timeout)
        # No cache: an answer kept by an engine that may call everything would count here.
        head = self._contents(tree, "head", engine, None)
        for name in ("checks", "retired-ids.yaml"):
            self._govern(base.repository.root / "policies" / name, head.repository.root)
        return head

    def _govern(self, old: Path, root: Path) -> None:
        """Put the base's rules about policies in place of the head's."""
        new = root / "policies" / old.name
        if new.is_dir():
            rmtree(new)
        new.unlink(missing_ok=True)
        if old.is_dir():
            copytree(old, new)
        elif old.exists():
            copyfile(old, new)

    def _contents(self, tree: Tree, name: str, engine: Opa, cache: Path | None) -> Contents:
        self._say(f"reading the {name}, {len(tree.files):,} files")
        root = self.private / name
        root.mkdir(mode=0o700)
        materialise(self.objects, tree, root)
        history = history_of(self.objects, tree, "exceptions")
        return read_contents(tree, root, engine, history, self.at, cache)

    def _tools(self) -> Path:
        """Where built tools lie: in the folder itself, or above it where it holds none."""
        here = self.objects.folder
        tried = (here, *here.parents)
        return next((one for one in tried if (one / ".tools").is_dir()), here)

    def _say(self, what: str) -> None:
        if not self.options.quiet and sys.stderr.isatty():
            sys.stderr.write(f"hallgate: {what}\n")
