"""What is kept of a process and of an lwp that a debugger looks after. Plain data; `tracing` acts on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rvsim.guest_os.abi.solproc import Fault, Flag, Watch, Why
from rvsim.guest_os.task.signal import SigInfo
from rvsim.guest_os.task.watched_calls import Area, Seen, WatchedCall
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.mm.fault import Access
    from rvsim.guest_os.task.task import Task

FIRST_MODES = Flag.MSACCT | Flag.MSFORK
"""The modes of a process that nobody changed. They do nothing: every process has its times counted."""


class Stop(NamedTuple):
    """Why a task stands still, and since when (monotonic nanoseconds)."""

    why: Why
    what: int
    at_ns: int


class PendingFault(NamedTuple):
    """A fault that the program did, to be answered when it goes on: what `Abi.fault` gets, and its number.

    `seen`: the access to a watched byte, if it was that.
    """

    fault: Fault
    cause: int
    epc: int
    tval: int
    info: SigInfo
    seen: Seen | None = None


class Passing(NamedTuple):
    """The instruction at `pc` runs alone, with these watched pages shown to it.

    `after`: address and kind of its access, to be reported when it has run. `told`: what was reported of it, EXEC for
    the fetch and WRITE for any access to data.
    """

    pc: int
    pages: tuple[int, ...]
    after: tuple[int, Access] | None
    told: Watch


class LwpTrace:
    """What tracing keeps of one task. Plain data.

    Attributes:
        stop: the stop it stands at, None while it runs or waits.
        directed: it is to stop as soon as it can.
        signal: the current signal: taken from the queue, acted on when the task goes on.
        fault: the current fault, likewise.
        step: run one instruction, then fault with `Fault.TRACE`.
        call: number and a0 to a5 of the call that it stands in or came from last; None: none since it was traced.
        result: what that call returned, in Linux's way; None: nothing, or not yet.
        passed_pc: the ecall at which it stopped on entry; the call goes on from there without another stop.
        abort: that call is not to run: it returns EINTR.
        passing: the instruction that touched a watched page, until it has run.
        watched: the call that it makes, as long as watched areas are looked after.
        leaving: a call that touched a watched byte and is over, until the fault is answered.
    """

    __slots__ = ("abort", "call", "directed", "fault", "leaving", "passed_pc", "passing", "result", "signal", "step",
                 "stop", "watched")

    def __init__(self) -> None:
        self.stop: Stop | None = None
        self.directed = False
        self.signal: SigInfo | None = None
        self.fault: PendingFault | None = None
        self.step = False
        self.call: tuple[int, tuple[int, ...]] | None = None
        self.result: int | None = None
        self.passed_pc: int | None = None
        self.abort = False
        self.passing: Passing | None = None
        self.watched: WatchedCall | None = None
        self.leaving: WatchedCall | None = None

    def forget(self) -> None:
        """The task is about to end: it stands nowhere, and nothing is kept for when it would go on."""
        self.stop = self.signal = self.fault = self.watched = self.leaving = None
        self.directed = self.step = self.abort = False


class ProcessTrace:
    """What to stop a process for. Sets are bits: element n is bit n - 1; system call 0 cannot be in one.

    `stopped` is woken at each stop of a task, at its end, and when it goes on. `agent` is a thread that a debugger put
    into the process; while it is there, no other runs. `writers` counts the open files that control the process,
    `void_writers` those among them that an exec made useless.
    """

    __slots__ = ("agent", "entry", "exit", "faults", "modes", "signals", "stopped", "void_writers", "watches",
                 "writers")

    def __init__(self) -> None:
        self.signals = 0
        self.faults = 0
        self.entry = 0
        self.exit = 0
        self.modes = FIRST_MODES
        self.stopped = WaitQueue()
        self.agent: Task | None = None
        self.writers = 0
        self.void_writers = 0
        self.watches: list[Area] = []

    @property
    def idle(self) -> bool:
        """Nothing is asked for, so calls may be answered in the gate."""
        return not (self.entry or self.exit or self.watches)

    @property
    def asked(self) -> bool:
        """Something is asked for: a signal, a fault or a call to stop on."""
        return bool(self.signals or self.faults or self.entry or self.exit)

    def clear(self) -> None:
        """Stop for nothing any more."""
        self.signals = self.faults = self.entry = self.exit = 0
        self.watches = []
