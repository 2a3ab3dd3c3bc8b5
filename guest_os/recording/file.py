"""The file of a recording: a line that says what it is, and chunks.

```
rvsim recording 1\\n            the format's version
chunk: kind (1) size (4, little-endian) checksum (4: CRC-32 of kind and payload) payload (size bytes)
  H    the header, once, first: JSON
  D    entries (`codec`), compressed (zlib): their size unpacked (4), then the data
```
Each chunk is written at once, so a recording whose writer was killed is good up to its last whole chunk. Nothing in it
is code, and nothing is done with it but what `log.py` does with its entries.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from typing import Any

from rvsim.guest_os.recording.codec import Damaged, Reader, Value, encode

MAGIC = b"rvsim recording "
VERSION = 1
CHUNK_BYTES = 1 << 18
"""So many bytes of entries are gathered before a chunk is written, unless the machine is about to wait."""

MAX_CHUNK_BYTES = 1 << 28
_FRAME_BYTES = 9


class BadRecording(Exception):
    """A file cannot be used as a recording: one line that says why."""


class Writer:
    """Writes a recording. An error of the host's disk ends the recording and not the run: see `error`."""

    def __init__(self, path: str, header: dict[str, Any]) -> None:
        """Raises OSError."""
        self.path = path
        self.error: OSError | None = None
        self._pending = bytearray()
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0), 0o666)
        self._write(MAGIC + b"%d\n" % VERSION + _chunk(b"H", json.dumps(header, indent=1).encode()))

    def add(self, entry: tuple[object, ...]) -> None:
        """One more entry."""
        if self._fd >= 0:
            encode(entry, self._pending)
            if len(self._pending) >= CHUNK_BYTES:
                self.flush()

    def flush(self) -> None:
        """Write the entries so far as a chunk."""
        data, self._pending = self._pending, bytearray()
        if not data or self._fd < 0:
            return
        if len(data) > MAX_CHUNK_BYTES:
            self._fail(OSError(0, f"an answer of the host has more than {MAX_CHUNK_BYTES >> 20} MiB"))
            return
        self._write(_chunk(b"D", len(data).to_bytes(4, "little") + zlib.compress(data, 1)))

    def close(self) -> None:
        """Write what is left. May be called again."""
        self.flush()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _write(self, data: bytes) -> None:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._fd, view):]
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.error = error
        os.close(self._fd)
        self._fd = -1


def _chunk(kind: bytes, payload: bytes) -> bytes:
    return b"".join((kind, len(payload).to_bytes(4, "little"), zlib.crc32(kind + payload).to_bytes(4, "little"),
                     payload))


class Recording:
    """A recording that was read, and checked as a whole.

    A file whose writer was killed is read up to its last whole chunk; its entries then lack the one of the end.

    Attributes:
        header: as it was written.
    """

    def __init__(self, data: bytes) -> None:
        """Raises BadRecording."""
        line, newline, _ = data[:len(MAGIC) + 12].partition(b"\n")
        if not data.startswith(MAGIC) or not newline or not line[len(MAGIC):].isdigit():
            raise BadRecording("it is no recording of rvsim")
        version = int(line[len(MAGIC):])
        if version != VERSION:
            raise BadRecording(f"it has version {version} of the format, and this rvsim reads version {VERSION}")
        self._chunks: list[memoryview] = []
        header: object = None
        for kind, payload in self._split(memoryview(data), len(line) + 1):
            if header is None:
                if kind != b"H":
                    raise BadRecording("it is damaged: there is no header")
                header = _json(payload)
            elif kind == b"D":
                self._chunks.append(payload)
            else:
                raise BadRecording("it is damaged: there is a chunk of an unknown kind")
        if not isinstance(header, dict):
            raise BadRecording("it is damaged: there is no header")
        self.header: dict[str, Any] = header

    def _split(self, data: memoryview, at: int) -> Iterator[tuple[bytes, memoryview]]:
        while at < len(data):
            frame = bytes(data[at:at + _FRAME_BYTES])
            size = int.from_bytes(frame[1:5], "little")
            payload = data[at + _FRAME_BYTES:at + _FRAME_BYTES + size]
            if len(frame) < _FRAME_BYTES or len(payload) < size:
                return
            if zlib.crc32(payload, zlib.crc32(frame[:1])) != int.from_bytes(frame[5:], "little"):
                raise BadRecording(f"it is damaged at byte {at}")
            yield frame[:1], payload
            at += _FRAME_BYTES + size

    def entries(self) -> Iterator[tuple[Value, ...]]:
        """Every entry, in order. Raises BadRecording."""
        for payload in self._chunks:
            size = int.from_bytes(payload[:4], "little")
            if size > MAX_CHUNK_BYTES:
                raise BadRecording("it is damaged: a chunk is too large")
            unpacker = zlib.decompressobj()
            try:
                data = unpacker.decompress(payload[4:], size + 1)
            except zlib.error:
                raise BadRecording("it is damaged: a chunk cannot be unpacked") from None
            if len(data) != size or not unpacker.eof:
                raise BadRecording("it is damaged: a chunk has not the size that it says")
            reader = Reader(data)
            try:
                while reader:
                    entry = reader.value()
                    if not isinstance(entry, tuple):
                        raise Damaged("an entry is no tuple")
                    yield entry
            except Damaged as error:
                raise BadRecording(f"it is damaged: {error}") from None


def _json(payload: memoryview) -> object:
    try:
        return json.loads(bytes(payload))
    except (ValueError, RecursionError):
        raise BadRecording("it is damaged: its header is no JSON") from None


def read_recording(path: str) -> Recording:
    """A recording of the host. Raises BadRecording, OSError."""
    with open(path, "rb") as file:
        start = file.read(len(MAGIC))
        if start != MAGIC:
            raise BadRecording("it is no recording of rvsim")
        return Recording(start + file.read())
