"""Who may do what to a file, whose it is, and its times. fs/open.c, fs/utimes.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EFAULT, EINVAL, EOPNOTSUPP
from rvsim.guest_os.abi.fcntl import (
    AT_EACCESS,
    AT_EMPTY_PATH,
    AT_FDCWD,
    AT_SYMLINK_NOFOLLOW,
    R_OK,
    W_OK,
    X_OK,
)
from rvsim.guest_os.abi.stat import S_IFLNK, S_IFMT
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Flags, Int, Path, Ptr, UInt
from rvsim.guest_os.syscalls.dirfd import only_flags, open_fd, place_at
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs import attr

TIMES = struct.Struct("<qqqq")
UTIME_NOW, UTIME_OMIT = (1 << 30) - 1, (1 << 30) - 2
NO_CHANGE = 0xFFFF_FFFF


def sys_faccessat(task: Task, dfd: Fd, path: Ptr, mode: Int) -> int:
    """Whether the real user may read, write, execute. EINVAL: mode. EACCES, EROFS; the path's. fs/open.c:faccessat"""
    return _access(task, dfd, path, mode, 0)


def sys_faccessat2(task: Task, dfd: Fd, path: Ptr, mode: Int, flags: Flags) -> int:
    """faccessat with AT_EACCESS (the effective user), AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH. fs/open.c:do_faccessat"""
    return _access(task, dfd, path, mode, flags)


def _access(task: Task, dfd: int, path: int, mode: int, flags: int) -> int:
    if mode & ~(R_OK | W_OK | X_OK):
        raise EINVAL
    only_flags(flags, AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)
    name = user_memory.path(task.space, path)
    cred = task.cred
    if not flags & AT_EACCESS and (cred.uid != cred.fsuid or cred.gid != cred.fsgid or cred.uid):
        # The walk, too, is made as the real user.
        own = task.cred
        cred = own.real()
        task.cred = cred
        try:
            place = place_at(task, dfd, name, flags)
        finally:
            task.cred = own
    else:
        place = place_at(task, dfd, name, flags)
    attr.access(place, cred, mode)
    return 0


def sys_fchmod(task: Task, fd: Fd, mode: UInt) -> int:
    """Set mode bits. EBADF. EPERM: not the owner. EROFS. fs/open.c:fchmod"""
    attr.chmod(open_fd(task, fd).path, task.cred, mode)
    return 0


def sys_fchmodat(task: Task, dfd: Fd, path: Path, mode: UInt) -> int:
    """Set mode bits by path, links followed. EPERM, EROFS, and the path's errors. fs/open.c:do_fchmodat"""
    attr.chmod(place_at(task, dfd, path), task.cred, mode)
    return 0


def sys_fchmodat2(task: Task, dfd: Fd, path: Ptr, mode: UInt, flags: Flags) -> int:
    """fchmodat with AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH. fs/open.c:do_fchmodat

    Raises:
        EINVAL: another flag. EOPNOTSUPP: a symbolic link itself. EPERM, EROFS, and the path's errors.
    """
    only_flags(flags, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)
    place = place_at(task, dfd, user_memory.path(task.space, path), flags)
    if place.inode.mode & S_IFMT == S_IFLNK:
        raise EOPNOTSUPP
    attr.chmod(place, task.cred, mode)
    return 0


def _id(value: int) -> int:
    return -1 if value == NO_CHANGE else value


def sys_fchown(task: Task, fd: Fd, user: UInt, group: UInt) -> int:
    """Set owner and group; -1 leaves one. EBADF, EPERM, EROFS. fs/open.c:ksys_fchown"""
    attr.chown(open_fd(task, fd).path, task.cred, _id(user), _id(group))
    return 0


def sys_fchownat(task: Task, dfd: Fd, path: Ptr, user: UInt, group: UInt, flags: Flags) -> int:
    """Set owner and group by path. EINVAL: flags. EPERM, EROFS, and the path's errors. fs/open.c:do_fchownat"""
    only_flags(flags, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)
    attr.chown(place_at(task, dfd, user_memory.path(task.space, path), flags), task.cred, _id(user), _id(group))
    return 0


def _time(seconds: int, nanoseconds: int) -> int | attr.TimeRequest:
    if nanoseconds == UTIME_NOW:
        return attr.TimeRequest.NOW
    if nanoseconds == UTIME_OMIT:
        return attr.TimeRequest.OMIT
    return seconds * 1_000_000_000 + nanoseconds


def sys_utimensat(task: Task, dfd: Fd, path: Ptr, utimes: Ptr, flags: Flags) -> int:
    """Set access and modification time; without `path` those of `dfd` itself. fs/utimes.c:do_utimes

    Raises:
        EINVAL: flags, or nanoseconds out of range. EFAULT. EBADF. EACCES: both now, and neither owner nor writable.
        EPERM: other times, and not the owner. EROFS, and the path's errors.
    """
    access: int | attr.TimeRequest
    modify: int | attr.TimeRequest
    access = modify = attr.TimeRequest.NOW
    known = True
    if utimes:
        words = TIMES.unpack(user_memory.read(task.space, utimes, TIMES.size))
        access, modify = _time(*words[:2]), _time(*words[2:])
        known = all(0 <= part < 1_000_000_000 or part in (UTIME_NOW, UTIME_OMIT) for part in words[1::2])
        if access is modify is attr.TimeRequest.OMIT:
            return 0
    if not path and dfd != AT_FDCWD:
        only_flags(flags, 0)
        place = open_fd(task, dfd).path
    else:
        only_flags(flags, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)
        if not path:
            raise EFAULT
        place = place_at(task, dfd, user_memory.path(task.space, path), flags)
    if not known:
        raise EINVAL
    attr.utimens(place, task.cred, access, modify)
    return 0


__all__ = [
    "sys_faccessat", "sys_faccessat2", "sys_fchmod", "sys_fchmodat", "sys_fchmodat2", "sys_fchown", "sys_fchownat",
    "sys_utimensat",
]
