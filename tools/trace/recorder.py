"""The observer behind `rvsim run --trace`: what the gate does not write into the trap log itself, and the file."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rvsim.emu._gate import PTE_COW, PTE_R, PTE_W, PTE_X, TraceLog
from rvsim.guest_os.abi.signals import SIG_DFL, SIG_IGN
from rvsim.guest_os.faults.fault import PAGE
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.pid import PidType
from rvsim.guest_os.task.task import State
from rvsim.guest_os.wait import Blocked, Restart, WaitQueue
from rvsim.tools.strace import memory
from rvsim.tools.trace import format as f
from rvsim.tools.trace.format import Action, Kind, Outcome, Over, Taken, Wait, Woken
from rvsim.tools.trace.modules import Modules
from rvsim.tools.trace.stacks import StackSampler
from rvsim.tools.trace.writer import Writer
from rvsim.tools.version import own_version

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.mm.vma import Vma
    from rvsim.guest_os.task.signal import SigInfo
    from rvsim.guest_os.task.task import Task

FLUSH_NS = 200_000_000
"""So long, in host time, may a record wait while the machine runs…"""
IDLE_FLUSH_NS = 5_000_000
"""…and so long before it goes idle."""
ARGUMENTS = 4096
"""Bytes of a program's arguments that are kept."""
NO_DEADLINE = (1 << 64) - 1
NOBODY = 0

_WAITS = {Restart.SYS: Wait.SYS, Restart.NOHAND: Wait.NOHAND, Restart.EINTR: Wait.EINTR, Restart.NEVER: Wait.NEVER}
_NEEDED = {12: PTE_X, 13: PTE_R, 15: PTE_W}


