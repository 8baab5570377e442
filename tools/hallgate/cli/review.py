"""`hallgate review BASE..HEAD`: what a change would do, before anybody merges it."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile, copytree, rmtree

from hallgate.cli.review_corpus import read_corpus
from hallgate.cli.revisions import Revisions, private_folder
from hallgate.cli.wiring import now
from hallgate.intake.forge_reviews import read_forge_reviews
from hallgate.intake.tree import Tree, read_tree
from hallgate.intake.tree_objects import Objects
from hallgate.model.errors import InvalidDocument, UsageError
from hallgate.publish.review import FORMATS, Review
from hallgate.publish.review.assemble import make_review
from hallgate.publish.review.contents import Contents
from hallgate.publish.review.forge import with_forge_reviews
from hallgate.record.files import write_atomic

EXAMPLES = """examples:
  hallgate review main..HEAD
  hallgate review main..HEAD --records records/ --format html --output review.html
  hallgate review origin/main..refs/pull/7/merge --format markdown --output comment.md \\
      --also sarif=review.sarif --also html=review.html --forge-reviews reviews.json

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
        "--also", action="append", default=[], type=_also, metavar="FORMAT=FILE",
        help="the same review in another form; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--forge-reviews", type=Path, metavar="FILE",
        help="the forge's JSON of reviews, shown as evidence that never counts",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", type=float, default=120.0, metavar="SECONDS", help="for one engine run (120)"
    )
    parser.add_argument("--no-cache", action="store_true", help="ask the engine afresh")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _also(text: str) -> tuple[str, Path]:
    form, equals, file = text.partition("=")
    if not equals or not file or form not in FORMATS:
        raise argparse.ArgumentTypeError(f"{text!r}: write FORMAT=FILE, as sarif=review.sarif")
    return form, Path(file)


def run(options: argparse.Namespace) -> int:
    """Review, print or write, and answer with what governance says."""
    names = options.range.split("..")
    if len(names) != 2 or not all(names):
        raise UsageError(
            f"{options.range!r} is no range of two commits",
            remedy="write BASE..HEAD with two dots, as main..HEAD",
        )
    said = read_forge_reviews(options.forge_reviews) if options.forge_reviews else None
    folder = (options.repository or Path.cwd()).resolve()
    with private_folder() as private:
        sides = Revisions(
            Objects(folder), private, now(), options.timeout, not options.no_cache, options.quiet
        )
        review = _Reviewer(sides, options.records).review(*names)
    if said is not None:
        review = with_forge_reviews(review, said)
    for form, file in options.also:
        write_atomic(file, FORMATS[form](review).encode())
    text = FORMATS[options.format](review)
    if options.output is None:
        sys.stdout.write(text)
    else:
        write_atomic(options.output, text.encode())
        sys.stderr.write(f"hallgate: {review.headline}\n")
    if review.unreadable:
        raise InvalidDocument(review.refused)
    return review.exit_code


@dataclass(frozen=True)
class _Reviewer:
    sides: Revisions
    records: Path | None

    def review(self, base_name: str, head_name: str) -> Review:
        """Both sides read, the corpus gathered, the review made."""
        sides = self.sides
        sides.objects.require_whole()
        ids = [sides.objects.commit(name) for name in (base_name, head_name)]
        if not sides.objects.contains(*ids):
            raise UsageError(
                f"{head_name} does not contain {base_name}",
                remedy="review what the merge would give: merge the base in, or take the forge's "
                "merge commit",
            )
        try:
            # First of all, because a commit that brings an opa along must not have it used.
            head_tree = read_tree(sides.objects, ids[1])
        except InvalidDocument as error:
            return Review.of_faults(ids[0], ids[1], sides.at, error.faults)
        base = sides.base(read_tree(sides.objects, ids[0]))
        try:
            head = self._head(head_tree, base)
        except InvalidDocument as error:
            return Review.of_faults(ids[0], ids[1], sides.at, error.faults)
        sides.say(f"reviewing {ids[0][:12]}..{ids[1][:12]}")
        corpus = read_corpus(base, head, self.records, sides.private, sides.at, sides.say)
        return make_review(base, head, corpus, sides.at, sides.say)

    def _head(self, tree: Tree, base: Contents) -> Contents:
        head = self.sides.head(tree, base)
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
