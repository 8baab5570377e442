"""Build, sign and verify against the least that any way of doing it costs; and a warm pull."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import re
import tarfile
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager

from timing import CPU, WALL, Row, alternate, ratio
from world import World

from hallgate.engine.bundle import build_bundle
from hallgate.publish.bundle.signing import sign_bundle, verify_bundle
from hallgate.publish.registry.client import Options, RegistryClient
from hallgate.publish.registry.publish import Release, publish
from hallgate.publish.registry.reference import Reference
from hallgate.publish.registry.subscription import Subscription, bundle_in_use
from hallgate.record.keys import generate_key, public_pem

FILES = 250
LIMIT = 2.0
_LEVEL = 6  # what tar and gzip do unless they are told otherwise


def measure(world: World) -> list[Row]:
    """Rows about a bundle of 250 files as large as ours."""
    files = _files(world)
    key = generate_key("p256")
    pem = public_pem(key)

    def ours() -> bytes:
        built = build_bundle(files, ("promotion",), {"track": "all"})
        signed = sign_bundle(built.data, "all", key).data
        verify_bundle(signed, [pem], "all")
        return signed

    samples = alternate({"ours": ours, "alone": lambda: _alone(files)})
    size = sum(map(len, files.values())) // 1024
    rows = [
        Row(
            "bundle", f"build, sign and verify {FILES} files / hash and gzip them", LIMIT, CPU,
            ratio(samples, "ours", "alone", CPU), f"{size} KB; gzip at level {_LEVEL}", samples,
        )
    ]  # fmt: skip
    return [*rows, *_warm(world, ours(), key, pem)]


def _files(world: World) -> dict[str, bytes]:
    found = list(_rego(world).items())
    return {
        f"promotion/rules/f{number}/{path.rpartition('/')[2]}": data + b"# %d\n" % number
        for number, (path, data) in enumerate(found[n % len(found)] for n in range(FILES))
    }


def _rego(world: World) -> dict[str, bytes]:
    folder = world.root / "policies" / "promotion" / "rules"
    names = sorted(path for path in folder.rglob("*.rego") if "_test" not in path.name)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in names}


def _alone(files: dict[str, bytes]) -> bytes:
    for data in files.values():
        hashlib.sha256(data).hexdigest()
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, compresslevel=_LEVEL) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def _warm(world: World, signed: bytes, key: object, pem: str) -> list[Row]:
    with _registry() as (host, asked):
        where = Reference.parse(f"{host}/bench/all")
        release = Release(signed, "all", "1.0.0", "stable")
        publish(RegistryClient(where, Options()), release, key, (), 1_000)  # type: ignore[arg-type]
        wanted = Subscription.read(f"{where}:stable", "all", (pem,))
        cache = world.folder / "pulled"

        def warm() -> None:
            bundle_in_use(wanted, Options(), cache, 2_000)

        def verify() -> None:
            verify_bundle(signed, [pem], "all")

        warm()
        asked.clear()
        warm()
        heads = [one for one in asked if one.startswith("HEAD ")]
        count = len(asked) if len(heads) == 1 else len(asked) + 1
        samples = alternate({"warm": warm, "verify": verify})
    return [
        Row("warm", "pull and verify warm: requests / one HEAD", 1.0, WALL, float(count)),
        Row(
            "warm-time", "pull and verify warm / verify alone", None, CPU,
            ratio(samples, "warm", "verify", CPU), "loopback; the kept files are compared",
            samples,
        ),
    ]  # fmt: skip


@contextmanager
def _registry() -> Iterator[tuple[str, list[str]]]:
    """The least of a registry, in memory; yields its host and what it was asked."""
    held: dict[str, bytes] = {}
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append(f"{self.command} {self.path}")
            place, _, query = self.path.partition("?")
            status, data, headers = 404, b"{}", {}
            if self.command == "POST":
                status, headers = 202, {"Location": f"{place}1"}
            elif self.command == "PUT":
                digest = "sha256:" + hashlib.sha256(body).hexdigest()
                if "/uploads/" in place:
                    named = urllib.parse.parse_qs(query)["digest"][0]
                    held[re.sub(r"uploads/.*", named, place)] = body
                else:
                    held[place] = held[f"{place.rpartition('/')[0]}/{digest}"] = body
                status = 201
            elif place in held:
                status, data = 200, held[place]
                digest = "sha256:" + hashlib.sha256(data).hexdigest()
                headers = {"Docker-Content-Digest": digest}
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_HEAD = do_PUT = do_POST = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