class Recorder(Observer):
    """Writes the trace of a machine into a file. One that exists is made anew.

    Raises:
        CliError: the file cannot be written; by every method.
    """

    sees_calls = False

    def __init__(self, machine: Machine, path: str, header: dict[str, Any], stack_ticks: int = 0) -> None:
        self.kernel = machine.kernel
        self.hart = machine.hart
        self.writer = Writer(path)
        self.writer.json(f.HEAD, header)
        self.log = TraceLog(self._take)
        self.modules = Modules(lambda module: self.writer.json(f.MODULE, module))
        self.texts: dict[bytes, int] = {}
        self.outcome = Outcome.NOTHING
        self.turn_start = 0
        self.status: int | None = None
        self.flushed_ns = time.monotonic_ns()
        self.hart.log = self.log
        self.kernel.observe(self)
        self.sampler: StackSampler | None = None
        if stack_ticks:
            self.sampler = self.kernel.sampler = StackSampler(self.kernel, stack_ticks, self.modules, self._stack)
        self._introduce()

    def _introduce(self) -> None:
        """Tell of the tasks that are there already: those of a machine that was restored."""
        for task in self.kernel.root_ns.tasks(PidType.PID, 1):
            if not task.alive:
                continue
            if self.sampler is not None:
                self.sampler.begin(task)
            leader, parent = task.group.leader, task.group.parent
            if task is not leader:
                self._event(Kind.FORK, who(leader), *numbers(task), flags=f.THREAD | f.BEFORE)
            elif parent is not None:
                self._event(Kind.FORK, who(parent.leader), *numbers(task), flags=f.BEFORE)
            if task is leader:
                self._runs(task, f.BEFORE)

    # ---- the file

    def _take(self, packed: bytes, count: int) -> None:
        if self.sampler is not None:
            fresh = self.sampler.take_fresh()
            if fresh:
                self.writer.json(f.STACKS, fresh)
        self.writer.packed(packed, count)
        self.flushed_ns = time.monotonic_ns()

    def _text(self, data: bytes) -> int:
        """The number of a text, which is in the file from now on."""
        number = self.texts.get(data)
        if number is None:
            number = self.texts[data] = len(self.texts)
            self.writer.json(f.TEXTS, [data.decode(errors="surrogateescape")])
        return number

    def _event(self, kind: Kind, who: int, *arguments: int, number: int = 0, outcome: int = 0, flags: int = 0,
               result: int = 0) -> None:
        self.hart.log_event(kind | outcome << 16 | flags << 24 | number << 32, who, result, arguments)

    @classmethod
    @contextmanager
    def recording(cls, machine: Machine, path: str, header: dict[str, Any], stack_ticks: int) -> Iterator[Recorder]:
        """While this lasts, the machine is recorded. Set `status` when it has ended by itself."""
        recorder = cls(machine, path, header, stack_ticks)
        try:
            yield recorder
        finally:
            recorder.close()

    def close(self) -> None:
        """The machine has ended. Closing again does nothing."""
        if self.hart.log is None:
            return
        self.hart.log = None
        try:
            self.log.leave()
            self.log.flush()
            self.writer.json(f.DONE, {"records": self.writer.records, "ticks": self.hart.ticks,
                                      "ns": self.kernel.clock.monotonic_ns(), "status": self.status})
        finally:
            self.writer.close()

    # ---- turns and waits

    def turn(self, task: Task) -> None:
        self.log.leave()
        self.log.who(*numbers(task))
        self.turn_start = self.hart.ticks
        self._event(Kind.TURN, who(task))

    def turn_over(self, task: Task) -> None:
        self.log.leave()
        if task.state is State.RUNNING:
            over = Over.QUEUED
        elif task.state is State.SLEEPING:
            over = Over.WAITS
        else:
            over = Over.STOPPED if task.alive else Over.GONE
        self._event(Kind.TURN_OVER, who(task), outcome=over, result=self.hart.ticks - self.turn_start)
        waited = time.monotonic_ns() - self.flushed_ns
        if waited > FLUSH_NS or (waited > IDLE_FLUSH_NS and not self.kernel.scheduler.runnable):
            self.log.flush()
            self.flushed_ns = time.monotonic_ns()

    def sleeps(self, task: Task, wait: Blocked) -> None:
        self.log.leave()
        deadline = NO_DEADLINE if wait.deadline_ns is None else wait.deadline_ns
        self._event(Kind.SLEEP, who(task), deadline, number=self.hart.x(17) & 0xFFFF_FFFF,
                    outcome=_WAITS[wait.restart])

    def woken(self, task: Task, queue: WaitQueue | None, by_signal: bool) -> None:
        waker = self.kernel.scheduler.current
        outcome = Woken.SIGNAL if by_signal else Woken.DEADLINE if queue is None else Woken.EVENT
        self._event(Kind.WAKE, who(task), *(numbers(waker) if waker is not None else (NOBODY, NOBODY)),
                    outcome=outcome)

    # ---- traps

    def trap(self, task: Task, cause: int, epc: int, tval: int) -> None:
        if cause == f.ECALL:
            return
        self.outcome = foresee(task.mm, cause, tval)
        self.hart.log_begin(Kind.TRAP | (cause & 0xFF) << 8, tval)

    def served(self, task: Task, cause: int) -> None:
        if cause == f.ECALL:
            return
        outcome = self.outcome
        if not task.alive:
            outcome = Outcome.KILL
        elif outcome is Outcome.NOTHING or not granted(task.mm, cause, self.hart.tval):
            outcome = Outcome.SIGNAL if task.work else Outcome.NOTHING
        self.hart.log_end(0, outcome, 0)

    def enter(self, task: Task, number: int, registers: Sequence[int]) -> None:
        self.hart.log_begin(Kind.CALL | f.ECALL << 8 | (number & 0xFFFF_FFFF) << 32, number >> 32, tuple(registers))

    def leave(self, task: Task, number: int, registers: Sequence[int], result: int | None) -> None:
        flags = f.NO_RESULT if result is None else 0
        if self.log.open:
            self.hart.log_end(flags, 0, result or 0)
        else:
            self._event(Kind.RETURN, who(task), number=number & 0xFFFF_FFFF, flags=flags, result=result or 0)

    def cut_short(self, task: Task, number: int, result: int | None) -> None:
        self.log.leave()
        self._event(Kind.RETURN, who(task), number=number & 0xFFFF_FFFF,
                    flags=f.NO_RESULT if result is None else 0, result=result or 0)

    def injected(self, task: Task, action: str, number: int, call: str, count: int) -> None:
        page = call == PAGE
        self._event(Kind.INJECTED, who(task), number, count, number=0 if page else self.hart.x(17) & 0xFFFF_FFFF,
                    outcome=Action[action.upper()], flags=f.PAGE if page else 0)

    # ---- signals

    def _signal(self, kind: Kind, teller: int, info: SigInfo, outcome: Taken, flags: int = 0, *more: int) -> None:
        self._event(kind, teller, info.code, info.addr, info.pid, *more, number=info.signo, outcome=outcome,
                    flags=flags)

    def signal(self, task: Task, info: SigInfo) -> None:
        handler = task.sighand.actions[info.signo].handler
        taken = Taken.IGNORED if handler == SIG_IGN else Taken.DEFAULT if handler == SIG_DFL else Taken.HANDLER
        self._signal(Kind.SIGNAL, who(task), info, taken)

    def sent(self, target: Task, info: SigInfo, to_group: bool) -> None:
        self._sent(target, info, Taken.UNKNOWN, f.GROUP if to_group else 0)

    def discarded(self, task: Task, info: SigInfo) -> None:
        self._sent(task, info, Taken.DROPPED, 0)

    def _sent(self, target: Task, info: SigInfo, outcome: Taken, flags: int) -> None:
        sender = self.kernel.scheduler.current
        self._signal(Kind.SENT, who(sender) if sender is not None else NOBODY, info, outcome, flags, *numbers(target))

    def stopped(self, task: Task, signo: int) -> None:
        self._event(Kind.STOPPED, who(task), number=signo)

    # ---- tasks

    def forked(self, task: Task, child: Task) -> None:
        self._event(Kind.FORK, who(task), *numbers(child), flags=f.THREAD if child.group is task.group else 0)

    def executed(self, task: Task) -> None:
        self._runs(task, 0)

    def _runs(self, task: Task, flags: int) -> None:
        space = task.space
        path = self._text(_path(space, task))
        arguments = self._text(memory.read(space, space.arg_start, min(space.arg_end - space.arg_start, ARGUMENTS))
                               or b"")
        self._event(Kind.EXEC, who(task), self._text(task.abi.name.encode()), arguments, number=path, flags=flags)
        for area, module, bias in self.modules.code(space):
            self._mapped(task, area, module, bias)

    def mapped(self, task: Task, area: Vma) -> None:
        self._mapped(task, area, *self.modules.place(task.space, area))

    def _mapped(self, task: Task, area: Vma, module: int, bias: int) -> None:
        self._event(Kind.MAPPED, who(task), area.start, area.end, bias, number=module)

    def exited(self, task: Task, status: int) -> None:
        if self.sampler is not None:
            self.sampler.gone(task)
        self._event(Kind.EXIT, who(task), flags=f.GROUP if not task.group.live_threads else 0, result=status)

    def _stack(self, task: Task, number: int, ticks: int) -> None:
        self._event(Kind.STACK, who(task), number=number, result=ticks)


