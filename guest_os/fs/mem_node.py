"""What inodes in memory have in common, and links, devices, FIFOs and sockets among them. mm/shmem.c"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EEXIST, ENODATA, EOPNOTSUPP
from rvsim.guest_os.abi.fcntl import XATTR_CREATE, XATTR_REPLACE
from rvsim.guest_os.abi.stat import S_IFLNK
from rvsim.guest_os.vfs.inode import Inode

if TYPE_CHECKING:
    from rvsim.guest_os.fs.tmpfs import MemSuperBlock


_ATTRIBUTE_BYTES = 32
"""What an extended attribute takes besides its name and value."""


def _space(name: bytes, value: bytes | None) -> int:
    return 0 if value is None else _ATTRIBUTE_BYTES + len(name) + len(value)


class MemNode(Inode):
    """An inode in memory; by itself a device node, FIFO or socket."""

    __slots__ = ("xattrs",)

    sb: MemSuperBlock

    def __init__(self, sb: MemSuperBlock, mode: int, uid: int, gid: int, rdev: int = 0) -> None:
        """Raises ENOSPC when the superblock has no inode left."""
        sb.take_inode()
        super().__init__(sb, mode, uid, gid, rdev=rdev)
        self.xattrs: dict[bytes, bytes] | None = None

    def evict(self) -> None:
        self.sb.give_inode()
        if self.xattrs:
            self.sb.take_attribute_bytes(-sum(_space(name, value) for name, value in self.xattrs.items()))
            self.xattrs = None

    def getxattr(self, name: bytes) -> bytes:
        value = (self.xattrs or {}).get(name)
        if value is None:
            raise ENODATA
        return value

    def setxattr(self, name: bytes, value: bytes, flags: int) -> None:
        if not name.startswith((b"user.", b"trusted.", b"security.")):
            raise EOPNOTSUPP
        if self.xattrs is None:
            self.xattrs = {}
        if name in self.xattrs:
            if flags & XATTR_CREATE:
                raise EEXIST
        elif flags & XATTR_REPLACE:
            raise ENODATA
        self.sb.take_attribute_bytes(_space(name, value) - _space(name, self.xattrs.get(name)))
        self.xattrs[name] = value
        self.ctime_ns = self.sb.clock.realtime_ns()

    def listxattr(self) -> list[bytes]:
        return list(self.xattrs or ())

    def removexattr(self, name: bytes) -> None:
        if self.xattrs is None or name not in self.xattrs:
            raise ENODATA
        self.sb.take_attribute_bytes(-_space(name, self.xattrs.pop(name)))
        self.ctime_ns = self.sb.clock.realtime_ns()


class MemSymlink(MemNode):
    """A symbolic link with a fixed text."""

    __slots__ = ("target",)

    def __init__(self, sb: MemSuperBlock, target: bytes, uid: int, gid: int) -> None:
        super().__init__(sb, S_IFLNK | 0o777, uid, gid)
        self.target = target
        self.size = len(target)

    def readlink(self) -> bytes:
        return self.target
