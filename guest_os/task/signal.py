"""Signals: what is pending, what is to be done, who gets it. kernel/signal.c"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.abi.errno import EAGAIN
from rvsim.guest_os.abi.signals import (
    CONTINUE,
    CORE,
    DEFAULT_ACTION,
    IGNORE,
    NSIG,
    SA_NOCLDWAIT,
    SI_KERNEL,
    SI_TKILL,
    SI_USER,
    SIG_DFL,
    SIG_IGN,
    SIGCHLD,
    SIGCONT,
    SIGKILL,
    SIGRTMIN,
    SIGSTOP,
    STOP_SET,
    SYNCHRONOUS,
    TERMINATE,
    bit,
)

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup

_HEADER = struct.Struct("<iiii")
_KILL = struct.Struct("<iI")
_CHILD = struct.Struct("<iIi4xqq")
_QUEUE = struct.Struct("<iIQ")
_TIMER = struct.Struct("<iiQ")
_POLL = struct.Struct("<qi")
_FAULT = struct.Struct("<Q")


class SignalSource(Protocol):
    """Who sent a signal and wants to know what became of it: a timer."""

    def delivered(self, info: SigInfo) -> None:
        """It is taken now; `info` may still be changed."""

    def unheard(self) -> None:
        """It was dropped, since the signal is ignored now."""


class SigInfo:
    """Why a signal came. include/uapi/asm-generic/siginfo.h

    `code` decides which fields mean something: pid and uid of the sender, status and times of a child, value of
    sigqueue or a timer, the address of a fault, the events (`value`) and number (`status`) of a descriptor.
    `from_above`: the sender stands outside the pid namespace of the receiver, so even its init obeys SIGKILL and
    SIGSTOP. `raw`: what rt_sigqueueinfo was given behind the header, kept as it is. `source`: the timer that sent it,
    as long as that wants to know.
    """

    __slots__ = ("addr", "code", "error", "from_above", "kind", "overrun", "pid", "raw", "signo", "source", "status",
                 "stime", "timer", "uid", "utime", "value")

    def __init__(self, signo: int, code: int = SI_USER, pid: int = 0, uid: int = 0, *, kind: str = "kill",
                 status: int = 0, utime: int = 0, stime: int = 0, value: int = 0, addr: int = 0, timer: int = 0,
                 overrun: int = 0, error: int = 0, raw: bytes | None = None, from_above: bool = False) -> None:
        self.signo = signo
        self.code = code
        self.error = error
        self.pid = pid
        self.uid = uid
        self.kind = kind
        self.status = status
        self.utime = utime
        self.stime = stime
        self.value = value
        self.addr = addr
        self.timer = timer
        self.overrun = overrun
        self.raw = raw
        self.from_above = from_above
        self.source: SignalSource | None = None

    @property
    def from_kernel(self) -> bool:
        """Whether its code is one that a program may only send to itself. kernel/signal.c:do_rt_sigqueueinfo"""
        return self.code >= 0 or self.code == SI_TKILL

    def pack(self) -> bytes:
        """The 128 bytes that a guest sees."""
        head = _HEADER.pack(self.signo, self.error, self.code, 0)
        if self.raw is not None:
            body = self.raw
        elif self.kind == "fault":
            body = _FAULT.pack(self.addr)
        elif self.kind == "child":
            body = _CHILD.pack(self.pid, self.uid, self.status, self.utime, self.stime)
        elif self.kind == "timer":
            body = _TIMER.pack(self.timer, self.overrun, self.value)
        elif self.kind == "poll":
            body = _POLL.pack(self.value, self.status)
        elif self.kind == "queue":
            body = _QUEUE.pack(self.pid, self.uid, self.value)
        else:
            body = _KILL.pack(self.pid, self.uid)
        return (head + body)[:128].ljust(128, b"\0")


class SigAction:
    """What to do on a signal: `handler` is SIG_DFL, SIG_IGN or an address. include/linux/signal_types.h:sigaction

    Tables share them: none is ever changed, another one takes its place.
    """

    __slots__ = ("flags", "handler", "mask")

    def __init__(self, handler: int = SIG_DFL, flags: int = 0, mask: int = 0) -> None:
        self.handler = handler
        self.flags = flags
        self.mask = mask


class SignalActions:
    """The table of actions, shared by CLONE_SIGHAND. `count`: the tasks that use it."""

    __slots__ = ("actions", "count")

    def __init__(self) -> None:
        self.actions: list[SigAction] = [SigAction()] * (NSIG + 1)
        self.count = 1

    def copy(self) -> SignalActions:
        other = SignalActions()
        other.actions = self.actions.copy()
        return other

    def set_default(self, signo: int) -> None:
        """The handler is SIG_DFL again, with flags and mask as they were."""
        old = self.actions[signo]
        self.actions[signo] = SigAction(SIG_DFL, old.flags, old.mask)

    def clear_handlers(self) -> None:
        """Caught signals go back to their default; ignored ones stay ignored. kernel/signal.c:flush_signal_handlers"""
        default, ignoring = SigAction(), SigAction(SIG_IGN)
        self.actions = [ignoring if action.handler == SIG_IGN else default for action in self.actions]

    def ignores(self, signo: int) -> bool:
        """Whether `signo` would be thrown away."""
        handler = self.actions[signo].handler
        return handler == SIG_IGN or (handler == SIG_DFL and DEFAULT_ACTION[signo] == IGNORE)

    def handled_set(self, handler: int) -> int:
        """The signals whose handler is SIG_IGN, or (any other value) that are caught, as bits."""
        bits = 0
        for signo in range(1, NSIG + 1):
            at = self.actions[signo].handler
            if (at == SIG_IGN) if handler == SIG_IGN else (at not in (SIG_DFL, SIG_IGN)):
                bits |= bit(signo)
        return bits


class Pending:
    """Signals that wait: a bit each, and their infos in order.

    A standard signal waits once, a real-time one queues, and each timer's signal is kept. kernel/signal.c:send_sigqueue
    """

    __slots__ = ("bits", "infos")

    def __init__(self) -> None:
        self.bits = 0
        self.infos: list[SigInfo] = []

    def add(self, info: SigInfo) -> None:
        if info.signo < SIGRTMIN and self.bits & bit(info.signo) and info.source is None:
            return
        self.bits |= bit(info.signo)
        self.infos.append(info)

    def take(self, signo: int) -> SigInfo:
        """Remove and return the oldest `signo`, which is pending."""
        for at, info in enumerate(self.infos):
            if info.signo == signo:
                del self.infos[at]
                if not any(other.signo == signo for other in self.infos):
                    self.bits &= ~bit(signo)
                return info
        self.bits &= ~bit(signo)
        return SigInfo(signo)

    def discard(self, bits: int) -> None:
        """Drop every pending signal in `bits`."""
        if self.bits & bits:
            self.bits &= ~bits
            dropped = [info for info in self.infos if bits & bit(info.signo)]
            self.infos = [info for info in self.infos if not bits & bit(info.signo)]
            for info in dropped:
                if info.source is not None:
                    info.source.unheard()

    def forget_timers(self) -> None:
        """Drop the signals of POSIX timers, as exec does. kernel/signal.c:flush_itimer_signals"""
        dropped = [info.signo for info in self.infos if info.kind == "timer"]
        self.infos = [info for info in self.infos if info.kind != "timer"]
        for signo in dropped:
            if not any(info.signo == signo for info in self.infos):
                self.bits &= ~bit(signo)


def next_signal(task: Task, blocked: int) -> int:
    """The number to deliver next, 0 for none: the task's own first, faults first, then the lowest number."""
    for pending in (task.pending, task.group.pending):
        ready = pending.bits & ~blocked
        if ready:
            urgent = ready & SYNCHRONOUS
            ready = urgent or ready
            return (ready & -ready).bit_length()
    return 0


