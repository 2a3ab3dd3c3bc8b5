"""inotify: watching files. fs/notify/inotify/inotify_user.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EINVAL, ENOTDIR
from rvsim.guest_os.abi.fcntl import O_CLOEXEC, O_NONBLOCK
from rvsim.guest_os.abi.inotify import (
    IN_ALL_EVENTS,
    IN_DONT_FOLLOW,
    IN_EXCL_UNLINK,
    IN_IGNORED,
    IN_ISDIR,
    IN_MASK_ADD,
    IN_MASK_CREATE,
    IN_ONESHOT,
    IN_ONLYDIR,
    IN_Q_OVERFLOW,
    IN_UNMOUNT,
)
from rvsim.guest_os.fs.inotify import InotifyFile
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Flags, Int, Ptr
from rvsim.guest_os.syscalls.dirfd import only_flags, open_fd
from rvsim.guest_os.syscalls.files import install_new
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs import namei
from rvsim.guest_os.vfs.permission import MAY_READ

ALL_BITS = (
    IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK
    | IN_MASK_CREATE | IN_MASK_ADD | IN_ISDIR | IN_ONESHOT
)  # fmt: skip
"""include/linux/inotify.h:ALL_INOTIFY_BITS"""


def sys_inotify_init1(task: Task, flags: Flags) -> int:
    """Open an instance. EINVAL: an unknown flag. EMFILE: no number free, or too many instances. inotify_user.c"""
    only_flags(flags, O_CLOEXEC | O_NONBLOCK)
    file = InotifyFile(task.kernel.anon, flags, task.cred, task.kernel.inotify_users)
    return install_new(task, file, cloexec=bool(flags & O_CLOEXEC))


def _instance(task: Task, fd: int) -> InotifyFile:
    file = open_fd(task, fd)
    if not isinstance(file, InotifyFile):
        raise EINVAL
    return file


def sys_inotify_add_watch(task: Task, fd: Fd, path: Ptr, mask: Flags) -> int:
    """Watch a file or directory, or watch it otherwise; the number of the watch. inotify_user.c

    Raises:
        EINVAL: no event or an unknown bit, IN_MASK_ADD with IN_MASK_CREATE, no instance. EBADF. EACCES: not readable.
        ENOTDIR: IN_ONLYDIR. EEXIST: IN_MASK_CREATE. ENOSPC: too many watches. EFAULT; the path's errors.
    """
    if mask & ~ALL_BITS or not mask & ALL_BITS:
        raise EINVAL
    file = open_fd(task, fd)
    if mask & IN_MASK_ADD and mask & IN_MASK_CREATE:
        raise EINVAL
    if not isinstance(file, InotifyFile):
        raise EINVAL
    name = user_memory.path(task.space, path)
    inode = namei.lookup(task.fs, task.cred, name, follow=not mask & IN_DONT_FOLLOW).inode
    if mask & IN_ONLYDIR and not inode.is_dir:
        raise ENOTDIR
    inode.permission(task.cred, MAY_READ)
    return file.watch(inode, mask)


def sys_inotify_rm_watch(task: Task, fd: Fd, wd: Int) -> int:
    """Watch no more; IN_IGNORED says so. EBADF. EINVAL: no instance, or no such watch. inotify_user.c"""
    _instance(task, fd).unwatch(wd)
    return 0


__all__ = ["sys_inotify_add_watch", "sys_inotify_init1", "sys_inotify_rm_watch"]
