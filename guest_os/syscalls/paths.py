"""Names: make, move and remove them; where a process stands. fs/namei.c, fs/open.c, fs/d_path.c"""

from __future__ import annotations

from rvsim.guest_os.abi.capability import CAP_SYS_CHROOT
from rvsim.guest_os.abi.errno import EINVAL, ENOENT, ENOTDIR, EPERM, ERANGE
from rvsim.guest_os.abi.fcntl import (
    AT_EMPTY_PATH,
    AT_REMOVEDIR,
    AT_SYMLINK_FOLLOW,
)
from rvsim.guest_os.abi.stat import makedev
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Flags, Int, Path, Ptr, UInt, ULong
from rvsim.guest_os.syscalls.dirfd import base, only_flags
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs import entries, namei
from rvsim.guest_os.vfs.permission import MAY_EXEC


def sys_mkdirat(task: Task, dfd: Fd, path: Path, mode: UInt) -> int:
    """Make a directory. EEXIST, ENOSPC, EROFS, EMLINK, and the path's errors. fs/namei.c:do_mkdirat"""
    entries.mkdir(task.fs, task.cred, path, mode, base(task, dfd, path))
    return 0


def sys_mknodat(task: Task, dfd: Fd, path: Ptr, mode: UInt, dev: UInt) -> int:
    """Make a file, FIFO, socket or device node. fs/namei.c:do_mknodat

    Raises:
        EPERM: a directory, or a device without CAP_MKNOD. EINVAL: no such type. EEXIST, and the path's errors.
    """
    entries.check_mknod(mode)
    name = user_memory.path(task.space, path)
    rdev = makedev(dev >> 8 & 0xFFF, dev & 0xFF | dev >> 12 & 0xFFF00)
    entries.mknod(task.fs, task.cred, name, mode & 0xFFFF, rdev, base(task, dfd, name))
    return 0


def sys_unlinkat(task: Task, dfd: Fd, path: Ptr, flags: Flags) -> int:
    """Take a name away; with AT_REMOVEDIR a directory. fs/namei.c:do_unlinkat, do_rmdir

    Raises:
        EINVAL: another flag. EISDIR, ENOTDIR, ENOTEMPTY, EBUSY, EACCES, EPERM, EROFS, and the path's errors.
    """
    only_flags(flags, AT_REMOVEDIR)
    remove = entries.rmdir if flags & AT_REMOVEDIR else entries.unlink
    name = user_memory.path(task.space, path)
    remove(task.fs, task.cred, name, base(task, dfd, name))
    return 0


def sys_symlinkat(task: Task, target: Path, dfd: Fd, path: Path) -> int:
    """Make a symbolic link. ENOENT: an empty target. EEXIST, and the path's errors. fs/namei.c:do_symlinkat"""
    entries.symlink(task.fs, task.cred, target, path, base(task, dfd, path))
    return 0


def sys_linkat(task: Task, old_dfd: Fd, old: Ptr, new_dfd: Fd, new: Ptr, flags: Flags) -> int:
    """Give a file another name. fs/namei.c:do_linkat

    Raises:
        EINVAL: an unknown flag. EXDEV: another mount. EPERM: a directory. EEXIST, EMLINK, and the paths' errors.
    """
    only_flags(flags, AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)
    empty = bool(flags & AT_EMPTY_PATH)
    source = user_memory.path(task.space, old)
    target = user_memory.path(task.space, new)
    entries.link(task.fs, task.cred, source, target, base(task, old_dfd, source, empty), base(task, new_dfd, target),
                 follow=bool(flags & AT_SYMLINK_FOLLOW), empty=empty)
    return 0


def sys_renameat2(task: Task, old_dfd: Fd, old: Ptr, new_dfd: Fd, new: Ptr, flags: Flags) -> int:
    """Move a name. fs/namei.c:do_renameat2

    Raises:
        EINVAL: flags, or a directory into itself. EXDEV, EBUSY, EEXIST, EISDIR, ENOTDIR, ENOTEMPTY; the paths' errors.
    """
    entries.check_rename_flags(flags)
    source = user_memory.path(task.space, old)
    if not source:
        raise ENOENT
    target = user_memory.path(task.space, new)
    entries.rename(task.fs, task.cred, source, target, base(task, old_dfd, source), base(task, new_dfd, target), flags)
    return 0


def sys_readlinkat(task: Task, dfd: Fd, path: Ptr, buf: Ptr, size: Int) -> int:
    """The text of a symbolic link, cut to `size`, without a NUL. fs/stat.c:do_readlinkat

    Raises:
        EINVAL: `size` is not positive, or no symbolic link. ENOENT: an empty path, and `dfd` is no link. EFAULT.
    """
    if size <= 0:
        raise EINVAL
    name = user_memory.path(task.space, path)
    text = namei.readlink(task.fs, task.cred, name, base(task, dfd, name, empty=True))[:size]
    user_memory.write(task.space, buf, text)
    return len(text)


def sys_chdir(task: Task, path: Path) -> int:
    """Change the working directory. ENOTDIR, EACCES, and the path's errors. fs/open.c:chdir"""
    task.fs.cwd = namei.lookup_dir(task.fs, task.cred, path)
    return 0


def sys_fchdir(task: Task, fd: Fd) -> int:
    """Change the working directory to an open one. EBADF, ENOTDIR, EACCES. fs/open.c:fchdir"""
    file = task.fds.get(fd)
    if not file.inode.is_dir:
        raise ENOTDIR
    file.inode.permission(task.cred, MAY_EXEC)
    task.fs.cwd = file.path
    return 0


def sys_chroot(task: Task, path: Path) -> int:
    """Change the root directory. EPERM: no CAP_SYS_CHROOT. ENOTDIR, EACCES, and the path's errors. fs/open.c:chroot"""
    place = namei.lookup_dir(task.fs, task.cred, path)
    if not task.cred.capable(CAP_SYS_CHROOT):
        raise EPERM
    task.fs.root = place
    return 0


def sys_getcwd(task: Task, buf: Ptr, size: ULong) -> int:
    """The working directory's path with its NUL; returns its length. fs/d_path.c:getcwd

    Raises:
        ENOENT: it was removed. ERANGE: `size` is too small. EFAULT.
    """
    text = namei.getcwd(task.fs) + b"\0"
    if len(text) > size:
        raise ERANGE
    user_memory.write(task.space, buf, text)
    return len(text)


def sys_umask(task: Task, mask: Int) -> int:
    """Set the mask for new files' modes; returns the old one. kernel/sys.c:umask"""
    old = task.fs.umask
    task.fs.umask = mask & 0o777
    return old


__all__ = [
    "sys_chdir", "sys_chroot", "sys_fchdir", "sys_getcwd", "sys_linkat", "sys_mkdirat", "sys_mknodat",
    "sys_readlinkat", "sys_renameat2", "sys_symlinkat", "sys_umask", "sys_unlinkat",
]
