"""What is known of files and file systems, and the entries of directories. fs/stat.c, fs/statfs.c, fs/readdir.c

struct stat of riscv64 (include/uapi/asm-generic/stat.h), 128 bytes:
    0 dev 8 ino 16 mode 20 nlink 24 uid 28 gid 32 rdev 40 pad 48 size 56 blksize 60 pad 64 blocks
    72 atime 80 atime_nsec 88 mtime 96 mtime_nsec 104 ctime 112 ctime_nsec 120 unused
struct statx (include/uapi/linux/stat.h), 256 bytes:
    0 mask 4 blksize 8 attributes 16 nlink 20 uid 24 gid 28 mode 30 pad 32 ino 40 size 48 blocks 56 attributes_mask
    64 atime 80 btime 96 ctime 112 mtime (8 seconds, 4 nanoseconds, 4 pad each) 128 rdev 136 dev (major, minor)
    144 mnt_id 152 dio_mem_align 156 dio_offset_align 160 spare
struct statfs (include/uapi/asm-generic/statfs.h), 120 bytes:
    0 type 8 bsize 16 blocks 24 bfree 32 bavail 40 files 48 ffree 56 fsid 64 namelen 72 frsize 80 flags 88 spare
"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EFAULT, EINVAL
from rvsim.guest_os.abi.fcntl import (
    AT_EMPTY_PATH,
    AT_NO_AUTOMOUNT,
    AT_STATX_DONT_SYNC,
    AT_STATX_FORCE_SYNC,
    AT_SYMLINK_NOFOLLOW,
    MS_NOATIME,
    MS_NODEV,
    MS_NODIRATIME,
    MS_NOEXEC,
    MS_NOSUID,
    MS_NOSYMFOLLOW,
)
from rvsim.guest_os.abi.stat import major, minor
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Flags, Path, Ptr, UInt
from rvsim.guest_os.syscalls.dirfd import facts_at, only_flags, open_fd
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs import attr, namei, notify
from rvsim.guest_os.vfs.inode import Stat
from rvsim.guest_os.vfs.mount import Path as Place

STAT = struct.Struct("<QQIIIIQQqiiqqQqQqQII")
STATX = struct.Struct("<IIQIIIHxxQQQQqIxxxxqIxxxxqIxxxxqIxxxxIIIIQII96x")
STATFS = struct.Struct("<qqQQQQQiiqqq32x")
_SYNC = AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC
_STAT_FLAGS = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | _SYNC
STATX_BASIC_STATS, STATX_BTIME, STATX_MNT_ID, STATX_RESERVED = 0x7FF, 0x800, 0x1000, 0x8000_0000
STATX_ATTR_MOUNT_ROOT = 0x2000
ST_RDONLY, ST_VALID, ST_NOATIME, ST_NODIRATIME, ST_RELATIME, ST_NOSYMFOLLOW = 1, 0x20, 0x400, 0x800, 0x1000, 0x2000
GETDENTS_BYTES = 1 << 18
"""The most that one getdents64 gives."""
_NS = 1_000_000_000


def pack_stat(stat: Stat) -> bytes:
    """A struct stat."""
    dev, ino, mode, nlink, uid, gid, rdev, size, blksize, blocks, atime_ns, mtime_ns, ctime_ns, _ = stat
    return STAT.pack(
        dev, ino, mode, nlink & 0xFFFF_FFFF, uid, gid, rdev, 0, size, blksize, 0, blocks, atime_ns // _NS,
        atime_ns % _NS, mtime_ns // _NS, mtime_ns % _NS, ctime_ns // _NS, ctime_ns % _NS, 0, 0)


def sys_fstat(task: Task, fd: Fd, statbuf: Ptr) -> int:
    """The facts of an open file. EBADF, EFAULT. fs/stat.c:newfstat"""
    user_memory.write(task.space, statbuf, pack_stat(task.fds.get(fd).inode.stat()))
    return 0


def _name(task: Task, path: int, flags: int) -> bytes:
    """The name at `path`; with AT_EMPTY_PATH NULL is an empty one. fs/namei.c:getname_maybe_null"""
    if not path and flags & AT_EMPTY_PATH:
        return b""
    return user_memory.path(task.space, path)


def sys_newfstatat(task: Task, dfd: Fd, path: Ptr, statbuf: Ptr, flags: Flags) -> int:
    """The facts of a file by path. EINVAL: flags. EBADF, EFAULT, and the path's errors. fs/stat.c:vfs_fstatat"""
    if flags & ~_STAT_FLAGS:
        raise EINVAL
    name = user_memory.path(task.space, path) if path else _name(task, path, flags)
    user_memory.write(task.space, statbuf, pack_stat(facts_at(task, dfd, name, flags).facts))
    return 0


