"""Clocks, sleeping, interval timers. kernel/time/posix-timers.c, hrtimer.c, itimer.c, time.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.clocks import (
    CLOCK_BOOTTIME,
    CLOCK_BOOTTIME_ALARM,
    CLOCK_MONOTONIC,
    CLOCK_MONOTONIC_COARSE,
    CLOCK_MONOTONIC_RAW,
    CLOCK_PROCESS_CPUTIME_ID,
    CLOCK_REALTIME,
    CLOCK_REALTIME_ALARM,
    CLOCK_REALTIME_COARSE,
    CLOCK_TAI,
    CLOCK_THREAD_CPUTIME_ID,
    COARSE_NS,
    NS,
    TIMER_ABSTIME,
)
from rvsim.guest_os.abi.errno import EFAULT, EINVAL, EOPNOTSUPP, EPERM
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.syscalls.args import Int, Ptr
from rvsim.guest_os.task.pid import PidType, find_vpid, pid_task
from rvsim.guest_os.task.posix_timers import CpuWait, ItimerCpu, cpu_ns
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.task.thread_group import ThreadGroup
from rvsim.guest_os.task.timers import ItimerReal
from rvsim.guest_os.wait import Blocked, Restart, Resume

TIMESPEC = struct.Struct("<qq")
ITIMERVAL = struct.Struct("<qqqq")
REALTIME_CLOCKS = (CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_REALTIME_ALARM, CLOCK_TAI)
MONOTONIC_CLOCKS = (CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM)
NO_TIMERS = (CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_REALTIME_COARSE)
"""Clocks that can only be read. kernel/time/posix-timers.c:posix_clocks"""
ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF = 0, 1, 2


def read_timespec(task: Task, address: int) -> int:
    """A struct timespec as nanoseconds. EINVAL: negative, or nanoseconds out of range. EFAULT."""
    seconds, nanoseconds = TIMESPEC.unpack(user_memory.read(task.space, address, 16))
    if seconds < 0 or not 0 <= nanoseconds < NS:
        raise EINVAL
    return int(seconds * NS + nanoseconds)


def write_timespec(task: Task, address: int, value_ns: int) -> None:
    """Store nanoseconds as a struct timespec. EFAULT."""
    user_memory.write(task.space, address, TIMESPEC.pack(value_ns // NS, value_ns % NS))


def thread_cpu_ns(task: Task) -> int:
    """The CPU time of a thread up to now, in nanoseconds."""
    return cpu_ns(task.group, task)


def group_cpu_ns(task: Task) -> int:
    """The CPU time of a task's process up to now, in nanoseconds."""
    return cpu_ns(task.group)


def clock_ns(task: Task, which: int) -> int:
    """The time of a clock. EINVAL: no such clock."""
    kernel = task.kernel
    if which in REALTIME_CLOCKS:
        return kernel.clock.realtime_ns()
    if which in MONOTONIC_CLOCKS:
        return kernel.clock.monotonic_ns()
    if which == CLOCK_PROCESS_CPUTIME_ID:
        return group_cpu_ns(task)
    if which == CLOCK_THREAD_CPUTIME_ID:
        return thread_cpu_ns(task)
    return cpu_ns(*cpu_clock_owner(task, which, reading=True))


def cpu_clock_owner(task: Task, which: int, *, reading: bool = False) -> tuple[ThreadGroup, Task | None]:
    """Whose CPU time a clock shows: a process's, or one thread's of it. kernel/time/posix-cpu-timers.c:pid_for_clock

    A negative number is (~pid << 3) | 4 for a thread, not a process, | kind.

    Raises:
        EINVAL: no such clock, process or thread, or a thread of another process.
    """
    if which == CLOCK_PROCESS_CPUTIME_ID:
        return task.group, None
    if which == CLOCK_THREAD_CPUTIME_ID:
        return task.group, task
    if which >= 0 or which & 3 == 3:
        raise EINVAL
    pid, of_thread = ~(which >> 3), bool(which & 4)
    if pid == 0:
        return task.group, task if of_thread else None
    if of_thread:
        thread = pid_task(find_vpid(pid, task), PidType.PID)
        if thread is None or thread.group is not task.group:
            raise EINVAL
        return task.group, thread
    if reading and pid == task.tid:
        return task.group, None
    leader = pid_task(find_vpid(pid, task), PidType.TGID)
    if leader is None:
        raise EINVAL
    return leader.group, None


