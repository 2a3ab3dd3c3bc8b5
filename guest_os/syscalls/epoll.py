"""epoll's calls. fs/eventpoll.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EFAULT, EINVAL, EPERM
from rvsim.guest_os.abi.fcntl import O_CLOEXEC
from rvsim.guest_os.fs.epoll import EpollFile, has_events
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.layout import TASK_SIZE
from rvsim.guest_os.syscalls.args import Fd, Flags, Int, Ptr, SizeT
from rvsim.guest_os.syscalls.clock import read_timespec
from rvsim.guest_os.syscalls.dirfd import only_flags, open_fd
from rvsim.guest_os.syscalls.files import install_new
from rvsim.guest_os.syscalls.polling import begin, block, end
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.wait import Blocked, Restart

EVENT = struct.Struct("<I4xQ")
MAX_EVENTS = 0x7FFF_FFFF // 16
EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD = 1, 2, 3


def sys_epoll_create1(task: Task, flags: Flags) -> int:
    """Open an epoll file. EINVAL: an unknown flag. EMFILE. fs/eventpoll.c:do_epoll_create"""
    only_flags(flags, O_CLOEXEC)
    return install_new(task, EpollFile(task.kernel.anon, task.cred), cloexec=bool(flags & O_CLOEXEC))


def sys_epoll_ctl(task: Task, epfd: Fd, op: Int, fd: Fd, event: Ptr) -> int:
    """Watch a file, change what is watched, or watch no more. fs/eventpoll.c:do_epoll_ctl

    Raises:
        EFAULT: `event`. EBADF: either file. EPERM: a file without events. EINVAL: `epfd` is no epoll, both are the
        same, an unknown `op`, wrong flags. EEXIST, ENOENT: watched already, or not. ELOOP: a circle of epolls.
    """
    events = data = 0
    if op != EPOLL_CTL_DEL:
        events, data = EVENT.unpack(user_memory.read(task.space, event, EVENT.size))
    epoll = open_fd(task, epfd)
    file = open_fd(task, fd)
    if not has_events(file):
        raise EPERM
    if epoll is file or not isinstance(epoll, EpollFile):
        raise EINVAL
    if op == EPOLL_CTL_ADD:
        epoll.add(fd, file, events, data)
    elif op == EPOLL_CTL_DEL:
        epoll.delete(fd, file)
    elif op == EPOLL_CTL_MOD:
        epoll.modify(fd, file, events, data)
    else:
        raise EINVAL
    return 0


def sys_epoll_pwait(task: Task, epfd: Fd, events: Ptr, maxevents: Int, timeout: Int, sigmask: Ptr, size: SizeT) -> int:
    """Wait at most `timeout` ms (negative: for ever) until a watched file has events. fs/eventpoll.c:do_epoll_wait

    Raises:
        EINVAL: `maxevents`, `size`, no epoll. EFAULT. EBADF. EINTR: a handler ran, always.
        Blocked: no events.
    """
    return _wait(task, epfd, events, maxevents, None if timeout < 0 else timeout * 1_000_000, sigmask, size)


def sys_epoll_pwait2(task: Task, epfd: Fd, events: Ptr, maxevents: Int, timeout: Ptr, sigmask: Ptr, size: SizeT) -> int:
    """As epoll_pwait, with the time as a timespec; NULL: for ever. fs/eventpoll.c:epoll_pwait2"""
    timeout_ns = read_timespec(task, timeout) if timeout and task.resume is None else None
    return _wait(task, epfd, events, maxevents, timeout_ns, sigmask, size)


def _wait(task: Task, epfd: int, events: int, limit: int, timeout_ns: int | None, sigmask: int, size: int) -> int:
    wait = begin(task, 0, sigmask, size, timeout_ns)
    try:
        if not 0 < limit <= MAX_EVENTS:
            raise EINVAL
        if events + limit * EVENT.size > TASK_SIZE:
            raise EFAULT
        epoll = open_fd(task, epfd)
        if not isinstance(epoll, EpollFile):
            raise EINVAL
        found = epoll.take(limit)
        if not found:
            block(task, wait, [epoll.queue], Restart.EINTR)
        told = 0
        for item, got in found:
            try:
                user_memory.write(task.space, events + told * EVENT.size, EVENT.pack(got, item.data))
            except EFAULT:
                epoll.untold(found[told:])
                if not told:
                    raise
                break
            epoll.told(item)
            told += 1
    except Blocked:
        raise
    except BaseException:
        end(task, wait)
        raise
    end(task, wait)
    return told


__all__ = ["sys_epoll_create1", "sys_epoll_ctl", "sys_epoll_pwait", "sys_epoll_pwait2"]