def sys_statx(task: Task, dfd: Fd, path: Ptr, flags: Flags, mask: UInt, buffer: Ptr) -> int:
    """The facts of a file by path, with its birth time and mount. fs/stat.c:do_statx

    Raises:
        EINVAL: flags, or the reserved bit of `mask`. EBADF, EFAULT, and the path's errors.
    """
    if mask & STATX_RESERVED or flags & _SYNC == _SYNC:
        raise EINVAL
    only_flags(flags, _STAT_FLAGS)
    name = _name(task, path, flags)
    walk = facts_at(task, dfd, name, flags)
    stat = walk.facts
    has_btime = walk.dentry.inode.has_btime
    made_ns = stat.btime_ns if has_btime else 0
    told = STATX_BASIC_STATS | STATX_MNT_ID | (STATX_BTIME if has_btime else 0)
    attributes = STATX_ATTR_MOUNT_ROOT if walk.at_root else 0
    moments = (stat.atime_ns, made_ns, stat.ctime_ns, stat.mtime_ns)
    times = [part for moment in moments for part in divmod(moment, _NS)]
    user_memory.write(task.space, buffer, STATX.pack(
        told, stat.blksize, attributes, stat.nlink & 0xFFFF_FFFF, stat.uid,
        stat.gid, stat.mode, stat.ino, stat.size, stat.blocks, STATX_ATTR_MOUNT_ROOT, *times, major(stat.rdev),
        minor(stat.rdev), major(stat.dev), minor(stat.dev), walk.mount.id, 0, 0))
    return 0


def _statfs(task: Task, place: Place, buf: int) -> int:
    facts = attr.statfs(place)
    mount = place.mount.flags
    flags = ST_VALID | facts.flags | mount & (MS_NOSUID | MS_NODEV | MS_NOEXEC)
    flags |= ST_RDONLY if place.mount.readonly else 0
    for bit, shown in ((MS_NOATIME, ST_NOATIME), (MS_NODIRATIME, ST_NODIRATIME), (MS_NOSYMFOLLOW, ST_NOSYMFOLLOW)):
        flags |= shown if mount & bit else 0
    flags |= ST_RELATIME if place.mount.relatime else 0
    fsid = facts.fsid or place.mount.sb.dev
    user_memory.write(task.space, buf, STATFS.pack(
        facts.type, facts.bsize, facts.blocks, facts.bfree, facts.bavail, facts.files, facts.ffree,
        _signed(fsid), _signed(fsid >> 32), facts.namelen, facts.bsize, flags))
    return 0


def _signed(value: int) -> int:
    return (value & 0xFFFF_FFFF ^ 0x8000_0000) - 0x8000_0000


def sys_statfs(task: Task, path: Path, buf: Ptr) -> int:
    """The facts of the file system of a path. EFAULT, and the path's errors. fs/statfs.c:user_statfs"""
    return _statfs(task, namei.lookup(task.fs, task.cred, path), buf)


def sys_fstatfs(task: Task, fd: Fd, buf: Ptr) -> int:
    """The facts of the file system of an open file. EBADF, EFAULT. fs/statfs.c:fd_statfs"""
    return _statfs(task, task.fds.get(fd).path, buf)


def sys_getdents64(task: Task, fd: Fd, dirent: Ptr, count: UInt) -> int:
    """The next entries of a directory; 0 at the end. fs/readdir.c:getdents64

    Raises:
        EBADF. ENOTDIR. ENOENT: the directory was removed. EINVAL: `count` is too small for an entry. EFAULT.
    """
    file = open_fd(task, fd)
    size = min(count, GETDENTS_BYTES)
    room = user_memory.writable(task.space, dirent, size)
    at = file.offset
    try:
        data = file.getdents64(room)
    except EINVAL:
        if room < size:
            raise EFAULT from None
        raise
    if data:
        try:
            user_memory.write(task.space, dirent, data)
        except EFAULT:
            file.offset = at
            raise
    notify.accessed(file)
    return len(data)


__all__ = ["sys_fstat", "sys_fstatfs", "sys_getdents64", "sys_newfstatat", "sys_statfs", "sys_statx"]
