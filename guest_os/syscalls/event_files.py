"""eventfd, timerfd, signalfd and memfd_create. fs/eventfd.c, fs/timerfd.c, fs/signalfd.c, mm/memfd.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.capability import CAP_WAKE_ALARM
from rvsim.guest_os.abi.clocks import (
    CLOCK_BOOTTIME,
    CLOCK_BOOTTIME_ALARM,
    CLOCK_MONOTONIC,
    CLOCK_REALTIME,
    CLOCK_REALTIME_ALARM,
    NS,
)
from rvsim.guest_os.abi.errno import EINVAL, ENOSYS, EPERM
from rvsim.guest_os.abi.fcntl import (
    MFD_ALLOW_SEALING,
    MFD_CLOEXEC,
    MFD_EXEC,
    MFD_HUGETLB,
    MFD_NOEXEC_SEAL,
    O_CLOEXEC,
    O_NONBLOCK,
)
from rvsim.guest_os.abi.signals import UNBLOCKABLE
from rvsim.guest_os.fs.eventfd import EFD_SEMAPHORE, EventFile
from rvsim.guest_os.fs.signalfd import SignalFile
from rvsim.guest_os.fs.timerfd import TimerFile
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Flags, Int, Ptr, SizeT, UInt
from rvsim.guest_os.syscalls.clock import clock_ns
from rvsim.guest_os.syscalls.dirfd import only_flags, open_fd
from rvsim.guest_os.syscalls.files import install_new
from rvsim.guest_os.syscalls.signals import SIGSET_SIZE
from rvsim.guest_os.task.task import Task

ITIMERSPEC = struct.Struct("<qqqq")
MFD_HUGE_SIZES = 0x3F << 26
MEMFD_NAME_MAX = 249
"""mm/memfd.c:MFD_NAME_MAX_LEN"""
TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET = 1, 2
ALARM_CLOCKS = (CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM)
TIMER_CLOCKS = (CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, *ALARM_CLOCKS)


def read_itimerspec(task: Task, address: int) -> tuple[int, int]:
    """(value, interval) in nanoseconds. EINVAL: negative, or nanoseconds out of range. EFAULT."""
    interval_s, interval_ns, value_s, value_ns = ITIMERSPEC.unpack(user_memory.read(task.space, address, 32))
    if interval_s < 0 or value_s < 0 or not 0 <= interval_ns < NS or not 0 <= value_ns < NS:
        raise EINVAL
    return value_s * NS + value_ns, interval_s * NS + interval_ns


def pack_itimerspec(value_ns: int, interval_ns: int) -> bytes:
    """A struct itimerspec."""
    return ITIMERSPEC.pack(interval_ns // NS, interval_ns % NS, value_ns // NS, value_ns % NS)


def sys_eventfd2(task: Task, count: UInt, flags: Flags) -> int:
    """Open a counter. EINVAL: an unknown flag. EMFILE. fs/eventfd.c:do_eventfd"""
    only_flags(flags, EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK)
    file = EventFile(task.kernel.anon, flags, task.cred, count, bool(flags & EFD_SEMAPHORE))
    return install_new(task, file, cloexec=bool(flags & O_CLOEXEC))


def sys_timerfd_create(task: Task, which: Int, flags: Flags) -> int:
    """Open a timer. EINVAL: an unknown flag or clock. EPERM: an alarm without CAP_WAKE_ALARM. EMFILE. fs/timerfd.c"""
    only_flags(flags, O_CLOEXEC | O_NONBLOCK)
    if which not in TIMER_CLOCKS:
        raise EINVAL
    if which in ALARM_CLOCKS and not task.cred.capable(CAP_WAKE_ALARM):
        raise EPERM
    kernel = task.kernel
    file = TimerFile(kernel.anon, flags, task.cred, which, kernel.clock, kernel.scheduler.timers)
    return install_new(task, file, cloexec=bool(flags & O_CLOEXEC))


def _timer(task: Task, fd: int) -> TimerFile:
    file = open_fd(task, fd)
    if not isinstance(file, TimerFile):
        raise EINVAL
    return file


def sys_timerfd_settime(task: Task, fd: Fd, flags: Flags, new: Ptr, old: Ptr) -> int:
    """Arm a timer, or disarm it with a value of 0. fs/timerfd.c:do_timerfd_settime

    Raises:
        EFAULT. EINVAL: an unknown flag, a bad time, no timer. EBADF.
    """
    value, interval = read_itimerspec(task, new)
    only_flags(flags, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)
    timer = _timer(task, fd)
    shown = pack_itimerspec(timer.remaining_ns(), timer.interval_ns)
    deadline = None
    if value:
        now = task.kernel.clock.monotonic_ns()
        deadline = now + value - (clock_ns(task, timer.clock_id) if flags & TFD_TIMER_ABSTIME else 0)
    timer.set(deadline, interval)
    if old:
        user_memory.write(task.space, old, shown)
    return 0


def sys_timerfd_gettime(task: Task, fd: Fd, value: Ptr) -> int:
    """Time left and period of a timer. EBADF. EINVAL: no timer. EFAULT. fs/timerfd.c:do_timerfd_gettime"""
    timer = _timer(task, fd)
    user_memory.write(task.space, value, pack_itimerspec(timer.remaining_ns(), timer.interval_ns))
    return 0


def sys_signalfd4(task: Task, ufd: Fd, mask: Ptr, size: SizeT, flags: Flags) -> int:
    """Open a file to read signals from, or (`ufd` not -1) give one another mask. fs/signalfd.c:do_signalfd4

    Raises:
        EINVAL: `size`, an unknown flag, `ufd` is no signalfd. EFAULT: `mask`. EBADF: `ufd`. EMFILE.
    """
    if size != SIGSET_SIZE:
        raise EINVAL
    signals = user_memory.read_u64(task.space, mask) & ~UNBLOCKABLE
    only_flags(flags, O_CLOEXEC | O_NONBLOCK)
    if ufd == -1:
        file = SignalFile(task.kernel.anon, flags, task.cred, signals, task.kernel.scheduler)
        return install_new(task, file, cloexec=bool(flags & O_CLOEXEC))
    known = open_fd(task, ufd)
    if not isinstance(known, SignalFile):
        raise EINVAL
    known.mask = signals
    task.group.signal_queue.wake_all()
    return ufd


def sys_memfd_create(task: Task, uname: Ptr, flags: Flags) -> int:
    """Open a file in memory without a name, for reading and writing. mm/memfd.c

    Raises:
        EINVAL: an unknown flag, MFD_EXEC with MFD_NOEXEC_SEAL, or a name above 249 bytes. ENOSYS: huge pages.
        EFAULT. EMFILE. ENOSPC: no room for another file.
    """
    only_flags(flags, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | MFD_NOEXEC_SEAL | MFD_EXEC | (
        MFD_HUGE_SIZES if flags & MFD_HUGETLB else 0))
    if flags & MFD_EXEC and flags & MFD_NOEXEC_SEAL:
        raise EINVAL
    name = user_memory.string(task.space, uname, MEMFD_NAME_MAX + 1)
    if name is None:
        raise EINVAL
    if flags & MFD_HUGETLB:
        raise ENOSYS
    file = task.kernel.memfds.open(name, flags, task.cred)
    return install_new(task, file, cloexec=bool(flags & MFD_CLOEXEC))


__all__ = [
    "sys_eventfd2", "sys_memfd_create", "sys_signalfd4", "sys_timerfd_create", "sys_timerfd_gettime",
    "sys_timerfd_settime",
]
