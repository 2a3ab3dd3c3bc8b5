"""Process life: clone, exit, wait, and who is who. kernel/fork.c, exit.c, sys.c"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from rvsim.guest_os.abi.errno import E2BIG, EACCES, EAGAIN, EBADF, ECHILD, EINVAL, EPERM, ESRCH
from rvsim.guest_os.abi.fcntl import O_NONBLOCK, PIDFD_THREAD
from rvsim.guest_os.abi.sched import (
    CLONE_CLEAR_SIGHAND,
    CLONE_DETACHED,
    CLONE_INTO_CGROUP,
    CLONE_PARENT,
    CLONE_PARENT_SETTID,
    CLONE_PIDFD,
    CLONE_THREAD,
    CLONE_VFORK,
    CSIGNAL,
)
from rvsim.guest_os.abi.signals import (
    CLD_CONTINUED,
    CLD_DUMPED,
    CLD_EXITED,
    CLD_KILLED,
    CLD_STOPPED,
    NSIG,
    SIGCHLD,
    SIGCONT,
)
from rvsim.guest_os.fs.pidfd import PidFile
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Flags, Int, Ptr, SizeT, ULong
from rvsim.guest_os.syscalls.pidfd import pid_file
from rvsim.guest_os.syscalls.rusage import pack_rusage
from rvsim.guest_os.task.access import may_access
from rvsim.guest_os.task.exit import exit_group, exit_status, exit_thread, reap
from rvsim.guest_os.task.fork import CloneArgs, check_flags, clone
from rvsim.guest_os.task.pid import PidType, find_pid_ns, find_vpid, pid_nr_ns, pid_task, task_active_pid_ns
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.task.thread_group import ThreadGroup
from rvsim.guest_os.wait import Blocked, Restart

WNOHANG, WUNTRACED, WEXITED, WCONTINUED, WNOWAIT = 1, 2, 4, 8, 0x0100_0000
WNOTHREAD, WALL, WCLONE = 0x2000_0000, 0x4000_0000, 0x8000_0000
P_ALL, P_PID, P_PGID, P_PIDFD = 0, 1, 2, 3
CLONE_ARGS = struct.Struct("<8Q")
CLONE_ARGS_SIZE_VER0 = 64
LEGACY_CLONE_FLAGS = 0xFFFF_FFFF
WAIT_INFO = struct.Struct("<iii4xiIi")
NO_WAIT_INFO = bytes(WAIT_INFO.size)


def sys_exit(task: Task, status: Int) -> int | None:
    """End this thread. kernel/exit.c:do_exit"""
    exit_thread(task, status)
    return None


def sys_exit_group(task: Task, status: Int) -> int | None:
    """End this process. kernel/exit.c:do_group_exit"""
    exit_group(task.group, exit_status(status), status)
    return None


def sys_clone(task: Task, flags: ULong, newsp: Ptr, parent_tid: Ptr, tls: ULong, child_tid: Ptr) -> int | None:
    """A new process or thread. kernel/fork.c; riscv has CLONE_BACKWARDS: tls before child_tid.

    With CLONE_PIDFD, `parent_tid` is where the pidfd goes.

    Raises:
        EINVAL, EAGAIN, ENOMEM: see `task.fork.clone`. EINVAL: CLONE_PIDFD with CLONE_PARENT_SETTID.
        EMFILE, EFAULT: the pidfd.
    """
    if task.resume is not None:
        return _vfork_done(task)
    args = CloneArgs(flags & 0xFFFF_FFFF & ~CSIGNAL, flags & CSIGNAL, newsp, parent_tid, child_tid, tls)
    if args.flags & CLONE_PIDFD and args.flags & (CLONE_PARENT_SETTID | CLONE_DETACHED):
        raise EINVAL
    return _clone(task, args, parent_tid)


def sys_clone3(task: Task, uargs: Ptr, size: SizeT) -> int | None:
    """As clone, with its arguments in a structure. kernel/fork.c:clone3

    Raises:
        EINVAL: a field that is out of range, or `size` too small; E2BIG: `size` with unknown fields that are not 0.
        EFAULT: `uargs`. EAGAIN, ENOMEM: see `task.fork.clone`. EMFILE, EFAULT: the pidfd.
    """
    if task.resume is not None:
        return _vfork_done(task)
    if size < CLONE_ARGS_SIZE_VER0:
        raise EINVAL
    if size > 4096:
        raise E2BIG
    data = user_memory.read(task.space, uargs, size)
    if any(data[88:]):
        raise E2BIG
    flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls = CLONE_ARGS.unpack_from(data)
    set_tid_size = int.from_bytes(data[72:80], "little") if size >= 80 else 0
    set_tid = int.from_bytes(data[64:72], "little") if size >= 80 else 0
    if exit_signal & ~CSIGNAL or exit_signal > NSIG or set_tid:
        raise EINVAL
    if flags & CLONE_INTO_CGROUP and (size < 88 or int.from_bytes(data[80:88], "little") > 0x7FFF_FFFF):
        raise EINVAL
    if flags & ~(LEGACY_CLONE_FLAGS | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP) or flags & (CSIGNAL | CLONE_DETACHED):
        raise EINVAL
    if flags & (CLONE_THREAD | CLONE_PARENT) and exit_signal:
        raise EINVAL
    if bool(stack) != bool(stack_size) or set_tid_size:
        raise EINVAL
    check_flags(flags)
    if flags & CLONE_INTO_CGROUP:
        raise EBADF                           # there are no control groups, so no descriptor is one's
    if flags & CLONE_PIDFD and flags & CLONE_PARENT_SETTID and pidfd == parent_tid:
        raise EINVAL
    return _clone(task, CloneArgs(flags, exit_signal, stack + stack_size, parent_tid, child_tid, tls), pidfd)


def _clone(task: Task, args: CloneArgs, pidfd: int) -> int:
    if args.flags & CLONE_PIDFD:
        check_flags(args.flags)
        with task.fds.reserve(1) as slots:
            user_memory.write_u32(task.space, pidfd, slots.numbers[0])
            child = clone(task, args)
            kind = PIDFD_THREAD if args.flags & CLONE_THREAD else 0
            slots.install(PidFile(task.kernel.anon, kind, task.cred, child.pid), cloexec=True)
    else:
        child = clone(task, args)
    number = pid_nr_ns(child.pid, task_active_pid_ns(task))
    if args.flags & CLONE_VFORK and child.vfork_queue is not None:
        task.resume = (child, number)
        raise Blocked(child.vfork_queue, restart=Restart.NEVER)
    return number


def _vfork_done(task: Task) -> int:
    child, number = task.resume
    if child.alive and child.vfork_queue is not None:
        raise Blocked(child.vfork_queue, restart=Restart.NEVER)
    return int(number)


# ---- waiting


def _candidates(task: Task, kind: int, which: int, options: int) -> Iterator[ThreadGroup]:
    """The children that a wait is about, oldest first. `clone` children, which end with another signal, need WCLONE
    or WALL. kernel/exit.c:eligible_child
    """
    ns = task_active_pid_ns(task)
    children: Iterable[ThreadGroup] = task.group.children
    if kind == P_PID:
        leader = pid_task(find_pid_ns(which, ns), PidType.TGID)
        children = (leader.group,) if leader is not None and leader.group in task.group.children else ()
    for child in children:
        if not options & WALL and (child.exit_signal != SIGCHLD) != bool(options & WCLONE):
            continue
        if kind != P_PGID or pid_nr_ns(child.pgrp, ns) == which:
            yield child


def _wait(task: Task, kind: int, which: int, options: int) -> tuple[ThreadGroup, int, int] | None:
    """The next event of a matching child: (child, CLD_* reason, status), None with WNOHANG if there is none yet.

    Raises:
        ECHILD: no such child.
        Blocked: nothing yet.
    """
    hopeful = False
    for child in _candidates(task, kind, which, options):
        if child.zombie:
            if options & WEXITED:
                status = child.wait_status
                signo = status & 0x7F
                why = (CLD_DUMPED if status & 0x80 else CLD_KILLED) if signo else CLD_EXITED
                return child, why, signo or status >> 8 & 0xFF
            continue
        hopeful = True
        if child.stopping and not child.stop_reported and options & WUNTRACED:
            return child, CLD_STOPPED, child.stop_signal
        if child.continued and options & WCONTINUED:
            return child, CLD_CONTINUED, SIGCONT
    if not hopeful:
        raise ECHILD
    if options & WNOHANG:
        return None
    raise Blocked(task.group.child_event)


def _consume(child: ThreadGroup, why: int, options: int) -> None:
    if options & WNOWAIT:
        return
    if why == CLD_STOPPED:
        child.stop_reported = True
    elif why == CLD_CONTINUED:
        child.continued = False
    else:
        reap(child)


def sys_wait4(task: Task, pid: Int, status: Ptr, options: Flags, rusage: Ptr) -> int:
    """Wait for a child. kernel/exit.c:kernel_wait4

    Raises:
        ECHILD: no such child. EINVAL: unknown options. ESRCH: pid is INT_MIN. EFAULT: `status` or `rusage`.
    """
    if options & ~(WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE):
        raise EINVAL
    if pid == -0x8000_0000:
        raise ESRCH
    ns = task_active_pid_ns(task)
    if pid < -1:
        kind, which = P_PGID, -pid
    elif pid == -1:
        kind, which = P_ALL, 0
    elif pid == 0:
        kind, which = P_PGID, pid_nr_ns(task.group.pgrp, ns)
    else:
        kind, which = P_PID, pid
    found = _wait(task, kind, which, options | WEXITED)
    if found is None:
        return 0
    child, why, value = found
    if why == CLD_STOPPED:
        word = value << 8 | 0x7F
    elif why == CLD_CONTINUED:
        word = 0xFFFF
    else:
        word = child.wait_status
    number = pid_nr_ns(child.pid, ns)
    usage = pack_rusage(child.usage, child.child_usage) if rusage else b""
    _consume(child, why, options)
    if status:
        user_memory.write_u32(task.space, status, word)
    if rusage:
        user_memory.write(task.space, rusage, usage)
    return number


def sys_waitid(task: Task, idtype: Int, which: Int, infop: Ptr, options: Flags, rusage: Ptr) -> int:
    """Wait for a child, told by a siginfo. kernel/exit.c:kernel_waitid

    Raises:
        EINVAL: unknown options or none of WEXITED, WSTOPPED, WCONTINUED; a bad idtype or id. ECHILD: no such child.
        EBADF: no pidfd. EAGAIN: a pidfd that does not block. EFAULT: `infop`, which is written to even when the call
        fails otherwise, or `rusage`.
    """
    try:
        info = _waitid(task, idtype, which, options, rusage)
    except (EINVAL, ECHILD, EBADF, EAGAIN):
        _store_wait_info(task, infop, NO_WAIT_INFO)
        raise
    _store_wait_info(task, infop, info)
    return 0


def _store_wait_info(task: Task, infop: int, info: bytes) -> None:
    if infop:
        user_memory.write(task.space, infop, info[:12])
        user_memory.write(task.space, infop + 16, info[16:])


def _waitid(task: Task, idtype: int, which: int, options: int, rusage: int) -> bytes:
    """The siginfo of what waitid found, all 0 if there was nothing to wait for yet."""
    if options & ~(WNOHANG | WNOWAIT | WEXITED | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE):
        raise EINVAL
    if not options & (WEXITED | WUNTRACED | WCONTINUED):
        raise EINVAL
    if (idtype == P_PID and which <= 0) or (idtype in (P_PGID, P_PIDFD) and which < 0) or not 0 <= idtype <= P_PIDFD:
        raise EINVAL
    if idtype == P_PIDFD:
        return _waitid_pidfd(task, which, options, rusage)
    return _waited(task, idtype, which, options, rusage)


def _waitid_pidfd(task: Task, fd: int, options: int, rusage: int) -> bytes:
    """P_PIDFD. EBADF: no pidfd. ECHILD. EAGAIN: it was opened with PIDFD_NONBLOCK, and nothing happened yet."""
    file = pid_file(task, fd)
    number = pid_nr_ns(file.pid, task_active_pid_ns(task))
    leader = file.task
    if leader is None or leader.group not in task.group.children or leader is not leader.group.leader:
        raise ECHILD
    try:
        return _waited(task, P_PID, number, options, rusage)
    except Blocked:
        if file.flags & O_NONBLOCK:
            raise EAGAIN from None
        raise


def _waited(task: Task, idtype: int, which: int, options: int, rusage: int) -> bytes:
    ns = task_active_pid_ns(task)
    if idtype == P_PGID and which == 0:
        which = pid_nr_ns(task.group.pgrp, ns)
    found = _wait(task, idtype, which, options)
    if found is None:
        return NO_WAIT_INFO
    child, why, value = found
    info = WAIT_INFO.pack(SIGCHLD, 0, why, pid_nr_ns(child.pid, ns), child.leader.cred.uid, value)
    usage = pack_rusage(child.usage, child.child_usage)
    _consume(child, why, options)
    if rusage:
        user_memory.write(task.space, rusage, usage)
    return info


# ---- who is who


def sys_getpid(task: Task) -> int:
    """The number of this process. kernel/sys.c"""
    return task.group.tgid


def sys_getppid(task: Task) -> int:
    """The number of the parent as this process sees it, 0 if it does not. kernel/sys.c"""
    parent = task.group.parent
    return pid_nr_ns(parent.pid, task_active_pid_ns(task)) if parent is not None else 0


def sys_gettid(task: Task) -> int:
    """The number of this thread. kernel/sys.c"""
    return task.tid


def sys_set_tid_address(task: Task, address: Ptr) -> int:
    """Remember a word to be cleared and woken when this thread ends. kernel/fork.c"""
    task.clear_child_tid = address
    return task.tid


def sys_set_robust_list(task: Task, head: Ptr, size: SizeT) -> int:
    """Register the list of held robust locks. EINVAL: `size` is not 24. kernel/futex/syscalls.c"""
    if size != 24:
        raise EINVAL
    task.robust_list = (head, size)
    return 0


def sys_get_robust_list(task: Task, pid: Int, head: Ptr, size: Ptr) -> int:
    """The list that a thread registered. ESRCH: no such thread. EPERM, EFAULT. kernel/futex/syscalls.c"""
    other = task if pid == 0 else pid_task(find_vpid(pid, task), PidType.PID)
    if other is None:
        raise ESRCH
    if not may_access(task, other, real=True):
        raise EPERM
    user_memory.write_u64(task.space, size, 24)
    user_memory.write_u64(task.space, head, other.robust_list[0])
    return 0


def _process(task: Task, pid: int) -> ThreadGroup:
    """The process that has the thread `pid`, the caller's for 0. Raises ESRCH."""
    if pid == 0:
        return task.group
    found = pid_task(find_vpid(pid, task), PidType.PID)
    if found is None:
        raise ESRCH
    return found.group


