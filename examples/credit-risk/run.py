"""The demo: may this credit model go to production?

Trains two models on real data, measures them by the real commands and lets Hallgate decide, from
nothing. Every number it prints was measured in that run; what stands in for a person or a system
that is not here is called staged. Exit 0 when every step came out as told, else 1.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from dataclasses import asdict
from pathlib import Path

from story import ROOT, DiffersError, Story

MARK = ".hallgate-demo"
MEGABYTES, SECONDS = 2, 20


def main() -> int:
    """Tell the story."""
    default = Path(__file__).resolve().parent / "out"
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=default, metavar="DIR", help=str(default))
    out = parser.parse_args().out.resolve()
    if not _cleared(out):
        print(f"{out} holds other things; name another folder with --out", file=sys.stderr)
        return 2
    try:
        _tell(Story(_script(out)), out)
    except ImportError as error:
        print(f"{error}: this needs the environment that `make demo` makes", file=sys.stderr)
        return 2
    except DiffersError as error:
        sys.stdout.flush()
        print(f"\nThis step came out otherwise than told:\n{error}", file=sys.stderr)
        return 1
    return 0


def _cleared(out: Path) -> bool:
    """Whether the folder is empty now; only what an earlier run left is removed."""
    if (out / MARK).is_file():
        shutil.rmtree(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        return False
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).touch()
    return True


def _script(out: Path) -> Path:
    path = out / "commands.sh"
    path.write_text(
        "# Every command of the run, in order, to repeat one by one; what is there already, as\n"
        f"# keys and approvals, is not made again.\ncd {ROOT} && PATH=$PWD/.venv/bin:$PATH\n",
        encoding="utf-8",
    )
    return path


def _tell(story: Story, out: Path) -> None:
    print("MAY THIS CREDIT MODEL GO TO PRODUCTION?\n")
    story.say(
        f"""A lender asks Hallgate. Data, training and measurements are real; the lender, its people
        and their keys are made up in this run. It takes about {SECONDS} seconds and {MEGABYTES} MB
        in the folder OUT; private keys lie in KEYS, outside of every repository. Commands run in
        {ROOT} with its .venv/bin on the PATH; all of them are kept in $OUT/commands.sh."""
    )
    # Loading numpy, scikit-learn and YAML takes a second: not before the first words.
    import papers
    from chapters import chapter_one, chapter_three, chapter_two, epilogue
    from facts import numbers
    from organisation import Organisation
    from train import PLAN

    lender = Organisation(story, out)
    story.name("OUT", story.path(out))
    story.name("KEYS", str(lender.keys))
    papers.write_yaml(out / "plan.yaml", {"written_at": papers.moment(), **asdict(PLAN)})
    lender.found()
    first = chapter_one(story, lender, out)
    second, left = chapter_two(story, lender, out, first)
    record = chapter_three(story, lender, out, second, left)
    (out / "numbers.md").write_text(numbers(first, second), encoding="utf-8")
    epilogue(story, lender, out, second, record)
    spent = time.monotonic() - story.started
    print(f"\nEvery step came out as told, in {spent:.0f} seconds. Three next commands:\n")
    for command in (
        "hallgate explain FAIR-002",
        f"hallgate replay {story.path(record)} --trust {story.path(lender.trust)}",
        f"hallgate plan {story.path(second.request)} --trust {story.path(lender.trust)}",
    ):
        print(f"  .venv/bin/{command}")
    print(f"\nWhere things are: {story.path(out)}; how it is done: examples/credit-risk/README.md")


if __name__ == "__main__":
    sys.exit(main())
