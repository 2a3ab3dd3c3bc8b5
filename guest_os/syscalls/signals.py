"""Signals: kill, sigaction, masks, waiting for them. kernel/signal.c"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from rvsim.guest_os.abi.capability import CAP_KILL
from rvsim.guest_os.abi.errno import E2BIG, EAGAIN, EINVAL, ENOMEM, EPERM, ESRCH
from rvsim.guest_os.abi.signals import (
    MINSIGSTKSZ,
    NSIG,
    SA_KNOWN,
    SI_KERNEL,
    SI_TKILL,
    SI_USER,
    SIG_BLOCK,
    SIG_SETMASK,
    SIG_UNBLOCK,
    SIGBUS,
    SIGCHLD,
    SIGCONT,
    SIGFPE,
    SIGILL,
    SIGSEGV,
    SIGSYS,
    SIGTRAP,
    SS_AUTODISARM,
    SS_DISABLE,
    SS_ONSTACK,
    UNBLOCKABLE,
    bit,
)
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Int, Ptr, SizeT
from rvsim.guest_os.syscalls.clock import read_timespec
from rvsim.guest_os.task.namespaces import sees
from rvsim.guest_os.task.pid import PidType, find_vpid, pid_nr_ns, pid_task, task_active_pid_ns
from rvsim.guest_os.task.signal import SigAction, SigInfo, dequeue, recalc, send_signal
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.task.thread_group import ThreadGroup
from rvsim.guest_os.wait import Blocked, Restart, Resume

SIGSET_SIZE = 8
ACTION = struct.Struct("<QQQ")
STACK = struct.Struct("<QI4xQ")
"""stack_t: base, flags, size."""


def _check_size(size: int) -> None:
    if size != SIGSET_SIZE:
        raise EINVAL


def sys_rt_sigaction(task: Task, signum: Int, act: Ptr, oldact: Ptr, size: SizeT) -> int:
    """Set what a signal does. riscv has no sa_restorer. kernel/signal.c:do_sigaction

    Raises:
        EINVAL: no such signal, SIGKILL or SIGSTOP with an action, or `size`. EFAULT.
    """
    _check_size(size)
    new = ACTION.unpack(user_memory.read(task.space, act, ACTION.size)) if act else None
    if not 1 <= signum <= NSIG or (new is not None and bit(signum) & UNBLOCKABLE):
        raise EINVAL
    action = task.sighand.actions[signum]
    old = ACTION.pack(action.handler, action.flags, action.mask)
    if new is not None:
        handler, flags, mask = new
        task.sighand.actions[signum] = SigAction(handler, flags & SA_KNOWN, mask & ~UNBLOCKABLE)
        if task.sighand.ignores(signum):
            task.group.pending.discard(bit(signum))
            for thread in task.group.threads:
                thread.pending.discard(bit(signum))
    if oldact:
        user_memory.write(task.space, oldact, old)
    return 0


def set_blocked(task: Task, mask: int) -> None:
    """Block exactly `mask` and look whether something may be delivered now. kernel/signal.c:set_current_blocked"""
    task.blocked = mask & ~UNBLOCKABLE
    recalc(task)


def sys_rt_sigprocmask(task: Task, how: Int, nset: Ptr, oset: Ptr, size: SizeT) -> int:
    """Change the mask of blocked signals. EINVAL: `how`, `size`. EFAULT. kernel/signal.c"""
    _check_size(size)
    old = task.blocked
    if nset:
        mask = user_memory.read_u64(task.space, nset)
        if how == SIG_BLOCK:
            mask |= old
        elif how == SIG_UNBLOCK:
            mask = old & ~mask
        elif how != SIG_SETMASK:
            raise EINVAL
        set_blocked(task, mask)
    if oset:
        user_memory.write_u64(task.space, oset, old)
    return 0


def sys_rt_sigpending(task: Task, uset: Ptr, size: SizeT) -> int:
    """The signals that are blocked and wait. EINVAL: `size`. EFAULT. kernel/signal.c"""
    if size > SIGSET_SIZE:
        raise EINVAL
    pending = (task.pending.bits | task.group.pending.bits) & task.blocked
    user_memory.write(task.space, uset, pending.to_bytes(8, "little")[:size])
    return 0


def sys_rt_sigsuspend(task: Task, unewset: Ptr, size: SizeT) -> int:
    """Wait for a signal with another mask. Always EINTR; EINVAL: `size`; EFAULT. kernel/signal.c:sigsuspend"""
    _check_size(size)
    if task.resume is None:
        mask = user_memory.read_u64(task.space, unewset) & ~UNBLOCKABLE
        task.saved_blocked, task.blocked = task.blocked, mask
        task.resume = "sigsuspend"
        recalc(task)
    raise Blocked(restart=Restart.NOHAND)


class SignalWait(Resume):
    """A thread that waits for signals of a set, which no handler takes meanwhile; until when."""

    __slots__ = ("deadline_ns", "task")

    def __init__(self, task: Task, deadline_ns: int | None) -> None:
        self.task = task
        self.deadline_ns = deadline_ns

    def dropped(self) -> None:
        self.task.real_blocked = 0


def sys_rt_sigtimedwait(task: Task, uthese: Ptr, uinfo: Ptr, uts: Ptr, size: SizeT) -> int:
    """Take a signal of a set without running its handler. kernel/signal.c:do_sigtimedwait

    Raises:
        EAGAIN: none came in time. EINTR: another one came. EINVAL: `size`, a bad time. EFAULT.
    """
    _check_size(size)
    clock = task.kernel.clock
    these = user_memory.read_u64(task.space, uthese) & ~UNBLOCKABLE
    if isinstance(task.resume, SignalWait):
        deadline = task.resume.deadline_ns
        task.real_blocked = 0
    else:
        timeout = read_timespec(task, uts) if uts else None
        deadline = None if timeout is None else clock.monotonic_ns() + timeout
    info = dequeue(task, ~these)
    if info is not None:
        if uinfo:
            user_memory.write(task.space, uinfo, info.pack())
        return info.signo
    if deadline is not None and clock.monotonic_ns() >= deadline:
        raise EAGAIN
    task.real_blocked = these               # for it, not for a handler
    task.resume = SignalWait(task, deadline)
    raise Blocked(task.group.signal_queue, deadline_ns=deadline, restart=Restart.EINTR)


def may_signal(task: Task, group: ThreadGroup, signum: int) -> bool:
    """Whether the caller's ids allow it. kernel/signal.c:kill_ok_by_cred, check_kill_permission"""
    cred, target = task.cred, group.leader.cred
    if group is task.group or not {cred.uid, cred.euid}.isdisjoint((target.suid, target.uid)) or cred.capable(CAP_KILL):
        return True
    return signum == SIGCONT and group.session is task.group.session


