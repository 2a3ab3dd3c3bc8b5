"""A snapshot as a file: data only, the same on every host, and nothing in it is executed.

    magic 8 bytes | version u16 | reserved u16, 0 | five sections
    section: tag 4 bytes | CRC-32 of what is stored u32 | plain size u64 | stored size u64 | stored bytes (zlib)

Numbers are little-endian. The sections, in this order:

| tag | is |
|---|---|
| HEAD | JSON: what machine it is, its hart and counts, the shapes of its classes, notes of who saved it |
| RECS | JSON, a list of records to a line; see `records`. Of bytes there is only the size |
| DATA | the bytes of all records, one after another |
| FRAM | of each frame, `uint32`: 0 free, 1 zeros, else 2 + the number of its page in PAGE; then how often each is |
| | held, `uint32`; a byte of flags of each; the free ones, `uint32` |
| PAGE | pages of 4,096 bytes that differ |

What is too large for what the reader allows is refused before it is unpacked.
"""

from __future__ import annotations

import json
import math
import os
import stat
import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from rvsim.emu._gate import ZERO_PAGE
from rvsim.guest_os.snapshot.checks import Bad, Checker, digest, shape_of
from rvsim.guest_os.snapshot.errors import SnapshotError
from rvsim.guest_os.snapshot.host import program_digest
from rvsim.guest_os.snapshot.names import CONSTANTS
from rvsim.guest_os.snapshot.records import ATOMS, Record, What
from rvsim.guest_os.snapshot.snapshot import Snapshot

MAGIC = b"\x93rvsnap\n"
VERSION = 1
LIMIT_BYTES = 1 << 30
"""So much memory of a machine, and so many bytes besides, are read from a file if nobody says more."""

_START = struct.Struct("<8sHH")
_SECTION = struct.Struct("<4sIQQ")
_TAGS = (b"HEAD", b"RECS", b"DATA", b"FRAM", b"PAGE")
_PAGE = 4096
_INT_LIMIT = 1 << 4096          # sets of calls to trace are bit masks
_CHUNK = 1 << 20
_LINE = 256
_WITH_BYTES = (What.BYTES, What.BYTEARRAY, What.CONTEXT)
_NO_SNAPSHOT = "it is no snapshot of rvsim's"
_DAMAGED = "the snapshot is damaged"


# ---- writing


def save(snapshot: Snapshot, path: str | os.PathLike[str]) -> None:
    """Write a snapshot, with its notes, to a file, which is there whole or not at all.

    Raises:
        SnapshotError: it cannot be written.
    """
    target = Path(path)
    new = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        try:
            with open(new, "xb") as file:
                file.write(_START.pack(MAGIC, VERSION, 0))
                for tag, parts in zip(_TAGS, _sections(snapshot), strict=True):
                    _write_section(file, tag, parts)
            new.replace(target)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise SnapshotError(f"{target}: {(error.strerror or str(error)).lower()}") from None


def _write_section(file: BinaryIO, tag: bytes, parts: Iterable[bytes]) -> None:
    start = file.tell()
    file.write(_SECTION.pack(tag, 0, 0, 0))
    squeeze = zlib.compressobj(1)
    crc = plain = stored = 0
    for part in parts:
        plain += len(part)
        data = squeeze.compress(part)
        crc, stored = zlib.crc32(data, crc), stored + len(data)
        file.write(data)
    data = squeeze.flush()
    file.write(data)
    end = file.tell()
    file.seek(start)
    file.write(_SECTION.pack(tag, zlib.crc32(data, crc), plain, stored + len(data)))
    file.seek(end)


