"""memfd: files in memory without a name, which can be sealed. mm/memfd.c, memfd_create(2)"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EBUSY, EINVAL, EPERM
from rvsim.guest_os.abi.fcntl import (
    F_ALL_SEALS,
    F_SEAL_EXEC,
    F_SEAL_FUTURE_WRITE,
    F_SEAL_GROW,
    F_SEAL_SEAL,
    F_SEAL_SHRINK,
    F_SEAL_WRITE,
    FALLOC_FL_PUNCH_HOLE,
    MFD_ALLOW_SEALING,
    MFD_NOEXEC_SEAL,
    NAME_MAX,
    O_LARGEFILE,
    O_RDWR,
)
from rvsim.guest_os.abi.stat import S_IFREG
from rvsim.guest_os.fs.mem_file import PAGE_BYTES, MemFile
from rvsim.guest_os.fs.tmpfs import TMPFS_MAGIC, MemSuperBlock, PagePool
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import MountTable, Path
from rvsim.guest_os.vfs.open import open_path
from rvsim.guest_os.vfs.super_block import StatFs

_WRITE_SEALS = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE


class MemfdFile(MemFile):
    """A file that can be sealed. `seals`: the F_SEAL_* bits of what may not be done any more."""

    __slots__ = ("seals",)

    def __init__(self, sb: MemSuperBlock, mode: int, uid: int, gid: int, seals: int) -> None:
        super().__init__(sb, mode, uid, gid)
        self.seals = seals
        self.nlink = 0

    def write_at(self, offset: int, data: bytes) -> int:
        """mm/shmem.c:shmem_write_begin, which looks at the seals page by page. EPERM, ENOSPC."""
        if self.seals & _WRITE_SEALS:
            raise EPERM
        if self.seals & F_SEAL_GROW and offset + len(data) > self.size:
            room = (self.size & -PAGE_BYTES) - offset
            if room <= 0:
                raise EPERM
            data = data[:room]
        return super().write_at(offset, data)

    def truncate(self, size: int) -> None:
        if (size < self.size and self.seals & F_SEAL_SHRINK) or (size > self.size and self.seals & F_SEAL_GROW):
            raise EPERM
        super().truncate(size)

    def fallocate(self, mode: int, offset: int, size: int) -> None:
        if mode & FALLOC_FL_PUNCH_HOLE:
            if self.seals & _WRITE_SEALS:
                raise EPERM
        elif self.seals & F_SEAL_GROW and offset + size > self.size:
            raise EPERM
        super().fallocate(mode, offset, size)

    def set_mode(self, mode: int) -> None:
        if self.seals & F_SEAL_EXEC and (self.mode ^ mode) & 0o111:
            raise EPERM
        super().set_mode(mode)

    def check_shared_map(self, write: bool) -> bool:
        if not self.seals & _WRITE_SEALS:
            return True
        if write:
            raise EPERM
        return False


def seals_of(inode: Inode) -> int:
    """F_GET_SEALS. EINVAL: this kind of file has none. mm/memfd.c:memfd_get_seals"""
    if isinstance(inode, MemfdFile):
        return inode.seals
    if isinstance(inode, MemFile) and inode.sb.magic == TMPFS_MAGIC:
        return F_SEAL_SEAL                 # the files of tmpfs are closed to seals from the start
    raise EINVAL


def add_seals(file: File, seals: int) -> None:
    """F_ADD_SEALS. mm/memfd.c:memfd_add_seals

    Raises:
        EPERM: not open for writing, or sealed against seals. EINVAL: an unknown seal, or a file that has none.
        EBUSY: F_SEAL_WRITE, and a shared map that may be written is there.
    """
    if not file.writable:
        raise EPERM
    if seals & ~F_ALL_SEALS:
        raise EINVAL
    inode = file.inode
    if seals_of(inode) & F_SEAL_SEAL:
        raise EPERM
    assert isinstance(inode, MemfdFile)
    mapping = inode.mapping
    if seals & ~inode.seals & F_SEAL_WRITE and mapping is not None and mapping.writers:
        raise EBUSY
    if seals & F_SEAL_EXEC and inode.mode & 0o111:
        seals |= F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE
    inode.seals |= seals


class MemfdFs(MemSuperBlock):
    """Where these files live; never mounted in the tree. To the guest it is a tmpfs without limits."""

    __slots__ = ("mount",)

    pseudo = True

    def __init__(self, clock: Clock, table: MountTable, pool: PagePool | None = None) -> None:
        super().__init__("tmpfs", clock, pool=pool)
        self.mount = table.make(self)

    def statfs(self) -> StatFs:
        return StatFs(self.magic, PAGE_BYTES, 0, 0, 0, 0, 0, NAME_MAX)

    def open(self, name: bytes, flags: int, cred: Credentials) -> File:
        """A new, empty file called `name`, open for reading and writing; of the MFD_* flags two count. ENOSPC."""
        mode, seals = 0o777, F_SEAL_SEAL
        if flags & MFD_NOEXEC_SEAL:
            mode, seals = 0o666, F_SEAL_EXEC
        elif flags & MFD_ALLOW_SEALING:
            seals = 0
        inode = MemfdFile(self, S_IFREG | mode, cred.fsuid, cred.fsgid, seals)
        dentry = Dentry(b"/memfd:" + name, None, inode)
        dentry.deleted = True
        return open_path(Path(self.mount, dentry), O_RDWR | O_LARGEFILE, cred)
