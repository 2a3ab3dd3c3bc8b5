"""archive: the tree in a tar or cpio archive, which is never written; meant to lie below an overlay.

Headers are read once, when it is mounted. A file's bytes stay in the archive and are read from there when they are
needed (a compressed archive is unpacked into memory). Nothing is ever made on the host.

Differs: a path that leads through a symbolic link of the archive is an error, where tar would follow the link.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import islice

from rvsim.guest_os.abi.errno import EIO, ENODATA, ENOENT, ENXIO
from rvsim.guest_os.abi.fcntl import NAME_MAX
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFMT, S_IFREG
from rvsim.guest_os.fs.archive_entry import Entry, Extent, Source
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.inode import Dirent, Inode
from rvsim.guest_os.vfs.super_block import StatFs, SuperBlock

ARCHIVE_MAGIC = 0x52564152
"""Of rvsim's own: "RVAR"."""
_PAGE_BYTES = 4096


class ArchiveNode(Inode):
    """A member; by itself a symbolic link, device, FIFO or socket."""

    __slots__ = ("target", "xattrs")

    sb: ArchiveSuperBlock

    def __init__(self, sb: ArchiveSuperBlock, entry: Entry) -> None:
        super().__init__(sb, entry.mode, rdev=entry.rdev)
        self.target = entry.target
        self.size = len(entry.target)
        self.take_facts(entry)

    def take_facts(self, entry: Entry) -> None:
        """Owner, mode bits, times and extended attributes as the archive has them."""
        self.mode = self.mode & S_IFMT | entry.mode & ~S_IFMT
        self.uid, self.gid = entry.uid, entry.gid
        self.mtime_ns = self.ctime_ns = self.btime_ns = entry.mtime_ns
        self.atime_ns = entry.mtime_ns if entry.atime_ns is None else entry.atime_ns
        self.xattrs = entry.xattrs

    def readlink(self) -> bytes:
        return self.target if self.target else super().readlink()

    def touch_atime(self) -> None:
        """The archive stays as it is."""

    def getxattr(self, name: bytes) -> bytes:
        try:
            return self.xattrs[name]
        except KeyError:
            raise ENODATA from None

    def listxattr(self) -> list[bytes]:
        return list(self.xattrs)


class ArchiveFile(ArchiveNode):
    """A regular file; what no extent covers is a hole."""

    __slots__ = ("extents", "starts")

    def __init__(self, sb: ArchiveSuperBlock, entry: Entry) -> None:
        super().__init__(sb, entry)
        self.set_data(entry.size, entry.extents)

    def set_data(self, size: int, extents: tuple[Extent, ...]) -> None:
        """Where its bytes are."""
        self.size = size
        self.extents = extents
        self.starts = tuple(extent[0] for extent in extents) if len(extents) > 1 else ()

    def map_target(self) -> Inode:
        return self

    def blocks(self) -> int:
        return sum(length + 511 >> 9 for _, _, length in self.extents)

    def read_at(self, offset: int, size: int) -> bytes:
        size = min(size, self.size - offset)
        if size <= 0:
            return b""
        if self.mapping is not None:
            return self.mapping.read(offset, size)
        return self._stored(offset, size)

    def read_raw(self, offset: int, size: int) -> bytes:
        size = min(size, self.size - offset)
        return self._stored(offset, size) if size > 0 else b""

    def _first(self, offset: int) -> int:
        """The index of the first extent that ends after `offset`."""
        index = max(bisect_right(self.starts, offset) - 1, 0)
        while index < len(self.extents) and self.extents[index][0] + self.extents[index][2] <= offset:
            index += 1
        return index

    def _stored(self, offset: int, size: int) -> bytes:
        """Raises EIO: the archive is no longer what it was."""
        parts: list[bytes] = []
        end = offset + size
        for start, at, length in islice(self.extents, self._first(offset), None):
            if start >= end:
                break
            if start > offset:
                parts.append(bytes(start - offset))
                offset = start
            count = min(start + length, end) - offset
            try:
                data = self.sb.source.read_at(at + offset - start, count)
            except OSError:
                raise EIO from None
            if len(data) != count:
                raise EIO
            parts.append(data)
            offset += count
        if offset < end:
            parts.append(bytes(end - offset))
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def seek_data(self, offset: int, hole: bool) -> int:
        for start, _, length in islice(self.extents, self._first(offset), None):
            if not hole:
                return max(offset, start)
            if offset < start:
                return offset
            offset = start + length
        if hole:
            return min(offset, self.size)
        raise ENXIO


class ArchiveDir(ArchiveNode):
    """A directory; entries are listed in the archive's order."""

    __slots__ = ("children", "listing")

    def __init__(self, sb: ArchiveSuperBlock, entry: Entry) -> None:
        super().__init__(sb, entry)
        self.children: dict[bytes, ArchiveNode] = {}
        self.listing: list[Dirent] = []
        self.size = _PAGE_BYTES

    def lookup(self, name: bytes) -> Inode:
        try:
            return self.children[name]
        except KeyError:
            raise ENOENT from None

    def readdir(self, position: int) -> Iterable[Dirent]:
        if not self.listing:
            entries = enumerate(self.children.items(), 2)
            self.listing = [(at, name, node.ino, node.dtype) for at, (name, node) in entries]
        return islice(self.listing, position - 2, None)


class ArchiveSuperBlock(SuperBlock):
    """The tree of one archive.

    Attributes:
        source: where the bytes of its files are.
        top: the root directory.
        files, data_pages: what statfs tells.
    """

    __slots__ = ("data_pages", "files", "source", "top")

    magic = ARCHIVE_MAGIC

    def __init__(self, source: Source, clock: Clock) -> None:
        super().__init__("archive", clock)
        self.source = source
        self.readonly = True
        self.files = 1
        self.data_pages = -(-source.size // _PAGE_BYTES)
        self.top = ArchiveDir(self, Entry(b"/", S_IFDIR | 0o755))
        self.set_root(self.top)

    def node(self, entry: Entry) -> ArchiveNode:
        """A new inode for a member."""
        self.files += 1
        kind = entry.mode & S_IFMT
        if kind == S_IFDIR:
            return ArchiveDir(self, entry)
        return ArchiveFile(self, entry) if kind == S_IFREG else ArchiveNode(self, entry)

    def statfs(self) -> StatFs:
        return StatFs(self.magic, _PAGE_BYTES, self.data_pages, 0, 0, self.files, 0, NAME_MAX)
