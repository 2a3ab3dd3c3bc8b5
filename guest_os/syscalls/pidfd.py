"""Calls on a process by its pidfd. kernel/pid.c, kernel/signal.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EBADF, EINVAL, EPERM, ESRCH
from rvsim.guest_os.abi.fcntl import O_NONBLOCK, PIDFD_THREAD
from rvsim.guest_os.fs.pidfd import PidFile
from rvsim.guest_os.proc.fds import PidDir
from rvsim.guest_os.syscalls.args import Fd, Flags, Int, Ptr
from rvsim.guest_os.syscalls.dirfd import only_flags, open_fd
from rvsim.guest_os.syscalls.files import install_new
from rvsim.guest_os.syscalls.signals import read_info, send_checked
from rvsim.guest_os.task.access import may_access
from rvsim.guest_os.task.pid import PidType, find_vpid, pid_task
from rvsim.guest_os.task.task import Task

PIDFD_SIGNAL_THREAD, PIDFD_SIGNAL_THREAD_GROUP, PIDFD_SIGNAL_PROCESS_GROUP = 1, 2, 4


def sys_pidfd_open(task: Task, pid: Int, flags: Flags) -> int:
    """Open a process, or with PIDFD_THREAD a thread. kernel/pid.c

    Raises:
        EINVAL: an unknown flag, pid < 1, or a thread that leads no process. ESRCH: nobody. EMFILE.
    """
    only_flags(flags, O_NONBLOCK | PIDFD_THREAD)
    if pid <= 0:
        raise EINVAL
    found = find_vpid(pid, task)
    if found is None:
        raise ESRCH
    if not found.tasks[PidType.PID if flags & PIDFD_THREAD else PidType.TGID]:
        raise EINVAL
    return install_new(task, PidFile(task.kernel.anon, flags, task.cred, found), cloexec=True)


def pid_file(task: Task, fd: int) -> PidFile:
    """The pidfd `fd`. EBADF: closed, or something else."""
    file = open_fd(task, fd)
    if not isinstance(file, PidFile):
        raise EBADF
    return file


def sys_pidfd_send_signal(task: Task, pidfd: Fd, sig: Int, info: Ptr, flags: Flags) -> int:
    """As kill, or with `info` as rt_sigqueueinfo, by pidfd or by a process's directory in /proc. kernel/signal.c

    Raises:
        EINVAL: an unknown flag, more than one, no such signal, an `info` of another signal. EBADF: no pidfd.
        ESRCH: waited for already. EPERM. EFAULT.
    """
    only_flags(flags, PIDFD_SIGNAL_THREAD | PIDFD_SIGNAL_THREAD_GROUP | PIDFD_SIGNAL_PROCESS_GROUP)
    if flags & flags - 1:
        raise EINVAL
    file = open_fd(task, pidfd)
    if isinstance(file, PidFile):
        pid = file.pid
    elif isinstance(file.inode, PidDir) and file.inode.kind is PidType.TGID and file.inode.pid is not None:
        pid = file.inode.pid
    else:
        raise EBADF
    kind = PidType.PGID if flags == PIDFD_SIGNAL_PROCESS_GROUP else PidType.TGID
    if flags == PIDFD_SIGNAL_THREAD or (not flags and file.flags & PIDFD_THREAD):
        kind = PidType.PID
    given = read_info(task, sig, info, same_number=True) if info else None
    if given is not None and given.from_kernel and (pid is not task.pid or kind is PidType.PGID):
        raise EPERM
    if kind is PidType.PGID:
        targets = [member.group.leader for member in pid.tasks[kind]]
    else:
        found = pid_task(pid, PidType.PID)
        targets = [found] if found is not None else []
    send_checked(task, targets, sig, given, to_group=kind is not PidType.PID)
    return 0


def sys_pidfd_getfd(task: Task, pidfd: Fd, targetfd: Fd, flags: Flags) -> int:
    """A copy of another process's descriptor. kernel/pid.c

    Raises:
        EINVAL: a flag. EBADF: `pidfd` is none, or `targetfd` is closed there. ESRCH: it has ended. EPERM. EMFILE.
    """
    only_flags(flags, 0)
    file = pid_file(task, pidfd)
    other = file.task
    if other is None:
        raise ESRCH
    if not may_access(task, other, real=True):
        raise EPERM
    if other.files_shared is None:
        raise ESRCH
    return install_new(task, other.fds.get(targetfd).get(), cloexec=True)


__all__ = ["pid_file", "sys_pidfd_getfd", "sys_pidfd_open", "sys_pidfd_send_signal"]