def sys_setpgid(task: Task, pid: Int, pgid: Int) -> int:
    """Move a process to a process group. kernel/sys.c:setpgid

    Raises:
        EINVAL: pgid < 0, or `pid` is a thread that leads no process. ESRCH: neither the caller nor a child of it.
        EACCES: the child has executed. EPERM: another session, a session leader, or no such group in the session.
    """
    pgid = pgid or pid
    if pgid < 0:
        raise EINVAL
    group = _process(task, pid)
    own = task.group
    if pid and pid_task(find_vpid(pid, task), PidType.TGID) is None:
        raise EINVAL
    if group is not own:
        if group.parent is not own:
            raise ESRCH
        if group.session is not own.session:
            raise EPERM
        if group.did_exec:
            raise EACCES
    if group.session is group.pid:
        raise EPERM
    if pgid == 0 or pgid == pid_nr_ns(group.pid, task_active_pid_ns(task)):
        target = group.pid
    else:
        found = find_vpid(pgid, task)
        member = pid_task(found, PidType.PGID)
        if found is None or member is None or member.group.session is not own.session:
            raise EPERM
        target = found
    if target is not group.pgrp:
        old, group.pgrp = group.pgrp, target
        task.kernel.orphaned.clear()
        target.count += 1
        target.attach(group.leader, PidType.PGID)
        old.detach(group.leader, PidType.PGID)
    return 0


def sys_getpgid(task: Task, pid: Int) -> int:
    """The process group of a process. ESRCH: no such process. kernel/sys.c"""
    return pid_nr_ns(_process(task, pid).pgrp, task_active_pid_ns(task))


def sys_getsid(task: Task, pid: Int) -> int:
    """The session of a process. ESRCH: no such process. kernel/sys.c"""
    return pid_nr_ns(_process(task, pid).session, task_active_pid_ns(task))


def sys_setsid(task: Task) -> int:
    """Begin a new session without a terminal. EPERM: the caller leads a process group. kernel/sys.c:ksys_setsid"""
    group = task.group
    own = group.pid
    if own.tasks[PidType.PGID]:
        raise EPERM
    for kind, name in ((PidType.PGID, "pgrp"), (PidType.SID, "session")):
        old = getattr(group, name)
        setattr(group, name, own)
        own.attach(group.leader, kind)
        old.detach(group.leader, kind)
    group.terminal = None
    task.kernel.orphaned.clear()
    return group.tgid


