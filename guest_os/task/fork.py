"""New tasks: fork, vfork, threads. kernel/fork.c"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.capability import CAP_SYS_ADMIN, CAP_SYS_RESOURCE
from rvsim.guest_os.abi.errno import EAGAIN, EFAULT, EINVAL, ENOMEM
from rvsim.guest_os.abi.sched import (
    CLONE_CHILD_CLEARTID,
    CLONE_CHILD_SETTID,
    CLONE_CLEAR_SIGHAND,
    CLONE_FILES,
    CLONE_FS,
    CLONE_NEWPID,
    CLONE_PARENT,
    CLONE_PARENT_SETTID,
    CLONE_SETTLS,
    CLONE_SIGHAND,
    CLONE_SYSVSEM,
    CLONE_THREAD,
    CLONE_VFORK,
    CLONE_VM,
    OTHER_NAMESPACES,
    SCHED_FIFO,
    SCHED_OTHER,
    SCHED_RR,
)
from rvsim.guest_os.abi.signals import SS_DISABLE
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.task import namespaces, tracing
from rvsim.guest_os.task.pid import Pid, PidType, task_active_pid_ns
from rvsim.guest_os.task.resources import RLIM_INFINITY, RLIMIT_NPROC
from rvsim.guest_os.task.task import Shared, Task
from rvsim.guest_os.task.thread_group import ThreadGroup
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.signal import SignalActions
    from rvsim.guest_os.vfs.credentials import Credentials

FRAME_RESERVE = 64
"""fork fails rather than take the last frames, which running programs need for their next page."""

REG_SP, REG_TP, REG_A0 = 2, 4, 10


@dataclass(slots=True)
class CloneArgs:
    """What clone and clone3 ask for. `stack`: the child's sp, 0 to keep the parent's."""

    flags: int = 0
    exit_signal: int = 0
    stack: int = 0
    parent_tid: int = 0
    child_tid: int = 0
    tls: int = 0


def check_flags(flags: int) -> None:
    """Refuse combinations that make no sense. kernel/fork.c:copy_process

    Raises:
        EINVAL: CLONE_THREAD without CLONE_SIGHAND, that without CLONE_VM, CLONE_CLEAR_SIGHAND with CLONE_SIGHAND, or
            a namespace that cannot be made; a new pid namespace for a thread or a sibling.
    """
    if flags & CLONE_SIGHAND and not flags & CLONE_VM:
        raise EINVAL
    if flags & CLONE_THREAD and not flags & CLONE_SIGHAND:
        raise EINVAL
    if flags & CLONE_CLEAR_SIGHAND and flags & CLONE_SIGHAND:
        raise EINVAL
    if flags & OTHER_NAMESPACES:
        raise EINVAL
    if flags & CLONE_NEWPID and flags & (CLONE_THREAD | CLONE_PARENT):
        raise EINVAL


def clone(parent: Task, args: CloneArgs) -> Task:
    """A new task that goes on where the parent is, past its `ecall`, with 0 in a0. It is on the run queue.

    Raises:
        EAGAIN: too many processes.
        ENOMEM: no memory for its tables.
        EOPNOTSUPP: an agent does not fork.
        EINVAL: see `check_flags`; a sibling of a namespace's first process. EPERM, ENOSPC: see `namespaces.create`.
    """
    kernel, flags = parent.kernel, args.flags
    check_flags(flags)
    tracing.refuse_agent(parent)
    if flags & CLONE_THREAD and namespaces.for_children(parent) is not task_active_pid_ns(parent):
        raise EINVAL
    if flags & CLONE_PARENT and parent.group.is_reaper:
        raise EINVAL
    _check_limits(kernel, parent)
    ns = namespaces.create(parent) if flags & CLONE_NEWPID else namespaces.for_children(parent)
    child_mm: AddressSpace = parent.space.get() if flags & CLONE_VM else parent.space.fork()
    try:
        pid = Pid(ns)
    except (EAGAIN, ENOMEM):
        child_mm.put()
        raise
    kernel.hart.save()
    context = parent.context.copy()
    context.pc += 4
    context.set(REG_A0, 0)
    if args.stack:
        context.set(REG_SP, args.stack)
    if flags & CLONE_SETTLS:
        context.set(REG_TP, args.tls)
    group = parent.group if flags & CLONE_THREAD else _new_group(parent, pid, args)
    child = Task(kernel, group, pid, context, child_mm,
                 _share(parent.files_shared, bool(flags & CLONE_FILES)),
                 _share(parent.fs_shared, bool(flags & CLONE_FS)),
                 parent.cred if flags & CLONE_THREAD else _credentials(parent), _share_actions(parent, flags),
                 parent.abi)
    child.comm = parent.comm
    child.blocked = parent.blocked
    _inherit_scheduling(parent, child)
    child.timer_slack_ns = parent.timer_slack_ns
    child.no_new_privs = parent.no_new_privs
    if flags & CLONE_SYSVSEM:
        if parent.undo is None:
            parent.undo = kernel.ipc.undo_list()
        parent.undo.count += 1
        child.undo = parent.undo
    child.altstack = parent.altstack if not flags & CLONE_VM or flags & CLONE_VFORK else (0, SS_DISABLE, 0)
    if flags & CLONE_CHILD_CLEARTID:
        child.clear_child_tid = args.child_tid
    if not flags & CLONE_VM and parent.rseq is not None:
        child.rseq = parent.rseq.copy()
    enroll(child)
    parent.abi.fork_state(parent, child, bool(flags & CLONE_THREAD))
    _store_tids(parent, child, args)
    if flags & CLONE_VFORK:
        child.vfork_queue = WaitQueue()
    kernel.counters.forks += 1
    kernel.scheduler.add(child)
    tracing.inherit(parent, child)
    if kernel.observer is not None:
        kernel.observer.forked(parent, child)
    return child


def _credentials(parent: Task) -> Credentials:
    """The child's own, which have made nothing possible yet."""
    cred = parent.cred.copy()
    cred.used = False
    return cred


