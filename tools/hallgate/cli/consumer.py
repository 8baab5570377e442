"""`hallgate consumer`: configurations for those who take our bundles, and a lint of theirs."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from hallgate.cli.writing import write_fresh
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import Location, UsageError
from hallgate.publish.consumers.kinds import KINDS
from hallgate.publish.consumers.lint import Weakness, lint
from hallgate.publish.consumers.opa import ACCEPTED, Feed, OpaSettings
from hallgate.publish.consumers.source import Source, TrustedKey

EXAMPLES = """examples:
  hallgate consumer config --kind opa --scope mlops --key release.pub.pem \\
      --bundle http://127.0.0.1:8182/mlops/bundle.tar.gz \\
      --waivers http://127.0.0.1:8182/waivers/bundle.tar.gz > opa.yaml
  hallgate consumer config --kind conftest --bundle ghcr.io/acme/policies@sha256:… --scope mlops
  hallgate consumer check opa.yaml --opa-version 1.22.0

Kinds: opa (server), k8s (ConfigMap and sidecar), conftest. OPA is given a bundle that cannot go
back: pinned by digest, or what `hallgate bundle pull --place` keeps and `hallgate bundle serve`
hands out on this machine (a file:// too, which OPA reads once, at its start).
exit codes: 0 written or clean, 1 weaknesses, 2 usage, 3 the configuration cannot be read"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the forms of this command."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="FORM")
    config = forms.add_parser("config", help="write a consumer's configuration")
    config.add_argument("--kind", choices=sorted(KINDS), required=True)
    config.add_argument(
        "--bundle", required=True, metavar="ADDRESS", help="oci://…@sha256:… or http://127.0.0.1:…"
    )
    config.add_argument("--scope", required=True, metavar="TRACK", help="the track you consume")
    config.add_argument("--waivers", metavar="ADDRESS", help="the bundle of waivers, beside it")
    config.add_argument("--waivers-scope", default="waivers", metavar="SCOPE", help="(waivers)")
    config.add_argument(
        "--key",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="publisher's public key in PEM; repeat it while keys rotate",
    )
    config.add_argument("--logs", metavar="URL", help="https address for decision logs and status")
    config.add_argument("--persistence", default="/var/lib/opa", metavar="DIR")
    config.add_argument("--image", metavar="IMAGE@DIGEST", help="of OPA, for k8s")
    config.add_argument(
        "--hallgate-image", metavar="IMAGE@DIGEST", help="what pulls and serves, for k8s"
    )
    config.add_argument(
        "--from", dest="registry", metavar="ADDRESS", help="oci://… that was released to, for k8s"
    )
    config.add_argument(
        ACCEPTED,
        dest="may_go_back",
        action="store_true",
        help="let OPA follow a tag or a web address, also to an older release",
    )
    config.add_argument("--output", type=Path, metavar="FILE", help="a new file (default: print)")
    check = forms.add_parser("check", help="say what an OPA configuration lets through")
    check.add_argument("file", type=Path, metavar="FILE", help="OPA's configuration, YAML or JSON")
    check.add_argument("--opa-version", metavar="V", help="the version that reads it")
    check.add_argument("--format", choices=("text", "json"), default="text")


def run(options: argparse.Namespace) -> int:
    """Write a configuration, or print weaknesses; 1 where there is one."""
    if options.form == "check":
        return _check(options)
    sources = [Source.read("hallgate", options.bundle, options.scope)]
    if options.waivers is not None:
        sources.append(Source.read("hallgate-waivers", options.waivers, options.waivers_scope))
    keys = [
        TrustedKey.read(_read(path).decode("utf-8", "replace"), str(path)) for path in options.key
    ]
    feed = None
    if options.hallgate_image and options.registry:
        feed = Feed(options.hallgate_image, options.registry)
    settings = OpaSettings(
        sources, keys, options.logs, options.persistence, options.may_go_back, feed
    )
    text = KINDS[options.kind](settings, options.image)
    if options.output is None:
        sys.stdout.write(text)
    else:
        write_fresh(options.output, text)
    _warn(options)
    return 0


def _warn(options: argparse.Namespace) -> None:
    if options.waivers is None:
        sys.stderr.write(
            "hallgate: warning: there is no bundle of waivers, and without it every promotion is"
            " denied: nobody could know which reviews of overrides are owed\n"
            "  name it as well: --waivers ADDRESS\n"
        )
    if options.may_go_back:
        sys.stderr.write(
            f"hallgate: warning: {ACCEPTED}: OPA follows whatever is signed, older releases too\n"
        )


def _check(options: argparse.Namespace) -> int:
    document = parse_yaml(_read(options.file), str(options.file), floats=True)
    found = lint(document.value, options.opa_version)
    if options.format == "json":
        facts = {"file": str(options.file), "weaknesses": [asdict(one) for one in found]}
        sys.stdout.write(json.dumps(facts, indent=2, sort_keys=True) + "\n")
    else:
        sys.stdout.write("".join(_text(options.file, one) for one in found))
        if options.opa_version is None:
            sys.stdout.write("OPA's version was not checked: say --opa-version\n")
        if not found:
            sys.stdout.write(f"{options.file}: no weakness found\n")
    return 1 if found else 0


def _text(file: Path, one: Weakness) -> str:
    place = f" {one.place}:" if one.place else ""
    return f"{file}:{place} {one.what} [{one.rule}]\n  {one.remedy}\n"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}",
            where=Location(str(path)),
            remedy="check the path and its permissions",
        ) from error