def _sections(snapshot: Snapshot) -> tuple[Iterable[bytes], ...]:
    head = {
        "memory_bytes": snapshot.memory_bytes, "time_ns": snapshot.time_ns, "hart": snapshot.hart,
        "calls": snapshot.calls, "records": len(snapshot.records), "frames": len(snapshot.pages),
        "shapes": [(shape.name, shape.names) for shape in snapshot.shapes],
        "schema": digest(shape.name for shape in snapshot.shapes),
        "programs": _programs(snapshot), "notes": snapshot.notes,
    }
    numbers: dict[bytes, int] = {}
    index = array("I")
    for page in snapshot.pages:
        if page is None or page is ZERO_PAGE:
            index.append(0 if page is None else 1)
        else:
            index.append(numbers.setdefault(page, len(numbers)) + 2)
    frames = (_little(index.tobytes()), _little(snapshot.counts), snapshot.flags, _little(snapshot.free))
    return ((json.dumps(head).encode(),), _lines(snapshot.records), _payloads(snapshot.records), frames, numbers)


def _programs(snapshot: Snapshot) -> dict[str, str]:
    """What the built-in programs are whose bytes nobody has needed yet: they are not in the snapshot."""
    if snapshot.foreign:
        return snapshot.programs
    return {record[1]: program_digest(record[1]) for record in snapshot.records if record[0] == What.HOST_FILE}


def _lines(records: Iterable[Record]) -> Iterator[bytes]:
    line: list[Record] = []
    for record in records:
        if record[0] == What.HOST_FDS:
            record = record[:3]
        line.append((record[0], len(record[1])) if record[0] in _WITH_BYTES else record)
        if len(line) == _LINE:
            yield json.dumps(line, separators=(",", ":")).encode() + b"\n"
            line.clear()
    yield json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _payloads(records: Iterable[Record]) -> Iterator[bytes]:
    for record in records:
        if record[0] in _WITH_BYTES:
            yield record[1]


def _little(data: bytes) -> bytes:
    """`uint32`s of this host as little-endian ones, and back."""
    if sys.byteorder == "little":
        return data
    swapped = array("I", data)
    swapped.byteswap()
    return swapped.tobytes()


# ---- reading


