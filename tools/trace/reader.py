"""Reads a trace file from its start to its end, a chunk at a time, and believes nothing in it."""

from __future__ import annotations

import json
import os
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NoReturn, Self

from rvsim.emu._gate import unpack_records
from rvsim.tools.errors import reason
from rvsim.tools.plain import visible
from rvsim.tools.trace import format as f
from rvsim.tools.trace.format import Record, TraceError

MOST_KEPT = 1 << 28
"""Unpacked bytes of texts, modules and stacks of one file, at most: they stay in memory."""


MOST_FRAMES = 1024


class Module:
    """A file whose code ran: its path, GNU build ID, and functions as (address in the file, size, name)."""

    def __init__(self, path: str, build: str, symbols: list[tuple[int, int, str]]) -> None:
        self.path = path
        self.build = build
        self.symbols = sorted(symbols)
        self._starts = [start for start, _, _ in self.symbols]

    def find(self, address: int) -> tuple[str, int] | None:
        """The function at an address of the file, and how far into it that is."""
        at = bisect_right(self._starts, address) - 1
        if at < 0:
            return None
        start, size, name = self.symbols[at]
        return (name, address - start) if address < start + size else None


class TraceFile:
    """An open trace. What records refer to (`texts`, `modules`, `stacks`) grows while `chunks` or `records` run.

    Attributes:
        header: the HEAD chunk: program, argv, abi, rvsim, seed, clock, memory, stacks.
        done: the DONE chunk, None until it was read.
        cut: whether the file ends before its end: the run was ended from outside. Known when all was read.

    Raises:
        TraceError: the file cannot be read, is no trace, or is damaged; by every method.
    """

    def __init__(self, path: str) -> None:
        self.name = path
        self.header: dict[str, Any] = {}
        self.done: dict[str, Any] | None = None
        self.cut = False
        self.texts: list[str] = []
        self.modules: list[Module] = []
        self.stacks: list[list[tuple[int, int]]] = []
        self._kept = 0
        self._pending: tuple[bytes, bytes] | None = None
        try:
            self._file: BinaryIO = Path(path).open("rb")  # noqa: SIM115
        except OSError as error:
            raise TraceError(f"{path}: {reason(error)}") from None
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    # ---- bytes

    def _bad(self, what: str) -> NoReturn:
        raise TraceError(f"{self.name}: {what}")

    def is_file(self, path: str) -> bool:
        """Whether the path leads to this file."""
        try:
            return os.path.samestat(os.stat(path), os.fstat(self._file.fileno()))
        except FileNotFoundError:
            return False

    def _read(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            self._bad(reason(error))

    def _open(self) -> None:
        head = self._read(f.FILE_HEAD.size)
        if len(head) < f.FILE_HEAD.size or not head.startswith(f.MAGIC):
            self._bad("this is no trace; `rvsim run --trace FILE` makes one")
        _, version, words, _ = f.FILE_HEAD.unpack(head)
        if version != f.VERSION or words != f.RECORD.size // 8:
            self._bad(f"a trace of version {version}; this rvsim reads version {f.VERSION}")
        first = self._chunk()
        if first is None:
            self._bad("the trace ends before its beginning does: nothing was recorded")
        if first[0] != f.HEAD:
            self._bad("damaged: it does not begin with its head")
        self.header = self._object(first[1])

    def _chunk(self) -> tuple[bytes, bytes] | None:
        """(tag, contents) of the next chunk; None at the end, where `cut` says whether something is missing."""
        at = self._file.tell()
        head = self._read(f.CHUNK_HEAD.size)
        if len(head) < f.CHUNK_HEAD.size:
            self.cut = self.done is None or bool(head)
            return None
        tag, size, plain_size, check = f.CHUNK_HEAD.unpack(head)
        if not tag.isalnum() or plain_size > f.MAX_PLAIN or size > f.MAX_PLAIN + 65536:
            self._bad(f"damaged at byte {at}")
        stored = self._read(size)
        if len(stored) < size:
            self.cut = True
            return None
        if zlib.crc32(stored) != check:
            self._bad(f"damaged at byte {at}: the checksum is wrong")
        unpacker = zlib.decompressobj()
        try:
            plain = unpacker.decompress(stored, plain_size + 1)
        except zlib.error:
            self._bad(f"damaged at byte {at}")
        if len(plain) != plain_size or not unpacker.eof:
            self._bad(f"damaged at byte {at}: its size is wrong")
        return tag, plain

    # ---- contents

    def _json(self, plain: bytes) -> Any:
        self._kept += len(plain)
        if self._kept > MOST_KEPT:
            self._bad("damaged: more names than any run has")
        try:
            return json.loads(plain)
        except (ValueError, RecursionError):
            self._bad("damaged: a part that is no JSON")

    def _object(self, plain: bytes) -> dict[str, Any]:
        value = self._json(plain)
        if not isinstance(value, dict):
            self._bad("damaged: a part of another kind than its tag says")
        return value

    def _take(self, tag: bytes, plain: bytes) -> None:
        """A chunk that is not records."""
        try:
            if tag == f.TEXTS:
                self.texts += [_text(text) for text in _list(self._json(plain))]
            elif tag == f.STACKS:
                for stack in _list(self._json(plain)):
                    numbers = [_number(number) for number in _list(stack)]
                    if len(numbers) > 2 * MOST_FRAMES:
                        raise ValueError
                    self.stacks.append(list(zip(numbers[::2], numbers[1::2], strict=True)))
            elif tag == f.MODULE:
                module = self._object(plain)
                symbols = [(_number(start), _number(size), _text(name)) for start, size, name in module["symbols"]]
                self.modules.append(Module(_text(module["path"]), _text(module["build"]), symbols))
            elif tag == f.DONE:
                self.done = {name: _number(value) for name, value in self._object(plain).items() if value is not None}
        except (KeyError, ValueError, TypeError):
            self._bad("damaged: a part of another kind than its tag says")

    def chunks(self) -> Iterator[bytes]:
        """The records, unpacked, many at a time: 112 bytes each."""
        while (chunk := self._chunk()) is not None:
            tag, plain = chunk
            if tag != f.RECORDS:
                self._take(tag, plain)
                continue
            count = f.COUNT.unpack_from(plain)[0] if len(plain) >= f.COUNT.size else f.MAX_RECORDS + 1
            if count > f.MAX_RECORDS:
                self._bad("damaged: records that are none")
            try:
                yield unpack_records(memoryview(plain)[f.COUNT.size:], count)
            except ValueError as error:
                self._bad(f"damaged: {error}")

    def records(self) -> Iterator[Record]:
        """Every record, in order."""
        make = Record._make
        for chunk in self.chunks():
            yield from map(make, f.RECORD.iter_unpack(chunk))

    # ---- what records refer to

    @property
    def command(self) -> str:
        """The command line that was recorded."""
        words = self.header.get("argv")
        return " ".join(visible(str(word)) for word in words) if isinstance(words, list) else "?"

    def text(self, number: int) -> str:
        """A text by its number; `?` if the file does not have it."""
        return self.texts[number] if number < len(self.texts) else "?"


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value
