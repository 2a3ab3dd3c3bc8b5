"""fcntl and flock. fs/fcntl.c, fs/locks.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EBADF, EINVAL, EOVERFLOW, EPERM, ESRCH
from rvsim.guest_os.abi.fcntl import (
    F_ADD_SEALS,
    F_DUPFD,
    F_DUPFD_CLOEXEC,
    F_GET_SEALS,
    F_GETFD,
    F_GETFL,
    F_GETLEASE,
    F_GETLK,
    F_GETOWN,
    F_GETOWN_EX,
    F_GETPIPE_SZ,
    F_GETSIG,
    F_OFD_GETLK,
    F_OFD_SETLK,
    F_OFD_SETLKW,
    F_RDLCK,
    F_SETFD,
    F_SETFL,
    F_SETLK,
    F_SETLKW,
    F_SETOWN,
    F_SETOWN_EX,
    F_SETPIPE_SZ,
    F_SETSIG,
    F_UNLCK,
    F_WRLCK,
    FD_CLOEXEC,
    LOCK_EX,
    LOCK_NB,
    LOCK_SH,
    LOCK_UN,
    O_ASYNC,
    O_NOATIME,
    O_PATH,
    SEEK_CUR,
    SEEK_END,
    SEEK_SET,
)
from rvsim.guest_os.abi.signals import NSIG
from rvsim.guest_os.fs.file_owner import owner_of, set_async
from rvsim.guest_os.fs.memfd import add_seals, seals_of
from rvsim.guest_os.fs.pipe import PipeFile
from rvsim.guest_os.fs.tty import TtyFile
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Int, UInt, ULong
from rvsim.guest_os.syscalls.dirfd import open_fd
from rvsim.guest_os.task.pid import Pid, PidType, find_vpid, pid_nr_ns, pid_task, task_active_pid_ns
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.locks import LOCK_END, FileLocks, RecordLock, locks_of
from rvsim.guest_os.vfs.permission import owner_or_capable
from rvsim.guest_os.wait import Blocked, Resume

OWNER = struct.Struct("<ii")
_OWNER_KINDS = (PidType.PID, PidType.TGID, PidType.PGID)
"""By F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP."""
_OWNER_COMMANDS = (F_SETOWN, F_GETOWN, F_SETSIG, F_GETSIG, F_SETOWN_EX, F_GETOWN_EX)
FLOCK = struct.Struct("<hh4xqqi4x")
_OFD = (F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW)
_LOCK_COMMANDS = (F_GETLK, F_SETLK, F_SETLKW, *_OFD)


class LockWait(Resume):
    """A wait for a record lock, which others look at to find circles."""

    __slots__ = ("locks", "owner")

    def __init__(self, locks: FileLocks, owner: object) -> None:
        self.locks = locks
        self.owner = owner

    def dropped(self) -> None:
        self.locks.waiting.pop(self.owner, None)


def sys_fcntl(task: Task, fd: Fd, cmd: UInt, arg: ULong) -> int:
    """Look at or change an open file. fs/fcntl.c:do_fcntl

    Raises:
        EBADF: `fd`, or a lock that its open mode does not allow. EINVAL: an unknown command or argument.
        EFAULT: a lock's or owner's structure. ESRCH: no such owner. EMFILE. EPERM: O_NOATIME on another's file, a pipe
        size above the limit. EAGAIN, EDEADLK, Blocked: a lock that is held. EPERM, EBUSY: a seal.
    """
    fds = task.fds
    file = fds.get(fd)
    if cmd == F_GETFD:
        return FD_CLOEXEC if fd in fds.cloexec else 0
    if cmd == F_SETFD:
        fds.set_cloexec(fd, bool(arg & FD_CLOEXEC))
        return 0
    if cmd == F_GETFL:
        return file.flags
    if cmd in (F_DUPFD, F_DUPFD_CLOEXEC):
        return fds.dup(fd, lowest=arg & 0xFFFF_FFFF, cloexec=cmd == F_DUPFD_CLOEXEC)
    if file.flags & O_PATH:
        raise EBADF
    if cmd == F_SETFL:
        if arg & O_NOATIME and not file.flags & O_NOATIME and not owner_or_capable(file.inode, task.cred):
            raise EPERM
        if (arg ^ file.flags) & O_ASYNC and set_async(file, fd, bool(arg & O_ASYNC)) and arg & O_ASYNC:
            _own_terminal(task, file)
        file.set_flags(arg & 0xFFFF_FFFF)
        return 0
    if cmd in _LOCK_COMMANDS:
        return _record_lock(task, file, cmd, arg)
    if cmd in (F_GETPIPE_SZ, F_SETPIPE_SZ):
        if not isinstance(file, PipeFile):
            raise EBADF
        return file.pipe.capacity if cmd == F_GETPIPE_SZ else file.pipe.resize(arg & 0xFFFF_FFFF)
    if cmd in (F_ADD_SEALS, F_GET_SEALS):
        if cmd == F_GET_SEALS:
            return seals_of(file.inode)
        add_seals(file, arg & 0xFFFF_FFFF)
        return 0
    if cmd in _OWNER_COMMANDS:
        return _owner(task, file, cmd, arg)
    if cmd == F_GETLEASE:
        return F_UNLCK
    raise EINVAL


def _own_terminal(task: Task, file: File) -> None:
    """A terminal that nobody owns gets an owner with O_ASYNC. drivers/tty/tty_io.c:__tty_fasync"""
    owner = owner_of(file)
    if isinstance(file, TtyFile) and owner.pid is None:
        group = file.tty.group
        if isinstance(group, Pid):
            owner.set(group, PidType.PGID, task.cred)
        else:
            owner.set(task.group.pid, PidType.TGID, task.cred)


def _owner(task: Task, file: File, cmd: int, arg: int) -> int:
    """F_SETOWN and its relatives. EINVAL: no such signal or kind. ESRCH: no such owner. EFAULT. fs/fcntl.c"""
    owner = owner_of(file)
    ns = task_active_pid_ns(task)
    alive = owner.pid is not None and pid_task(owner.pid, owner.kind) is not None
    shown = pid_nr_ns(owner.pid, ns) if alive else 0
    if cmd == F_GETOWN:
        return -shown if owner.kind is PidType.PGID else shown
    if cmd == F_GETOWN_EX:
        user_memory.write(task.space, arg, OWNER.pack(_OWNER_KINDS.index(owner.kind), shown))
        return 0
    if cmd == F_GETSIG:
        return owner.signum
    if cmd == F_SETSIG:
        if arg > NSIG:
            raise EINVAL
        owner.signum = arg
        return 0
    if cmd == F_SETOWN:
        number = (arg & 0xFFFF_FFFF ^ 0x8000_0000) - 0x8000_0000
        if number == -0x8000_0000:
            raise EINVAL
        kind = PidType.PGID if number < 0 else PidType.TGID
        number = abs(number)
    else:
        which, number = OWNER.unpack(user_memory.read(task.space, arg, OWNER.size))
        if not 0 <= which < len(_OWNER_KINDS):
            raise EINVAL
        kind = _OWNER_KINDS[which]
    found = find_vpid(number, task) if number else None
    if number and found is None:
        raise ESRCH
    owner.set(found, kind, task.cred)
    return 0


def _range(file: File, whence: int, start: int, length: int) -> tuple[int, int]:
    """[start, end) of a struct flock. fs/locks.c:flock64_to_posix_lock

    Raises:
        EINVAL: `whence`, or before the file's start. EOVERFLOW: past the largest offset.
    """
    if whence == SEEK_SET:
        origin = 0
    elif whence == SEEK_CUR:
        origin = file.offset
    elif whence == SEEK_END:
        origin = file.inode.size
    else:
        raise EINVAL
    start += origin
    if start >= LOCK_END:
        raise EOVERFLOW
    if start < 0 or start + min(length, 0) < 0:
        raise EINVAL
    if length > 0:
        if start + length > LOCK_END:
            raise EOVERFLOW
        return start, start + length
    return (start, LOCK_END) if length == 0 else (start + length, start)


def _record_lock(task: Task, file: File, cmd: int, address: int) -> int:
    """F_GETLK, F_SETLK, F_SETLKW and the F_OFD_ ones. fs/locks.c:fcntl_getlk, fcntl_setlk"""
    kind, whence, start, length, pid = FLOCK.unpack(user_memory.read(task.space, address, FLOCK.size))
    ofd = cmd in _OFD
    get = cmd in (F_GETLK, F_OFD_GETLK)
    if (kind not in (F_RDLCK, F_WRLCK) and (kind != F_UNLCK or cmd == F_GETLK)) or (ofd and pid):
        raise EINVAL
    start, end = _range(file, whence, start, length)
    owner: object = file if ofd else task.fds
    wanted = RecordLock(owner, -1 if ofd else task.group.tgid, kind, start, end)
    locks = locks_of(file.inode)
    if get:
        held = locks.test(wanted)
        if held is None:
            user_memory.write(task.space, address, F_UNLCK.to_bytes(2, "little"))
        else:
            size = 0 if held.end == LOCK_END else held.end - held.start
            user_memory.write(task.space, address, FLOCK.pack(held.type, SEEK_SET, held.start, size, held.pid))
        return 0
    if (kind == F_RDLCK and not file.readable) or (kind == F_WRLCK and not file.writable):
        raise EBADF
    try:
        locks.set(wanted, wait=cmd in (F_SETLKW, F_OFD_SETLKW))
    except Blocked:
        task.resume = LockWait(locks, owner)
        raise
    return 0


def sys_flock(task: Task, fd: Fd, operation: Int) -> int:
    """Lock a whole file for its open file description. fs/locks.c:flock

    Raises:
        EINVAL: no such operation. EBADF. EAGAIN: held by another, with LOCK_NB.
        Blocked: held by another.
    """
    what = operation & ~LOCK_NB
    if what not in (LOCK_SH, LOCK_EX, LOCK_UN):
        raise EINVAL
    file = open_fd(task, fd)
    if what != LOCK_UN and not (file.readable or file.writable):
        raise EBADF
    locks_of(file.inode).flock(file, what, wait=not operation & LOCK_NB)
    return 0


__all__ = ["sys_fcntl", "sys_flock"]
