"""SSH signatures of people: made and verified by `ssh-keygen -Y` (PROTOCOL.sshsig).

ssh-keygen answers 255 to a forged signature and to its own trouble alike. So armor,
namespace and key are judged here first, and where it refuses what is left it must still
accept a signature known to be good; else it is the tool that is broken.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hallgate.model.errors import (
    EngineError,
    InvalidDocument,
    Location,
    NotProven,
    StorageError,
    UsageError,
)
from hallgate.model.trust import Key
from hallgate.record.faults import BAD_SIGNATURE, REVOKED, UNKNOWN_SIGNER, SignatureFault
from hallgate.record.sshblob import SshSignature, parse_signature, public_blob
from hallgate.record.sshkeygen import run

NAMESPACE = "hallgate.approval"

# An allowed_signers file reads * ? ! , and quotes in a principal as patterns: refuse them.
_PRINCIPAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,199}")
_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")

_GOOD_PAYLOAD = b"hallgate"
_GOOD_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF6qmCctO7fnCFIkfb5T23KxVR4P86I0OiTJdJGljHI8"
_GOOD_SIGNATURE = """-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgXqqYJy07t+cIUiR9vlPbcrFVHg
/zojQ6JMl0kaWMcjwAAAARaGFsbGdhdGUuYXBwcm92YWwAAAAAAAAABnNoYTUxMgAAAFMA
AAALc3NoLWVkMjU1MTkAAABAuejOHhV5EHcfFxvGaZE10k5D16dtt9x7RffcgmczNBCNiN
qRBZ+7u9tJdkW3+ZjM3V9ONlixQEfSeZDJ0P0nAw==
-----END SSH SIGNATURE-----
"""


@dataclass(frozen=True, slots=True)
class SshJob:
    """One signature to verify: arguments of verify_ssh; at in seconds since 1970."""

    payload: bytes
    signature: str
    identity: str
    keys: tuple[Key, ...]
    at: int


def sign_ssh(
    payload: bytes, key_file: Path, *, namespace: str = NAMESPACE, ssh_keygen: str = "ssh-keygen"
) -> str:
    """The armored signature over the payload by the private key in key_file.

    A key_file holding the public half works when the SSH agent has the private one. Never
    asks for a passphrase. Raises UsageError when the key cannot be used, EngineError when
    ssh-keygen cannot.
    """
    _plain(_NAMESPACE, namespace, "namespace")
    where = Location(str(key_file))
    try:
        key_file.open("rb").close()
    except OSError as error:
        raise UsageError(
            f"cannot read the key: {error.strerror}", remedy="check the path", where=where
        ) from error
    arguments = ["-Y", "sign", "-n", namespace, "-f", str(key_file.absolute())]
    answer = run(ssh_keygen, arguments, payload, agent=True)
    if answer.code != 0:
        raise _no_signature(answer.stderr, where)
    try:
        signature = parse_signature(answer.stdout.decode("utf-8", "replace"))
    except InvalidDocument as error:
        raise _broken(ssh_keygen, f"it wrote no signature: {error.what}") from error
    # NOTE: without a terminal ssh-keygen may read a passphrase from the payload; what it
    # then signs is another text. So look at what came out; the library knows one kind of key.
    if signature.namespace == namespace and signature.ed25519_accepts(payload):
        return signature.armor
    with _folder() as folder:
        _write(folder / "signature", signature.armor)
        arguments = ["-Y", "check-novalidate", "-n", namespace, "-s", str(folder / "signature")]
        if run(ssh_keygen, arguments, payload).code != 0:
            raise _broken(ssh_keygen, "it signed something other than the payload")
    return signature.armor


def verify_ssh(
    payload: bytes,
    signature: str,
    identity: str,
    keys: Sequence[Key],
    at: int,
    *,
    namespace: str = NAMESPACE,
    ssh_keygen: str = "ssh-keygen",
) -> None:
    """Return when a key of the identity that counts at `at` (seconds) signed the payload.

    keys are those of the identity, each an OpenSSH line. Raises InvalidDocument when the
    signature or a key is malformed, SignatureFault when it does not count, EngineError or
    StorageError when ssh-keygen or the disk is at fault: that says nothing of the signature.
    """
    _plain(_NAMESPACE, namespace, "namespace")
    parsed, counting = _judged(signature, identity, keys, at, namespace)
    _proven(payload, parsed, identity, counting, namespace, ssh_keygen)


def _judged(
    signature: str, identity: str, keys: Sequence[Key], at: int, namespace: str
) -> tuple[SshSignature, tuple[str, ...]]:
    """The signature read and the keys it may be by; raises where it cannot count anyway."""
    _plain(_PRINCIPAL, identity, "identity")
    parsed = parse_signature(signature)
    listed = [key for key in keys if public_blob(key.public) == parsed.public]
    if not listed:
        raise SignatureFault(UNKNOWN_SIGNER, f"not signed with a key of {identity} in trust/")
    if parsed.namespace != namespace:
        raise SignatureFault(
            BAD_SIGNATURE, f"signed for {parsed.namespace!r}, which is not {namespace!r}"
        )
    if not all(key.counts_at(at) for key in listed):
        raise SignatureFault(
            REVOKED, f"the key of {identity} was revoked, compromised or out of its dates at {at}"
        )
    return parsed, tuple(" ".join(k.public.split(None, 2)[:2]) for k in keys if k.counts_at(at))


def verify_many(
    jobs: Sequence[SshJob], workers: int | None = None, *, ssh_keygen: str = "ssh-keygen"
) -> tuple[NotProven | InvalidDocument | None, ...]:
    """Verify many at once; one answer per job, in order. None is a signature that counts.

    Ed25519 signatures that are good the library accepts, a hundred times faster than a process
    each. Whatever it does not accept (other keys, forgeries) ssh-keygen judges, side by side in
    threads (workers: as many as CPUs). Raises EngineError or StorageError like verify_ssh.
    """

    def slow(job: SshJob) -> NotProven | InvalidDocument | None:
        try:
            verify_ssh(
                job.payload, job.signature, job.identity, job.keys, job.at, ssh_keygen=ssh_keygen
            )
        except (NotProven, InvalidDocument) as error:
            return error
        return None

    answers: list[NotProven | InvalidDocument | None] = [None] * len(jobs)
    left = [index for index, job in enumerate(jobs) if not _by_library(job)]
    if len(left) < 2:
        found = [slow(jobs[index]) for index in left]
    else:
        with ThreadPoolExecutor(max_workers=workers or os.cpu_count()) as pool:
            found = list(pool.map(slow, [jobs[index] for index in left]))
    for index, answer in zip(left, found, strict=True):
        answers[index] = answer
    return tuple(answers)


def _by_library(job: SshJob) -> bool:
    """Whether the job is good by the same rules, and its signature by the library."""
    try:
        parsed, _ = _judged(job.signature, job.identity, job.keys, job.at, NAMESPACE)
        return parsed.ed25519_accepts(job.payload)
    except (NotProven, InvalidDocument):
        return False


@lru_cache(maxsize=8192)
def _proven(
    payload: bytes,
    signature: SshSignature,
    identity: str,
    lines: tuple[str, ...],
    namespace: str,
    ssh_keygen: str,
) -> None:
    """Ask ssh-keygen; only success is cached, for an exception leaves a cache empty."""
    if _accepts(payload, signature.armor, identity, lines, namespace, ssh_keygen):
        return
    if not _accepts(_GOOD_PAYLOAD, _GOOD_SIGNATURE, "probe", (_GOOD_KEY,), NAMESPACE, ssh_keygen):
        raise _broken(ssh_keygen, "it refuses a signature known to be good")
    raise SignatureFault(
        BAD_SIGNATURE, f"not the signature of {identity} over this content: forged, or altered"
    )


def _accepts(
    payload: bytes,
    armor: str,
    identity: str,
    lines: tuple[str, ...],
    namespace: str,
    ssh_keygen: str,
) -> bool:
    with _folder() as folder:
        allowed, signature = folder / "allowed_signers", folder / "signature"
        _write(
            allowed, "".join(f'"{identity}" namespaces="{namespace}" {line}\n' for line in lines)
        )
        _write(signature, armor)
        arguments = ["-Y", "verify", "-f", str(allowed), "-I", identity]
        arguments += ["-n", namespace, "-s", str(signature)]
        answer = run(ssh_keygen, arguments, payload)
    good = f'Good "{namespace}" signature for {identity} with '.encode()
    if answer.code == 0 and not answer.stdout.startswith(good):
        raise _broken(ssh_keygen, "it ended well without naming a good signature")
    return answer.code == 0


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A private folder (mode 0700) for the files ssh-keygen must read."""
    try:
        with tempfile.TemporaryDirectory(prefix="hallgate-") as name:
            yield Path(name)
    except OSError as error:
        raise StorageError(
            f"no room for temporary files: {error.strerror}",
            remedy="check TMPDIR, its permissions and the free space",
        ) from error


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _plain(pattern: re.Pattern[str], text: str, what: str) -> None:
    if pattern.fullmatch(text) is None:
        raise UsageError(
            f"{what} {text!r} has characters with a meaning of their own",
            remedy="use letters, digits and . _ @ + -",
        )


def _no_signature(stderr: str, where: Location) -> UsageError:
    if "passphrase" in stderr:
        what, remedy = "the key has a passphrase", "load it into the agent: ssh-add"
    elif "UNPROTECTED" in stderr:
        what, remedy = "the key is open to other users", f"chmod 600 {where}"
    else:
        last = stderr.splitlines()[-1] if stderr else "no reason given"
        what, remedy = f"no signature: {last}", "give an SSH private key, or load it: ssh-add"
    return UsageError(what, remedy=remedy, where=where)


def _broken(program: str, why: str) -> EngineError:
    return EngineError(
        f"{program} cannot be relied on: {why}",
        remedy="install OpenSSH 8.2 or later (Debian: openssh-client); "
        "nothing is known about the signature",
    )
