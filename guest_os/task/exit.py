"""How tasks end, and how parents learn of it. kernel/exit.c, kernel/signal.c:do_notify_parent"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EFAULT
from rvsim.guest_os.abi.signals import (
    CLD_CONTINUED,
    CLD_DUMPED,
    CLD_EXITED,
    CLD_KILLED,
    CLD_STOPPED,
    NSIG,
    SA_NOCLDSTOP,
    SI_KERNEL,
    SIG_IGN,
    SIGCHLD,
    SIGCONT,
    SIGHUP,
    SIGKILL,
)
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.task import tracing
from rvsim.guest_os.task.futex import ANY
from rvsim.guest_os.task.pid import PidNamespace, PidType
from rvsim.guest_os.task.robust import release_robust_list
from rvsim.guest_os.task.signal import SigInfo, send_signal, wants_no_zombies
from rvsim.guest_os.task.task import Shared, State, Task
from rvsim.guest_os.wait import Resume

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.pid import Pid
    from rvsim.guest_os.task.thread_group import ThreadGroup

CORE_FLAG = 0x80


def exit_status(code: int) -> int:
    """wait4's status of a program that called exit(code)."""
    return (code & 0xFF) << 8


def exit_group(group: ThreadGroup, wait_status: int, exit_code: int) -> None:
    """End a whole process: every thread exits now. kernel/exit.c:do_group_exit"""
    if group.zombie:
        return
    if not group.exiting:
        group.exiting = True
        group.wait_status = wait_status
        group.exit_code = exit_code
    for thread in tuple(reversed(group.threads)):
        if thread.alive:
            exit_task(thread)


def exit_thread(task: Task, code: int) -> None:
    """End one thread; the last one ends the process with this code. kernel/exit.c:do_exit"""
    group = task.group
    if not group.exiting and group.live_threads == 1:
        group.exiting = True
        group.wait_status = exit_status(code)
        group.exit_code = code
    task.exit_code = code
    exit_task(task)


def exit_task(task: Task) -> None:
    """Take one thread out of the world: memory, files, waits. It stays as a zombie if it leads a group."""
    kernel, group = task.kernel, task.group
    scheduler = kernel.scheduler
    scheduler.leave_queues(task)
    if isinstance(task.resume, Resume):
        task.resume.dropped()
    task.resume = task.injected = None
    task.alive = False
    task.in_call = False
    task.work = False
    if task.mm is not None:
        release_mm(task)
    if task is scheduler.current:
        kernel.hart.attention = True
        kernel.hart.unload()
    if task.undo is not None:
        task.undo.let_go(task)
    if task.files_shared is not None:
        _drop_files(task.files_shared)
        task.files_shared = None
    task.fs_shared = None
    task.sighand.count -= 1
    group.live_threads -= 1
    task.state = State.ZOMBIE
    group.usage.voluntary += task.voluntary_switches
    group.usage.involuntary += task.involuntary_switches
    tracing.task_gone(task)
    if kernel.observer is not None:
        kernel.observer.exited(task, group.wait_status if group.exiting else exit_status(task.exit_code))
    if task is not group.leader:
        _bury(task)
    if task.pid.exit_queue is not None:
        task.pid.exit_queue.wake_all()
    if group.live_threads == 0:
        _group_gone(group)


def release_mm(task: Task) -> None:
    """Let go of the address space: clear the tid word, wake who waits for it, end a vfork. kernel/fork.c:mm_release"""
    kernel, mm = task.kernel, task.mm
    if mm is None:
        return
    mm.spy = None                         # what follows is the kernel's, and no part of a call
    release_robust_list(task, mm)
    if task.clear_child_tid and mm.users > 1:
        try:
            user_memory.write_u32(mm, task.clear_child_tid, 0)
            key = kernel.futexes.key(mm, task.clear_child_tid, False)
            kernel.futexes.wake(key, 1, ANY)
        except (EFAULT, OutOfMemory):
            pass
    task.clear_child_tid = 0
    if task.vfork_queue is not None:
        task.exec_done = True
        task.vfork_queue.wake_all()
        task.vfork_queue = None
    usage = task.group.usage
    if mm.users == 1 or task.group.live_threads == 1:
        mm.settle_faults()
        mm.note_rss()
        usage.max_rss_pages = max(usage.max_rss_pages, mm.hiwater_rss)
        if mm.users == 1:
            usage.minor_faults += mm.minor_faults
            usage.major_faults += mm.major_faults
    task.mm = None
    if kernel.hart.context is task.context:
        kernel.hart.unload()
    mm.put()


