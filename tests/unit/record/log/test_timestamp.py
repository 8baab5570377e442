"""RFC 3161 times by an authority made here with openssl; those of others are refused."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hallgate.model.errors import InvalidDocument
from hallgate.model.log import Authority
from hallgate.record.log.anchors import keep_anchor, keep_token, read_anchors
from hallgate.record.log.timestamp import WrongAuthority, timestamp_query, verify_timestamp

from .conftest import Ledger
from .test_audit import Codes

_CONFIG = """
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
"""


@dataclass(frozen=True)
class Tsa:
    """A root, an authority under it, and `openssl ts` as its service."""

    folder: Path
    authority: Authority

    def stamp(self, note: bytes) -> bytes:
        query, reply = self.folder / "query.tsq", self.folder / "reply.tsr"
        query.write_bytes(timestamp_query(note))
        openssl(
            self.folder, "ts", "-reply", "-config", "tsa.cnf", "-section", "tsa",
            "-queryfile", query, "-out", reply,
        )  # fmt: skip
        return reply.read_bytes()


def openssl(folder: Path, *words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], cwd=folder, check=True, capture_output=True)


def make_tsa(folder: Path, name: str) -> Tsa:
    folder.mkdir()
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(folder, "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", 30,
            "-subj", f"/CN={name} root", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
    openssl(folder, "req", *curve, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", f"/CN={name}")
    (folder / "extensions").write_text(
        "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"
        "basicConstraints=critical,CA:FALSE\n"
    )
    openssl(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", 30, "-extfile", "extensions",
            "-out", "tsa.pem")  # fmt: skip
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
    root = (folder / "ca.pem").read_text()
    return Tsa(folder, Authority(name, root, None))


@pytest.fixture(scope="session")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tsa]:
    folder = tmp_path_factory.mktemp("tsa")
    return {name: make_tsa(folder / name, name) for name in ("right", "wrong")}


def test_a_timestamp_holds_for_its_note_and_its_authority_alone(
    authorities: dict[str, Tsa],
) -> None:
    right, wrong = authorities["right"], authorities["wrong"]
    answer = right.stamp(b"note")
    name, at = verify_timestamp(answer, b"note", [wrong.authority, right.authority])
    assert name == "right"
    assert at > 1_700_000_000
    with pytest.raises(WrongAuthority, match="no trusted authority"):
        verify_timestamp(answer, b"note", [wrong.authority])
    with pytest.raises(WrongAuthority, match="no trusted authority"):
        verify_timestamp(answer, b"other note", [right.authority])
    with pytest.raises(WrongAuthority, match="no authority is trusted"):
        verify_timestamp(answer, b"note", [])


@pytest.mark.parametrize("how", ["cut", "altered", "empty", "text"])
def test_a_broken_answer_is_refused(authorities: dict[str, Tsa], how: str) -> None:
    right = authorities["right"]
    answer = right.stamp(b"note")
    spoiled = {
        "cut": answer[:-20],
        "altered": answer[:-5] + bytes([answer[-5] ^ 1]) + answer[-4:],
        "empty": b"",
        "text": b"<html>captive portal</html>",
    }[how]
    with pytest.raises((InvalidDocument, WrongAuthority)):
        verify_timestamp(spoiled, b"note", [right.authority])


def test_an_audit_tells_whose_stamp_holds(
    ledger: Ledger, authorities: dict[str, Tsa], tmp_path: Path, codes: Codes
) -> None:
    right, wrong = authorities["right"], authorities["wrong"]
    log = ledger.log()
    path = keep_anchor(tmp_path / "checkpoints", 5, log.note)
    keep_token(path, "right", right.stamp(log.note))
    keep_token(path, "wrong", wrong.stamp(log.note))
    trusting: Any = replace(ledger.trust, authorities=(right.authority,))
    found = ledger.audit(read_anchors(tmp_path / "checkpoints"), log=trusting)
    assert codes(found) == {("wrong_tsa", None)} | (
        {("clock_jump", None)} if found.stamps[0].at < ledger.house.now else set()
    )
    assert [(one.authority, one.size) for one in found.stamps] == [("right", 5)]
    assert found.proven == 5
