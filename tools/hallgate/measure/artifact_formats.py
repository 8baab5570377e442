"""What a model file is, by its content alone; nothing is ever loaded or unpickled.

safetensors is parsed to the last byte after its format description (header length, JSON header
without duplicate keys, offsets that begin at 0, leave no hole and no overlap, end with the
file). Other formats are recognised as far as is needed to say whether loading them can run code.
"""

from __future__ import annotations

import ast
import pickletools
import zipfile
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

from hallgate.measure.json_text import strict_json
from hallgate.model.values import JsonValue

MAX_HEADER = 100_000_000
_MAX_PARSED = 1 << 26
_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
}


@dataclass(frozen=True, slots=True)
class Look:
    """Format of a file, whether all of it could be read, and findings (kind, detail)."""

    format: str
    readable: bool
    findings: tuple[tuple[str, str], ...] = ()


def inspect(path: Path) -> Look:
    """Look at one file. Raises OSError where it cannot be read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(64)
        if len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 40:
            return _safetensors(file, size)
        if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            return _archive(path)
        if head.startswith(b"\x93NUMPY"):
            return _numpy(file, size)
        if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05":
            return _PICKLE
        if head[:1] == b"\x08" and _is_onnx(file, size):
            return Look("onnx", True)
        file.seek(0)
        return _text(file, size)


_PICKLE = Look("pickle", True, (("executable_format", "loading a pickle can run any code"),))


def _safetensors(file: BinaryIO, size: int) -> Look:
    file.seek(0)
    length = int.from_bytes(file.read(8), "little")
    if length > min(MAX_HEADER, size - 8):
        return _broken(f"header of {length} bytes is longer than the file or 100 MB")
    try:
        header = strict_json(file.read(length))
        end = check_header(header)
    except ValueError as error:
        return _broken(str(error))
    rest = size - 8 - length
    if rest > end:
        return Look("safetensors", True, (("trailing_data", f"{rest - end} bytes after the data"),))
    if rest < end:
        return _broken(f"data ends {end - rest} bytes early")
    return Look("safetensors", True)


def check_header(header: JsonValue) -> int:
    """Bytes of data a safetensors header describes. Raises ValueError if it is not sound."""
    if not isinstance(header, dict):
        raise ValueError("header is no JSON object")
    metadata = header.get("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise ValueError("__metadata__ is not text to text")
    spans = [_span(name, part) for name, part in header.items() if name != "__metadata__"]
    end = 0
    for start, stop in sorted(spans):
        if start != end:
            raise ValueError(f"offsets leave a hole or overlap at byte {min(start, end)}")
        end = stop
    return end


def _span(name: str, tensor: JsonValue) -> tuple[int, int]:
    if not isinstance(tensor, dict) or set(tensor) != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"tensor {name[:80]!r} has other members than dtype, shape, data_offsets")
    kind, shape, offsets = tensor["dtype"], tensor["shape"], tensor["data_offsets"]
    if not isinstance(kind, str) or kind not in _BITS:
        raise ValueError(f"tensor {name[:80]!r} has an unknown dtype")
    sizes, bounds = _naturals(shape), _naturals(offsets)
    if sizes is None or bounds is None or len(bounds) != 2:
        raise ValueError(f"tensor {name[:80]!r} has a shape or offsets that are no counts")
    if (bounds[1] - bounds[0]) * 8 != prod(sizes) * _BITS[kind]:
        raise ValueError(f"tensor {name[:80]!r} has other bytes than its shape asks for")
    return bounds[0], bounds[1]


def _naturals(value: JsonValue) -> list[int] | None:
    if not isinstance(value, list) or not all(type(one) is int and one >= 0 for one in value):
        return None
    return value


def _broken(detail: str) -> Look:
    return Look("safetensors", False, (("invalid_header", detail[:500]),))


def _archive(path: Path) -> Look:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            pickles = [name for name in names if _is_pickle_member(archive, name)]
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        return Look("unknown", False, (("unreadable_member", f"zip: {error}"[:500]),))
    if pickles:
        told = f"zip holds {len(pickles)} pickles, the first is {pickles[0]}"
        return Look("pickle", True, (("executable_format", told[:500]),))
    if names and all(name.endswith(".npy") for name in names):
        return Look("numpy", True)
    return Look("unknown", False, (("unreadable_member", "a zip of unknown kind"),))


def _is_pickle_member(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as member:
        head = member.read(1 << 16)
    if head.startswith(b"\x93NUMPY"):
        return _numpy_header(head)[0]
    return name.endswith((".pkl", ".pickle")) or (head[:1] == b"\x80" and head[1:2] in b"\2\3\4\5")


def _numpy(file: BinaryIO, size: int) -> Look:
    file.seek(0)
    objects, expected = _numpy_header(file.read(1 << 16))
    if objects:
        return Look("pickle", True, (("executable_format", "numpy array of Python objects"),))
    if expected is None or expected > size:
        return Look("numpy", False, (("unreadable_member", "header or data is incomplete"),))
    if expected < size:
        return Look("numpy", True, (("trailing_data", f"{size - expected} bytes after the data"),))
    return Look("numpy", True)


def _numpy_header(head: bytes) -> tuple[bool, int | None]:
    """Whether the array holds objects, and the size the file should have (None: unreadable)."""
    wide = head[6:7] != b"\x01"
    start = 12 if wide else 10
    length = int.from_bytes(head[8:start], "little")
    try:
        described = ast.literal_eval(head[start : start + length].decode("latin-1").strip())
        kind, shape = described["descr"], described["shape"]
        if not isinstance(kind, str):
            return "O" in repr(kind), start + length if "O" in repr(kind) else None
        if "O" in kind:
            return True, None
        width = int(kind[2:].split("[")[0]) * (4 if kind[1] == "U" else 1)
        return False, start + length + prod(shape) * width
    except (ValueError, SyntaxError, KeyError, TypeError, IndexError, MemoryError):
        return b"|O" in head or b"'O'" in head, None


def _is_onnx(file: BinaryIO, size: int) -> bool:
    """Whether the top level is protobuf to the end, with ONNX' ir_version (1) and graph (7)."""
    seen, at = set(), 0
    while at < size:
        file.seek(at)
        chunk = file.read(20)
        tag, used = _varint(chunk, 0)
        value, after = _varint(chunk, used)
        if not used or not after:
            return False
        seen.add(tag >> 3)
        if tag & 7 == 2:
            at += after + value
        elif tag & 7 == 0:
            at += after
        else:
            return False
    return at == size and {1, 7} <= seen


def _varint(chunk: bytes, start: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(chunk[start : start + 10]):
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value, start + place + 1
    return 0, 0


def _text(file: BinaryIO, size: int) -> Look:
    whole = file.read(_MAX_PARSED)
    try:
        if size > _MAX_PARSED or b"\0" in whole:
            raise ValueError
        text = whole.decode("utf-8")
    except ValueError:
        looks_pickled = _is_old_pickle(whole)
        unknown = Look("unknown", False, (("unreadable_member", "format is not known"),))
        return _PICKLE if looks_pickled else unknown
    try:
        strict_json(text)
        return Look("json", True)
    except ValueError:
        return _PICKLE if _is_old_pickle(whole) else Look("text", True)


def _is_old_pickle(data: bytes) -> bool:
    """Whether the bytes begin with a whole pickle of protocol 0 or 1 of more than one opcode."""
    count = 0
    try:
        for count, (opcode, _, _) in enumerate(pickletools.genops(data), start=1):
            if opcode.name == "STOP":
                return count > 1
    except (ValueError, IndexError, KeyError, OverflowError, UnicodeDecodeError, MemoryError):
        # A stream that breaks off after it named something to import is still no text.
        return False
    return False
