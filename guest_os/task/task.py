"""A task: one thread of execution and everything it needs to be stopped and continued. include/linux/sched.h"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi.signals import SS_DISABLE
from rvsim.guest_os.task.signal import Pending, SignalActions
from rvsim.guest_os.wait import Restart, WaitQueue

if TYPE_CHECKING:
    from rvsim.emu._gate import Context
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.abi import Abi
    from rvsim.guest_os.task.call_fault import CallFault
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.pid import Pid, PidNamespace
    from rvsim.guest_os.task.rseq import Rseq
    from rvsim.guest_os.task.thread_group import ThreadGroup
    from rvsim.guest_os.task.trace_state import LwpTrace
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.fd_table import FdTable
    from rvsim.guest_os.vfs.fs_context import FsContext


class State(enum.Enum):
    """Where a task stands; the value is its letter in procfs."""

    RUNNING = "R"      # runs or waits for its turn
    SLEEPING = "S"     # in a call that waits
    STOPPED = "T"      # job control
    TRACED = "t"       # a debugger stopped it
    ZOMBIE = "Z"       # exited, not yet waited for
    DEAD = "X"         # gone


class Shared:
    """A count of the tasks that share a descriptor table or a file system context."""

    __slots__ = ("count", "it")

    def __init__(self, it: Any) -> None:
        self.it = it
        self.count = 1


class Task:
    """A thread. `group` is its process, `pid` its tid's identity; `mm` is None once it has exited.

    Plain data, but for `kernel`. `work` is set when something must be looked at before the task returns to its
    program: signals, a stop, an exit.
    """

    __slots__ = (
        "abi", "abi_state", "alive", "altstack", "blocked", "call_nr", "clear_child_tid", "comm", "context", "cred",
        "deadline_ns", "exec_done", "exit_code", "fds", "files_shared", "fs", "fs_shared", "group", "in_call",
        "injected", "involuntary_switches", "io_priority", "kernel", "lwp_slot", "mm", "nice", "no_new_privs",
        "ns_for_children", "pending", "pid", "policy", "queued", "queues", "real_blocked", "reset_on_fork", "restart",
        "resume", "robust_list", "rseq", "rt_priority", "saved_blocked", "sighand", "spin", "start_ns", "state",
        "timer_seq", "timer_slack_ns", "trace", "undo", "usage", "utime_ticks", "vfork_queue", "voluntary_switches",
        "wchan", "work",
    )

    def __init__(self, kernel: Kernel, group: ThreadGroup, pid: Pid, context: Context, mm: AddressSpace,
                 fds: Shared, fs: Shared, cred: Credentials, sighand: SignalActions, abi: Abi) -> None:
        self.kernel = kernel
        self.group = group
        self.pid = pid
        self.context = context
        self.mm: AddressSpace | None = mm
        self.files_shared: Shared | None = fds
        self.fds: FdTable = fds.it
        self.fs_shared: Shared | None = fs
        self.fs: FsContext = fs.it
        self.cred = cred
        self.sighand = sighand
        self.abi = abi
        self.abi_state: Any = None
        self.comm = b""
        self.state = State.RUNNING
        self.alive = True
        self.queued = False
        self.work = False
        self.in_call = False
        self.call_nr = -1
        self.resume: Any = None
        self.injected: CallFault | None = None       # what happens to the call that waits
        self.queues: tuple[WaitQueue, ...] = ()
        self.deadline_ns: int | None = None
        self.timer_seq = 0
        self.restart = Restart.SYS
        self.pending = Pending()
        self.blocked = 0
        self.real_blocked = 0
        self.saved_blocked: int | None = None
        self.altstack = (0, SS_DISABLE, 0)
        self.clear_child_tid = 0
        self.robust_list = (0, 0)
        self.vfork_queue: WaitQueue | None = None
        self.exec_done = False
        self.exit_code = 0
        self.usage = 1
        self.nice = 0
        self.policy = 0
        self.rt_priority = 0
        self.reset_on_fork = False
        self.io_priority = 0
        self.rseq: Rseq | None = None
        self.timer_slack_ns = 50_000
        self.no_new_privs = False
        self.undo: Any = None            # what its end takes back from semaphores
        self.utime_ticks = 0
        self.start_ns = kernel.clock.monotonic_ns()
        self.voluntary_switches = 0
        self.involuntary_switches = 0
        self.spin = 0
        self.wchan = 0
        self.lwp_slot = 0
        self.ns_for_children: PidNamespace | None = None     # None: the own one
        self.trace: LwpTrace | None = None

    def __repr__(self) -> str:
        return f"Task({self.pid!r} {self.comm.decode(errors='replace')} {self.state.value})"

    @property
    def tid(self) -> int:
        """The number of this thread in its own namespace."""
        return self.pid.numbers[self.pid.level][0]

    @property
    def space(self) -> AddressSpace:
        """The address space of a task that is alive."""
        mm = self.mm
        if mm is None:
            raise RuntimeError("the task has exited")
        return mm

    def attend(self) -> None:
        """Something is to be looked at before the program goes on."""
        self.work = True
        kernel = self.kernel
        if kernel.scheduler.current is self:
            kernel.hart.attention = True

    def wake(self, queue: WaitQueue | None) -> None:
        """Leave every queue and become runnable; the call that waited runs again. kernel/sched/core.c"""
        if self.state is State.SLEEPING:
            if self.kernel.observer is not None:
                self.kernel.observer.woken(self, queue, False)
            self.kernel.scheduler.unpark(self)

    def interrupt(self, deadly: bool = False) -> None:
        """A signal arrived: wake up, unless only a `deadly` one may disturb the wait."""
        if self.state is State.SLEEPING and (self.restart is not Restart.NEVER or deadly):
            if self.kernel.observer is not None:
                self.kernel.observer.woken(self, None, True)
            self.kernel.scheduler.unpark(self)
