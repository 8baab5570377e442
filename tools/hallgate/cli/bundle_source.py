"""Options that name the bundle to decide by, and who may have signed it."""

from __future__ import annotations

import argparse
from pathlib import Path

from hallgate.cli.wiring import cache_folder
from hallgate.model.errors import UsageError
from hallgate.publish.consumers.chosen import Choice, Chosen, choose_bundle


def add_bundle_options(parser: argparse.ArgumentParser) -> None:
    """Which published bundle decides instead of the policies of a repository."""
    group = parser.add_argument_group("a published bundle instead of a repository's policies")
    group.add_argument(
        "--bundle", metavar="BUNDLE", help="oci://host/repository@sha256:…, or a signed file"
    )
    group.add_argument(
        "--trusted", type=Path, action="append", default=[], metavar="PEM",
        help="public key that may sign bundles; repeat it while keys change",
    )  # fmt: skip
    group.add_argument("--scope", metavar="TRACK", help="the track it must be signed for")
    group.add_argument(
        "--pointer",
        type=Path,
        metavar="FILE",
        help="the channel's pointer, which must name it",
    )
    group.add_argument("--channel", choices=("next", "stable"), default="stable", help="(stable)")
    group.add_argument("--bundle-cache", type=Path, metavar="DIR", help="pulled bundles")
    group.add_argument("--plain-http", action="store_true", help="registry without TLS")


def chosen_bundle(options: argparse.Namespace, now: int) -> Chosen | None:
    """The bundle that the options name, verified; None where they name none."""
    if getattr(options, "bundle", None) is None:
        if getattr(options, "trusted", None) or getattr(options, "pointer", None):
            raise UsageError("--trusted and --pointer go with --bundle", remedy="name the bundle")
        return None
    if options.scope is None:
        raise UsageError(
            "--bundle without --scope: a bundle of any track would do",
            remedy="say --scope with the track you consume",
        )
    from hallgate.cli.registry_access import read_pems, registry_options
    from hallgate.publish.registry.reference import Reference

    choice = Choice(
        options.bundle, options.scope, read_pems(options.trusted), options.pointer, options.channel
    )
    reach = None
    if choice.is_oci:
        reach = registry_options(Reference.parse(choice.address), options)
    cache = options.bundle_cache or cache_folder() / "artifacts"
    return choose_bundle(choice, cache, now, reach)
