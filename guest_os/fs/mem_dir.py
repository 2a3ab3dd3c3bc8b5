"""Directories in memory. fs/libfs.c (simple_*), mm/shmem.c

Each entry has a position that only rises, so that a reader's place survives names that come and go.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EINVAL, ENOENT, ENOTEMPTY
from rvsim.guest_os.abi.fcntl import RENAME_EXCHANGE, RENAME_NOREPLACE
from rvsim.guest_os.fs.mem_file import MemFile
from rvsim.guest_os.fs.mem_node import MemNode, MemSymlink
from rvsim.guest_os.vfs.inode import Dirent, Inode

if TYPE_CHECKING:
    from rvsim.guest_os.fs.tmpfs import MemSuperBlock

DIRENT_BYTES = 20
"""What an entry adds to a directory's size. mm/shmem.c:BOGO_DIRENT_SIZE"""


class MemDir(MemNode):
    """A directory in memory.

    Attributes:
        entries: name to (position, inode).
        order: positions in rising order; some may be gone.
        names: position to name.
    """

    __slots__ = ("entries", "last_position", "names", "order")

    def __init__(self, sb: MemSuperBlock, mode: int, uid: int, gid: int) -> None:
        super().__init__(sb, mode, uid, gid)
        self.entries: dict[bytes, tuple[int, Inode]] = {}
        self.order: list[int] = []
        self.names: dict[int, bytes] = {}
        self.last_position = 1
        self.size = 2 * DIRENT_BYTES

    def lookup(self, name: bytes) -> Inode:
        try:
            return self.entries[name][1]
        except KeyError:
            raise ENOENT from None

    def complete(self) -> None:
        """Make sure that `entries` holds every name; runs before any change."""

    def is_empty(self) -> bool:
        """Whether it has no names."""
        return not self.entries

    def _enter(self, name: bytes, inode: Inode) -> None:
        self.last_position += 1
        self.entries[name] = (self.last_position, inode)
        self.order.append(self.last_position)
        self.names[self.last_position] = name
        self.size += DIRENT_BYTES
        self.mtime_ns = self.ctime_ns = self.sb.clock.realtime_ns()

    def _remove(self, name: bytes) -> None:
        position, _ = self.entries.pop(name)
        del self.names[position]
        if len(self.order) > 2 * len(self.names) + 32:
            self.order = list(self.names)
        self.size -= DIRENT_BYTES
        self.mtime_ns = self.ctime_ns = self.sb.clock.realtime_ns()

    def create(self, name: bytes, mode: int, uid: int, gid: int) -> Inode:
        self.complete()
        inode = MemFile(self.sb, mode, uid, gid)
        self._enter(name, inode)
        return inode

    def mkdir(self, name: bytes, mode: int, uid: int, gid: int) -> Inode:
        self.complete()
        inode = MemDir(self.sb, mode, uid, gid)
        self._enter(name, inode)
        self.nlink += 1
        return inode

    def mknod(self, name: bytes, mode: int, uid: int, gid: int, rdev: int) -> Inode:
        self.complete()
        inode = MemNode(self.sb, mode, uid, gid, rdev)
        self._enter(name, inode)
        return inode

    def symlink(self, name: bytes, target: bytes, uid: int, gid: int) -> Inode:
        self.complete()
        inode = MemSymlink(self.sb, target, uid, gid)
        self._enter(name, inode)
        return inode

    def tmpfile(self, mode: int, uid: int, gid: int) -> Inode:
        inode = MemFile(self.sb, mode, uid, gid)
        inode.nlink = 0
        return inode

    def link(self, name: bytes, inode: Inode) -> None:
        self.complete()
        self._enter(name, inode)
        inode.nlink += 1
        inode.ctime_ns = self.ctime_ns

    def unlink(self, name: bytes, inode: Inode) -> None:
        self.complete()
        self._remove(name)
        inode.nlink -= 1
        inode.ctime_ns = self.ctime_ns

    def rmdir(self, name: bytes, inode: Inode) -> None:
        self.complete()
        assert isinstance(inode, MemDir)
        if not inode.is_empty():
            raise ENOTEMPTY
        self._remove(name)
        inode.nlink = 0
        inode.ctime_ns = self.ctime_ns
        self.nlink -= 1

    def rename(
        self, name: bytes, inode: Inode, new_dir: Inode, new_name: bytes, target: Inode | None, flags: int
    ) -> None:
        assert isinstance(new_dir, MemDir)
        if flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE):
            raise EINVAL
        self.complete()
        new_dir.complete()
        if flags & RENAME_EXCHANGE:
            assert target is not None
            self._exchange(name, inode, new_dir, new_name, target)
            return
        if isinstance(target, MemDir) and not target.is_empty():
            raise ENOTEMPTY
        if target is not None:
            new_dir._remove(new_name)
            target.nlink -= 1
            if target.is_dir:
                target.nlink = 0
                new_dir.nlink -= 1
        self._remove(name)
        new_dir._enter(new_name, inode)
        if inode.is_dir:
            self.nlink -= 1
            new_dir.nlink += 1
        inode.ctime_ns = new_dir.ctime_ns
        if target is not None:
            target.ctime_ns = new_dir.ctime_ns

    def _exchange(self, name: bytes, inode: Inode, new_dir: MemDir, new_name: bytes, target: Inode) -> None:
        self.entries[name] = (self.entries[name][0], target)
        new_dir.entries[new_name] = (new_dir.entries[new_name][0], inode)
        moved = int(inode.is_dir) - int(target.is_dir)
        self.nlink -= moved
        new_dir.nlink += moved
        now = self.sb.clock.realtime_ns()
        for one in (self, new_dir):
            one.mtime_ns = one.ctime_ns = now
        inode.ctime_ns = target.ctime_ns = now

    def readdir(self, position: int) -> Iterator[Dirent]:
        order, names, entries = self.order, self.names, self.entries
        for index in range(bisect_left(order, position), len(order)):
            name = names.get(order[index])
            if name is not None:
                inode = entries[name][1]
                yield order[index], name, inode.ino, inode.mode >> 12
