"""Change and test the facts of a file: mode, owner, times, size, access. fs/attr.c, fs/open.c"""

from __future__ import annotations

import enum

from rvsim.guest_os.abi.capability import CAP_CHOWN, CAP_FSETID
from rvsim.guest_os.abi.errno import (
    EACCES,
    EINVAL,
    EISDIR,
    EPERM,
    EROFS,
    ETXTBSY,
)
from rvsim.guest_os.abi.fcntl import MS_NOEXEC
from rvsim.guest_os.abi.inotify import IN_ACCESS, IN_ATTRIB, IN_MODIFY
from rvsim.guest_os.abi.stat import (
    S_IFBLK,
    S_IFCHR,
    S_IFDIR,
    S_IFIFO,
    S_IFMT,
    S_IFREG,
    S_IFSOCK,
    S_ISGID,
    S_ISUID,
    S_IXGRP,
)
from rvsim.guest_os.vfs import notify
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.mount import Path
from rvsim.guest_os.vfs.permission import MAY_EXEC, MAY_WRITE, killed_privileges, owner_or_capable
from rvsim.guest_os.vfs.super_block import StatFs

_SPECIAL = (S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK)


class TimeRequest(enum.Enum):
    """The special times of utimensat."""

    NOW = enum.auto()
    OMIT = enum.auto()


def check_writable(path: Path) -> None:
    """Raises EROFS on a read-only mount. fs/namespace.c:mnt_want_write"""
    if path.mount.readonly:
        raise EROFS


def chmod(path: Path, cred: Credentials, mode: int) -> None:
    """Set the mode bits 07777. fs/open.c:chmod_common

    Raises:
        EPERM: neither owner nor CAP_FOWNER.
        EROFS: a read-only mount.
    """
    check_writable(path)
    inode = path.inode
    if not owner_or_capable(inode, cred):
        raise EPERM
    mode &= 0o7777
    if mode & S_ISGID and not cred.in_group(inode.gid) and not cred.capable(CAP_FSETID):
        mode &= ~S_ISGID
    inode.set_mode(mode)
    notify.at_place(path.dentry, IN_ATTRIB)


def chown(path: Path, cred: Credentials, uid: int, gid: int) -> None:
    """Set owner and group; -1 leaves one. Takes set-id bits from what is no directory. fs/open.c:chown_common

    Raises:
        EPERM: not allowed without CAP_CHOWN, or set-id bits would go and it is somebody else's without CAP_FOWNER.
        EROFS: a read-only mount.
    """
    check_writable(path)
    inode = path.inode
    owner = cred.fsuid == inode.uid
    if not cred.capable(CAP_CHOWN):
        if uid != -1 and not (owner and uid == inode.uid):
            raise EPERM
        if gid != -1 and not (owner and (gid == inode.gid or cred.in_group(gid))):
            raise EPERM
    mode = inode.mode & 0o7777
    if inode.mode & S_IFMT != S_IFDIR:
        mode &= ~S_ISUID
        if mode & S_IXGRP or not (cred.in_group(inode.gid) or cred.capable(CAP_FSETID)):
            mode &= ~S_ISGID
        if mode != inode.mode & 0o7777 and not owner_or_capable(inode, cred):
            raise EPERM
    inode.set_owner(inode.uid if uid == -1 else uid, inode.gid if gid == -1 else gid, mode)
    notify.at_place(path.dentry, IN_ATTRIB)


def utimens(
    path: Path,
    cred: Credentials,
    atime: int | TimeRequest = TimeRequest.NOW,
    mtime: int | TimeRequest = TimeRequest.NOW,
) -> None:
    """Set the times, in ns. fs/utimes.c:vfs_utimes

    Raises:
        EACCES: both NOW, and neither owner nor writable.
        EPERM: other times, and not the owner.
        EROFS: a read-only mount.
    """
    if atime is TimeRequest.OMIT and mtime is TimeRequest.OMIT:
        return
    check_writable(path)
    inode = path.inode
    if not owner_or_capable(inode, cred):
        if atime is not TimeRequest.NOW or mtime is not TimeRequest.NOW:
            raise EPERM
        inode.permission(cred, MAY_WRITE)
    now = inode.sb.clock.realtime_ns()
    inode.set_times(_resolve(atime, now), _resolve(mtime, now))
    if mtime is TimeRequest.OMIT:
        notify.at_place(path.dentry, IN_ACCESS)
    else:
        notify.at_place(path.dentry, IN_MODIFY if atime is TimeRequest.OMIT else IN_ATTRIB)


def _resolve(time: int | TimeRequest, now: int) -> int | None:
    if isinstance(time, int):
        return time
    return now if time is TimeRequest.NOW else None


def truncate(path: Path, cred: Credentials, size: int) -> None:
    """truncate(2) by path. fs/open.c:vfs_truncate

    Raises:
        EISDIR: a directory.
        EINVAL: another file that is not regular, or a negative size.
        EACCES, EROFS, ETXTBSY, EFBIG, ENOSPC.
    """
    if size < 0:
        raise EINVAL
    inode = path.inode
    kind = inode.mode & S_IFMT
    if kind == S_IFDIR:
        raise EISDIR
    if kind != S_IFREG:
        raise EINVAL
    check_writable(path)
    inode.permission(cred, MAY_WRITE)
    if inode.writers < 0:
        raise ETXTBSY
    kill = killed_privileges(inode, cred)
    if kill:
        inode.set_mode(inode.mode & 0o7777 & ~kill)
    inode.truncate(size)
    notify.at_place(path.dentry, IN_MODIFY)


def access(path: Path, cred: Credentials, mode: int) -> None:
    """Test R_OK | W_OK | X_OK for `cred` (give `cred.real()` unless AT_EACCESS). fs/open.c:do_faccessat

    Raises:
        EACCES: not allowed, or X_OK on a mount with noexec.
        EROFS: W_OK on a read-only mount.
    """
    inode = path.inode
    kind = inode.mode & S_IFMT
    if mode & MAY_EXEC and kind == S_IFREG and path.mount.flags & MS_NOEXEC:
        raise EACCES
    if mode:
        inode.permission(cred, mode)
    if mode & MAY_WRITE and path.mount.readonly and kind not in _SPECIAL:
        raise EROFS


def statfs(path: Path) -> StatFs:
    """statfs(2) of the file system that `path` is on."""
    return path.mount.sb.statfs()