def _drop_files(shared: Shared) -> None:
    shared.count -= 1
    if shared.count == 0:
        shared.it.clear()


def _keep_counts(task: Task) -> None:
    """The counts of the machine and of the process do not go back when a task leaves their tables."""
    counters = task.kernel.counters
    counters.switches += task.voluntary_switches + task.involuntary_switches
    counters.preempted += task.involuntary_switches
    task.group.usage.add_moved(task.context.moved())


def _bury(task: Task) -> None:
    """A thread that nobody waits for: its number is free at once."""
    group = task.group
    task.state = State.DEAD
    group.threads.remove(task)
    group.lwps.give_back(task.lwp_slot)
    task.pid.detach(task, PidType.PID)
    task.kernel.tasks -= 1
    _keep_counts(task)


def _group_gone(group: ThreadGroup) -> None:
    """The last thread left: a zombie now; children get a new parent; the own parent is told."""
    kernel = group.kernel
    group.zombie = True
    group.ended_ns = kernel.clock.monotonic_ns()
    kernel.orphaned.clear()
    group.stopping = False
    group.leader.state = State.ZOMBIE
    if group.itimer_real is not None:
        group.itimer_real.set(0, 0, 0)
    for timer in tuple(group.posix_timers.values()):
        timer.cancel()
    group.posix_timers.clear()
    group.cpu_timers.clear()
    if group.pid.exit_queue is not None:
        group.pid.exit_queue.wake_all()
    group.pending.discard(-1)
    if group.is_reaper:
        _reaper_gone(group)
    _reparent_children(group)
    _hang_up_session(group)
    if kernel.init is not None and group is kernel.init.group:
        kernel.exit_status = group.wait_status
        return
    parent = group.parent
    if parent is None or parent.zombie:
        reap(group)
        return
    notify_parent(group)


def _hang_up_session(group: ThreadGroup) -> None:
    """A session leader's end takes the terminal from its session. drivers/tty/tty_jobctrl.c:disassociate_ctty"""
    terminal = group.terminal
    if terminal is None or group.session is not group.pid or terminal.session is not group.pid:
        return
    foreground = terminal.group
    terminal.session = terminal.group = None
    for task in tuple(group.session.tasks[PidType.SID]):
        task.group.terminal = None
    if foreground is not None:
        for task in tuple(foreground.tasks[PidType.PGID]):
            send_signal(task, SigInfo(SIGHUP, SI_KERNEL), True)
            send_signal(task, SigInfo(SIGCONT, SI_KERNEL), True)


def _reaper_gone(group: ThreadGroup) -> None:
    """The init of a pid namespace died: everyone else in it is killed. kernel/pid_namespace.c:zap_pid_ns_processes"""
    ns = group.pid.numbers[group.pid.level][1]
    ns.dying = True
    for leader in ns.tasks(PidType.TGID, 1):
        if leader.group is not group and not leader.group.zombie:
            exit_group(leader.group, SIGKILL, -SIGKILL)


def find_new_parent(group: ThreadGroup) -> ThreadGroup | None:
    """Who inherits the children of `group`: a subreaper among its ancestors, else the namespace's reaper.

    kernel/exit.c:find_new_reaper
    """
    ns: PidNamespace = group.pid.numbers[group.pid.level][1]
    if ns.dying:
        return None                       # all in it end, and nobody waits for them
    at = group.parent
    while at is not None and at.pid.level == group.pid.level and not at.is_reaper:
        if at.is_subreaper and not at.zombie:
            return at
        at = at.parent
    reaper = ns.child_reaper
    if reaper is not None and reaper.group is not group and not reaper.group.zombie:
        return reaper.group
    outer = ns.parent
    while outer is not None:
        if outer.child_reaper is not None and not outer.child_reaper.group.zombie:
            return outer.child_reaper.group
        outer = outer.parent
    return None


def _reparent_children(group: ThreadGroup) -> None:
    if not group.children:
        return
    new_parent = find_new_parent(group)
    for child in tuple(group.children):
        del group.children[child]
        child.parent = new_parent
        if child.parent_death_signal and not child.zombie:
            send_signal(child.leader, SigInfo(child.parent_death_signal, 0, group.tgid), True)
        if new_parent is None:
            if child.zombie:
                reap(child)
            continue
        new_parent.children[child] = None
        child.exit_signal = SIGCHLD
        if child.zombie:
            notify_parent(child)
    group.kernel.orphaned.clear()
    kill_orphaned_stopped(group)