def _info(task: Task, signum: int, target: Task, code: int = SI_USER) -> SigInfo:
    number = pid_nr_ns(task.group.pid, task_active_pid_ns(target))
    return SigInfo(signum, code, number, task.cred.uid, from_above=not sees(task, target))


def _check_signal(signum: int) -> None:
    if not 0 <= signum <= NSIG:
        raise EINVAL


def kill_group(task: Task, group: ThreadGroup, signum: int) -> None:
    """Send to one process. Raises EPERM."""
    if not may_signal(task, group, signum):
        raise EPERM
    if signum:
        send_signal(group.leader, _info(task, signum, group.leader), True)


def sys_kill(task: Task, pid: Int, sig: Int) -> int:
    """Send a signal to a process (pid > 0), a process group (0: the own, < -1), or everyone (-1). kernel/signal.c

    Raises:
        EINVAL: no such signal. ESRCH: nobody. EPERM: not allowed for any of them.
    """
    if pid > 0:
        found = pid_task(find_vpid(pid, task), PidType.PID)
        if found is None:
            raise ESRCH
        _check_signal(sig)
        kill_group(task, found.group, sig)
        return 0
    if pid == -0x8000_0000:
        raise ESRCH
    if pid == -1:
        leaders = task_active_pid_ns(task).tasks(PidType.TGID, 2)
        groups = [leader.group for leader in leaders if leader.group is not task.group]
    else:
        target = task.group.pgrp if pid == 0 else find_vpid(-pid, task)
        groups = [member.group for member in target.tasks[PidType.PGID]] if target is not None else []
    if not groups:
        raise ESRCH
    _check_signal(sig)
    reached, refused = False, False
    for group in groups:
        try:
            kill_group(task, group, sig)
            reached = True
        except EPERM:
            refused = True
    if refused and not reached:
        raise EPERM
    return 0


def _thread(task: Task, tgid: int | None, tid: int) -> Task:
    found = pid_task(find_vpid(tid, task), PidType.PID)
    if found is None or (tgid is not None and pid_nr_ns(found.group.pid, task_active_pid_ns(task)) != tgid):
        raise ESRCH
    return found


def sys_tkill(task: Task, tid: Int, sig: Int) -> int:
    """Send a signal to one thread. EINVAL, ESRCH, EPERM. kernel/signal.c:do_tkill"""
    return _tkill(task, None, tid, sig)


def sys_tgkill(task: Task, tgid: Int, tid: Int, sig: Int) -> int:
    """Send a signal to one thread of a process. EINVAL, ESRCH, EPERM. kernel/signal.c:do_tkill"""
    if tgid <= 0:
        raise EINVAL
    return _tkill(task, tgid, tid, sig)


def _tkill(task: Task, tgid: int | None, tid: int, sig: int) -> int:
    if tid <= 0:
        raise EINVAL
    thread = _thread(task, tgid, tid)
    _check_signal(sig)
    if not may_signal(task, thread.group, sig):
        raise EPERM
    if sig and thread.alive:
        send_signal(thread, _info(task, sig, thread, SI_TKILL), False)
    return 0


