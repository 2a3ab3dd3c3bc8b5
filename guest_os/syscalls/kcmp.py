"""kcmp: do two threads share something? kernel/kcmp.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EBADF, EINVAL, ENOENT, EOPNOTSUPP, EPERM, ESRCH
from rvsim.guest_os.fs.epoll import EpollFile
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Int, ULong
from rvsim.guest_os.task.access import may_access
from rvsim.guest_os.task.pid import PidType, find_vpid, pid_task
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.file import File

KCMP_FILE, KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_IO, KCMP_SYSVSEM, KCMP_EPOLL_TFD = range(8)
SAME, DIFFERENT = 0, 3
SLOT = struct.Struct("<III")


def sys_kcmp(task: Task, pid1: Int, pid2: Int, kind: Int, idx1: ULong, idx2: ULong) -> int:
    """0: the same thing. kernel/kcmp.c

    Differs: things that are not the same give 3, which says that no order is known, where Linux gives 1 or 2.

    Raises:
        ESRCH: no such thread. EPERM. EINVAL: `kind`. EBADF: no such file. ENOENT, EFAULT: a slot of an epoll.
        EOPNOTSUPP: KCMP_SYSVSEM, since there are no semaphores of System V.
    """
    first, second = (pid_task(find_vpid(pid, task), PidType.PID) for pid in (pid1, pid2))
    if first is None or second is None:
        raise ESRCH
    if not may_access(task, first, real=True) or not may_access(task, second, real=True):
        raise EPERM
    one: object
    other: object
    if kind == KCMP_FILE:
        one, other = _file(first, idx1), _file(second, idx2)
    elif kind == KCMP_VM:
        one, other = first.mm, second.mm
    elif kind == KCMP_FILES:
        one, other = first.files_shared, second.files_shared
    elif kind == KCMP_FS:
        one, other = first.fs_shared, second.fs_shared
    elif kind == KCMP_SIGHAND:
        one, other = first.sighand, second.sighand
    elif kind == KCMP_IO:
        one, other = (None, None) if not (first.io_priority or second.io_priority) else (first, second)
    elif kind == KCMP_SYSVSEM:
        raise EOPNOTSUPP
    elif kind == KCMP_EPOLL_TFD:
        one, other = _file(first, idx1), _watched(task, second, idx2)
    else:
        raise EINVAL
    return SAME if one is other else DIFFERENT


def _file(task: Task, fd: int) -> File:
    file = task.fds.files.get(fd & 0xFFFF_FFFF) if task.files_shared is not None else None
    if file is None:
        raise EBADF
    return file


def _watched(task: Task, other: Task, address: int) -> File:
    """The file that a struct kcmp_epoll_slot names: the watching descriptor, the watched one, and which of those."""
    epoll_fd, fd, which = SLOT.unpack(user_memory.read(task.space, address, SLOT.size))
    epoll = _file(other, epoll_fd)
    if not isinstance(epoll, EpollFile):
        raise EINVAL
    found = [item.file for item in epoll.items.values() if item.fd == fd]
    if which >= len(found):
        raise ENOENT
    watched: File = found[which]
    return watched


__all__ = ["sys_kcmp"]
