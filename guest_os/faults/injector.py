"""Has a plan happen in a machine: counts the calls, and puts itself before the handlers of those that it concerns."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EAGAIN, EINTR, ENOMEM
from rvsim.guest_os.abi.signals import SI_KERNEL
from rvsim.guest_os.faults.chaos import Chaos, may_be_cut_short
from rvsim.guest_os.faults.fault import ALL, ALLOC, ALLOCATING, NO_RESULT, PAGE, BadFault, Fault, Injected
from rvsim.guest_os.faults.paths import descriptors, paths_of
from rvsim.guest_os.faults.spec import action_text
from rvsim.guest_os.faults.transfers import TRANSFERS, comes_in_bytes, file_of, shortened, wanted
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.mm.layout import MAX_RW_COUNT
from rvsim.guest_os.syscalls import linux_table, rcore_table
from rvsim.guest_os.syscalls.table import way
from rvsim.guest_os.task.call_fault import CallFault
from rvsim.guest_os.task.pid import PidType
from rvsim.guest_os.task.signal import SigInfo, recalc, send_signal
from rvsim.guest_os.task.slices import Slices
from rvsim.guest_os.wait import Blocked, Restart, Resume

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rvsim.emu._gate import CallTable
    from rvsim.guest_os.faults.plan import FaultPlan
    from rvsim.guest_os.syscalls.args import RawCall
    from rvsim.guest_os.syscalls.table import Row
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task

MAX_LOGGED = 100_000
"""So many faults are kept in the log; those after them happen too."""


class Injector:
    """A plan at work in one machine. Plain data: it is part of a snapshot, and `arm` is called again after that.

    Attributes:
        counts: how many calls each fault of the plan has matched.
        calls: how many calls the chaos was asked about.
        injected: how many faults have happened.
    """

    def __init__(self, kernel: Kernel, plan: FaultPlan) -> None:
        self.kernel = kernel
        self.plan = plan
        self.log: list[Injected] = []
        self.counts: list[int] = [0] * len(plan.faults)
        self.calls = 0
        self.injected = 0
        self.own_slices = False
        seed = plan.chaos_seed
        self.chaos: Chaos | None = None if seed is None else Chaos(seed, plan.chaos_level == "hard", plan.chaos_rate)

    # ---- in the tables of calls

    def arm(self) -> None:
        """Step before the handlers. Also after a snapshot, whose machine has tables of its own.

        Raises:
            BadFault: the plan is none, as in a snapshot that somebody made up.
        """
        kernel, plan = self.kernel, self._checked()
        if plan.chaos_seed is not None and kernel.scheduler.slices is None:
            kernel.scheduler.slices = Slices(plan.chaos_seed)
            kernel.hart.exact_slices = self.own_slices = True
        names = {name for fault in plan.faults for name in fault.calls}
        everything = self.chaos is not None or ALL in names
        if ALLOC in names:
            names.update(ALLOCATING)
            self.kernel.memory.allocations = self
            self._close_windows()
        for calls, rows, linux in self._tables():
            for number, row in rows.items():
                entry = calls.get(number)
                if entry is None or not (everything or row.name in names):
                    continue
                function, nargs = entry
                if not isinstance(function, InjectedCall):
                    calls.add(number, InjectedCall(self, function, row, linux), nargs, way(row.name))
        self._let_waiting_calls_be()

    def _checked(self) -> FaultPlan:
        plan = self.plan
        again = replace(plan, faults=tuple(replace(fault) for fault in plan.faults))
        numbers = [self.calls, self.injected, *self.counts]
        if plan != again or len(self.counts) != len(plan.faults) or any(type(number) is not int for number in numbers):
            raise BadFault("the faults of the machine are not what can be")
        if (self.chaos is None) != (plan.chaos_seed is None) or (
                self.chaos is not None and self.chaos.rate != plan.chaos_rate):
            raise BadFault("the faults of the machine are not what can be")
        return plan

    def disarm(self) -> None:
        """Let go of the machine."""
        self.kernel.memory.allocations = None
        if self.own_slices:
            self.kernel.scheduler.slices = None
            self.kernel.hart.exact_slices = False
        for calls, rows, _ in self._tables():
            for number, row in rows.items():
                entry = calls.get(number)
                if entry is not None and isinstance(entry[0], InjectedCall):
                    calls.add(number, entry[0].function, entry[1], way(row.name))
        for task in self._tasks():
            task.injected = None

    def _tables(self) -> Iterator[tuple[CallTable, Mapping[int, Row], bool]]:
        for name, calls in self.kernel.call_tables().items():
            if name == "linux":
                yield calls, linux_table.ROWS, True
            else:
                yield calls, rcore_table.ROWS_CHAPTER_8 if name == "rcore:8" else rcore_table.ROWS, False

    def _tasks(self) -> Iterator[Task]:
        return self.kernel.root_ns.tasks(PidType.PID)

    def _close_windows(self) -> None:
        """From now on the gate fills in no page on its own."""
        for task in self._tasks():
            if task.mm is not None:
                task.mm.changed()

    def _let_waiting_calls_be(self) -> None:
        """Calls that wait have begun before the plan: when they are tried again, they are none that it counts."""
        for task in self._tasks():
            if task.in_call and task.injected is None:
                entry = task.abi.calls.get(task.context.get(17))
                if entry is not None and isinstance(entry[0], InjectedCall):
                    task.injected = CallFault()

    # ---- what happens

    def begins(self, task: Task, call: InjectedCall, registers: Sequence[int]) -> CallFault | None:
        """A call begins: count it, and say what happens to it."""
        doing: CallFault | None = None
        for at, fault in enumerate(self.plan.faults):
            if not self._matches(fault, task, call, registers):
                continue
            self.counts[at] += 1
            if fault.hits(self.counts[at]):
                new = doing if doing is not None else CallFault()
                if _add(new, fault):
                    doing = new
                    self._note(task, call.name, self.counts[at], fault.action, fault.number)
        if doing is None and self.chaos is not None:
            self.calls += 1
            doing = self.chaos.draw(task, call.name, registers, call.linux)
            if doing is not None and doing.interrupts:
                doing.interrupts = self.calls
            elif doing is not None:
                self._note(task, call.name, self.calls, *_kind(doing))
        return doing

    def _matches(self, fault: Fault, task: Task, call: InjectedCall, registers: Sequence[int]) -> bool:
        if not self._is_meant(fault, task):
            return False
        names = fault.calls
        if call.name not in names and names[0] not in (ALL, ALLOC):
            return False
        if names[0] == ALLOC:
            return call.name in ALLOCATING and (call.name != "brk" or registers[0] > task.space.brk)
        if fault.action == "signal" and names[0] == ALL and call.name in NO_RESULT:
            return False
        if fault.path:
            paths = paths_of(task, call.name, call.descriptors, registers)
            if not any(fnmatchcase(path, fault.path) for path in paths):
                return False
        if fault.action == "short":
            transfer = TRANSFERS[call.name]
            file = file_of(task, registers[transfer.file])
            return file is not None and comes_in_bytes(file) and wanted(task, transfer, registers) > fault.number
        return True

    def _is_meant(self, fault: Fault, task: Task) -> bool:
        if fault.pid is not None and task.group.leader.pid.numbers[0][0] != fault.pid:
            return False
        return not fault.comm or fnmatchcase(task.comm.decode("utf-8", "surrogateescape"), fault.comm)

    def interrupts(self, task: Task, call: InjectedCall, doing: CallFault, wait: Blocked) -> bool:
        """Whether a call that is to be interrupted if it waits is so, now that it does."""
        count, doing.interrupts = doing.interrupts, 0
        if not may_be_cut_short(task, wait.restart):
            return False
        self._note(task, call.name, count, "errno", EINTR.number)
        return True

    def page_wanted(self) -> None:
        """A program is to get a page. Raises OutOfMemory: not this one."""
        task = self.kernel.scheduler.current
        if task is None:
            return
        failed = False
        for at, fault in enumerate(self.plan.faults):
            if fault.call == ALLOC and self._is_meant(fault, task):
                self.counts[at] += 1
                if fault.hits(self.counts[at]):
                    failed = True
                    self._note(task, PAGE, self.counts[at], fault.action, fault.number)
        if failed:
            raise OutOfMemory

    def _note(self, task: Task, call: str, count: int, action: str, number: int) -> None:
        self.injected += 1
        if len(self.log) < MAX_LOGGED:
            self.log.append(Injected(self.kernel.hart.ticks, task.pid.numbers[0][0], call, count,
                                     action_text(action, number)))
        if self.kernel.observer is not None:
            self.kernel.observer.injected(task, action, number, call, count)


def _add(doing: CallFault, fault: Fault) -> bool:
    """Have it happen too; False: something else does, beside which it cannot."""
    number = fault.number
    if fault.action == "delay":
        doing.delay_ns = doing.delay_ns or number
        return doing.delay_ns == number
    if fault.action == "signal":
        doing.signo = doing.signo or number
        return doing.signo == number
    if doing.error or doing.limit or doing.no_memory:
        return False
    if fault.action == "errno":
        doing.error = number
    elif fault.action == "short":
        doing.limit = number
    else:
        doing.no_memory = True
    return True


def _kind(doing: CallFault) -> tuple[str, int]:
    """What chaos drew, as an action and its number."""
    if doing.error:
        return "errno", doing.error
    return ("short", doing.limit) if doing.limit else ("delay", doing.delay_ns)


class InjectedCall:
    """Stands in a table of calls in a handler's place."""

    __slots__ = ("descriptors", "function", "injector", "linux", "name")

    def __init__(self, injector: Injector, function: RawCall, row: Row, linux: bool) -> None:
        self.injector = injector
        self.function = function
        self.name = row.name
        self.linux = linux
        self.descriptors = descriptors(row.handler)

    @property
    def __wrapped__(self) -> RawCall:
        """The handler behind it."""
        return self.function

    def __call__(self, task: Task, *registers: int) -> int | None:
        """The call's first try, or a further one of a call that waited."""
        doing = task.injected
        if doing is None:
            doing = self.injector.begins(task, self, registers)
        try:
            result = self.function(task, *registers) if doing is None else self._carry_out(task, doing, registers)
        except Blocked as wait:
            if doing is None or not doing.interrupts or not self.injector.interrupts(task, self, doing, wait):
                task.injected = doing if doing is not None else CallFault()
                raise
            result = self._cut_short(task)
        task.injected = None
        return result

    def _carry_out(self, task: Task, doing: CallFault, registers: tuple[int, ...]) -> int | None:
        if doing.delay_ns or doing.until_ns:
            self._wait(task, doing)
        if doing.signo:
            signo, doing.signo = doing.signo, 0
            try:
                send_signal(task, SigInfo(signo, SI_KERNEL), False)
            except EAGAIN:
                self.injector.kernel.note(b"rvsim: signal %d could not be injected: too many wait" % signo)
        if doing.error:
            return self._failed(doing.error)
        if doing.no_memory:
            return task.space.brk if self.name == "brk" and self.linux else self._failed(ENOMEM.number)
        if not doing.limit:
            return self.function(task, *registers)
        space = task.space
        space.transfer_max = doing.limit
        try:
            return self.function(task, *shortened(TRANSFERS[self.name], registers, doing.limit))
        finally:
            space.transfer_max = MAX_RW_COUNT

    def _cut_short(self, task: Task) -> int:
        """What a call that was about to wait gives if a handler runs instead. As `Traps._handle`"""
        resume, task.resume = task.resume, None
        result = None
        if isinstance(resume, Resume):
            result = resume.interrupted()
            resume.dropped()
        if task.saved_blocked is not None:
            task.attend()                     # a mask that was in place for the wait alone goes
        return -EINTR.number if result is None else result

    def _wait(self, task: Task, doing: CallFault) -> None:
        """Raises Blocked until the delay has passed; only what ends the process disturbs it."""
        now = task.kernel.clock.monotonic_ns()
        if doing.delay_ns:
            doing.until_ns, doing.delay_ns = now + doing.delay_ns, 0
        if now < doing.until_ns:
            raise Blocked(deadline_ns=doing.until_ns, restart=Restart.NEVER)
        doing.until_ns = 0
        recalc(task)

    def _failed(self, number: int) -> int:
        return -number if self.linux else -1
