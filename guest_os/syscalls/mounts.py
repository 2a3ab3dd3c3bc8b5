"""mount, umount2, pivot_root. fs/namespace.c

Differs: MS_SHARED is refused (EINVAL): nothing here propagates between mounts. MS_PRIVATE and MS_SLAVE say what is so
anyway. A superblock is made read-only even when removed files are still open in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rvsim.guest_os.abi.capability import CAP_SYS_ADMIN
from rvsim.guest_os.abi.errno import EFAULT, EINVAL, EPERM
from rvsim.guest_os.abi.fcntl import (
    MNT_DETACH,
    MNT_EXPIRE,
    MNT_FORCE,
    MS_BIND,
    MS_MGC_MSK,
    MS_MGC_VAL,
    MS_MOVE,
    MS_NOATIME,
    MS_NOUSER,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_RELATIME,
    MS_REMOUNT,
    MS_SHARED,
    MS_SILENT,
    MS_SLAVE,
    MS_STRICTATIME,
    MS_UNBINDABLE,
    PATH_MAX,
    UMOUNT_NOFOLLOW,
)
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Flags, Ptr, ULong
from rvsim.guest_os.syscalls.dirfd import only_flags
from rvsim.guest_os.task.kernel import Kernel
from rvsim.guest_os.task.pid import PidType
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs import namei
from rvsim.guest_os.vfs.fs_context import FsContext
from rvsim.guest_os.vfs.mount import ATIME_FLAGS, Mount, MountTable
from rvsim.guest_os.vfs.mount import Path as Place

_PROPAGATION = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE
_OPTIONS_BYTES = 4096


def _contexts(kernel: Kernel) -> Iterator[FsContext]:
    """Where the processes stand, once for each that share it."""
    seen: set[int] = set()
    for task in kernel.root_ns.tasks(PidType.PID):
        if task.fs_shared is not None and id(task.fs) not in seen:
            seen.add(id(task.fs))
            yield task.fs


def _stands_in(kernel: Kernel, mount: Mount) -> bool:
    """Whether a process has its working directory or root in a mount."""
    return any(mount in (context.cwd.mount, context.root.mount) for context in _contexts(kernel))


def _sweep(kernel: Kernel) -> None:
    table: MountTable = kernel.mounts
    if table.detached:
        table.sweep(lambda mount: _stands_in(kernel, mount))


def _text(task: Task, address: int) -> bytes | None:
    """A string of at most a page; None for NULL. EINVAL: too long. EFAULT. fs/namespace.c:copy_mount_string"""
    if not address:
        return None
    text = user_memory.string(task.space, address, PATH_MAX)
    if text is None:
        raise EINVAL
    return text


def _options(task: Task, address: int) -> bytes:
    """The options: what can be read of a page, up to the first NUL. EFAULT. fs/namespace.c:copy_mount_options"""
    if not address:
        return b""
    size = user_memory.readable(task.space, address, _OPTIONS_BYTES)
    if not size:
        raise EFAULT
    return user_memory.read(task.space, address, size)[: _OPTIONS_BYTES - 1].split(b"\0", 1)[0]


def sys_mount(task: Task, source: Ptr, target: Ptr, kind: Ptr, flags: ULong, data: Ptr) -> int:
    """Mount a file system, bind or move a mount, or change its flags. fs/namespace.c:path_mount

    Raises:
        EPERM: no CAP_SYS_ADMIN. ENODEV: no such type. EINVAL: no type, a wrong option, no mount's root, MS_SHARED, more
        than one way of propagation. EBUSY: mounted there already, or files are open for writing. ELOOP: a move below
        itself. EROFS: it can never be writable. ENOTDIR, ENOENT, EACCES, EFAULT; the paths' errors.
    """
    type_name = _text(task, kind)
    name = _text(task, source)
    options = _options(task, data)
    place = namei.lookup(task.fs, task.cred, user_memory.path(task.space, target))
    if flags & MS_MGC_MSK == MS_MGC_VAL:
        flags &= ~MS_MGC_MSK
    if flags & MS_NOUSER:
        raise EINVAL
    if not task.cred.capable(CAP_SYS_ADMIN):
        raise EPERM
    table: MountTable = task.kernel.mounts
    _sweep(task.kernel)
    if flags & MS_REMOUNT:
        if not flags & (ATIME_FLAGS | MS_RELATIME):
            flags |= place.mount.flags & ATIME_FLAGS
        table.remount(place, _kept(flags), options, mount_only=bool(flags & MS_BIND))
    elif flags & MS_BIND:
        table.bind(_old_place(task, name), place, recursive=bool(flags & MS_REC))
    elif flags & _PROPAGATION:
        _change_propagation(place, flags)
    elif flags & MS_MOVE:
        table.move(_old_place(task, name), place)
    else:
        if type_name is None:
            raise EINVAL
        table.mount_type(type_name, name or b"none", place, _kept(flags), options)
    return 0


def _kept(flags: int) -> int:
    """MS_STRICTATIME takes back MS_NOATIME."""
    return flags & ~MS_NOATIME if flags & MS_STRICTATIME else flags


def _old_place(task: Task, name: bytes | None) -> Place:
    if not name:
        raise EINVAL
    return namei.lookup(task.fs, task.cred, name)


def _change_propagation(place: Place, flags: int) -> None:
    """fs/namespace.c:do_change_type"""
    if place.dentry is not place.mount.root or not place.mount.attached:
        raise EINVAL
    if flags & ~(MS_REC | MS_SILENT) not in (MS_PRIVATE, MS_SLAVE, MS_UNBINDABLE):
        raise EINVAL
    for mount in place.mount.subtree() if flags & MS_REC else (place.mount,):
        mount.unbindable = bool(flags & MS_UNBINDABLE)


def sys_umount2(task: Task, target: Ptr, flags: Flags) -> int:
    """Take a mount away; with MNT_DETACH at once, whoever uses it. fs/namespace.c:do_umount

    The root of the caller's tree is not taken away but made read-only.

    Raises:
        EINVAL: an unknown flag, or no mount's root. EPERM: no CAP_SYS_ADMIN. EBUSY: in use. The path's errors.
    """
    only_flags(flags, MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)
    name = user_memory.path(task.space, target)
    place = namei.lookup(task.fs, task.cred, name, follow=not flags & UMOUNT_NOFOLLOW)
    if not task.cred.capable(CAP_SYS_ADMIN):
        raise EPERM
    mount = place.mount
    if place.dentry is not mount.root or flags & MNT_EXPIRE:
        raise EINVAL
    kernel = task.kernel
    table: MountTable = kernel.mounts
    if mount is task.fs.root.mount and not flags & MNT_DETACH:
        table.remount(place, mount.flags | MS_RDONLY)
        return 0
    table.unmount(place, detach=bool(flags & MNT_DETACH), busy=_stands_in(kernel, mount))
    _sweep(kernel)
    return 0


def sys_pivot_root(task: Task, new_root: Ptr, put_old: Ptr) -> int:
    """Make a mount the root of all who stood at the old one, which moves below it. fs/namespace.c:pivot_root

    Raises:
        EPERM: no CAP_SYS_ADMIN. EBUSY: a place is on the mount of the root. EINVAL: the root or `new_root` is no
        mount's root, or `put_old` not below `new_root`. ENOTDIR, ENOENT; the paths' errors.
    """
    if not task.cred.capable(CAP_SYS_ADMIN):
        raise EPERM
    new = namei.lookup_dir(task.fs, task.cred, user_memory.path(task.space, new_root))
    old = namei.lookup_dir(task.fs, task.cred, user_memory.path(task.space, put_old))
    root: Place = task.fs.root
    task.kernel.mounts.pivot(root, new, old)
    for context in _contexts(task.kernel):
        if context.root == root:
            context.root = new
        if context.cwd == root:
            context.cwd = new
    return 0


__all__ = ["sys_mount", "sys_pivot_root", "sys_umount2"]
