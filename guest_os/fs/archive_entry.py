"""What the readers of archives give: one `Entry` per member, whatever the format; and where the bytes come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class BadArchive(Exception):
    """The archive cannot be used: a line for the user, which says what is wrong with it."""


class Source(Protocol):
    """The archive's bytes, after unpacking."""

    size: int

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`; fewer only at the end.

        Raises:
            OSError: the host's file cannot be read.
        """
        ...


Extent = tuple[int, int, int]
"""(offset in the file, offset in the source, length in bytes) of data; what no extent covers reads as zeros."""


@dataclass(slots=True)
class Entry:
    """One member.

    Attributes:
        name: as it stands in the archive.
        mode: type (S_IFMT) and permission bits.
        size: of a regular file, holes included.
        extents: where its data is, in rising order, without overlaps.
        target: the text of a symbolic link.
        link: the name of an earlier member, for another name of the same file; then only `extents` counts, if the
            data comes with this one.
        xattrs: extended attributes, with their whole names.
    """

    name: bytes
    mode: int
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0
    atime_ns: int | None = None
    rdev: int = 0
    size: int = 0
    extents: tuple[Extent, ...] = ()
    target: bytes = b""
    link: bytes | None = None
    xattrs: dict[bytes, bytes] = field(default_factory=dict)


def shown(name: bytes) -> str:
    """A name for a message: no control characters, and not too long."""
    text = ascii(name)[1:]
    return text if len(text) <= 80 else f"{text[:60]}…{text[-17:]}"
