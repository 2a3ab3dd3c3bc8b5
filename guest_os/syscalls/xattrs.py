"""The calls on extended attributes: by path, by path without following a link, by descriptor. fs/xattr.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import E2BIG, EINVAL, ERANGE
from rvsim.guest_os.abi.fcntl import XATTR_CREATE, XATTR_LIST_MAX, XATTR_NAME_MAX, XATTR_REPLACE, XATTR_SIZE_MAX
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Flags, Ptr, SizeT
from rvsim.guest_os.syscalls.dirfd import open_fd
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs import namei, xattr
from rvsim.guest_os.vfs.mount import Path as Place


def _name(task: Task, address: int) -> bytes:
    """An attribute's name. ERANGE: empty or above 255 bytes. EFAULT. fs/xattr.c:import_xattr_name"""
    name = user_memory.string(task.space, address, XATTR_NAME_MAX + 1)
    if not name:
        raise ERANGE
    return name


def _place(task: Task, path: int, *, follow: bool) -> Place:
    return namei.lookup(task.fs, task.cred, user_memory.path(task.space, path), follow=follow)


class _Setting:
    """What a set call is asked for, copied in. fs/xattr.c:setxattr_copy

    EINVAL: an unknown flag. E2BIG: a value above 64 KiB. ERANGE: the name. EFAULT.
    """

    def __init__(self, task: Task, name: int, value: int, size: int, flags: int) -> None:
        if flags & ~(XATTR_CREATE | XATTR_REPLACE):
            raise EINVAL
        self.name = _name(task, name)
        if size > XATTR_SIZE_MAX:
            raise E2BIG
        self.value = user_memory.read(task.space, value, size) if size else b""
        self.flags = flags

    def apply(self, task: Task, place: Place) -> int:
        xattr.setxattr(place, task.cred, self.name, self.value, self.flags)
        return 0


def sys_setxattr(task: Task, path: Ptr, name: Ptr, value: Ptr, size: SizeT, flags: Flags) -> int:
    """Set an attribute of the file a path leads to. fs/xattr.c:do_setxattr

    Raises:
        EINVAL: flags. ERANGE: the name. E2BIG. EFAULT. EEXIST, ENODATA: by flag. EPERM, EACCES, EROFS, EOPNOTSUPP,
        ENOSPC; the path's errors.
    """
    return _Setting(task, name, value, size, flags).apply(task, _place(task, path, follow=True))


def sys_lsetxattr(task: Task, path: Ptr, name: Ptr, value: Ptr, size: SizeT, flags: Flags) -> int:
    """As setxattr, of a symbolic link itself. fs/xattr.c:do_setxattr"""
    return _Setting(task, name, value, size, flags).apply(task, _place(task, path, follow=False))


def sys_fsetxattr(task: Task, fd: Fd, name: Ptr, value: Ptr, size: SizeT, flags: Flags) -> int:
    """As setxattr, of an open file. EBADF. fs/xattr.c:do_setxattr"""
    return _Setting(task, name, value, size, flags).apply(task, open_fd(task, fd).path)


def _give(task: Task, data: bytes, address: int, size: int, limit: int) -> int:
    """Store a value or list of names; with size 0 only tell its length. ERANGE: it does not fit. E2BIG. EFAULT."""
    if not size:
        return len(data)
    if len(data) > min(size, limit):
        raise ERANGE if size < limit else E2BIG
    if data:
        user_memory.write(task.space, address, data)
    return len(data)


def _get(task: Task, place: Place, name: bytes, value: int, size: int) -> int:
    return _give(task, xattr.getxattr(place, task.cred, name), value, size, XATTR_SIZE_MAX)


def sys_getxattr(task: Task, path: Ptr, name: Ptr, value: Ptr, size: SizeT) -> int:
    """The value of an attribute; with size 0 its length. fs/xattr.c:do_getxattr

    Raises:
        ERANGE: the name, or `size` is too small. ENODATA: there is none. EOPNOTSUPP. EACCES, EFAULT; the path's errors.
    """
    text = _name(task, name)
    return _get(task, _place(task, path, follow=True), text, value, size)


def sys_lgetxattr(task: Task, path: Ptr, name: Ptr, value: Ptr, size: SizeT) -> int:
    """As getxattr, of a symbolic link itself. fs/xattr.c:do_getxattr"""
    text = _name(task, name)
    return _get(task, _place(task, path, follow=False), text, value, size)


def sys_fgetxattr(task: Task, fd: Fd, name: Ptr, value: Ptr, size: SizeT) -> int:
    """As getxattr, of an open file. EBADF. fs/xattr.c:do_getxattr"""
    text = _name(task, name)
    return _get(task, open_fd(task, fd).path, text, value, size)


def _list(task: Task, place: Place, names: int, size: int) -> int:
    text = b"".join(name + b"\0" for name in xattr.listxattr(place, task.cred))
    return _give(task, text, names, size, XATTR_LIST_MAX)


def sys_listxattr(task: Task, path: Ptr, names: Ptr, size: SizeT) -> int:
    """The names of a file's attributes, each with its NUL; with size 0 their length. fs/xattr.c:listxattr

    Raises:
        ERANGE: `size` is too small. E2BIG: they are above 64 KiB. EFAULT; the path's errors.
    """
    return _list(task, _place(task, path, follow=True), names, size)


def sys_llistxattr(task: Task, path: Ptr, names: Ptr, size: SizeT) -> int:
    """As listxattr, of a symbolic link itself. fs/xattr.c:listxattr"""
    return _list(task, _place(task, path, follow=False), names, size)


def sys_flistxattr(task: Task, fd: Fd, names: Ptr, size: SizeT) -> int:
    """As listxattr, of an open file. EBADF. fs/xattr.c:listxattr"""
    return _list(task, open_fd(task, fd).path, names, size)


def sys_removexattr(task: Task, path: Ptr, name: Ptr) -> int:
    """Take an attribute away. fs/xattr.c:removexattr

    Raises:
        ENODATA: there is none. ERANGE: the name. EPERM, EACCES, EROFS, EOPNOTSUPP, EFAULT; the path's errors.
    """
    text = _name(task, name)
    xattr.removexattr(_place(task, path, follow=True), task.cred, text)
    return 0


def sys_lremovexattr(task: Task, path: Ptr, name: Ptr) -> int:
    """As removexattr, of a symbolic link itself. fs/xattr.c:removexattr"""
    text = _name(task, name)
    xattr.removexattr(_place(task, path, follow=False), task.cred, text)
    return 0


def sys_fremovexattr(task: Task, fd: Fd, name: Ptr) -> int:
    """As removexattr, of an open file. EBADF. fs/xattr.c:removexattr"""
    text = _name(task, name)
    xattr.removexattr(open_fd(task, fd).path, task.cred, text)
    return 0


__all__ = [
    "sys_fgetxattr", "sys_flistxattr", "sys_fremovexattr", "sys_fsetxattr", "sys_getxattr", "sys_lgetxattr",
    "sys_listxattr", "sys_llistxattr", "sys_lremovexattr", "sys_lsetxattr", "sys_removexattr", "sys_setxattr",
]