def kill_orphaned_stopped(group: ThreadGroup) -> None:
    """A process group that lost its last parent in the session, with a stopped member, gets SIGHUP and SIGCONT.

    kernel/exit.c:kill_orphaned_pgrp
    """
    for pgrp in {child.pgrp: None for child in _session_children(group)}:
        members = [task.group for task in pgrp.tasks[PidType.PGID]]
        if any(member.stopping for member in members) and is_orphaned(group.kernel, pgrp):
            for member in members:
                send_signal(member.leader, SigInfo(SIGHUP, SI_KERNEL), True)
                send_signal(member.leader, SigInfo(SIGCONT, SI_KERNEL), True)


def _session_children(group: ThreadGroup) -> list[ThreadGroup]:
    new_parent = find_new_parent(group)
    if new_parent is None:
        return []
    return [child for child in new_parent.children if child.session is group.session and child.pgrp is not group.pgrp]


def is_orphaned(kernel: Kernel, pgrp: Pid) -> bool:
    """Whether no member of `pgrp` has a parent in its session outside the group.

    kernel/exit.c:will_become_orphaned_pgrp. The answer is kept in `kernel.orphaned`, which whoever changes a parent,
    a group, a session or makes a zombie clears: a reader of every process would else look at each group once for each
    member.

    Differs: to Linux a parent that is the machine's first process does not count. Here that may be a person's shell,
    as in a container, whose jobs must be able to stop.
    """
    known = kernel.orphaned.get(pgrp)
    if known is None:
        members = [task.group for task in pgrp.tasks[PidType.PGID]]
        known = kernel.orphaned[pgrp] = not any(
            member.parent is not None and not member.zombie
            and member.parent.pgrp is not member.pgrp and member.parent.session is member.session for member in members)
    return known


def child_info(group: ThreadGroup, why: int, status: int) -> SigInfo:
    """SIGCHLD's info about `group`."""
    parent_ns = group.parent.pid.numbers[group.parent.pid.level][1] if group.parent is not None else None
    number = group.pid.numbers[parent_ns.level][0] if parent_ns is not None else group.tgid
    return SigInfo(SIGCHLD, why, number, group.leader.cred.uid, kind="child", status=status,
                   utime=group.usage.utime_ns // 10_000_000, stime=group.usage.stime_ns // 10_000_000)


def notify_parent(group: ThreadGroup) -> None:
    """Tell the parent of a zombie; reap it at once if the parent does not want to know."""
    parent = group.parent
    if parent is None:
        return
    status = group.wait_status
    signo = status & 0x7F
    why = (CLD_DUMPED if status & CORE_FLAG else CLD_KILLED) if signo else CLD_EXITED
    info = child_info(group, why, signo or status >> 8 & 0xFF)
    info.signo = group.exit_signal or SIGCHLD
    ignore = group.exit_signal == SIGCHLD and wants_no_zombies(parent)
    if 0 < group.exit_signal <= NSIG and not (ignore and parent.leader.sighand.actions[SIGCHLD].handler == SIG_IGN):
        send_signal(parent.leader, info, True)
    if ignore:
        reap(group)
    parent.child_event.wake_all()
    parent.kernel.scheduler.spin_round += 1


def notify_stopped(group: ThreadGroup, continued: bool) -> None:
    """Tell the parent that a child stopped or went on. kernel/signal.c:do_notify_parent_cldstop"""
    parent = group.parent
    if parent is None:
        return
    if not parent.leader.sighand.actions[SIGCHLD].flags & SA_NOCLDSTOP:
        why, status = (CLD_CONTINUED, SIGCONT) if continued else (CLD_STOPPED, group.stop_signal)
        send_signal(parent.leader, child_info(group, why, status), True)
    parent.child_event.wake_all()


def reap(group: ThreadGroup) -> None:
    """A zombie was waited for: its numbers are free, its times go to the parent. kernel/exit.c:release_task"""
    parent = group.parent
    leader = group.leader
    group.reaped = True
    leader.state = State.DEAD
    _keep_counts(leader)
    if parent is not None:
        parent.children.pop(group, None)
        parent.child_usage.add(group.usage)
        parent.child_usage.add(group.child_usage)
    leader.pid.detach(leader, PidType.PID)
    if leader.pid.exit_queue is not None:
        leader.pid.exit_queue.wake_all()
    group.pid.detach(leader, PidType.TGID)
    group.pgrp.detach(leader, PidType.PGID)
    group.session.detach(leader, PidType.SID)
    group.threads.clear()
    group.lwps.give_back(leader.lwp_slot)
    leader.kernel.processes.give_back(group.slot)
    leader.kernel.tasks -= 1