def sys_clock_gettime(task: Task, which: Int, tp: Ptr) -> int:
    """The time of a clock. EINVAL: no such clock. EFAULT. kernel/time/posix-timers.c"""
    write_timespec(task, tp, clock_ns(task, which))
    return 0


def sys_clock_getres(task: Task, which: Int, tp: Ptr) -> int:
    """How fine a clock is. EINVAL: no such clock. EFAULT. kernel/time/posix-timers.c"""
    clock_ns(task, which)
    if tp:
        write_timespec(task, tp, COARSE_NS if which in (CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE) else 1)
    return 0


def sys_clock_settime(task: Task, which: Int, tp: Ptr) -> int:
    """Set the time: not possible here. EINVAL, EFAULT as in Linux, then EPERM. kernel/time/posix-timers.c

    Differs: real time follows the machine's clock, so even root gets EPERM.
    """
    if which != CLOCK_REALTIME:
        raise EINVAL
    read_timespec(task, tp)
    raise EPERM


def sys_gettimeofday(task: Task, tv: Ptr, tz: Ptr) -> int:
    """Real time in microseconds; the zone is UTC. EFAULT. kernel/time/time.c"""
    now = task.kernel.clock.realtime_ns()
    if tv:
        user_memory.write(task.space, tv, TIMESPEC.pack(now // NS, now % NS // 1000))
    if tz:
        user_memory.write(task.space, tz, bytes(8))
    return 0


class Sleep(Resume):
    """A sleep: until when, and where the time that is left goes if a handler ends it (0: nowhere)."""

    __slots__ = ("deadline_ns", "remaining", "task")

    def __init__(self, task: Task, deadline_ns: int, remaining: int) -> None:
        self.task = task
        self.deadline_ns = deadline_ns
        self.remaining = remaining

    def interrupted(self) -> int | None:
        return _store_rest(self.task, self.remaining, self.deadline_ns - self.task.kernel.clock.monotonic_ns())


def _store_rest(task: Task, remaining: int, left_ns: int) -> int | None:
    """Store the time left of a sleep. -EFAULT: it cannot be stored. kernel/time/hrtimer.c:nanosleep_copyout"""
    if remaining:
        try:
            write_timespec(task, remaining, max(left_ns, 0))
        except (EFAULT, OutOfMemory):
            return -EFAULT.number
    return None


def _sleep(task: Task, deadline_ns: int, remaining: int) -> int:
    if task.kernel.clock.monotonic_ns() >= deadline_ns:
        return 0
    if task.resume is None:
        task.resume = Sleep(task, deadline_ns, remaining)
    raise Blocked(deadline_ns=deadline_ns, restart=Restart.NOHAND)


def sys_nanosleep(task: Task, rqtp: Ptr, rmtp: Ptr) -> int:
    """Sleep. EINVAL: a bad time. EFAULT. EINTR: a handler ran. kernel/time/hrtimer.c"""
    if task.resume is None:
        return _sleep(task, task.kernel.clock.monotonic_ns() + read_timespec(task, rqtp), rmtp)
    return _sleep(task, task.resume.deadline_ns, rmtp)


def sys_clock_nanosleep(task: Task, which: Int, flags: Int, rqtp: Ptr, rmtp: Ptr) -> int:
    """Sleep by a clock, for a time or (TIMER_ABSTIME) until one. kernel/time/posix-timers.c

    Raises:
        EINVAL: no such clock, a bad time, the own thread's CPU time. EOPNOTSUPP: a clock that nobody can sleep by.
        EINTR: a handler ran. EFAULT.
    """
    if which == CLOCK_THREAD_CPUTIME_ID or which in NO_TIMERS or (which < 0 and which & 7 == 3):
        raise EOPNOTSUPP
    if which >= 0 and which != CLOCK_PROCESS_CPUTIME_ID:
        clock_ns(task, which)
    resume = task.resume
    if isinstance(resume, CpuSleep):
        return resume.go_on()
    if resume is not None:
        return _sleep(task, resume.deadline_ns, 0 if flags & TIMER_ABSTIME else rmtp)
    value = read_timespec(task, rqtp)
    if which == CLOCK_PROCESS_CPUTIME_ID or which < 0:
        group, thread = cpu_clock_owner(task, which)
        if thread is task:
            raise EINVAL
        deadline = value if flags & TIMER_ABSTIME else cpu_ns(group, thread) + value
        return CpuSleep(task, CpuWait(group, thread, deadline), 0 if flags & TIMER_ABSTIME else rmtp).go_on()
    now = task.kernel.clock.monotonic_ns()
    if flags & TIMER_ABSTIME:
        return _sleep(task, now + value - clock_ns(task, which), 0)
    return _sleep(task, now + value, rmtp)


class CpuSleep(Resume):
    """A sleep on CPU time, and where the time that is left goes if a handler ends it (0: nowhere)."""

    __slots__ = ("remaining", "task", "wait")

    def __init__(self, task: Task, wait: CpuWait, remaining: int) -> None:
        self.task = task
        self.wait = wait
        self.remaining = remaining

    def go_on(self) -> int:
        """0 if the time has come. Raises Blocked."""
        wait = self.wait
        if wait.left_ns() <= 0:
            wait.end()
            return 0
        self.task.resume = self
        raise Blocked(wait.queue, restart=Restart.NOHAND)

    def interrupted(self) -> int | None:
        return _store_rest(self.task, self.remaining, self.wait.left_ns())

    def dropped(self) -> None:
        self.wait.end()


def _itimer(task: Task, which: int) -> tuple[int, int]:
    """(remaining, interval) in nanoseconds."""
    if which == ITIMER_REAL:
        timer = task.group.itimer_real
        return (timer.remaining_ns(task.kernel.clock.monotonic_ns()), timer.interval_ns) if timer else (0, 0)
    if which not in (ITIMER_VIRTUAL, ITIMER_PROF):
        raise EINVAL
    cpu = task.group.itimer_virtual if which == ITIMER_VIRTUAL else task.group.itimer_prof
    return (cpu.remaining_ns(), cpu.interval_ns) if cpu is not None else (0, 0)


def _pack_itimer(value: tuple[int, int]) -> bytes:
    remaining, interval = (-(-part // 1000) for part in value)
    return ITIMERVAL.pack(interval // 1_000_000, interval % 1_000_000, remaining // 1_000_000, remaining % 1_000_000)


def sys_getitimer(task: Task, which: Int, value: Ptr) -> int:
    """Time left of an interval timer. EINVAL: `which`. EFAULT. kernel/time/itimer.c"""
    user_memory.write(task.space, value, _pack_itimer(_itimer(task, which)))
    return 0


def sys_setitimer(task: Task, which: Int, value: Ptr, ovalue: Ptr) -> int:
    """Arm an interval timer; NULL disarms it. EINVAL: `which`, a bad time. EFAULT. kernel/time/itimer.c"""
    interval_ns = value_ns = 0
    if value:
        interval_s, interval_us, value_s, value_us = ITIMERVAL.unpack(user_memory.read(task.space, value, 32))
        if not 0 <= interval_us < 1_000_000 or not 0 <= value_us < 1_000_000 or interval_s < 0 or value_s < 0:
            raise EINVAL
        interval_ns = interval_s * NS + interval_us * 1000
        value_ns = value_s * NS + value_us * 1000
    old = _pack_itimer(_itimer(task, which))
    group = task.group
    if which == ITIMER_VIRTUAL:
        if group.itimer_virtual is None:
            group.itimer_virtual = ItimerCpu(group, False)
        group.itimer_virtual.set(value_ns, interval_ns)
    elif which == ITIMER_PROF:
        if group.itimer_prof is None:
            group.itimer_prof = ItimerCpu(group, True)
        group.itimer_prof.set(value_ns, interval_ns)
    else:
        if group.itimer_real is None:
            group.itimer_real = ItimerReal(group)
        group.itimer_real.set(value_ns, interval_ns, task.kernel.clock.monotonic_ns())
    if ovalue:
        user_memory.write(task.space, ovalue, old)
    return 0


def sys_times(task: Task, tbuf: Ptr) -> int:
    """CPU times in clock ticks of 10 ms; returns ticks since boot. EFAULT. kernel/sys.c"""
    group = task.group
    tick = NS // 100
    if tbuf:
        user_memory.write(task.space, tbuf, struct.pack(
            "<4q", group_cpu_ns(task) // tick, group.usage.stime_ns // tick, group.child_usage.utime_ns // tick,
            group.child_usage.stime_ns // tick))
    return task.kernel.clock.monotonic_ns() // tick
