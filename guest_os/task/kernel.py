"""The kernel's nouns in one place: what a task can reach through `task.kernel`. No behaviour of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from rvsim.guest_os.task.observer import Observer, Observers
from rvsim.guest_os.task.pid import PidNamespace
from rvsim.guest_os.task.slots import SlotTable

if TYPE_CHECKING:
    from rvsim.emu._gate import CallTable
    from rvsim.guest_os.mm.memory import Memory
    from rvsim.guest_os.task.control import Controller
    from rvsim.guest_os.task.futex import Futexes
    from rvsim.guest_os.task.pid import Pid
    from rvsim.guest_os.task.sampling import Sampler
    from rvsim.guest_os.task.scheduler import Scheduler, TrapHandler
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup
    from rvsim.guest_os.vfs.credentials import Credentials


class Clock(Protocol):
    """Guest time. Both in nanoseconds: since boot, and since 1970."""

    def monotonic_ns(self) -> int: ...

    def realtime_ns(self) -> int: ...


class RandomBytes(Protocol):
    """The machine's seeded random bytes."""

    def read(self, size: int) -> bytes: ...


class Injector(Protocol):
    """A plan of faults at work; `guest_os/faults` has the one that exists."""

    injected: int

    @property
    def plan(self) -> FaultPlan: ...

    def arm(self) -> None:
        """Step before the handlers of calls."""

    def disarm(self) -> None:
        """Let go of the machine."""


class FaultPlan(Protocol):
    """What is to go wrong."""

    @property
    def chaos_seed(self) -> int | None: ...

    def start(self, kernel: Kernel) -> Injector:
        """Have it happen in this machine from now on."""


class Counters:
    """What `--stats` shows besides the calls: counts since boot. `switches` and `preempted`: of tasks that are gone."""

    __slots__ = ("exec", "faults", "forks", "killed_for_memory", "preempted", "signals", "switches", "unknown_calls")

    def __init__(self) -> None:
        self.exec = 0
        self.faults = 0
        self.forks = 0
        self.killed_for_memory = 0
        self.preempted = 0
        self.signals = 0
        self.switches = 0
        self.unknown_calls: dict[int, int] = {}


class Kernel:
    """One machine's kernel. `hart`, `clock` and `memory` come from outside; `boot` fills in the rest.

    `faults` is the plan of what is to go wrong; setting it has it happen from then on.
    """

    __slots__ = (
        "abis", "anon", "binfmt", "boot_id", "clock", "console", "controller", "counters", "default_abi", "domainname",
        "environment", "exit_status", "futexes", "hart", "hostname", "init", "injector", "inotify_users", "ipc", "log",
        "log_cleared", "memfds", "memory", "mounts", "namespaces", "namespaces_made", "observer", "orphaned", "pipes",
        "process_limit", "processes", "random", "root_ns", "sampler", "scheduler", "sockets", "system_ns", "tasks",
        "traps", "vdso",
    )

    scheduler: Scheduler
    traps: TrapHandler
    futexes: Futexes

    def __init__(self, hart: Any, clock: Clock, memory: Memory, random: RandomBytes, process_limit: int,
                 root_ns: PidNamespace | None = None) -> None:
        self.hart = hart
        self.clock = clock
        self.memory = memory
        self.random = random
        self.process_limit = process_limit
        self.root_ns = root_ns if root_ns is not None else PidNamespace()
        self.processes: SlotTable[ThreadGroup] = SlotTable(process_limit)
        self.tasks = 0                       # live and zombie threads
        self.orphaned: dict[Pid, bool] = {}  # groups that were asked about since kinship last changed
        self.hostname = b"rvsim"
        self.domainname = b"(none)"
        self.init: Task | None = None
        self.counters = Counters()
        self.abis: dict[str, Any] = {}
        self.console: Any = None             # takes the kernel's own lines
        self.log: list[bytes] = []
        self.log_cleared = 0                 # so many lines are not shown any more
        self.binfmt: Any = None
        self.observer: Observer | None = None     # strace, the stepper: see `observe`
        self.controller: Controller | None = None # stops programs where a debugger of the host wants
        self.sampler: Sampler | None = None       # looks at programs every so many ticks
        self.injector: Injector | None = None     # has a plan of faults happen
        self.exit_status: int | None = None
        self.vdso: Any = None
        self.boot_id: bytes | None = None    # made when it is first read
        self.mounts: Any = None
        self.pipes: Any = None               # where pipes come from
        self.sockets: Any = None             # where sockets come from
        self.ipc: Any = None                 # shared memory, semaphores, message queues
        self.environment: list[bytes] = []   # at boot; also what programs of an ABI without one hand on
        self.anon: Any = None                # where eventfd, epoll and their like come from
        self.inotify_users: Any = None       # who watches how much
        self.memfds: Any = None              # where files of memfd_create come from
        self.namespaces: Any = None          # the files behind /proc/PID/ns
        self.namespaces_made = 0
        self.system_ns = 0                   # CPU time that the kernel charged for its own work
        self.default_abi = "linux"           # of programs that do not say theirs

    def credentials(self) -> Credentials | None:
        """Whom the kernel works for right now; None before the first task runs and between tasks."""
        task = self.scheduler.current
        return None if task is None else task.cred

    @property
    def faults(self) -> FaultPlan | None:
        """The plan of faults that happens; None, which costs nothing: there is none."""
        return None if self.injector is None else self.injector.plan

    @faults.setter
    def faults(self, plan: FaultPlan | None) -> None:
        if self.injector is not None:
            self.injector.disarm()
        self.injector = None if plan is None else plan.start(self)

    def call_tables(self) -> dict[str, CallTable]:
        """The tables of system calls, by the first ABI that has each; the gate counts calls in them."""
        tables: dict[str, CallTable] = {}
        for name, abi in self.abis.items():
            if abi.calls not in tables.values():
                tables[name] = abi.calls
        return tables

    def charge(self, task: Any, cost_ns: int) -> None:
        """The kernel worked for `task` so long: guest time passes, as on any machine, though no instruction ran.

        With the host's clock that time has passed anyway.
        """
        if not self.hart.host_time:
            self.hart.time_offset_ns += cost_ns
            self.system_ns += cost_ns
            task.group.usage.stime_ns += cost_ns

    def observe(self, observer: Observer) -> None:
        """Attach one more observer. Before the machine runs: the gate asks for it at the start of each turn."""
        if self.observer is None:
            self.observer = observer
        elif isinstance(self.observer, Observers):
            self.observer = Observers((*self.observer.members, observer))
        else:
            self.observer = Observers((self.observer, observer))

    def note(self, line: bytes) -> None:
        """A line for the kernel's log, which syslog reads; the last thousand are kept."""
        self.log.append(line)
        if len(self.log) > 1000:
            del self.log[0]
            self.log_cleared = max(self.log_cleared - 1, 0)

    def say(self, line: bytes) -> None:
        """A line of the kernel's own on the guest's console, as the tutorial's kernel prints on a fault."""
        self.note(line)
        if self.console is not None:
            self.console(line + b"\n")
