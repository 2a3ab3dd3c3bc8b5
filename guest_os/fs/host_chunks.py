"""The bytes of a file in memory that are still in a file of the host: read when they are first needed.

The built-in image has some 9 MB of programs; a run uses one or two of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rvsim.guest_os.fs.mem_file import CHUNK_BYTES


class HostChunks(dict[int, bytearray]):
    """Chunks by index, as `MemFile` keeps them. A host file that cannot be read any more reads as zeros."""

    def __init__(self, host_path: str) -> None:
        super().__init__()
        self.host_path: str | None = host_path

    def _load(self) -> None:
        path, self.host_path = self.host_path, None
        if path is None:
            return
        try:
            with open(path, "rb") as file:
                index = 0
                while chunk := file.read(CHUNK_BYTES):
                    super().__setitem__(index, bytearray(chunk))
                    index += 1
        except OSError:
            return

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