def dequeue(task: Task, blocked: int) -> SigInfo | None:
    """Take the next signal that `blocked` does not hold back. kernel/signal.c:dequeue_signal"""
    signo = next_signal(task, blocked)
    if not signo:
        return None
    source = task.pending if task.pending.bits & bit(signo) else task.group.pending
    info = source.take(signo)
    if info.source is not None:
        info.source.delivered(info)
    recalc(task)
    return info


def recalc(task: Task) -> None:
    """Set the task's `work` if there is a signal for it. kernel/signal.c:recalc_sigpending"""
    if (task.pending.bits | task.group.pending.bits) & ~task.blocked or task.group.stopping:
        task.attend()


def prepare(group: ThreadGroup, signo: int) -> None:
    """SIGCONT and the stop signals cancel each other. kernel/signal.c:prepare_signal"""
    if bit(signo) & STOP_SET:
        group.pending.discard(bit(SIGCONT))
        for thread in group.threads:
            thread.pending.discard(bit(SIGCONT))
    elif signo == SIGCONT:
        group.pending.discard(STOP_SET)
        for thread in group.threads:
            thread.pending.discard(STOP_SET)
        group.resume()


def send_signal(target: Task, info: SigInfo, to_group: bool) -> bool:
    """Make `info` pending for one thread or its whole group, and wake who shall take it. kernel/signal.c:send_signal

    False: it is ignored.

    Raises:
        EAGAIN: too many real-time signals wait (RLIMIT_SIGPENDING).
    """
    group = target.group
    if group.zombie:
        return False
    signo = info.signo
    prepare(group, signo)
    if ignored(target, signo) and not (info.from_above and signo in (SIGKILL, SIGSTOP)):
        if target.kernel.observer is not None:
            target.kernel.observer.discarded(target, info)
        return False
    pending = group.pending if to_group else target.pending
    if info.source is None and len(pending.infos) >= group.signal_limit and (
            info.code < 0 or (signo >= SIGRTMIN and info.code != SI_KERNEL)):
        if signo >= SIGRTMIN and info.code != SI_USER:
            raise EAGAIN
        pending.bits |= bit(signo)            # it comes, without its info
    else:
        pending.add(info)
    if target.kernel.observer is not None:
        target.kernel.observer.sent(target, info, to_group)
    group.signal_queue.wake_all()
    if to_group:
        chosen = _choose(target, signo)
        if chosen is not None:
            _wake(chosen, signo)
    elif not target.blocked & bit(signo) or signo == SIGKILL:
        _wake(target, signo)
    return True