def _inherit_scheduling(parent: Task, child: Task) -> None:
    """Policy, priorities and nice value, but for what SCHED_RESET_ON_FORK takes back. kernel/sched/core.c:sched_fork"""
    child.nice, child.policy, child.rt_priority = parent.nice, parent.policy, parent.rt_priority
    child.io_priority = parent.io_priority
    if parent.reset_on_fork:
        if child.policy in (SCHED_FIFO, SCHED_RR):
            child.policy, child.rt_priority, child.nice = SCHED_OTHER, 0, 0
        child.nice = max(child.nice, 0)


def _check_limits(kernel: Kernel, parent: Task) -> None:
    if kernel.tasks >= kernel.process_limit:
        raise EAGAIN
    limit = parent.group.limits.soft[RLIMIT_NPROC]
    cred = parent.cred
    if limit != RLIM_INFINITY and cred.uid != 0 and not (
            cred.capable(CAP_SYS_RESOURCE) or cred.capable(CAP_SYS_ADMIN)) and _threads_of(kernel, cred.uid) >= limit:
        raise EAGAIN
    memory = kernel.memory
    if memory.frames.free < FRAME_RESERVE and memory.reclaim() + memory.frames.free < FRAME_RESERVE:
        raise ENOMEM


def _threads_of(kernel: Kernel, uid: int) -> int:
    """How many threads a user has, what RLIMIT_NPROC limits."""
    leaders = kernel.root_ns.tasks(PidType.TGID, 1)
    return sum(thread.cred.uid == uid for leader in leaders for thread in leader.group.threads)


def _new_group(parent: Task, pid: Pid, args: CloneArgs) -> ThreadGroup:
    old = parent.group
    origin = old.parent if args.flags & CLONE_PARENT and old.parent is not None else old
    group = ThreadGroup(parent.kernel, pid, origin, old.pgrp, old.session)
    group.limits = old.limits.copy()
    group.signal_limit = old.signal_limit
    group.terminal = old.terminal
    group.exit_signal = old.exit_signal if args.flags & CLONE_PARENT else args.exit_signal
    group.oom_score_adj = old.oom_score_adj
    group.coredump_filter = old.coredump_filter
    group.personality = old.personality
    group.dumpable = old.dumpable
    group.no_huge_pages = old.no_huge_pages
    return group


def _share(shared: Shared | None, same: bool) -> Shared:
    """A descriptor table or file system context for the child: the parent's own, or a copy of it."""
    if shared is None:
        raise RuntimeError("the parent has exited")
    if same:
        shared.count += 1
        return shared
    return Shared(shared.it.copy())


def _share_actions(parent: Task, flags: int) -> SignalActions:
    if flags & CLONE_SIGHAND:
        parent.sighand.count += 1
        return parent.sighand
    actions = parent.sighand.copy()
    if flags & CLONE_CLEAR_SIGHAND:
        actions.clear_handlers()
    return actions


def enroll(task: Task) -> None:
    """Give a new task its place in the group, the process tree and the pid lists."""
    group = task.group
    first = not group.threads
    group.threads.append(task)
    group.live_threads += 1
    task.lwp_slot = group.lwps.take(task)
    task.pid.attach(task, PidType.PID)
    task.kernel.tasks += 1
    if not first:
        return
    group.leader = task
    group.slot = task.kernel.processes.take(group)
    group.pid.attach(task, PidType.TGID)
    group.pgrp.attach(task, PidType.PGID)
    group.session.attach(task, PidType.SID)
    if group.parent is not None:
        group.parent.children[group] = None
    ns = group.pid.numbers[group.pid.level][1]
    if ns.child_reaper is None:
        ns.child_reaper = task
        group.is_reaper = True


def _store_tids(parent: Task, child: Task, args: CloneArgs) -> None:
    """CLONE_PARENT_SETTID and CLONE_CHILD_SETTID; a bad pointer is not an error, as in Linux."""
    if args.flags & CLONE_PARENT_SETTID:
        with suppress(EFAULT):
            user_memory.write_u32(parent.space, args.parent_tid, child.tid)
    if args.flags & CLONE_CHILD_SETTID:
        with suppress(EFAULT):
            user_memory.write_u32(child.space, args.child_tid, child.tid)
