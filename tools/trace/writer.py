"""Writes a trace file, chunk by chunk, so that what is written can be read whatever happens to the writer."""

from __future__ import annotations

import json
import os
import zlib
from typing import Any

from rvsim.tools.errors import CliError, reason
from rvsim.tools.trace import format as f

LEVEL = 1
"""Packed records are small already; more effort costs more than it saves."""


class Writer:
    """A file that is made anew. Every chunk has left this process when its method returns.

    Raises:
        CliError: by every method: the file cannot be written. Nothing more is written then.
    """

    def __init__(self, path: str) -> None:
        self.records = 0
        self._name = path
        self._fd = -1
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0), 0o666)
        except OSError as error:
            raise self._refused(error) from None
        self._write(f.FILE_HEAD.pack(f.MAGIC, f.VERSION, f.RECORD.size // 8, 0))

    def _refused(self, error: OSError) -> CliError:
        return CliError(f"--trace {self._name}: {reason(error)}; give a file that can be written")

    def _write(self, data: bytes) -> None:
        try:
            while data and self._fd >= 0:
                data = data[os.write(self._fd, data):]
        except OSError as error:
            self.close()
            raise self._refused(error) from None

    def chunk(self, tag: bytes, plain: bytes) -> None:
        """One chunk of at most MAX_PLAIN bytes."""
        stored = zlib.compress(plain, LEVEL)
        self._write(f.CHUNK_HEAD.pack(tag, len(stored), len(plain), zlib.crc32(stored)) + stored)

    def json(self, tag: bytes, value: Any) -> None:
        """A chunk of JSON, in ASCII; what is no UTF-8 in a text stays recognizable as lone surrogates."""
        self.chunk(tag, json.dumps(value, separators=(",", ":")).encode())

    def packed(self, data: bytes, count: int) -> None:
        """`count` packed records."""
        self.chunk(f.RECORDS, f.COUNT.pack(count) + data)
        self.records += count

    def close(self) -> None:
        """No more comes."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)
