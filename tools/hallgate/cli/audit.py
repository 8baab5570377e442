"""`hallgate audit`: plays the auditor of a pack."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hallgate.cli.wiring import Workplace, add_repository_options, now
from hallgate.model.errors import InvalidDocument, Location, UsageError

if TYPE_CHECKING:
    from hallgate.publish.pack.examine import Question

EXAMPLES = """examples:
  hallgate audit pack/ --log-key log.pub.pem --identities trust.json
  hallgate audit pack/ --questions docs/playbooks/audit/finance.yaml --format markdown
  hallgate audit pack/ --answers

It verifies the pack as verify.py does, judges every sampled decision again under its own
rules (by the trust of this repository), and answers a list of questions from the pack
alone. What a pack cannot show is said to be so.
exit codes: 0 no finding, 1 findings, 2 usage, 3 invalid documents, 4 engine failure"""

_LIMIT = 1024 * 1024


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("pack", type=Path, metavar="PACK", help="an unpacked pack, or its .tar.gz")
    parser.add_argument("--questions", type=Path, metavar="FILE", help="a list of questions (YAML)")
    parser.add_argument("--answers", action="store_true", help="list the answers there are")
    parser.add_argument(
        "--no-replay", action="store_true", help="do not judge the sample again (needs no engine)"
    )
    parser.add_argument(
        "--format", choices=("markdown", "json"), default="markdown", help="(markdown)"
    )
    roots = parser.add_argument_group("your own roots of trust, as verify.py takes them")
    roots.add_argument("--log-key", type=Path, metavar="PEM", action="append", default=[])
    roots.add_argument("--checkpoint", type=Path, metavar="FILE", action="append", default=[])
    roots.add_argument("--identities", type=Path, metavar="JSON")
    roots.add_argument("--tsa-root", type=Path, metavar="PEM")
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Verify, re-perform, ask; 0 where nothing is found."""
    from hallgate.publish.pack.answers import ANSWERS
    from hallgate.publish.pack.examine import answered, reperform, verified
    from hallgate.publish.pack.verifier.program import read_roots

    if options.answers:
        rows = [f"{name:<16} {(one.__doc__ or '').strip()}" for name, one in ANSWERS.items()]
        sys.stdout.write("\n".join(rows) + "\n")
        return 0
    place = Workplace(options)
    questions = _questions(place, options.questions)
    try:
        roots = read_roots(
            options.log_key, options.checkpoint, options.identities, options.tsa_root
        )
    except ValueError as error:
        raise UsageError(str(error), remedy="give files as keys/ of a pack has them") from error
    with _unpacked(options.pack) as folder:
        report = verified(folder, roots)
        again = () if options.no_replay else reperform(folder, place.engine, place.trust, now())
        asked = answered(folder, questions)
    said = {
        "held": report.held,
        "unchecked": report.unchecked,
        "wrong": report.wrong,
        "reperformed": [{"record": one.path, "trouble": one.trouble} for one in again],
        "answers": [
            {
                "id": question.id, "asked_by": question.asked_by, "question": question.text,
                "shown": answer.shown, "answer": list(answer.lines),
                "rests_on": list(answer.rests_on),
            }
            for question, answer in asked
        ],
    }  # fmt: skip
    text = json.dumps(said, indent=2) + "\n" if options.format == "json" else _markdown(said)
    sys.stdout.write(text)
    return 1 if report.wrong or any(one.trouble for one in again) else 0


@contextlib.contextmanager
def _unpacked(pack: Path) -> Iterator[Path]:
    """The folder of a pack; an archive is looked through first, and unpacked for as long."""
    from hallgate.publish.pack.verifier.archive import Refused, open_archive

    with tempfile.TemporaryDirectory(prefix="hallgate-pack-") as name:
        folder = pack
        if pack.is_file():
            try:
                folder = open_archive(pack, Path(name))
            except Refused as error:
                raise InvalidDocument.one(
                    f"refused, and nothing was unpacked: {error}",
                    where=Location(str(pack)),
                    remedy="ask who made it for the archive as `hallgate pack build` wrote it",
                ) from error
        if not (folder / "pack.json").is_file():
            raise UsageError(f"{pack} is no pack", remedy="name its folder or its .tar.gz")
        yield folder


def _questions(place: Workplace, path: Path | None) -> tuple[Question, ...]:
    from hallgate.intake.files import read_file
    from hallgate.intake.yaml_strict import parse_yaml
    from hallgate.publish.pack.examine import read_questions

    if path is None:
        return ()
    document = parse_yaml(read_file(path, _LIMIT), str(path))
    place.schemas.validate(document, "questions")
    return read_questions(document)


def _markdown(said: dict[str, Any]) -> str:
    from hallgate.publish.report.text import visible

    lines = ["# Audit", ""]
    for title, name in (
        ("Wrong", "wrong"), ("Could not be checked", "unchecked"), ("Holds", "held"),
    ):  # fmt: skip
        lines += [
            f"## {title}",
            "",
            *(f"- {visible(one)}" for one in said[name] or ["nothing"]),
            "",
        ]
    lines += ["## Sample, judged again", ""]
    for one in said["reperformed"]:
        lines.append(f"- {one['record']}: {one['trouble'] or 'the same, byte for byte'}")
    lines += ["" if said["reperformed"] else "Not judged again.\n"]
    for one in said["answers"]:
        lines += [f"## {one['id']} ({one['asked_by']}) {one['question']}", ""]
        lines += [f"- {visible(line)}" for line in one["answer"]]
        lines += ["", f"Rests on: {', '.join(one['rests_on']) or 'nothing in the pack'}", ""]
    return "\n".join(lines) + "\n"
