"""The bytes of a file in memory that are still in a file of the host: read when they are first needed.

The built-in image has some 9 MB of programs; a run uses one or two of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from rvsim.guest_os.fs.host_os import HOST, HostOs
from rvsim.guest_os.fs.mem_file import CHUNK_BYTES


class HostChunks(dict[int, bytearray]):
    """Chunks by index, as `MemFile` keeps them. `host_path`: in the directory of the built-in programs.

    A file that cannot be read any more reads as zeros.
   """

    def __init__(self, host_path: str, host: HostOs = HOST) -> None:
        super().__init__()
        self.host = host
        self.host_path: str | None = host_path

    def _load(self) -> None:
        path = self.host_path
        if path is None:
            return
        try:
            data = self.host.program(os.fsencode(os.path.basename(path)))
        except OSError:
            return
        self.host_path = None
        for start in range(0, len(data), CHUNK_BYTES):
            super().__setitem__(start // CHUNK_BYTES, bytearray(data[start:start + CHUNK_BYTES]))

    def get(self, index: int, default: Any = None) -> Any:
        self._load()
        return super().get(index, default)

    def __getitem__(self, index: int) -> bytearray:
        self._load()
        return super().__getitem__(index)

    def __setitem__(self, index: int, chunk: bytearray) -> None:
        self._load()
        super().__setitem__(index, chunk)

    def __contains__(self, index: object) -> bool:
        self._load()
        return super().__contains__(index)

    def __iter__(self) -> Iterator[int]:
        self._load()
        return super().__iter__()

    def pop(self, index: int, *default: Any) -> Any:
        self._load()
        return super().pop(index, *default)

    def clear(self) -> None:
        self.host_path = None
        super().clear()

    def __reduce__(self) -> tuple[Any, ...]:
        self._load()
        return dict, (dict(self),)
