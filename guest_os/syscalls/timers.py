"""POSIX timers. kernel/time/posix-timers.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.capability import CAP_WAKE_ALARM
from rvsim.guest_os.abi.clocks import (
    CLOCK_BOOTTIME_ALARM,
    CLOCK_PROCESS_CPUTIME_ID,
    CLOCK_REALTIME_ALARM,
    CLOCK_THREAD_CPUTIME_ID,
    TIMER_ABSTIME,
)
from rvsim.guest_os.abi.errno import EAGAIN, EINVAL, EOPNOTSUPP, EPERM
from rvsim.guest_os.abi.signals import NSIG, SIGALRM
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Flags, Int, Ptr
from rvsim.guest_os.syscalls.clock import NO_TIMERS, clock_ns, cpu_clock_owner
from rvsim.guest_os.syscalls.event_files import pack_itimerspec, read_itimerspec
from rvsim.guest_os.task.pid import PidType, find_vpid, pid_task
from rvsim.guest_os.task.posix_timers import SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_THREAD_ID, PosixTimer
from rvsim.guest_os.task.task import Task

SIGEVENT = struct.Struct("<Qiii")
SIGEVENT_SIZE = 64


def sys_timer_create(task: Task, which: Int, sevp: Ptr, timerid: Ptr) -> int:
    """Make a timer that sends a signal. kernel/time/posix-timers.c:do_timer_create

    Raises:
        EFAULT. EINVAL: no such clock; a bad notification, signal or thread. EOPNOTSUPP: a clock without timers.
        EAGAIN: more timers than RLIMIT_SIGPENDING. EPERM: a clock that wakes the machine without CAP_WAKE_ALARM.
    """
    event = SIGEVENT.unpack_from(user_memory.read(task.space, sevp, SIGEVENT_SIZE)) if sevp else None
    if which in NO_TIMERS or (which < 0 and which & 7 == 3):
        raise EOPNOTSUPP
    on_cpu = which in (CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID) or which < 0
    if not on_cpu:
        clock_ns(task, which)
    group = task.group
    if len(group.posix_timers) >= group.signal_limit:
        raise EAGAIN
    timer = PosixTimer(group, group.next_timer_id, which)
    if event is not None:
        timer.value, timer.signo, timer.notify, tid = event
        _check_event(task, timer, tid)
    else:
        timer.signo, timer.value = SIGALRM, timer.id
    user_memory.write_u32(task.space, timerid, timer.id)
    if on_cpu:
        timer.cpu_group, timer.cpu_thread = cpu_clock_owner(task, which)
    elif which in (CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM) and not task.cred.capable(CAP_WAKE_ALARM):
        raise EPERM
    group.next_timer_id = timer.id + 1 & 0x7FFF_FFFF
    while group.next_timer_id in group.posix_timers:
        group.next_timer_id = group.next_timer_id + 1 & 0x7FFF_FFFF
    group.posix_timers[timer.id] = timer
    return 0


def _check_event(task: Task, timer: PosixTimer, tid: int) -> None:
    """kernel/time/posix-timers.c:good_sigevent"""
    if timer.notify == SIGEV_THREAD_ID:
        thread = pid_task(find_vpid(tid, task), PidType.PID)
        if thread is None or thread.group is not task.group:
            raise EINVAL
        timer.thread = thread
    elif timer.notify not in (SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD):
        raise EINVAL
    if timer.notify != SIGEV_NONE and not 1 <= timer.signo <= NSIG:
        raise EINVAL


def _timer(task: Task, number: int) -> PosixTimer:
    timer = task.group.posix_timers.get(number)
    if timer is None:
        raise EINVAL
    return timer


def sys_timer_settime(task: Task, timerid: Int, flags: Flags, new: Ptr, old: Ptr) -> int:
    """Arm a timer, or disarm it with a value of 0. EINVAL: no such timer, a bad time. EFAULT. posix-timers.c

    What is in the past expires at once.
    """
    if not new:
        raise EINVAL
    value, interval = read_itimerspec(task, new)
    timer = _timer(task, timerid)
    shown = pack_itimerspec(timer.remaining_ns(), timer.interval_ns)
    deadline = None
    if value:
        now = timer.now_ns()
        if not flags & TIMER_ABSTIME:
            deadline = now + value
        elif timer.cpu_group is not None:
            deadline = value
        else:
            deadline = now + value - clock_ns(task, timer.clock_id)
    timer.set(deadline, interval)
    if old:
        user_memory.write(task.space, old, shown)
    return 0


def sys_timer_gettime(task: Task, timerid: Int, value: Ptr) -> int:
    """Time left and period. EINVAL: no such timer. EFAULT. kernel/time/posix-timers.c:common_timer_get"""
    timer = _timer(task, timerid)
    user_memory.write(task.space, value, pack_itimerspec(timer.remaining_ns(), timer.interval_ns))
    return 0


def sys_timer_getoverrun(task: Task, timerid: Int) -> int:
    """How often it expired besides, until its signal was taken last. EINVAL: no such timer. posix-timers.c"""
    return _timer(task, timerid).overrun


def sys_timer_delete(task: Task, timerid: Int) -> int:
    """Take a timer away; a signal that is on its way still comes. EINVAL: no such timer. posix-timers.c"""
    timer = _timer(task, timerid)
    timer.cancel()
    del task.group.posix_timers[timerid]
    return 0


__all__ = ["sys_timer_create", "sys_timer_delete", "sys_timer_getoverrun", "sys_timer_gettime", "sys_timer_settime"]
