"""Bringing files to their medium, and their size. fs/sync.c, fs/open.c, mm/fadvise.c, mm/readahead.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EBADF, EFBIG, EINVAL, EISDIR, ENODEV, ESPIPE
from rvsim.guest_os.abi.fcntl import FALLOC_FL_KEEP_SIZE
from rvsim.guest_os.abi.signals import SIGXFSZ
from rvsim.guest_os.abi.stat import S_IFBLK, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Flags, Int, Long, Ptr, SizeT
from rvsim.guest_os.syscalls.dirfd import only_flags, open_fd
from rvsim.guest_os.syscalls.io import raise_signal
from rvsim.guest_os.task.resources import RLIMIT_FSIZE
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs import attr, namei, notify
from rvsim.guest_os.vfs.regular_file import check_fallocate

POSIX_FADV_NOREUSE = 5
SYNC_FILE_RANGE_WRITE, SYNC_FILE_RANGE_FLAGS = 2, 7


def _check_size(task: Task, size: int) -> None:
    """EFBIG and SIGXFSZ past RLIMIT_FSIZE. fs/attr.c:inode_newsize_ok"""
    if size > task.group.limits.soft[RLIMIT_FSIZE]:
        raise_signal(task, SIGXFSZ)
        raise EFBIG


def sys_sync(task: Task) -> int:
    """Bring every file system to its medium. fs/sync.c:ksys_sync"""
    for sb in {id(mount.sb): mount.sb for mount in task.kernel.mounts}.values():
        sb.sync()
    return 0


def sys_syncfs(task: Task, fd: Fd) -> int:
    """Bring the file system of `fd` to its medium. EBADF. fs/sync.c"""
    open_fd(task, fd).inode.sb.sync()
    return 0


def sys_fsync(task: Task, fd: Fd) -> int:
    """Bring a file to its medium. EBADF. EINVAL: it has none. fs/sync.c:do_fsync"""
    open_fd(task, fd).sync()
    return 0


def sys_fdatasync(task: Task, fd: Fd) -> int:
    """Bring a file's data to its medium. EBADF. EINVAL: it has none. fs/sync.c:do_fsync"""
    open_fd(task, fd).sync()
    return 0


def sys_truncate(task: Task, path: Ptr, length: Long) -> int:
    """Set a file's size. fs/open.c:do_sys_truncate

    Raises:
        EINVAL: negative, or no regular file. EISDIR, EACCES, EROFS, ETXTBSY, EFBIG (with SIGXFSZ), and the path's.
    """
    if length < 0:
        raise EINVAL
    place = namei.lookup(task.fs, task.cred, user_memory.path(task.space, path))
    if place.inode.mode & S_IFMT == S_IFREG and length > place.inode.size:
        _check_size(task, length)
    attr.truncate(place, task.cred, length)
    return 0


def sys_ftruncate(task: Task, fd: Fd, length: Long) -> int:
    """Set an open file's size. fs/open.c:do_sys_ftruncate

    Raises:
        EINVAL: negative, no regular file, or not open for writing. EBADF. EFBIG (with SIGXFSZ at the limit).
    """
    if length < 0:
        raise EINVAL
    file = open_fd(task, fd)
    if file.inode.mode & S_IFMT != S_IFREG or not file.writable:
        raise EINVAL
    if length > file.inode.size:
        _check_size(task, length)
    file.truncate(length)
    notify.modified(file)
    return 0


def sys_fallocate(task: Task, fd: Fd, mode: Int, offset: Long, length: Long) -> int:
    """Reserve, punch or zero a range. fs/open.c:vfs_fallocate

    Raises:
        EBADF: closed, or not open for writing. EINVAL: a negative or empty range. EOPNOTSUPP: the mode.
        ESPIPE: a pipe. EISDIR, ENODEV: no regular file. EFBIG, ENOSPC.
    """
    file = open_fd(task, fd)
    mode &= 0xFFFF_FFFF
    check_fallocate(mode, offset, length)
    if not file.writable:
        raise EBADF
    kind = file.inode.mode & S_IFMT
    if kind == S_IFIFO:
        raise ESPIPE
    if kind == S_IFDIR:
        raise EISDIR
    if kind != S_IFREG:
        raise ENODEV
    end = offset + length
    if not mode & ~FALLOC_FL_KEEP_SIZE and file.inode.size < end <= file.inode.sb.max_bytes:
        _check_size(task, end)
    file.fallocate(mode, offset, length)
    notify.modified(file)
    return 0


def sys_fadvise64(task: Task, fd: Fd, offset: Long, length: Long, advice: Int) -> int:
    """Advice on how a file will be read; nothing here needs it. mm/fadvise.c:generic_fadvise

    Raises:
        EBADF. ESPIPE: a pipe. EINVAL: unknown advice, or a negative length.
    """
    file = open_fd(task, fd)
    if file.inode.mode & S_IFMT == S_IFIFO:
        raise ESPIPE
    if length < 0 or not 0 <= advice <= POSIX_FADV_NOREUSE:
        raise EINVAL
    return 0


def sys_readahead(task: Task, fd: Fd, offset: Long, count: SizeT) -> int:
    """Read into the page cache; everything is there already. mm/readahead.c:ksys_readahead

    Raises:
        EBADF: not open for reading. EINVAL: no regular file, or a count that is negative as an loff_t.
    """
    file = open_fd(task, fd)
    if not file.readable:
        raise EBADF
    if file.inode.mode & S_IFMT != S_IFREG or count >> 63:
        raise EINVAL
    return 0


def sys_sync_file_range(task: Task, fd: Fd, offset: Long, nbytes: Long, flags: Flags) -> int:
    """Bring a part of a file to its medium: here the whole file. fs/sync.c:sync_file_range

    Raises:
        EBADF. EINVAL: an unknown flag, a negative range. ESPIPE: neither a regular file nor a directory.
    """
    file = open_fd(task, fd)
    only_flags(flags, SYNC_FILE_RANGE_FLAGS)
    if offset < 0 or nbytes < 0 or offset + nbytes >= 1 << 63:
        raise EINVAL
    if file.inode.mode & S_IFMT not in (S_IFREG, S_IFDIR, S_IFBLK):
        raise ESPIPE
    if flags & SYNC_FILE_RANGE_WRITE:
        file.inode.sync()
    return 0


__all__ = [
    "sys_fadvise64", "sys_fallocate", "sys_fdatasync", "sys_fsync", "sys_ftruncate", "sys_readahead", "sys_sync",
    "sys_sync_file_range", "sys_syncfs", "sys_truncate",
]
