"""Files of a process that debuggers and administrators read: sched, stack, timers, mountstats, switches of old.

fs/proc/base.c, kernel/sched/debug.c
"""

from __future__ import annotations

from rvsim.guest_os.abi.capability import CAP_SYS_ADMIN
from rvsim.guest_os.abi.errno import EACCES, EINVAL, EPERM
from rvsim.guest_os.proc.node import Subject
from rvsim.guest_os.task.access import may_access
from rvsim.guest_os.task.pid import pid_nr_ns
from rvsim.guest_os.task.task import State

COREDUMP_BITS = 0x1FF


def _row(name: str, value: object) -> str:
    return f"{name:<45}:{value:>21}"


def sched(subject: Subject) -> bytes:
    """What the scheduler knows of the task. kernel/sched/debug.c:proc_sched_show_task"""
    task = subject.task
    head = f"{task.comm.decode(errors='replace')} ({pid_nr_ns(task.pid, subject.ns)}, #threads: " \
           f"{max(task.group.live_threads, 1)})"
    switches = task.voluntary_switches + task.involuntary_switches
    rows = [
        _row("se.exec_start", f"{task.start_ns / 1e6:.6f}"), _row("se.vruntime", f"{task.utime_ticks / 1e6:.6f}"),
        _row("se.sum_exec_runtime", f"{task.utime_ticks / 1e6:.6f}"), _row("se.nr_migrations", 0),
        _row("nr_switches", switches), _row("nr_voluntary_switches", task.voluntary_switches),
        _row("nr_involuntary_switches", task.involuntary_switches), _row("se.load.weight", 1_048_576),
        _row("policy", task.policy), _row("prio", 120 + task.nice), _row("mm->numa_scan_seq", 0),
    ]
    return "\n".join([head, "-" * 67, *rows]).encode() + b"\n"


def stack(subject: Subject) -> bytes:
    """Where the kernel stands for the task. Root only.

    Differs: the kernel has no stack of its own in the guest; the file names the call in which the task waits.
    """
    reader, task = subject.reader, subject.task
    if reader is not None and not reader.cred.cap_effective >> CAP_SYS_ADMIN & 1:
        raise EACCES
    if task.state is not State.SLEEPING or not task.in_call:
        return b""
    return b"[<0>] syscall_%d+0x0/0x0\n" % task.context.get(17)


def oom_adj(subject: Subject) -> bytes:
    """The adjustment on its old scale, -17..15. fs/proc/base.c:oom_adj_read"""
    value = subject.task.group.oom_score_adj
    scaled = 15 if value == 1000 else int(value * 17 / 1000)
    return b"%d\n" % min(scaled, 15)


def set_oom_adj(subject: Subject, data: bytes) -> int:
    """Set it on the old scale. EINVAL. fs/proc/base.c:oom_adj_write"""
    text = data.strip()
    if not text.removeprefix(b"-").isdigit() or len(text) > 3 or not -17 <= int(text) <= 15:
        raise EINVAL
    value = int(text)
    subject.task.group.oom_score_adj = 1000 if value == 15 else int(value * 1000 / 17)
    return len(data)


def coredump_filter(subject: Subject) -> bytes:
    """Which areas a core dump would hold. fs/proc/base.c"""
    return b"%08x\n" % subject.task.group.coredump_filter if subject.task.mm is not None else b""


def set_coredump_filter(subject: Subject, data: bytes) -> int:
    """Set it: a number in C's notation. EINVAL."""
    try:
        value = int(data.strip() or b"-", 0)
    except ValueError:
        raise EINVAL from None
    if value < 0:
        raise EINVAL
    subject.task.group.coredump_filter = value & COREDUMP_BITS
    return len(data)


def timers(subject: Subject) -> bytes:
    """POSIX timers: number, signal and value, how it tells, the clock. fs/proc/base.c:show_timer"""
    lines = []
    for number, timer in sorted(subject.task.group.posix_timers.items()):
        kind = {0: "signal", 1: "none", 2: "thread"}.get(timer.notify & 3, "signal")
        target = "tid" if timer.thread is not None else "pid"
        who = pid_nr_ns(timer.thread.pid if timer.thread is not None else subject.task.group.pid, subject.ns)
        lines.append(f"ID: {number}\nsignal: {timer.signo}/{timer.value:016x}\nnotify: {kind}/{target}.{who}\n"
                     f"ClockID: {timer.clock_id}\n")
    return "".join(lines).encode()


def set_timerslack(subject: Subject, data: bytes) -> int:
    """Set how much later timers may be, in nanoseconds. EINVAL, EPERM. fs/proc/base.c:timerslack_ns_write"""
    text = data.strip()
    if not text.isdigit() or len(text) > 19:
        raise EINVAL
    if not may_access(subject.reader, subject.task):
        raise EPERM
    subject.task.timer_slack_ns = int(text) or 50_000
    return len(data)
