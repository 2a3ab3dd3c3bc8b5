"""Open file descriptions. include/linux/fs.h:file

What open, pipe and socket make; several descriptors of several processes may share one. The system calls copy user
memory: a file sees `bytes` only. A file that must wait raises `Blocked`, or EAGAIN with O_NONBLOCK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Protocol

from rvsim.guest_os.abi.errno import EAGAIN, EBADF, EINVAL, ENODEV, ENOTDIR, ESPIPE
from rvsim.guest_os.abi.fcntl import O_ACCMODE, O_NONBLOCK, O_PATH, O_RDWR, O_WRONLY, SETFL_MASK
from rvsim.guest_os.abi.poll import POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from rvsim.guest_os.vfs import notify
from rvsim.guest_os.wait import Blocked, WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.inode import Inode
    from rvsim.guest_os.vfs.mount import Path

DEFAULT_POLLMASK = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM


class IoctlArg(Protocol):
    """The third argument of ioctl, as the system call layer hands it in."""

    value: int
    """The register, unsigned."""

    def read(self, size: int) -> bytes:
        """`size` bytes of user memory at `value`. Raises EFAULT."""
        ...

    def write(self, data: bytes) -> None:
        """Store `data` at `value`. Raises EFAULT."""
        ...


class CloseWatcher(Protocol):
    """Who wants to know that a file closes."""

    def file_closed(self) -> None: ...


class File:
    """An open file description; subclasses serve what their kind of file can do.

    Attributes:
        flags: the O_* flags as F_GETFL shows them (no O_CREAT, O_EXCL, O_NOCTTY, O_TRUNC, O_CLOEXEC).
        offset: where `read` and `write` go on.
        count: how many descriptors and memory maps hold it.
        writes_all: a blocking write goes on until everything is written; `write` returns what fitted, and the system
            call calls again for the rest.
        seekable: it has offsets.
        positioned: pread and pwrite reach it, though it has no offset of its own.
        is_socket: the system calls on sockets serve it, and its reads and writes are theirs.
        splice_read, splice_write: whether sendfile and splice take from it and put into it.
        record_bytes: it is read in records of at least this size, which come whole or not at all; 0: in bytes.
        watchers: who wants to know when it closes: epolls.
        owner: who gets signals about it, once somebody asked for that.
    """

    __slots__ = ("count", "cred", "flags", "inode", "offset", "owner", "path", "readable", "watchers", "writable")

    writes_all = False
    seekable = False
    positioned = False
    is_socket = False
    splice_read = splice_write = False
    record_bytes = 0

    def __init__(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> None:
        self.inode = inode
        self.path = path
        self.flags = flags
        self.cred = cred
        self.offset = 0
        self.count = 1
        self.watchers: dict[CloseWatcher, None] | None = None
        self.owner: CloseWatcher | None = None
        mode = flags & O_ACCMODE
        self.readable = not mode & O_WRONLY
        self.writable = mode in (O_WRONLY, O_RDWR)
        inode.open_count += 1
        path.mount.opens += 1

    def get(self) -> File:
        """Hold it once more; returns itself."""
        self.count += 1
        return self

    def put(self) -> None:
        """Let go of it; the last one closes it."""
        self.count -= 1
        if self.count == 0:
            if self.owner is not None:
                self.owner.file_closed()
            self.release()

    def flush(self) -> None:
        """One descriptor of it is closed. fs/open.c:filp_flush"""

    def release(self) -> None:
        """Close: the last holder is gone. Subclasses call this last. fs/file_table.c:__fput"""
        if self.watchers:
            for watcher in tuple(self.watchers):
                watcher.file_closed()
        inode = self.inode
        if inode.locks is not None:
            inode.locks.release_file(self)
        if inode.sb.watches is not None and not self.flags & O_PATH:
            notify.closed(self)
        self.path.mount.opens -= 1
        inode.open_count -= 1
        if inode.open_count == 0 and inode.nlink == 0:
            notify.gone(inode)
            inode.evict()

    def closes_on_exec(self) -> bool:
        """Whether a descriptor that open makes for it closes on exec even without O_CLOEXEC."""
        return False

    def would_block(self, *queues: WaitQueue) -> NoReturn:
        """Wait on `queues`: raises EAGAIN with O_NONBLOCK, `Blocked` otherwise."""
        if self.flags & O_NONBLOCK:
            raise EAGAIN
        raise Blocked(*queues)

    def set_flags(self, flags: int) -> None:
        """F_SETFL: change O_APPEND, O_NONBLOCK, O_DIRECT, O_NOATIME; others are ignored."""
        self.flags = self.flags & ~SETFL_MASK | flags & SETFL_MASK

    def read(self, size: int) -> bytes:
        """Up to `size` bytes from the offset on; b"" at the end.

        Raises:
            EBADF: not open for reading.
            EINVAL: this kind of file is not read.
        """
        raise EINVAL if self.readable else EBADF

    def write(self, data: bytes) -> int:
        """Store `data` at the offset, at the end with O_APPEND; returns how many bytes.

        Raises:
            EBADF: not open for writing.
            EPIPE: nobody will read it; the system call adds SIGPIPE.
        """
        raise EINVAL if self.writable else EBADF

    def pread(self, size: int, offset: int) -> bytes:
        """Read at `offset`; the file's own offset stays. Raises ESPIPE where there are no offsets."""
        raise ESPIPE

    def pwrite(self, data: bytes, offset: int) -> int:
        """Write at `offset`; the file's own offset stays. Raises ESPIPE where there are no offsets."""
        raise ESPIPE

    def seek(self, offset: int, whence: int) -> int:
        """Move the offset and return it. Raises ESPIPE where there are none."""
        raise ESPIPE

    def getdents64(self, size: int) -> bytes:
        """Directory entries from the offset on as linux_dirent64 records of `size` bytes at most; b"" at the end.

        Raises:
            ENOTDIR: no directory.
            EINVAL: `size` is too small for the next entry.
        """
        raise ENOTDIR

    def truncate(self, size: int) -> None:
        """ftruncate. Raises EINVAL where there is no size to set."""
        raise EINVAL

    def fallocate(self, mode: int, offset: int, size: int) -> None:
        """Reserve, punch or zero a range."""
        raise ENODEV

    def sync(self) -> None:
        """fsync. Raises EINVAL where there is no medium."""
        raise EINVAL

    def ioctl(self, request: int, arg: IoctlArg) -> int:
        """A request of this kind of file. Raises ENOTTY for an unknown one."""
        return self.inode.ioctl(self, request, arg)

    def map_target(self) -> Inode | None:
        """What a memory map of this file shows; see `Inode.map_target`."""
        return self.inode.map_target()

    def fdinfo(self, ns: object) -> bytes:
        """Lines of its own for /proc/PID/fdinfo, as seen in the pid namespace `ns`."""
        return b""

    def poll(self) -> int:
        """The POLL* events that hold now."""
        return DEFAULT_POLLMASK

    def async_queues(self) -> tuple[tuple[WaitQueue, int], ...]:
        """What wakes when a signal is due with O_ASYNC, each with POLL_IN or POLL_OUT; () if there are no signals."""
        return ()

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        """What wakes when `poll` may give something else."""
        return ()

    def woken_for(self, queue: WaitQueue) -> int:
        """The POLL* events that may be new when `queue`, one of `poll_queues`, wakes; -1: any."""
        return -1


class PathFile(File):
    """Opened with O_PATH: a place only, no access. open(2)"""

    __slots__ = ()

    def __init__(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> None:
        super().__init__(inode, path, flags, cred)
        self.readable = self.writable = False

    def set_flags(self, flags: int) -> None:
        raise EBADF

    def read(self, size: int) -> bytes:
        raise EBADF

    def write(self, data: bytes) -> int:
        raise EBADF

    def pread(self, size: int, offset: int) -> bytes:
        raise EBADF

    def pwrite(self, data: bytes, offset: int) -> int:
        raise EBADF

    def seek(self, offset: int, whence: int) -> int:
        raise EBADF

    def getdents64(self, size: int) -> bytes:
        raise EBADF

    def truncate(self, size: int) -> None:
        raise EBADF

    def fallocate(self, mode: int, offset: int, size: int) -> None:
        raise EBADF

    def sync(self) -> None:
        raise EBADF

    def ioctl(self, request: int, arg: IoctlArg) -> int:
        raise EBADF

    def map_target(self) -> Inode | None:
        raise EBADF


def is_path_only(file: File) -> bool:
    """Whether `file` came from O_PATH: most calls on it give EBADF."""
    return bool(file.flags & O_PATH)
