"""What the hart did since boot: stat, uptime, loadavg, interrupts, softirqs. fs/proc/*.c, kernel/irq/proc.c; proc(5)"""

from __future__ import annotations

from rvsim.guest_os.proc.system_files import HZ_NS, all_tasks
from rvsim.guest_os.task.kernel import Kernel
from rvsim.guest_os.task.load import FIXED_1, FSHIFT
from rvsim.guest_os.task.task import State, Task

TIMER_IRQ = 5
"""Volume II, "Supervisor Cause Register (scause)": supervisor timer interrupt."""

SOFTIRQS = ("HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU")
"""In the order of their numbers. include/linux/interrupt.h"""


def _running(tasks: list[Task]) -> int:
    return max(sum(task.state is State.RUNNING for task in tasks), 1)


def cpu_ns(kernel: Kernel) -> tuple[int, int, int, int]:
    """Nanoseconds since boot in programs, in nice programs, in the kernel, and idle.

    Differs: the kernel's own work takes no time in the guest, unless an ABI charges for it.
    """
    scheduler, ticks = kernel.scheduler, kernel.hart.ticks
    nice = scheduler.nice_ns
    current = scheduler.current
    if current is not None and current.nice > 0:
        nice += ticks - scheduler.running_since
    system = kernel.system_ns
    return ticks - nice, nice, system, max(kernel.clock.monotonic_ns() - ticks - system, 0)


def _interrupts(kernel: Kernel, tasks: list[Task]) -> tuple[int, int]:
    """How often a timer was due, and how often a slice ended."""
    slices = kernel.counters.preempted + sum(task.involuntary_switches for task in tasks)
    return kernel.scheduler.alarms, slices


def stat(kernel: Kernel) -> bytes:
    """CPU times in ticks, interrupts, context switches, boot time. fs/proc/stat.c"""
    user, nice, system, idle = (time // HZ_NS for time in cpu_ns(kernel))
    times = b"%d %d %d %d 0 0 0 0 0 0\n" % (user, nice, system, idle)
    tasks = all_tasks(kernel)
    switches = kernel.counters.switches + sum(task.voluntary_switches + task.involuntary_switches for task in tasks)
    alarms, slices = _interrupts(kernel, tasks)
    boot = (kernel.clock.realtime_ns() - kernel.clock.monotonic_ns()) // 1_000_000_000
    return b"".join((
        b"cpu  ", times, b"cpu0 ", times, b"intr %d%s %d\n" % (alarms + slices, b" 0" * TIMER_IRQ, alarms + slices),
        b"ctxt %d\nbtime %d\nprocesses %d\n" % (switches, boot, kernel.counters.forks + 1),
        b"procs_running %d\nprocs_blocked 0\n" % _running(tasks),
        b"softirq %d 0 0 0 0 0 0 0 %d %d 0\n" % (alarms + slices, slices, alarms)))


def uptime(kernel: Kernel) -> bytes:
    """Seconds since boot, and idle seconds. fs/proc/uptime.c"""
    now, idle = kernel.clock.monotonic_ns(), cpu_ns(kernel)[3]
    return b"%d.%02d %d.%02d\n" % (now // 10**9, now // 10**7 % 100, idle // 10**9, idle // 10**7 % 100)


def loadavg(kernel: Kernel) -> bytes:
    """The three averages, running and all tasks, the newest pid. fs/proc/loadavg.c"""
    kernel.scheduler.settle_load()
    tasks = all_tasks(kernel)
    loads = [load + FIXED_1 // 200 for load in kernel.scheduler.load.averages]
    text = b" ".join(b"%d.%02d" % (load >> FSHIFT, (load & FIXED_1 - 1) * 100 >> FSHIFT) for load in loads)
    return text + b" %d/%d %d\n" % (_running(tasks), len(tasks), kernel.root_ns.last_pid)


def interrupts(kernel: Kernel) -> bytes:
    """The timer's, which is all there is. kernel/irq/proc.c:show_interrupts"""
    count = sum(_interrupts(kernel, all_tasks(kernel)))
    return b"           CPU0       \n%3d: %10d  RISC-V INTC %3d Edge      riscv-timer\n" % (TIMER_IRQ, count, TIMER_IRQ)


def softirqs(kernel: Kernel) -> bytes:
    """Work after interrupts: timers that were due, ends of slices. fs/proc/softirqs.c"""
    alarms, slices = _interrupts(kernel, all_tasks(kernel))
    counts = {"SCHED": slices, "HRTIMER": alarms}
    return b"                    CPU0       \n" + b"".join(
        b"%12s:%11d\n" % (name.encode(), counts.get(name, 0)) for name in SOFTIRQS)
