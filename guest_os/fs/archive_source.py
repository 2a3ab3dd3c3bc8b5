"""The bytes of an archive: of a host's file as they are, or of a compressed one unpacked into memory."""

from __future__ import annotations

import bz2
import gzip
import importlib
import lzma
import os
import stat as host_stat
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple, Protocol

from rvsim.guest_os.fs.archive_entry import BadArchive, Source

CHUNK_SHIFT = 20
CHUNK_BYTES = 1 << CHUNK_SHIFT
MAGIC_BYTES = 6


class HostSource:
    """A regular file of the host, read where and when it is needed. A snapshot opens it again."""

    __slots__ = ("fd", "path", "size")

    def __init__(self, path: bytes) -> None:
        """Raises OSError, and BadArchive for what is no regular file."""
        self.path = os.path.abspath(path)
        self.fd = -1
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        st = os.fstat(fd)
        if not host_stat.S_ISREG(st.st_mode):
            os.close(fd)
            raise BadArchive("it is neither a directory nor a regular file; give a directory or an archive")
        self.fd = fd
        self.size = st.st_size

    def __reduce__(self) -> tuple[Any, ...]:
        return HostSource, (self.path,)

    def __del__(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`. Raises OSError."""
        data = os.pread(self.fd, size, offset)
        while len(data) < size:
            more = os.pread(self.fd, size - len(data), offset + len(data))
            if not more:
                break
            data += more
        return data


class Unpacked:
    """What a compressed file unpacked to, in memory."""

    __slots__ = ("chunks", "size")

    def __init__(self, parts: Iterator[bytes], limit_bytes: int) -> None:
        """Raises BadArchive above `limit_bytes`."""
        self.chunks: list[bytes] = []
        self.size = 0
        pending = bytearray()
        for part in parts:
            self.size += len(part)
            if self.size > limit_bytes:
                raise BadArchive(f"it unpacks to more than the machine's memory, {limit_bytes >> 20} MiB; give "
                                 "--memory more, or unpack it first")
            pending += part
            while len(pending) >= CHUNK_BYTES:
                self.chunks.append(bytes(pending[:CHUNK_BYTES]))
                del pending[:CHUNK_BYTES]
        if pending:
            self.chunks.append(bytes(pending))

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`."""
        size = min(size, self.size - offset)
        parts: list[bytes] = []
        while size > 0:
            start = offset & CHUNK_BYTES - 1
            part = self.chunks[offset >> CHUNK_SHIFT][start : start + size]
            parts.append(part)
            offset += len(part)
            size -= len(part)
        return b"".join(parts)


class _Decoder(Protocol):
    """What bz2, lzma and zstd have in common: takes some input, gives at most so much output."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _streams(raw: BinaryIO, make: Callable[[], _Decoder]) -> Iterator[bytes]:
    """The output of the compressed streams of a file, one after another, with zeros allowed between them."""
    data = raw.read(CHUNK_BYTES)
    while data:
        decoder = make()
        while not decoder.eof:
            if decoder.needs_input and not data:
                data = raw.read(CHUNK_BYTES)
                if not data:
                    raise EOFError
            part = decoder.decompress(data, CHUNK_BYTES)
            data = b""
            if part:
                yield part
        data = decoder.unused_data.lstrip(b"\0")
        while not data:
            more = raw.read(CHUNK_BYTES)
            if not more:
                return
            data = more.lstrip(b"\0")


def _gzip(raw: BinaryIO) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=raw, mode="rb") as file:
        while part := file.read(CHUNK_BYTES):
            yield part


def _zstd() -> tuple[Callable[[], _Decoder], type[Exception]]:
    """The decoder and its error. Raises BadArchive where this Python has none."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        error: type[Exception] = module.ZstdError
        return module.ZstdDecompressor, error
    raise BadArchive("it is compressed with zstd, which Python can read from 3.14 on; install backports.zstd, or "
                     "unpack it first with `zstd -d`")


class Decoding(NamedTuple):
    """How compressed data is read: what it is called, its output in parts, and what is raised where it is damaged."""

    name: str
    parts: Iterator[bytes]
    errors: tuple[type[Exception], ...]

    def checked(self) -> Iterator[bytes]:
        """The output. Raises BadArchive."""
        try:
            yield from self.parts
        except EOFError:
            raise BadArchive(f"its {self.name} data ends too early") from None
        except self.errors:
            raise BadArchive(f"its {self.name} data is damaged") from None


def decoding(raw: BinaryIO, magic: bytes, memory_bytes: int) -> Decoding | None:
    """How to read a file that begins with `magic` (6 bytes); None if it is not compressed.

    Raises:
        BadArchive: it is compressed in a way that this Python lacks.
    """
    errors: tuple[type[Exception], ...] = (zlib.error, gzip.BadGzipFile, lzma.LZMAError)
    if magic.startswith(b"\x1f\x8b"):
        return Decoding("gzip", _gzip(raw), errors)
    if magic.startswith(b"BZh"):
        # bz2 says OSError for damaged data.
        return Decoding("bzip2", _streams(raw, bz2.BZ2Decompressor), (*errors, OSError, ValueError))
    if magic == b"\xfd7zXZ\0":
        parts = _streams(raw, lambda: lzma.LZMADecompressor(memlimit=max(memory_bytes, 128 << 20)))
        return Decoding("xz", parts, errors)
    if magic.startswith(b"\x28\xb5\x2f\xfd"):
        decoder, error = _zstd()
        return Decoding("zstd", _streams(raw, decoder), (*errors, error))
    return None


def open_source(path: bytes, limit_bytes: int) -> Source:
    """The archive in the host's file `path`, unpacked if it is compressed; at most `limit_bytes` of memory are used.

    Raises:
        OSError: it cannot be read.
        BadArchive: no regular file, or the compressed data is damaged, too large, or of a kind that Python lacks.
    """
    plain = HostSource(path)
    magic = plain.read_at(0, MAGIC_BYTES)
    with open(plain.fd, "rb", buffering=0, closefd=False) as raw:
        found = decoding(raw, magic, limit_bytes)
        return plain if found is None else Unpacked(found.checked(), limit_bytes)
