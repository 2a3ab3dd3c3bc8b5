"""Open files and their numbers: openat, close, dup, pipe2. fs/open.c, fs/file.c, fs/pipe.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import E2BIG, EAGAIN, EINVAL, EMFILE, ENOENT, ENOTDIR
from rvsim.guest_os.abi.fcntl import (
    AT_FDCWD,
    O_CLOEXEC,
    O_CREAT,
    O_DIRECT,
    O_DIRECTORY,
    O_LARGEFILE,
    O_NOFOLLOW,
    O_NONBLOCK,
    O_PATH,
    O_TMPFILE_BIT,
    O_TRUNC,
    RESOLVE_BENEATH,
    RESOLVE_CACHED,
    RESOLVE_IN_ROOT,
    RESOLVE_NO_MAGICLINKS,
    RESOLVE_NO_SYMLINKS,
    RESOLVE_NO_XDEV,
)
from rvsim.guest_os.abi.inotify import IN_OPEN
from rvsim.guest_os.fs.pipe import OpenBlocked, PipeFile
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Flags, Ptr, SizeT, UInt
from rvsim.guest_os.syscalls.dirfd import base, only_flags
from rvsim.guest_os.syscalls.struct_in import read_struct
from rvsim.guest_os.task.task import Shared, Task
from rvsim.guest_os.vfs import notify
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.mount import Path as Place
from rvsim.guest_os.vfs.open import check_flags, open_file
from rvsim.guest_os.wait import Resume

VALID_OPEN_FLAGS = 0o37777703
"""include/linux/fcntl.h: every O_* flag; open ignores other bits."""
RESOLVE_KNOWN = (RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | RESOLVE_IN_ROOT
                 | RESOLVE_CACHED)
OPEN_HOW = struct.Struct("<QQQ")
CLOSE_RANGE_UNSHARE, CLOSE_RANGE_CLOEXEC = 2, 4


class FifoOpening(Resume):
    """An end of a FIFO that is open already while its open call waits for the other end."""

    __slots__ = ("file",)

    def __init__(self, file: PipeFile) -> None:
        self.file = file

    def dropped(self) -> None:
        self.file.put()


def install_new(task: Task, file: File, *, cloexec: bool) -> int:
    """Give a file that was just made the lowest free number. EMFILE: there is none; the file is closed."""
    try:
        return task.fds.install(file, cloexec=cloexec)
    except EMFILE:
        file.put()
        raise


def sys_openat(task: Task, dfd: Fd, path: Ptr, flags: Flags, mode: UInt) -> int:
    """Open a file and give it the lowest free number. fs/open.c:do_sys_openat2

    Raises:
        EINVAL: flags that contradict each other. EFAULT, ENAMETOOLONG: `path`. ENOENT: it is empty.
        EMFILE: no number is free. EBADF, ENOTDIR: `dfd`.
        ENOENT, EEXIST, EISDIR, ENOTDIR, ELOOP, EACCES, EPERM, EROFS, ETXTBSY, ENXIO, ENOSPC: see `vfs.open.open_file`.
        Blocked: a FIFO whose other end is not open.
    """
    flags &= VALID_OPEN_FLAGS
    if not flags & O_PATH:
        flags |= O_LARGEFILE
    return _open(task, dfd, path, flags, mode if flags & (O_CREAT | O_TMPFILE_BIT) else 0, 0)


def _open(task: Task, dfd: int, path: int, flags: int, mode: int, resolve: int) -> int:
    fds = task.fds
    resume = task.resume
    if resume is not None:
        file: File = resume.file.finish_open()
        task.resume = None
    else:
        check_flags(flags)
        name = user_memory.path(task.space, path)
        if not name:
            raise ENOENT
        if len(fds.files) >= fds.limit:
            raise EMFILE
        start = None
        if dfd != AT_FDCWD:
            start = _scope(task, dfd) if resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT) else base(task, dfd, name)
        try:
            file = open_file(task.fs, task.cred, name, flags, mode, start, resolve)
        except OpenBlocked as wait:
            task.resume = FifoOpening(wait.file)
            raise
    if file.inode.sb.watches is not None and not flags & O_PATH:
        notify.at_place(file.path.dentry, IN_OPEN)
    return install_new(task, file, cloexec=bool(flags & O_CLOEXEC) or file.closes_on_exec())


def _scope(task: Task, dfd: int) -> Place:
    """The directory that a scoped walk may not leave, whatever the name begins with. EBADF, ENOTDIR."""
    file = task.fds.get(dfd)
    if not file.inode.is_dir:
        raise ENOTDIR
    return file.path


def sys_openat2(task: Task, dfd: Fd, pathname: Ptr, how: Ptr, size: SizeT) -> int:
    """As openat, with every argument checked, and limits on where the name may lead. fs/open.c:do_sys_openat2

    Raises:
        EINVAL: `size` below 24, an unknown flag or RESOLVE_ bit, a mode that means nothing, flags that contradict.
        E2BIG: `size` with fields that are not known. ELOOP: a link that may not be followed. EXDEV: it leads out.
        EAGAIN: RESOLVE_CACHED with something that may have to write. EFAULT. And as openat.
    """
    if size < OPEN_HOW.size:
        raise EINVAL
    if size > 4096:
        raise E2BIG
    flags, mode, resolve = OPEN_HOW.unpack(read_struct(task.space, how, size, OPEN_HOW.size))
    makes = flags & (O_CREAT | O_TMPFILE_BIT)
    if flags & ~VALID_OPEN_FLAGS or resolve & ~RESOLVE_KNOWN or mode & ~(0o7777 if makes else 0):
        raise EINVAL
    if resolve & RESOLVE_BENEATH and resolve & RESOLVE_IN_ROOT:
        raise EINVAL
    check_flags(flags)
    if flags & O_PATH:
        if flags & ~(O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC):
            raise EINVAL
    else:
        flags |= O_LARGEFILE
    if resolve & RESOLVE_CACHED and flags & (O_TRUNC | O_CREAT | O_TMPFILE_BIT):
        raise EAGAIN
    return _open(task, dfd, pathname, flags, mode, resolve)


def sys_close(task: Task, fd: Fd) -> int:
    """Close a descriptor. EBADF: it is not open. fs/open.c:close"""
    task.fds.close(fd)
    return 0


def sys_close_range(task: Task, first: UInt, last: UInt, flags: Flags) -> int:
    """Close, or mark close-on-exec, every descriptor of [first, last]. fs/file.c:close_range

    Raises:
        EINVAL: an unknown flag, or first > last.
    """
    only_flags(flags, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)
    if first > last:
        raise EINVAL
    shared = task.files_shared
    if flags & CLOSE_RANGE_UNSHARE and shared is not None and shared.count > 1:
        shared.count -= 1
        task.files_shared = Shared(shared.it.copy())
        task.fds = task.files_shared.it
    if flags & CLOSE_RANGE_CLOEXEC:
        task.fds.cloexec.update(fd for fd in task.fds.files if first <= fd <= last)
    else:
        task.fds.close_range(first, last)
    return 0


def sys_dup(task: Task, fd: Fd) -> int:
    """Another number for the same open file, the lowest free. EBADF, EMFILE. fs/file.c:dup"""
    return task.fds.dup(fd)


def sys_dup3(task: Task, old: Fd, new: Fd, flags: Flags) -> int:
    """Make `new` the same open file as `old`, closing what it was. fs/file.c:ksys_dup3

    Raises:
        EINVAL: a flag other than O_CLOEXEC, or the numbers are equal. EBADF: `old` is closed, `new` out of range.
    """
    if flags & ~O_CLOEXEC or old == new:
        raise EINVAL
    return task.fds.dup_to(old, new, cloexec=bool(flags & O_CLOEXEC))


def sys_pipe2(task: Task, pipefd: Ptr, flags: Flags) -> int:
    """Create a pipe and store its two descriptors. fs/pipe.c:do_pipe2

    Raises:
        EINVAL: an unknown flag. EMFILE: fewer than two free numbers.
        EFAULT: `pipefd`; both numbers stay free.
    """
    only_flags(flags, O_CLOEXEC | O_NONBLOCK | O_DIRECT)
    with task.fds.reserve(2) as slots:
        reader, writer = slots.numbers
        user_memory.write(task.space, pipefd, reader.to_bytes(4, "little") + writer.to_bytes(4, "little"))
        ends = task.kernel.pipes.open_pipe(flags & (O_NONBLOCK | O_DIRECT), task.cred)
        slots.install(*ends, cloexec=bool(flags & O_CLOEXEC))
    return 0


__all__ = ["sys_close", "sys_close_range", "sys_dup", "sys_dup3", "sys_openat", "sys_openat2", "sys_pipe2"]
