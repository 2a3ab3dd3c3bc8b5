"""usage, lusage and lwpusage: what lwps and processes used. illumos: os/prsubr.c, man 5 proc

A process is the sum of its lwps and of what is kept of none of them any more, entry by entry, as in lusage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvsim.guest_os.proc.solproc.views import epoch_ns, lwp_number, timespec

if TYPE_CHECKING:
    from rvsim.guest_os.task.pid import PidNamespace
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup

USAGE_TIMES = frozenset(("pr_create", "pr_term", "pr_rtime", "pr_utime", "pr_stime", "pr_slptime"))


def lwp_usage(task: Task, ns: PidNamespace) -> dict[str, int]:
    """prusage_t of one lwp, its times in nanoseconds."""
    _, bytes_in, _, bytes_out = task.context.moved()
    now = task.kernel.clock.monotonic_ns()
    real = now - task.start_ns
    return {
        "pr_lwpid": lwp_number(task, ns), "pr_count": 1, "pr_create": epoch_ns(task, task.start_ns), "pr_rtime": real,
        "pr_utime": task.utime_ticks, "pr_slptime": max(real - task.utime_ticks, 0),
        "pr_vctx": task.voluntary_switches, "pr_ictx": task.involuntary_switches, "pr_ioch": bytes_in + bytes_out,
    }


def defunct_usage(group: ThreadGroup) -> dict[str, int]:
    """What lwps of a process used that are no more, and what is kept of no lwp, such as faults and signals."""
    used = group.usage
    mm = next((thread.mm for thread in group.threads if thread.mm is not None), None)
    if mm is not None:
        mm.settle_faults()
    gone = used.utime_ns - sum(thread.utime_ticks for thread in group.threads if thread.alive)
    dead = [thread.context.moved() for thread in group.threads if not thread.alive]
    return {
        "pr_create": epoch_ns(group.leader, group.start_ns), "pr_rtime": max(gone, 0), "pr_utime": max(gone, 0),
        "pr_stime": used.stime_ns, "pr_sigs": used.signals, "pr_vctx": used.voluntary, "pr_ictx": used.involuntary,
        "pr_minf": used.minor_faults + (mm.minor_faults if mm is not None else 0),
        "pr_majf": used.major_faults + (mm.major_faults if mm is not None else 0),
        "pr_ioch": used.rchar + used.wchar + sum(moved[1] + moved[3] for moved in dead),
    }


def process_usage(group: ThreadGroup, ns: PidNamespace) -> dict[str, int]:
    """prusage_t of a process, dead or alive: the sum over the lwps that are and that were.

    Differs: what no part of the kernel counts is 0: calls and messages, and the times of a waiting or stopped lwp but
    the one that is spent asleep.
    """
    total = defunct_usage(group)
    if group.zombie:
        real = group.ended_ns - group.start_ns
        ended = epoch_ns(group.leader, group.ended_ns)
        return total | {"pr_count": 1, "pr_term": ended, "pr_rtime": real,
                        "pr_slptime": max(real - total["pr_utime"], 0)}
    for thread in group.threads:
        if thread.alive:
            for name, value in lwp_usage(thread, ns).items():
                if name not in ("pr_lwpid", "pr_create"):
                    total[name] = total.get(name, 0) + value
    return total


def usage_record(group: ThreadGroup, fields: dict[str, int]) -> dict[str, Any]:
    """The structure's members: times as structures, and when it was made."""
    record: dict[str, Any] = {name: timespec(value) if name in USAGE_TIMES else value for name, value in fields.items()}
    return record | {"pr_tstamp": timespec(epoch_ns(group.leader, group.kernel.clock.monotonic_ns()))}
