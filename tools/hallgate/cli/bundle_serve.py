"""`hallgate bundle serve`: bundles for an OPA beside us, verified and never turned back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hallgate.cli.registry_access import read_pems
from hallgate.cli.wiring import now
from hallgate.model.errors import StorageError, UsageError
from hallgate.publish.bundle.pointer import CHANNELS

EXAMPLES = """examples:
  hallgate bundle pull oci://ghcr.io/acme/policies/mlops:stable --scope mlops \\
      --trusted release.pub.pem --place /var/lib/hallgate/mlops/bundle.tar.gz    # by a timer
  hallgate bundle serve /var/lib/hallgate --port 8182 --trusted release.pub.pem  # as a service
  curl http://127.0.0.1:8182/status.json

DIR holds <track>/bundle.tar.gz with the channel's signed pointer beside it. Only what holds is
served; what does not is told on standard error and in status.json, and the last good one stays.
exit codes: 0 stopped, 2 usage, 3 invalid documents, 4 the address or DIR cannot be used"""

_PORT = 8182


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this form."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="holds <track>/bundle.tar.gz")
    parser.add_argument("--port", type=int, default=_PORT, metavar="N", help=f"({_PORT}; 0: any)")
    parser.add_argument(
        "--host", choices=("127.0.0.1", "::1"), default="127.0.0.1", help="loopback alone"
    )
    parser.add_argument(
        "--trusted", type=Path, action="append", required=True, metavar="PEM",
        help="public key that may sign artifacts; repeat it while keys change",
    )  # fmt: skip
    parser.add_argument("--channel", choices=CHANNELS, default="stable", help="(stable)")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="keeps the newest serials over a restart"
    )


def run(options: argparse.Namespace) -> int:
    """Serve until stopped; the caller has refused keys that decide."""
    from hallgate.publish.consumers.shelf import Shelf
    from hallgate.serve.bundles import BundleServer

    folder: Path = options.folder
    if not folder.is_dir():
        raise UsageError(
            f"there is no folder {folder}", remedy="let `hallgate bundle pull --place` write there"
        )
    if not 0 <= options.port <= 65535:
        raise UsageError(f"{options.port} is no port", remedy="use 0 to 65535")
    shelf = Shelf(folder, read_pems(options.trusted), options.channel, options.state, _say)
    try:
        server = BundleServer(options.host, options.port, shelf, now)
    except OSError as error:
        raise StorageError(
            f"{options.host} port {options.port} cannot be used: {error.strerror}",
            remedy="choose a free port, and name it in OPA's configuration too",
        ) from error
    with server:
        sys.stdout.write(f"serving {folder} at {server.address}\n")
        sys.stdout.flush()
        shelf.status(now())
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


def _say(what: str) -> None:
    sys.stderr.write(f"hallgate: {what}\n")
    sys.stderr.flush()
