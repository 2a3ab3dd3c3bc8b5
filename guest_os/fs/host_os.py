"""The host's files as system calls: all that the kernel ever asks of them goes through a `HostOs`.

So a run can be recorded and had again without the host's files, see `guest_os/outside.py`: each method below is one
question with one answer, an integer, bytes, a stat or nothing. Each raises the host's OSError.
"""

from __future__ import annotations

import os
import stat as host_stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rvsim.guest_os.abi.stat import DT_DIR, DT_LNK, DT_REG, DT_UNKNOWN
from rvsim.guest_os.fs import host_calls
from rvsim.guest_os.fs.archive_entry import Source

try:
    import resource
except ImportError:  # not a POSIX host
    resource = None  # type: ignore[assignment]

APPS = Path(__file__).resolve().parent.parent.parent / "user_apps" / "bin"
"""The compiled guest programs of the built-in image."""

_ENCODING = sys.getfilesystemencoding()


class HostOs:
    """The live host. Descriptors are numbers of this process; names are relative to a directory's descriptor.

    What is asked most is the host's own function.
    """

    __slots__ = ()

    live = True
    """Whether there is a host. If not, descriptors are numbers that mean something to this object alone."""

    remembers = False
    """Whether a log has the answers, or gets them."""

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While this lasts, what is asked is no part of the run: somebody looks at it from outside."""
        yield

    # ---- descriptors

    open = staticmethod(os.open)

    def soft_limit(self) -> int | None:
        """How many descriptors the host gives this process; None: it does not say."""
        if resource is None:
            return None
        limit: int = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return None if limit == resource.RLIM_INFINITY else limit

    def close(self, fd: int) -> None:
        """Asks nothing."""
        os.close(fd)

    dup = staticmethod(os.dup)

    # ---- facts

    stat = staticmethod(os.stat)
    fstat = staticmethod(os.fstat)

    def statvfs(self, fd: int) -> os.statvfs_result:
        return os.fstatvfs(fd)

    def readlink(self, name: bytes, dir_fd: int) -> bytes:
        return os.readlink(name, dir_fd=dir_fd)

    def scan(self, fd: int) -> list[tuple[bytes, int, int]]:
        """What is in a directory: (name, inode, DT_*). Leaves the descriptor at its beginning again."""
        with os.scandir(fd) as found:
            return [(entry.name.encode(_ENCODING, "surrogateescape"), entry.inode(), _dtype(entry)) for entry in found]

    def user(self) -> tuple[int, int, int]:
        """(uid, gid, effective uid) of this process."""
        return os.getuid(), os.getgid(), os.geteuid()

    def realpath(self, path: bytes) -> bytes:
        return os.path.realpath(path)

    def is_directory(self, path: bytes) -> bool:
        return os.path.isdir(path)

    def is_file(self, path: bytes) -> bool:
        return os.path.isfile(path)

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()

    def realtime_ns(self) -> int:
        return time.time_ns()

    # ---- bytes

    def pread(self, fd: int, size: int, offset: int) -> bytes:
        return os.pread(fd, size, offset)

    def pwrite(self, fd: int, data: bytes | memoryview, offset: int) -> int:
        return os.pwrite(fd, data, offset)

    def ftruncate(self, fd: int, size: int) -> None:
        os.ftruncate(fd, size)

    def fallocate(self, fd: int, mode: int, offset: int, size: int) -> None:
        host_calls.fallocate(fd, mode, offset, size)

    def lseek(self, fd: int, offset: int, whence: int) -> int:
        return os.lseek(fd, offset, whence)

    def fsync(self, fd: int) -> None:
        os.fsync(fd)

    def read_file(self, path: bytes) -> bytes:
        """All of a file."""
        return Path(os.fsdecode(path)).read_bytes()

    def programs(self) -> list[tuple[bytes, int]]:
        """The programs of the built-in image, (name, size), in order of name."""
        if not APPS.is_dir():
            return []
        return sorted((os.fsencode(path.name), path.stat().st_size) for path in APPS.iterdir()
                      if path.is_file() and not path.name.startswith("."))

    def program(self, name: bytes) -> bytes:
        """The bytes of one of them."""
        return (APPS / os.fsdecode(name)).read_bytes()

    def archive(self, path: bytes, limit_bytes: int) -> Source:
        """See `open_any`. Raises BadArchive too."""
        # Archives are rare, and reading them needs half a dozen modules.
        from rvsim.guest_os.fs.layered_source import open_any

        return open_any(path, limit_bytes)

    # ---- changes of a file

    def chmod(self, path: bytes, mode: int) -> None:
        os.chmod(path, mode)

    def fchmod(self, fd: int, mode: int) -> None:
        os.fchmod(fd, mode)

    def chown(self, name: bytes, uid: int, gid: int, dir_fd: int) -> None:
        os.chown(name, uid, gid, dir_fd=dir_fd, follow_symlinks=False)

    def fchown(self, fd: int, uid: int, gid: int) -> None:
        os.chown(fd, uid, gid)

    def utime(self, name: bytes, times_ns: tuple[int, int], dir_fd: int) -> None:
        os.utime(name, ns=times_ns, dir_fd=dir_fd, follow_symlinks=False)

    def futime(self, fd: int, times_ns: tuple[int, int]) -> None:
        os.utime(fd, ns=times_ns)

    # ---- changes of a directory

    def mkdir(self, name: bytes, mode: int, dir_fd: int) -> None:
        os.mkdir(name, mode, dir_fd=dir_fd)

    def mknod(self, name: bytes, mode: int, dir_fd: int) -> None:
        os.mknod(name, mode, dir_fd=dir_fd)

    def symlink(self, target: bytes, name: bytes, dir_fd: int) -> None:
        os.symlink(target, name, dir_fd=dir_fd)

    def link(self, old: bytes, old_fd: int, new: bytes, new_fd: int) -> None:
        os.link(old, new, src_dir_fd=old_fd, dst_dir_fd=new_fd, follow_symlinks=False)

    def link_open(self, fd: int, new: bytes, new_fd: int) -> None:
        """A name for an open file."""
        os.link(b"/proc/self/fd/%d" % fd, new, dst_dir_fd=new_fd, follow_symlinks=True)

    def unlink(self, name: bytes, dir_fd: int) -> None:
        os.unlink(name, dir_fd=dir_fd)

    def rmdir(self, name: bytes, dir_fd: int) -> None:
        os.rmdir(name, dir_fd=dir_fd)

    def rename(self, old_fd: int, old: bytes, new_fd: int, new: bytes, flags: int) -> None:
        host_calls.rename(old_fd, old, new_fd, new, flags)


HOST = HostOs()
"""The live host."""




def _dtype(entry: os.DirEntry[str]) -> int:
    if entry.is_file(follow_symlinks=False):
        return DT_REG
    if entry.is_dir(follow_symlinks=False):
        return DT_DIR
    if entry.is_symlink():
        return DT_LNK
    try:
        return host_stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode) >> 12
    except FileNotFoundError:
        return DT_UNKNOWN
