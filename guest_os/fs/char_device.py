"""Character devices by number: who opens which, and the memory devices. fs/char_dev.c, drivers/char/mem.c"""

from __future__ import annotations

from typing import Protocol

from rvsim.guest_os.abi.errno import EBADF, EINVAL, ENODEV, ENOSPC, ENXIO
from rvsim.guest_os.abi.fcntl import O_NOCTTY
from rvsim.guest_os.abi.stat import S_IFCHR, S_IFIFO, S_IFMT, makedev
from rvsim.guest_os.fs.pipe import open_fifo
from rvsim.guest_os.fs.random import RandomSource
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import Path

NULL = makedev(1, 3)
ZERO = makedev(1, 5)
FULL = makedev(1, 7)
RANDOM = makedev(1, 8)
URANDOM = makedev(1, 9)
TTY = makedev(5, 0)
CONSOLE = makedev(5, 1)
PTMX = makedev(5, 2)


class Device(Protocol):
    """A driver: makes an open file of its device."""

    def open(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> File:
        """Open; `flags` may have O_NOCTTY, which the file must not keep."""
        ...


class DeviceTable:
    """The drivers of a machine by device number, and FIFOs: what `MountTable.special` is."""

    def __init__(self) -> None:
        self.devices: dict[int, Device] = {}

    def register(self, rdev: int, device: Device) -> None:
        """Let `device` serve the character device `rdev`."""
        self.devices[rdev] = device

    def unregister(self, rdev: int) -> None:
        """Let nobody serve `rdev` any more."""
        del self.devices[rdev]

    def open_special(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> File:
        """Open a device or FIFO. Raises ENXIO for block devices, sockets and unknown numbers."""
        kind = inode.mode & S_IFMT
        if kind == S_IFIFO:
            return open_fifo(inode, path, flags & ~O_NOCTTY, cred)
        if kind != S_IFCHR or inode.rdev not in self.devices:
            raise ENXIO
        return self.devices[inode.rdev].open(inode, path, flags, cred)


class MemoryFile(File):
    """/dev/null: nothing to read, writes vanish. null(4)"""

    __slots__ = ()

    seekable = True
    splice_write = True

    def read(self, size: int) -> bytes:
        if not self.readable:
            raise EBADF
        return b""

    def write(self, data: bytes) -> int:
        if not self.writable:
            raise EBADF
        return len(data)

    def pread(self, size: int, offset: int) -> bytes:
        if offset < 0:
            raise EINVAL
        return self.read(size)

    def pwrite(self, data: bytes, offset: int) -> int:
        if offset < 0:
            raise EINVAL
        return self.write(data)

    def seek(self, offset: int, whence: int) -> int:
        """The offset stays 0. drivers/char/mem.c:null_lseek"""
        return 0


class ZeroFile(MemoryFile):
    """/dev/zero: zeros without end; a private map of it is anonymous memory."""

    __slots__ = ()

    splice_read = True

    def read(self, size: int) -> bytes:
        if not self.readable:
            raise EBADF
        return bytes(size)

    def map_target(self) -> Inode | None:
        return None


class FullFile(ZeroFile):
    """/dev/full: zeros to read, no space to write. full(4)"""

    __slots__ = ()

    splice_write = False

    def write(self, data: bytes) -> int:
        if not self.writable:
            raise EBADF
        raise ENOSPC

    def map_target(self) -> Inode | None:
        raise ENODEV


class RandomFile(MemoryFile):
    """/dev/random and /dev/urandom: bytes of the machine's source; what is written is stirred in. random(4)"""

    __slots__ = ("source",)

    splice_read = True

    def __init__(self, inode: Inode, path: Path, flags: int, cred: Credentials, source: RandomSource) -> None:
        super().__init__(inode, path, flags, cred)
        self.source = source

    def read(self, size: int) -> bytes:
        if not self.readable:
            raise EBADF
        return self.source.read(size)

    def write(self, data: bytes) -> int:
        if not self.writable:
            raise EBADF
        self.source.mix(data)
        return len(data)

    def seek(self, offset: int, whence: int) -> int:
        """No effect. fs/read_write.c:noop_llseek"""
        return self.offset


class MemoryDevice:
    """A driver whose files need nothing but their class."""

    def __init__(self, file_type: type[MemoryFile]) -> None:
        self.file_type = file_type

    def open(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> File:
        return self.file_type(inode, path, flags & ~O_NOCTTY, cred)


class RandomDevice:
    """The driver of /dev/random and /dev/urandom."""

    def __init__(self, source: RandomSource) -> None:
        self.source = source

    def open(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> File:
        return RandomFile(inode, path, flags & ~O_NOCTTY, cred, self.source)


def register_memory_devices(table: DeviceTable, source: RandomSource) -> None:
    """Register null, zero, full, random and urandom."""
    table.register(NULL, MemoryDevice(MemoryFile))
    table.register(ZERO, MemoryDevice(ZeroFile))
    table.register(FULL, MemoryDevice(FullFile))
    table.register(RANDOM, RandomDevice(source))
    table.register(URANDOM, RandomDevice(source))
