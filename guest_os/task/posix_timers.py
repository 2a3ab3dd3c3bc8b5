"""POSIX timers and timers on CPU time. kernel/time/posix-timers.c, posix-cpu-timers.c

A timer's signal is on its way at most once; what expires meanwhile is counted as overrun, and the timer is armed again
when the signal is taken. CPU time is looked at when a turn ends, and a turn ends when the next of them is due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.abi.signals import SI_KERNEL, SI_TIMER, SIGPROF, SIGVTALRM
from rvsim.guest_os.task.signal import SigInfo, send_signal
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup

SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID = 0, 1, 2, 4
OVERRUN_MAX = 0x7FFF_FFFF
IGNORED_PERIOD_NS = 10_000_000
"""How often at most a timer expires whose signal is ignored."""
CPU_TICK_NS = 1_000_000
"""How fine timers on CPU time are."""


class CpuTimer(Protocol):
    """What `ThreadGroup.cpu_timers` holds."""

    def left_ns(self) -> int:
        """CPU time until it expires; 0 or less if it is due."""

    def check(self) -> None:
        """A turn ended: expire if it is time."""


def cpu_ns(group: ThreadGroup, thread: Task | None = None) -> int:
    """The CPU time of a process or, of `thread`, up to now, in nanoseconds."""
    kernel = group.kernel
    scheduler = kernel.scheduler
    current = scheduler.current
    used = thread.utime_ticks if thread is not None else group.usage.utime_ns
    if current is not None and current.group is group and (thread is None or current is thread):
        used += kernel.hart.ticks - scheduler.running_since
    return int(used)


def next_turn_ns(group: ThreadGroup) -> int:
    """How long a turn may last before a timer on CPU time is to be looked at."""
    return max(min(timer.left_ns() for timer in group.cpu_timers), CPU_TICK_NS)


class ItimerCpu:
    """setitimer(ITIMER_VIRTUAL) and, with `kernel_time`, ITIMER_PROF. kernel/time/itimer.c:set_cpu_itimer"""

    __slots__ = ("deadline_ns", "group", "interval_ns", "kernel_time")

    def __init__(self, group: ThreadGroup, kernel_time: bool) -> None:
        self.group = group
        self.kernel_time = kernel_time
        self.deadline_ns = self.interval_ns = 0

    def left_ns(self) -> int:
        """CPU time until it expires."""
        now = cpu_ns(self.group)
        return self.deadline_ns - (now + self.group.usage.stime_ns if self.kernel_time else now)

    def set(self, value_ns: int, interval_ns: int) -> None:
        """Expire after `value_ns` more, 0 to disarm, then every `interval_ns`."""
        self.interval_ns = interval_ns
        if value_ns:
            self.deadline_ns = 0
            self.deadline_ns = value_ns - self.left_ns()
            self.group.cpu_timers[self] = None
            self.group.kernel.scheduler.shorten_turn(self.group)
        else:
            self.deadline_ns = 0
            self.group.cpu_timers.pop(self, None)

    def remaining_ns(self) -> int:
        """Until it expires, 0 if it is not armed."""
        return max(self.left_ns(), 1) if self.deadline_ns else 0

    def check(self) -> None:
        """A turn ended: send the signal if it is time."""
        late = -self.left_ns()
        if late < 0:
            return
        send_signal(self.group.leader, SigInfo(SIGPROF if self.kernel_time else SIGVTALRM, SI_KERNEL), True)
        if self.interval_ns:
            self.deadline_ns += (late // self.interval_ns + 1) * self.interval_ns
        else:
            self.set(0, 0)


class CpuWait:
    """Wakes who sleeps until a process or thread has used so much CPU time. posix-cpu-timers.c:do_cpu_nanosleep"""

    __slots__ = ("deadline_ns", "group", "queue", "thread")

    def __init__(self, group: ThreadGroup, thread: Task | None, deadline_ns: int) -> None:
        self.group = group
        self.thread = thread
        self.deadline_ns = deadline_ns
        self.queue = WaitQueue()
        group.cpu_timers[self] = None

    def left_ns(self) -> int:
        """CPU time until the sleep is over."""
        return self.deadline_ns - cpu_ns(self.group, self.thread)

    def check(self) -> None:
        """A turn ended: wake the sleeper if it is time."""
        if self.left_ns() <= 0:
            self.end()
            self.queue.wake_all()

    def end(self) -> None:
        """Watch no more."""
        self.group.cpu_timers.pop(self, None)


class PosixTimer:
    """A timer of timer_create.

    Attributes:
        thread: who gets the signal with SIGEV_THREAD_ID, else None.
        cpu_group, cpu_thread: whose CPU time it is on: a process's, or one thread's of it; both None otherwise.
        deadline_ns: on its clock (monotonic, or CPU time); None: not armed.
        seq: its number among the scheduler's timers, 0 if it is not there.
        overrun: of the signal taken last.
    """

    __slots__ = ("clock_id", "cpu_group", "cpu_thread", "deadline_ns", "group", "id", "interval_ns", "notify",
                 "overrun", "seq", "signo", "thread", "value")

    def __init__(self, group: ThreadGroup, number: int, clock_id: int) -> None:
        self.group = group
        self.id = number
        self.clock_id = clock_id
        self.cpu_group: ThreadGroup | None = None
        self.cpu_thread: Task | None = None
        self.notify = SIGEV_SIGNAL
        self.signo = 0
        self.value = 0
        self.thread: Task | None = None
        self.deadline_ns: int | None = None
        self.interval_ns = self.seq = self.overrun = 0

    def now_ns(self) -> int:
        """The time of its clock: monotonic, or CPU time."""
        if self.cpu_group is None:
            return self.group.kernel.clock.monotonic_ns()
        return cpu_ns(self.cpu_group, self.cpu_thread)

    def left_ns(self) -> int:
        """Time of its clock until it expires; it is armed."""
        assert self.deadline_ns is not None
        return self.deadline_ns - self.now_ns()

    def set(self, deadline_ns: int | None, interval_ns: int) -> None:
        """Expire at `deadline_ns`, then every `interval_ns`; None: never."""
        self._leave()
        self.deadline_ns = deadline_ns
        self.interval_ns = interval_ns if deadline_ns is not None else 0
        self.overrun = 0
        self._arm()

    def _arm(self) -> None:
        if self.deadline_ns is None or self.notify == SIGEV_NONE:
            return
        watched = self.cpu_group
        if watched is None:
            self.seq = self.group.kernel.scheduler.timers.add(self.deadline_ns, self)
        elif not watched.zombie:
            watched.cpu_timers[self] = None
            self.group.kernel.scheduler.shorten_turn(watched)

    def _leave(self) -> None:
        """Expire no more; a signal that is on its way still comes, but does not arm the timer again."""
        if self.cpu_group is not None:
            self.cpu_group.cpu_timers.pop(self, None)
        if self.seq:
            self.group.kernel.scheduler.timers.cancel(self.seq)
            self.seq = 0
        for pending in (self.group.pending, *(thread.pending for thread in self.group.threads)):
            for info in pending.infos:
                if info.source is self:
                    info.source = None

    def cancel(self) -> None:
        """The timer is deleted, or its process ends."""
        self.set(None, 0)

    def _forward(self, now: int) -> int:
        """Move the deadline past `now`; returns how many periods that took, 0 without a period."""
        if self.deadline_ns is None or now < self.deadline_ns:
            return 0
        if not self.interval_ns:
            self.deadline_ns = None
            return 0
        periods = (now - self.deadline_ns) // self.interval_ns + 1
        self.deadline_ns += periods * self.interval_ns
        return periods

    def remaining_ns(self) -> int:
        """Until it expires next; 0 if it is not armed."""
        if self.cpu_group is not None and self.cpu_group.zombie:
            return 0
        now = self.now_ns()
        if self.notify == SIGEV_NONE:
            self._forward(now)
        if self.deadline_ns is None:
            return 0
        left = self.deadline_ns - now
        if left <= 0 and self.interval_ns:
            left = self.interval_ns - -left % self.interval_ns
        return max(left, 1)

    def expire(self, now_ns: int) -> None:
        """The time has come."""
        self.seq = 0
        if self.thread is not None and not self.thread.alive:
            self.deadline_ns = None
            return
        info = SigInfo(self.signo, SI_TIMER, kind="timer", value=self.value, timer=self.id)
        info.source = self
        if not self.interval_ns:
            self.deadline_ns = None
        if not send_signal(self.thread or self.group.leader, info, self.thread is None):
            self.unheard()

    def check(self) -> None:
        """A turn ended: CPU time may have reached the deadline."""
        if self.left_ns() <= 0 and self.cpu_group is not None:
            self.cpu_group.cpu_timers.pop(self, None)
            self.expire(0)

    def delivered(self, info: SigInfo) -> None:
        """Its signal was taken: count what was missed and arm it again. kernel/time/posix-timers.c:posixtimer_rearm"""
        periods = self._forward(self.now_ns())
        self.overrun = info.overrun = min(max(periods - 1, 0), OVERRUN_MAX)
        self._arm()

    def unheard(self) -> None:
        """Its signal is ignored: it goes on, but not so often that it takes the machine."""
        if self.interval_ns:
            self._forward(max(self.now_ns(), (self.deadline_ns or 0) + IGNORED_PERIOD_NS - 1))
            self._arm()
