"""How the page cache joins a file: what `Inode.mapping` must be able to do."""

from __future__ import annotations

from typing import Protocol


class PageMapping(Protocol):
    """The pages of one inode that live in machine memory.

    Set by the page cache in `inode.mapping`. From then on the file system reads through it and tells it of each write;
    what the mapping does not hold it takes from `inode.read_raw` and may put back with `inode.write_raw`.
    """

    writers: int
    """How many memory maps may change the file: shared ones of files that are open for writing."""

    def read(self, offset: int, size: int) -> bytes:
        """Exactly `size` bytes; the caller has clamped them to the file's size."""
        ...

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Bring `data`, which the file system has stored at `offset`, into the pages that are held."""
        ...

    def is_dirty(self, index: int) -> bool:
        """Whether a memory map may have stored to page `index` of 4,096 bytes."""
        ...

    def truncate(self, size: int) -> None:
        """Drop whole pages at or after `size`, zero the rest of the page that holds it; 0 when the inode goes."""
        ...

    def zero(self, offset: int, end: int) -> None:
        """Zero the bytes [offset, end) of the pages that are held."""
        ...
