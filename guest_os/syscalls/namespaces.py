"""unshare and setns: of namespaces, those of pids; and what threads share. kernel/fork.c, kernel/nsproxy.c"""

from __future__ import annotations

from rvsim.guest_os.abi.capability import CAP_SYS_ADMIN
from rvsim.guest_os.abi.errno import EINVAL, EPERM
from rvsim.guest_os.abi.sched import (
    CLONE_FILES,
    CLONE_FS,
    CLONE_NEWPID,
    CLONE_SIGHAND,
    CLONE_SYSVSEM,
    CLONE_THREAD,
    CLONE_VM,
)
from rvsim.guest_os.fs.nsfs import NsFile
from rvsim.guest_os.syscalls.args import Fd, Int, ULong
from rvsim.guest_os.syscalls.dirfd import open_fd
from rvsim.guest_os.task import namespaces
from rvsim.guest_os.task.task import Shared, Task

ALONE = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM
"""What only a process with one thread can have for itself, as it does already."""


def sys_unshare(task: Task, unshare_flags: ULong) -> int:
    """Have for oneself what was shared. kernel/fork.c:ksys_unshare

    Raises:
        EINVAL: unknown flags, a namespace other than that of pids, or CLONE_THREAD, CLONE_SIGHAND, CLONE_VM with
            several threads; CLONE_NEWPID when the children's namespace is not the own one.
        EPERM: CLONE_NEWPID without CAP_SYS_ADMIN. ENOSPC: too deep.
    """
    if unshare_flags & ~(ALONE | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_NEWPID):
        raise EINVAL
    if unshare_flags & ALONE and task.group.live_threads > 1:
        raise EINVAL
    if unshare_flags & CLONE_NEWPID:
        task.ns_for_children = namespaces.create(task)
    if unshare_flags & CLONE_FS and task.fs_shared is not None and task.fs_shared.count > 1:
        task.fs_shared.count -= 1
        task.fs_shared = Shared(task.fs_shared.it.copy())
        task.fs = task.fs_shared.it
    if unshare_flags & CLONE_FILES and task.files_shared is not None and task.files_shared.count > 1:
        task.files_shared.count -= 1
        task.files_shared = Shared(task.files_shared.it.copy())
        task.fds = task.files_shared.it
    return 0


def sys_setns(task: Task, fd: Fd, nstype: Int) -> int:
    """Enter the namespace of a file of /proc/PID/ns: for pids, with one's next children. kernel/nsproxy.c:setns

    Raises:
        EBADF. EINVAL: no such file, another kind than `nstype`, or a pid namespace that is not below one's own.
        EPERM: without CAP_SYS_ADMIN.
    """
    file = open_fd(task, fd)
    if not isinstance(file, NsFile) or (nstype and nstype != file.inode.kind):
        raise EINVAL
    if file.inode.kind == CLONE_NEWPID:
        namespaces.enter(task, file.inode.space)
    elif not task.cred.cap_effective >> CAP_SYS_ADMIN & 1:
        raise EPERM
    return 0
