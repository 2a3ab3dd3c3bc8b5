"""Files without a name: eventfd, timerfd, signalfd, epoll, pidfd. fs/anon_inodes.c"""

from __future__ import annotations

from rvsim.guest_os.abi.fcntl import O_NONBLOCK, O_RDWR
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import MountTable, Path
from rvsim.guest_os.vfs.super_block import SuperBlock

ANON_INODE_FS_MAGIC = 0x09041934


class AnonInode(Inode):
    """The one inode of all these files; a mode without a type, as on Linux."""

    __slots__ = ()


class AnonFs(SuperBlock):
    """Where that inode lives; never mounted in the tree."""

    __slots__ = ("inode", "mount")

    magic = ANON_INODE_FS_MAGIC
    pseudo = True

    def __init__(self, clock: Clock, table: MountTable) -> None:
        super().__init__("anon_inodefs", clock)
        self.inode = AnonInode(self, 0o600)
        self.set_root(self.inode)
        self.mount = table.make(self)


class AnonFile(File):
    """A file of `AnonFs`; `kind` is its name, as in anon_inode:[eventfd]."""

    __slots__ = ()

    kind = b""

    def __init__(self, anon: AnonFs, flags: int, cred: Credentials) -> None:
        path = Path(anon.mount, Dentry(b"anon_inode:" + self.kind, None, anon.inode))
        super().__init__(anon.inode, path, flags & O_NONBLOCK | O_RDWR, cred)

    def seek(self, offset: int, whence: int) -> int:
        """The offset stays 0. fs/read_write.c:noop_llseek"""
        return 0