def _wake(target: Task, signo: int) -> None:
    """Let `target` look at a signal; one that ends it also ends a wait that no other signal disturbs, and a stop."""
    target.attend()
    deadly = bool(fatal_set(target) & bit(signo))
    if signo == SIGKILL:
        target.kernel.scheduler.end_stops(target)
    target.interrupt(deadly)


def fatal_set(task: Task) -> int:
    """The pending signals that will end the task's process without running anything of it, as bits.

    kernel/signal.c:sig_fatal, complete_signal: one that dumps core is not among them there, but its end is the same.
    """
    group = task.group
    bits = 0
    ready = (task.pending.bits | group.pending.bits) & (~task.blocked | bit(SIGKILL))
    if group.tracing is not None:
        ready &= ~group.tracing.signals       # what becomes of one that is traced, a debugger decides
    for signo in range(1, NSIG + 1):
        if ready & bit(signo) and (signo == SIGKILL or (
                task.sighand.actions[signo].handler == SIG_DFL and DEFAULT_ACTION[signo] in (CORE, TERMINATE)
                and not (group.is_reaper and not group.unprotected))):
            bits |= bit(signo)
    return bits


def ignored(target: Task, signo: int) -> bool:
    """Whether a signal is thrown away on arrival. kernel/signal.c:sig_task_ignored"""
    group = target.group
    traced = group.tracing is not None and group.tracing.signals & bit(signo)
    if traced or target.blocked & bit(signo):
        return False
    if group.is_reaper and signo != SIGCONT:
        handler = target.sighand.actions[signo].handler
        if handler == SIG_DFL and not group.unprotected:
            return DEFAULT_ACTION[signo] != CONTINUE
    return target.sighand.ignores(signo)


def _choose(target: Task, signo: int) -> Task | None:
    """The thread that takes a group's signal: the named one if it can, else the first. kernel/signal.c"""
    mask = bit(signo)
    for thread in (target, *target.group.threads):
        if thread.alive and (not thread.blocked & mask or signo in (SIGKILL, SIGSTOP)):
            return thread
    return None


def force_fault(task: Task, info: SigInfo) -> None:
    """A fault of the task itself: the signal comes even if it is blocked or ignored, then by its default action.

    kernel/signal.c:force_sig_info_to_task
    """
    action = task.sighand.actions[info.signo]
    held = task.blocked & bit(info.signo)
    if held or action.handler == SIG_IGN:
        task.sighand.set_default(info.signo)
        task.blocked &= ~bit(info.signo)
    if held or action.handler in (SIG_DFL, SIG_IGN):
        task.group.unprotected = True
    task.pending.add(info)
    task.attend()


def wants_no_zombies(group: ThreadGroup) -> bool:
    """Whether children of `group` vanish without being waited for. kernel/signal.c:do_notify_parent"""
    action = group.leader.sighand.actions[SIGCHLD]
    return action.handler == SIG_IGN or bool(action.flags & SA_NOCLDWAIT)
