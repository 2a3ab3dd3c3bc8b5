"""A process: the threads that share a tgid, and what is theirs together. include/linux/sched/signal.h:signal_struct"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvsim.guest_os.task.resources import Limits, Usage
from rvsim.guest_os.task.signal import Pending
from rvsim.guest_os.task.slots import SlotTable
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.pid import Pid
    from rvsim.guest_os.task.posix_timers import CpuTimer, ItimerCpu, PosixTimer
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.timers import ItimerReal
    from rvsim.guest_os.task.trace_state import ProcessTrace


MAX_LWPS = 1 << 20


class ThreadGroup:
    """What getpid names. `threads` are in the order of their creation, the leader first; a leader that exited stays
    until the last thread is gone. `children` are processes, oldest first.

    `wait_status` is what wait4 gives (man 2 waitpid), `exit_code` the 32 bits that the program gave or minus the
    signal.
    """

    __slots__ = (
        "abi_state", "child_event", "child_usage", "children", "continued", "coredump_filter", "cpu_timers",
        "did_exec", "dumpable", "ended_ns", "exit_code", "exit_signal", "exiting", "is_reaper", "is_subreaper",
        "itimer_prof", "itimer_real", "itimer_virtual", "kernel", "leader", "limits", "live_threads", "lwps",
        "next_timer_id", "no_huge_pages", "oom_score_adj", "parent", "parent_death_signal", "pending", "personality",
        "pgrp", "pid", "posix_timers", "reaped", "secret_execs", "session", "shown_arguments", "signal_limit",
        "signal_queue", "slot", "start_ns", "stop_reported", "stop_signal", "stopped_ns", "stopping",
        "tell_continued", "terminal", "threads", "tracing", "unprotected", "usage", "wait_status", "zombie",
    )

    def __init__(self, kernel: Kernel, pid: Pid, parent: ThreadGroup | None, pgrp: Pid, session: Pid) -> None:
        self.kernel = kernel
        self.pid = pid
        self.parent = parent
        self.pgrp = pgrp
        self.session = session
        self.threads: list[Task] = []
        self.leader: Task
        self.live_threads = 0
        self.children: dict[ThreadGroup, None] = {}
        self.child_event = WaitQueue()
        self.signal_queue = WaitQueue()
        self.pending = Pending()
        self.limits = Limits()
        self.signal_limit = 4096
        self.usage = Usage()
        self.child_usage = Usage()
        self.exiting = False
        self.zombie = False
        self.reaped = False
        self.exit_code = 0
        self.wait_status = 0
        self.exit_signal = 0
        self.stopping = False          # a stop signal was taken; every thread stops when it is next looked at
        self.stop_signal = 0
        self.stopped_ns = 0
        self.stop_reported = True      # wait4(WUNTRACED) has told the parent
        self.continued = False         # SIGCONT came and wait4(WCONTINUED) has not told yet
        self.tell_continued = False    # SIGCONT came, and the parent is to get its SIGCHLD
        self.is_reaper = False
        self.is_subreaper = False
        self.unprotected = False       # a reaper that dies of its own fault after all
        self.did_exec = False
        self.terminal: Any = None
        self.start_ns = kernel.clock.monotonic_ns()
        self.ended_ns = 0              # when it became a zombie
        self.itimer_real: ItimerReal | None = None
        self.posix_timers: dict[int, PosixTimer] = {}
        self.next_timer_id = 0
        self.itimer_virtual: ItimerCpu | None = None
        self.itimer_prof: ItimerCpu | None = None
        self.cpu_timers: dict[CpuTimer, None] = {}      # armed; looked at when a turn ends
        self.oom_score_adj = 0
        self.coredump_filter = 0x33
        self.abi_state: Any = None
        self.dumpable = 1
        self.personality = 0
        self.no_huge_pages = False     # PR_SET_THP_DISABLE
        self.parent_death_signal = 0
        self.lwps: SlotTable[Task] = SlotTable(MAX_LWPS)
        self.slot = 0                  # in the kernel's table of processes
        self.shown_arguments: bytes | None = None      # written into psinfo
        self.secret_execs = 0          # programs run that others may not look into: set-id, or not readable
        self.tracing: ProcessTrace | None = None

    def __repr__(self) -> str:
        return f"ThreadGroup({self.pid!r})"

    @property
    def tgid(self) -> int:
        """The number of this process in its own namespace."""
        return self.pid.numbers[self.pid.level][0]

    def resume(self) -> None:
        """SIGCONT: let stopped threads run again, and note it for the parent. kernel/signal.c:prepare_signal"""
        was_stopped = self.stopping
        self.stopping = False
        if not was_stopped:
            return
        self.stop_signal = 0
        self.stop_reported = True
        self.continued = True
        self.tell_continued = True
        for thread in self.threads:
            thread.attend()
            self.kernel.scheduler.continue_task(thread)
        if self.parent is not None:
            self.parent.child_event.wake_all()
