"""nsfs: the files behind /proc/PID/ns, by which a namespace is named and entered. fs/nsfs.c"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi.errno import EINVAL, ENOTTY, EPERM
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFREG
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import MountTable, Path
from rvsim.guest_os.vfs.super_block import SuperBlock

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.clock import Clock
    from rvsim.guest_os.vfs.credentials import Credentials

NSFS_MAGIC = 0x6E736673
NS_GET_NSTYPE = 0xB703


class NsFs(SuperBlock):
    """The file system; nobody mounts it."""

    __slots__ = ("mount",)

    magic = NSFS_MAGIC
    pseudo = True

    def __init__(self, clock: Clock, table: MountTable) -> None:
        super().__init__("nsfs", clock)
        self.set_root(Inode(self, S_IFDIR | 0o555))
        self.mount = table.make(self)

    def place(self, name: bytes, kind: int, inum: int, space: Any) -> Path:
        """Where a namespace stands as a file: `name`:[`inum`]."""
        return Path(self.mount, Dentry(b"%s:[%d]" % (name, inum), None, NsInode(self, kind, inum, space)))


class NsInode(Inode):
    """One namespace as a file. `kind` is the CLONE_NEW* flag of its like, `space` the namespace itself (of pids)."""

    __slots__ = ("kind", "space")

    def __init__(self, sb: SuperBlock, kind: int, inum: int, space: Any) -> None:
        super().__init__(sb, S_IFREG | 0o444, ino=inum)
        self.kind = kind
        self.space = space

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        return NsFile(self, path, flags, cred)

    def set_mode(self, mode: int) -> None:
        raise EPERM


class NsFile(File):
    """An open namespace: it can be entered, and asked what it is."""

    __slots__ = ()

    positioned = True
    inode: NsInode

    def read(self, size: int) -> bytes:
        raise EINVAL

    def pread(self, size: int, offset: int) -> bytes:
        raise EINVAL

    def ioctl(self, request: int, arg: Any) -> int:
        if request == NS_GET_NSTYPE:
            return self.inode.kind
        raise ENOTTY