def load(path: str | os.PathLike[str], limit_bytes: int = LIMIT_BYTES) -> Snapshot:
    """The snapshot in a file. Whoever made the file, nothing of it is executed, and nothing of the host opened.

    `limit_bytes`: of the machine's memory, and of what is read besides.

    Raises:
        SnapshotError: it cannot be read, is no snapshot, damaged, of another version, or too large.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
        with open(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise SnapshotError(_NO_SNAPSHOT)
            return _Reader(file, limit_bytes).read()
    except OSError as error:
        raise SnapshotError(f"{os.fspath(path)}: {(error.strerror or str(error)).lower()}") from None
    except SnapshotError as error:
        raise SnapshotError(f"{os.fspath(path)}: {error}") from None
    except (Bad, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError,
            MemoryError, struct.error, zlib.error) as error:
        raise SnapshotError(f"{os.fspath(path)}: {_DAMAGED}") from error


class _Reader:
    """Reads one file, section by section."""

    def __init__(self, file: BinaryIO, limit_bytes: int) -> None:
        self.file = file
        self.limit = limit_bytes

    def read(self) -> Snapshot:
        """The snapshot. Raises SnapshotError, Bad, and whatever else damaged data brings about."""
        magic, version, reserved = _START.unpack(self.file.read(_START.size).ljust(_START.size, b"\0"))
        if magic != MAGIC:
            raise SnapshotError(_NO_SNAPSHOT)
        if version != VERSION or reserved:
            raise SnapshotError(f"it is a snapshot in format {version}, and this rvsim reads format {VERSION}")
        head = json.loads(self._section(b"HEAD", 1 << 22))
        memory_bytes = _number(head["memory_bytes"])
        if memory_bytes > self.limit:
            raise SnapshotError(f"the machine has {memory_bytes >> 20} MiB of memory, and {self.limit >> 20} MiB are "
                                "allowed; allow more with --memory")
        lines = self._section(b"RECS", max(self.limit >> 4, 1 << 24))
        records = self._records(lines, self._section(b"DATA", self.limit), _number(head["records"]))
        CONSTANTS.refresh()
        shapes = tuple(shape_of(name, fields) for name, fields in head["shapes"])
        if head["schema"] != digest(shape.name for shape in shapes):
            raise SnapshotError("it was made by another version of rvsim")
        Checker(records, shapes).check()
        snapshot = Snapshot(memory_bytes, _number(head["time_ns"]), tuple(head["hart"]),
                            self._memory(memory_bytes, _number(head["frames"])), _calls(head["calls"]), records, shapes)
        if self.file.read(1):
            raise Bad("something behind the end")
        snapshot.foreign = True
        snapshot.programs = {str(name): str(value) for name, value in head["programs"].items()}
        snapshot.notes = {str(name): note for name, note in head["notes"].items() if isinstance(note, (str, int))}
        return snapshot

    def _section(self, tag: bytes, limit: int) -> bytes:
        """The plain bytes of the next section, of at most `limit`."""
        found, crc, plain, stored = _SECTION.unpack(self.file.read(_SECTION.size))
        if found != tag:
            raise Bad("a section is not where it should be")
        if plain > limit:
            raise SnapshotError(f"it unpacks to more than the {limit >> 20} MiB that are allowed; allow more with "
                                "--memory")
        expand = zlib.decompressobj()
        parts: list[bytes] = []
        have = seen = 0
        while stored:
            data = self.file.read(min(stored, _CHUNK))
            if not data:
                raise Bad("the file ends too early")
            stored -= len(data)
            seen = zlib.crc32(data, seen)
            while data and not expand.eof:
                part = expand.decompress(data, min(plain - have + 1, _CHUNK))
                have += len(part)
                if have > plain:
                    raise Bad("a section is longer than it says")
                parts.append(part)
                data = expand.unconsumed_tail
        if seen != crc or have != plain or not expand.eof or expand.unused_data:
            raise Bad("a section is damaged")
        return b"".join(parts)

    def _records(self, lines: bytes, data: bytes, count: int) -> list[Record]:
        records: list[Record] = []
        at = 0
        for line in lines.splitlines():
            for item in json.loads(line):
                if type(item) is not list or not item or type(item[0]) is not int:
                    raise Bad("a record of no kind")
                if item[0] in _WITH_BYTES:
                    size = _number(item[1])
                    if size > len(data) - at or len(item) != 2:
                        raise Bad("more bytes than there are")
                    records.append((item[0], data[at:at + size]))
                    at += size
                else:
                    records.append(tuple(map(_part, item)))
        if len(records) != count or at != len(data) or not records:
            raise Bad("records are missing")
        return records

    def _memory(self, memory_bytes: int, frames: int) -> tuple[list[bytes | None], bytes, bytes, bytes]:
        total = -(-memory_bytes // _PAGE)
        data = self._section(b"FRAM", 13 * total)
        stored = self._section(b"PAGE", total * _PAGE)
        if len(stored) % _PAGE or frames > total or len(data) < 9 * frames or (len(data) - 9 * frames) % 4:
            raise Bad("the frames do not fit")
        known: list[bytes | None] = [None, ZERO_PAGE]
        known += [stored[at:at + _PAGE] for at in range(0, len(stored), _PAGE)]
        pages = [known[number] for number in array("I", _little(data[:4 * frames]))]
        return (pages, _little(data[9 * frames:]), _little(data[4 * frames:8 * frames]), data[8 * frames:9 * frames])


def _part(part: Any) -> Any:
    """A part of a record as `records` has it: an atom of a sensible size, or a reference."""
    kind = part.__class__
    if kind is list:
        if len(part) != 1 or part[0].__class__ is not int:
            raise Bad("a reference that leads nowhere")
        return (part[0],)
    if kind not in ATOMS or (kind is int and not -_INT_LIMIT < part < _INT_LIMIT) or (
            kind is float and not math.isfinite(part)):
        raise Bad("an impossible number")
    return part


def _number(value: Any) -> int:
    """A count. Raises Bad."""
    if type(value) is not int or not 0 <= value < 1 << 64:
        raise Bad("a count that is none")
    return value


def _calls(value: dict[str, dict[str, int]]) -> dict[str, dict[int, int]]:
    """How often each call was answered, by table."""
    if sorted(value) != ["linux", "rcore", "rcore:8"]:
        raise Bad("other tables of calls")
    return {name: {int(number): _number(count) for number, count in counts.items()} for name, counts in value.items()}