def header_of(machine: Machine, argv: Sequence[bytes], stack_ticks: int) -> dict[str, Any]:
    """What the head of a trace says of its run. The environment, which may hold secrets, is not in it."""
    config = machine.config
    return {
        "rvsim": own_version(), "program": argv[0].decode(errors="surrogateescape"),
        "argv": [word.decode(errors="surrogateescape") for word in argv], "abi": config.abi, "seed": config.seed,
        "clock": config.clock, "memory": config.memory_bytes, "stacks": stack_ticks,
    }


def numbers(task: Task) -> tuple[int, int]:
    """The numbers of a task's process and its own, as the whole machine knows them."""
    return task.group.pid.numbers[0][0], task.pid.numbers[0][0]


def who(task: Task) -> int:
    """The same as a word of a record."""
    pid, tid = numbers(task)
    return pid | tid << 32


def _path(space: AddressSpace, task: Task) -> bytes:
    exe: Any = space.exe
    path: bytes = exe.path.display() if exe is not None else task.comm
    return path


def foresee(space: AddressSpace | None, cause: int, address: int) -> Outcome:
    """What a page fault will lead to if it is granted. mm/memory.c:handle_pte_fault"""
    if space is None or cause not in _NEEDED:
        return Outcome.NOTHING
    area = space.areas.find(address)
    if area is None:
        return Outcome.STACK_GROWTH
    entry = space.table.walk(address)
    if entry:
        return Outcome.COPY_ON_WRITE if entry & PTE_COW and _NEEDED[cause] == PTE_W else Outcome.LOOK_AGAIN
    return Outcome.DEMAND_ZERO if area.cache is None else Outcome.FILE_PAGE


def granted(space: AddressSpace | None, cause: int, address: int) -> bool:
    """Whether the hart can do now what it trapped for."""
    return space is not None and bool(space.table.walk(address) & _NEEDED[cause])
