"""overlay: a tree that is never written, and what the guest makes of it, in memory. Modelled on fs/overlayfs/

An inode of the overlay stands for one of the lower tree and takes over its facts when it is first looked up. From then
on it has them for itself: a change of mode, owner, time or name is a change in memory. A directory takes over the list
of its names when it is first listed or changed (what was removed is then simply not in it: there are no whiteouts); a
file takes over its bytes when it is first written. Nothing ever changes the lower tree.

Differs: renaming a directory of the lower tree works (overlayfs gives EXDEV without redirect_dir). Hard links of the
lower tree stay links of one file after a write (overlayfs breaks them without index=on), and a file that was opened to
read shows what is written later.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EIO, ENOENT, ENXIO, ESTALE, Errno
from rvsim.guest_os.abi.stat import DT_DIR, DT_UNKNOWN, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG
from rvsim.guest_os.fs.mem_dir import MemDir
from rvsim.guest_os.fs.mem_file import CHUNK_BYTES, MemFile
from rvsim.guest_os.fs.mem_node import MemNode, MemSymlink
from rvsim.guest_os.fs.tmpfs import MemSuperBlock, PagePool
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.inode import Dirent, Inode, Stat
from rvsim.guest_os.vfs.super_block import SuperBlock

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.file import File
    from rvsim.guest_os.vfs.mount import Path

OVERLAYFS_MAGIC = 0x794C7630
_UPPER_INO = 1 << 40
"""Inodes that the guest makes are numbered from here on, those of the lower tree keep their numbers."""


class OverlayDir(MemDir):
    """A directory of the lower tree.

    Attributes:
        lower: the directory below.
        known: the names below were taken over; until then `entries` is empty and `found` holds what was looked up.
        unread: of the names that were taken over, those not looked up yet, with ino and DT_*.
    """

    __slots__ = ("found", "known", "lower", "unread")

    sb: OverlaySuperBlock

    def __init__(self, sb: OverlaySuperBlock, lower: Inode) -> None:
        super().__init__(sb, lower.mode, lower.uid, lower.gid)
        self.lower = lower
        self.known = False
        self.found: dict[bytes, Inode] = {}
        self.unread: dict[bytes, tuple[int, int]] = {}
        _take_facts(self, lower)

    def stat(self) -> Stat:
        if self.nlink < 2:                 # some file systems do not count the directories in a directory
            with suppress(Errno):
                self.complete()
        return super().stat()

    def lookup(self, name: bytes) -> Inode:
        if not self.known:
            inode = self.found.get(name)
            if inode is None:
                inode = self.found[name] = self.sb.inode_over(self.lower.lookup(name))
            return inode
        if name in self.unread:
            inode = self.sb.inode_over(self.lower.lookup(name))
            self.entries[name] = (self.entries[name][0], inode)
            del self.unread[name]
        return super().lookup(name)

    def complete(self) -> None:
        """Take the names of the directory below over. Raises what reading it raises."""
        if self.known:
            return
        listed = tuple(self.lower.readdir(2))
        times, size = (self.mtime_ns, self.ctime_ns), self.size
        directories = 0
        for _, name, ino, dtype in listed:
            inode = self.found.get(name)
            if inode is None and dtype == DT_UNKNOWN:
                try:
                    inode = self.sb.inode_over(self.lower.lookup(name))
                except ENOENT:             # it went meanwhile
                    continue
            if inode is None:
                self.unread[name] = (ino, dtype)
            elif inode.is_dir:
                dtype = DT_DIR
            directories += dtype == DT_DIR
            self._enter(name, self.sb.unread if inode is None else inode)
        self.known = True
        self.found = {}
        (self.mtime_ns, self.ctime_ns), self.size = times, size
        self.nlink = 2 + directories

    def is_empty(self) -> bool:
        self.complete()
        return super().is_empty()

    def readdir(self, position: int) -> Iterator[Dirent]:
        self.complete()
        order, names, entries, unread = self.order, self.names, self.entries, self.unread
        for index in range(bisect_left(order, position), len(order)):
            name = names.get(order[index])
            if name is None:
                continue
            if name in unread:
                yield order[index], name, *unread[name]
            else:
                inode = entries[name][1]
                yield order[index], name, inode.ino, inode.dtype


class OverlayFile(MemFile):
    """A regular file of the lower tree.

    Attributes:
        lower: the file below; None when its bytes were taken over.
    """

    __slots__ = ("lower",)

    def __init__(self, sb: OverlaySuperBlock, lower: Inode) -> None:
        super().__init__(sb, lower.mode, lower.uid, lower.gid)
        self.lower: Inode | None = lower
        _take_facts(self, lower)

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        """Raises what the lower file system raises when its file cannot be read."""
        if self.lower is not None:
            self._below(0, 1)
        return super().open(path, flags, cred)

    def blocks(self) -> int:
        return self.lower.blocks() if self.lower is not None else super().blocks()

    def take_bytes(self, end: int | None = None) -> None:
        """Take the bytes below over, up to `end` (None: all). fs/overlayfs/copy_up.c:ovl_copy_up_file

        Raises:
            ENOSPC: there is not enough room; nothing changed.
            EIO: the file below cannot be read.
        """
        if self.lower is None:
            return
        try:
            for offset, size in self._data_below(self.size if end is None else min(end, self.size)):
                part = self._below(offset, size)
                if part.count(0) != len(part):
                    super().charge(offset, len(part))
                    super().write_raw(offset, part)
        except Errno:
            self._drop_after(0)
            raise
        self.lower = None

    def _data_below(self, end: int) -> Iterator[tuple[int, int]]:
        """(offset, size) of pieces that hold all data of the file below up to `end`: at most a chunk each."""
        assert self.lower is not None
        offset = 0
        while offset < end:
            try:
                offset = self.lower.seek_data(offset, False)
                stop = self.lower.seek_data(offset, True)
            except ENXIO:                  # the rest is a hole, or the file has become shorter
                return
            stop = min(max(stop, offset + 1), end)
            while offset < stop:
                size = min(CHUNK_BYTES - (offset & CHUNK_BYTES - 1), stop - offset)
                yield offset, size
                offset += size

    def _below(self, offset: int, size: int) -> bytes:
        """Bytes of the file below; zeros where it has become shorter."""
        size = min(size, self.size - offset)
        if size <= 0 or self.lower is None:
            return b""
        try:
            data = self.lower.read_at(offset, size)
        except (ENOENT, ESTALE):
            raise EIO from None
        return data if len(data) == size else data.ljust(size, b"\0")

    def read_at(self, offset: int, size: int) -> bytes:
        if self.lower is None or self.mapping is not None:
            return super().read_at(offset, size)
        return self._below(offset, size)

    def read_raw(self, offset: int, size: int) -> bytes:
        return super().read_raw(offset, size) if self.lower is None else self._below(offset, size)

    def write_at(self, offset: int, data: bytes) -> int:
        self.take_bytes()
        return super().write_at(offset, data)

    def write_raw(self, offset: int, data: bytes) -> None:
        self.take_bytes()
        super().write_raw(offset, data)

    def charge(self, offset: int, size: int) -> None:
        self.take_bytes()
        super().charge(offset, size)

    def truncate(self, size: int) -> None:
        self.take_bytes(size)
        super().truncate(size)

    def fallocate(self, mode: int, offset: int, size: int) -> None:
        self.take_bytes()
        super().fallocate(mode, offset, size)

    def seek_data(self, offset: int, hole: bool) -> int:
        return super().seek_data(offset, hole) if self.lower is None else self.lower.seek_data(offset, hole)


def _take_facts(inode: MemNode, lower: Inode) -> None:
    """Let an inode start with the facts of the one below."""
    for name in lower.listxattr():
        inode.setxattr(name, lower.getxattr(name), 0)
    stat = lower.stat()
    inode.ino = stat.ino
    inode.size, inode.nlink, inode.rdev = stat.size, stat.nlink, stat.rdev
    inode.atime_ns, inode.mtime_ns, inode.ctime_ns = stat.atime_ns, stat.mtime_ns, stat.ctime_ns
    inode.btime_ns = stat.btime_ns


class OverlaySuperBlock(MemSuperBlock):
    """A lower tree with changes in memory, whose bytes are limited by `size` as in tmpfs.

    Attributes:
        lower: the superblock below, which nothing else may write.
        linked: what stands for files of the lower tree that have several names.
        unread: stands in `entries` for what was not looked up yet.
    """

    __slots__ = ("linked", "lower", "unread")

    magic = OVERLAYFS_MAGIC

    def __init__(self, lower: SuperBlock, clock: Clock, *, size: int = 0, options: bytes = b"",
                 pool: PagePool | None = None) -> None:
        super().__init__("overlay", clock, size=size, options=options, pool=pool)
        self.lower = lower
        self.linked: dict[Inode, Inode] = {}
        self.last_ino = _UPPER_INO
        self.unread: Inode = self.root.inode
        self.set_root(OverlayDir(self, lower.root.inode))

    def inode_over(self, lower: Inode) -> Inode:
        """The inode that stands for `lower`: always the same where it may be reached by several names."""
        kind = lower.mode & S_IFMT
        if kind == S_IFDIR:
            return OverlayDir(self, lower)
        inode = self.linked.get(lower)
        if inode is not None:
            return inode
        if kind == S_IFREG:
            inode = OverlayFile(self, lower)
        elif kind == S_IFLNK:
            inode = MemSymlink(self, lower.readlink(), lower.uid, lower.gid)
            _take_facts(inode, lower)
        else:
            inode = MemNode(self, lower.mode, lower.uid, lower.gid)
            _take_facts(inode, lower)
        if inode.nlink > 1:
            self.linked[lower] = inode
        return inode