def read_info(task: Task, signum: int, uinfo: int, *, same_number: bool = False) -> SigInfo:
    """A siginfo that a program made, of which a known code's layout takes 48 bytes. kernel/signal.c

    Raises:
        EFAULT. E2BIG: a code that is not known, with something behind those bytes. EINVAL: with `same_number`, if it
            names another signal.
    """
    data = user_memory.read(task.space, uinfo, 128)
    signo, error, code = struct.unpack_from("<iii", data)
    if same_number and signo != signum:
        raise EINVAL
    if any(data[48:]) and not _known_layout(signum, code):
        raise E2BIG
    pid, uid, value = struct.unpack_from("<iIQ", data, 16)
    return SigInfo(signum, code, pid, uid, kind="queue", value=value, error=error, raw=data[16:48])


# How many codes there are for the signals that have their own; of the others: as SIGIO. kernel/signal.c:sig_sicodes
_OWN_CODES = {SIGILL: 11, SIGFPE: 15, SIGSEGV: 10, SIGBUS: 5, SIGTRAP: 6, SIGCHLD: 6, SIGSYS: 2}
_CODES = 6
SI_DETHREAD, SI_ASYNCNL = -7, -60


def _known_layout(signum: int, code: int) -> bool:
    """kernel/signal.c:known_siginfo_layout"""
    if code == SI_KERNEL:
        return True
    if code > SI_USER:
        return code <= _OWN_CODES.get(signum, _CODES)
    return code >= SI_DETHREAD or code == SI_ASYNCNL


def send_checked(task: Task, targets: Sequence[Task], signum: int, info: SigInfo | None, *, to_group: bool) -> None:
    """Send to threads or, `to_group`, to their processes, as far as it is allowed. kernel/signal.c

    `info`: as the program gave it; None: as kill, or to threads tkill, tells it.

    Raises:
        ESRCH: there is none. EINVAL: no such signal. EPERM: not allowed for any of them. EAGAIN: too many wait.
    """
    if not targets:
        raise ESRCH
    _check_signal(signum)
    allowed = [target for target in targets if may_signal(task, target.group, signum)]
    if not allowed:
        raise EPERM
    for target in allowed:
        if signum and (to_group or target.alive):
            own = info or _info(task, signum, target, SI_USER if to_group else SI_TKILL)
            own.from_above = not sees(task, target)
            send_signal(target, own, to_group)


def sys_rt_sigqueueinfo(task: Task, pid: Int, sig: Int, uinfo: Ptr) -> int:
    """Send a signal with data. kernel/signal.c:do_rt_sigqueueinfo

    Raises:
        EFAULT. EPERM: a code that only the kernel gives, to another; or not allowed. ESRCH. EINVAL. EAGAIN.
    """
    info = read_info(task, sig, uinfo)
    if info.from_kernel and pid != task.tid:
        raise EPERM
    found = pid_task(find_vpid(pid, task), PidType.PID)
    send_checked(task, [found] if found is not None else [], sig, info, to_group=True)
    return 0


def sys_rt_tgsigqueueinfo(task: Task, tgid: Int, tid: Int, sig: Int, uinfo: Ptr) -> int:
    """As rt_sigqueueinfo, to one thread. kernel/signal.c:do_rt_tgsigqueueinfo"""
    info = read_info(task, sig, uinfo)
    if tgid <= 0 or tid <= 0:
        raise EINVAL
    if info.from_kernel and tid != task.tid:
        raise EPERM
    send_checked(task, [_thread(task, tgid, tid)], sig, info, to_group=False)
    return 0


def on_altstack(task: Task, sp: int) -> bool:
    """Whether `sp` is on the alternate stack. include/linux/sched/signal.h:on_sig_stack"""
    base, flags, size = task.altstack
    return not flags & (SS_DISABLE | SS_AUTODISARM) and size > 0 and base < sp <= base + size


def set_altstack(task: Task, sp: int, base: int, flags: int, size: int) -> None:
    """Use another alternate stack; `sp` is the stack in use.

    Raises:
        EPERM: the thread runs on the old one. EINVAL: flags. ENOMEM: too small.
    """
    if on_altstack(task, sp):
        raise EPERM
    mode, disarm = flags & ~SS_AUTODISARM, flags & SS_AUTODISARM
    if mode not in (SS_DISABLE, SS_ONSTACK, 0):
        raise EINVAL
    if mode == SS_DISABLE:
        task.altstack = (0, SS_DISABLE | disarm, 0)
        return
    if size < MINSIGSTKSZ:
        raise ENOMEM
    task.altstack = (base, disarm, size)


def sys_sigaltstack(task: Task, uss: Ptr, uoss: Ptr) -> int:
    """Set the stack for handlers with SA_ONSTACK. kernel/signal.c:do_sigaltstack

    Raises:
        EPERM: the thread runs on it now. EINVAL: flags. ENOMEM: too small. EFAULT.
    """
    sp = task.kernel.hart.x(2)
    base, flags, size = task.altstack
    shown = (SS_DISABLE if not size else SS_ONSTACK if on_altstack(task, sp) else 0) | flags & SS_AUTODISARM
    old = STACK.pack(base, shown, size)
    if uss:
        set_altstack(task, sp, *STACK.unpack(user_memory.read(task.space, uss, STACK.size)))
    if uoss:
        user_memory.write(task.space, uoss, old)
    return 0


