"""What the guest has written, up to where the machine stands."""

from __future__ import annotations

import re
import threading
from typing import NamedTuple

from rvsim.tools.plain import plain

MOST_BYTES = 1 << 18
MOST_SHOWN = 1 << 14
JOINED = 1 << 12
TAB = 8
_CSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-Za-z]")


class Chunk(NamedTuple):
    """Bytes written to stream `fd`, of which `start` came before."""

    fd: int
    start: int
    data: bytes


class Written:
    """The guest's output, with its place in the streams: going back shows less of it, and going on shows it again.

    The machine's thread writes, the terminal's reads.
    """

    def __init__(self) -> None:
        self._chunks: list[Chunk] = []
        self._size = 0
        self._ends = [0, 0, 0]
        self._limits: tuple[int, int, int] | None = None
        self._lock = threading.Lock()

    def write(self, fd: int, start: int, data: bytes) -> None:
        """`data` came behind the first `start` bytes of its stream; what was known of the rest is void."""
        with self._lock:
            self._limits = None
            if start < self._ends[fd]:
                shorter = (one if one.fd != fd else one._replace(data=one.data[:max(start - one.start, 0)])
                           for one in self._chunks)
                self._chunks = [one for one in shorter if one.data]
                self._size = sum(len(one.data) for one in self._chunks)
            self._ends[fd] = start + len(data)
            last = self._chunks[-1] if self._chunks else None
            if last is not None and last.fd == fd and len(last.data) < JOINED and last.start + len(last.data) == start:
                self._chunks[-1] = last._replace(data=last.data + data)
            else:
                self._chunks.append(Chunk(fd, start, data))
            self._size += len(data)
            while self._size > MOST_BYTES and len(self._chunks) > 1:
                self._size -= len(self._chunks.pop(0).data)

    def show_until(self, limits: tuple[int, int, int]) -> None:
        """The machine stands where so many bytes of each stream had been written."""
        with self._lock:
            self._limits = limits

    def lines(self) -> list[str]:
        """The last lines."""
        with self._lock:
            chunks, limits = list(self._chunks), self._limits
        parts: list[bytes] = []
        size = 0
        for one in reversed(chunks):
            data = one.data if limits is None else one.data[:max(limits[one.fd] - one.start, 0)]
            parts.append(data)
            size += len(data)
            if size > MOST_SHOWN:
                break
        text = b"".join(reversed(parts))[-MOST_SHOWN:].decode(errors="replace")
        return printed(text)


def printed(text: str) -> list[str]:
    """Output as lines: colours and movements of the cursor are left out, other control characters are shown as such."""
    text = _CSI.sub("", text).replace("\r\n", "\n")
    lines = []
    for raw in text.split("\n"):
        line = ""
        for part in re.split("([\r\b\t\x07])", raw):
            if part == "\r":
                line = ""
            elif part == "\b":
                line = line[:-1]
            elif part == "\t":
                line += " " * (TAB - len(line) % TAB)
            elif part != "\x07":
                line += plain(part)
        lines.append(line)
    return lines[:-1] if lines[-1] == "" else lines
