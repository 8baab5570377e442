"""`hallgate init --adopt`: an organisation's repository, which adds to an upstream by digest."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from hallgate.cli.wiring import cache_folder, now
from hallgate.decide.policies import schemas_of
from hallgate.intake.repository import Repository
from hallgate.intake.tracks import ALL
from hallgate.model.errors import UsageError
from hallgate.publish.consumers.chosen import Choice, Chosen, choose_bundle
from hallgate.record.files import make_folder, write_atomic, write_new

_FOLDER = "upstream"
_BUNDLE = f"{_FOLDER}/bundle.tar.gz"
_EMPTY = ("policies/promotion/rules", "exceptions", "frameworks", "tracks")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this form."""
    group = parser.add_argument_group("an organisation's own repository")
    group.add_argument(
        "--adopt", metavar="BUNDLE", help="upstream: oci://host/repository@sha256:…, or a file"
    )
    group.add_argument(
        "--trusted", type=Path, action="append", default=[], metavar="PEM",
        help="upstream's public key; repeat it while keys change",
    )  # fmt: skip
    group.add_argument(
        "--roles", type=Path, metavar="DIR", help="roles.yaml and sources.yaml to start from"
    )
    group.add_argument("--plain-http", action="store_true", help="registry without TLS")


def run(options: argparse.Namespace) -> int:
    """Verify upstream, pin it, and write what is missing; nothing of your own is overwritten.

    Run again with another bundle it moves the pin: bundle, keys, schemas of upstream.
    """
    root = (options.repository or Path.cwd()).resolve()
    if (root / "policies" / "promotion" / "main").exists():
        raise UsageError(
            f"{root} holds upstream's policies itself",
            remedy="adopt into a repository of your own, which needs no copy of them",
        )
    chosen, pems = _upstream(options)
    written = [root / _BUNDLE]
    make_folder(root / _FOLDER / "keys")
    write_atomic(root / _BUNDLE, chosen.bundle.data)
    for number, pem in enumerate(pems, 1):
        written.append(root / _FOLDER / "keys" / f"{number}.pub.pem")
        write_atomic(written[-1], pem.encode())
    schemas = schemas_of(chosen.sources, chosen.address)
    for name, schema in schemas.documents().items():
        written.append(root / "evidence-schemas" / name)
        make_folder(written[-1].parent)
        write_atomic(written[-1], (json.dumps(schema, indent=2) + "\n").encode())
    for name in _EMPTY:
        make_folder(root / name)
    written += _trust(options.roles, Repository(root).trust)
    pin = root / "upstream.yaml"
    write_atomic(
        pin,
        (
            "# Written by `hallgate init --adopt`; the bundle is never edited.\n"
            f"bundle: {_BUNDLE}\ndigest: {chosen.verified.digest}\nscope: {ALL}\n"
        ).encode(),
    )
    sys.stdout.writelines(f"{path.relative_to(root)}\n" for path in [*written, pin])
    sys.stdout.write(
        f"Adopted {chosen.verified.digest}, commit {chosen.facts['commit'] or 'none'}. Now add "
        "families below policies/promotion/rules, and tighten limits in tracks/.\n"
    )
    return 0


def _upstream(options: argparse.Namespace) -> tuple[Chosen, tuple[str, ...]]:
    from hallgate.cli.registry_access import read_pems, registry_options
    from hallgate.publish.registry.reference import Reference

    pems = read_pems(options.trusted)
    choice = Choice(options.adopt, ALL, pems)
    reach = registry_options(Reference.parse(choice.address), options) if choice.is_oci else None
    return choose_bundle(choice, cache_folder() / "artifacts", now(), reach), pems


def _trust(given: Path | None, trust: Path) -> list[Path]:
    """Roles and sources to start from; those that are there stay."""
    make_folder(trust / "identities")
    written = []
    for name in ("roles.yaml", "sources.yaml"):
        if (trust / name).is_file():
            continue
        if given is None or not (given / name).is_file():
            raise UsageError(
                f"{trust / name} is missing",
                remedy="write it, or say --roles with a folder that has both files",
            )
        write_new(trust / name, (given / name).read_bytes())
        written.append(trust / name)
    return written
