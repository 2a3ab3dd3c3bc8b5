"""Stopping a program anywhere, from outside the guest: what debuggers of the host are built on.

A `Controller` runs the loaded task in the scheduler's place. It stops before instructions, after them, after accesses
to watched memory, at traps and at ticks; then it calls `stopped` or `trapped`, in which the debugger does what it likes
for as long as it likes. Where it has nothing to look at, the gate answers calls as it does for nobody.

What the guest sees does not change by it: ticks, turns and output are what they are without a controller. That is
possible because a slice ends only at the target of a jump or branch (`emu/_gate.pyx`, `goes_straight`), which is the
same place however often the program was stopped on its way.

To leave the run for good, these raise an exception of their own; it passes through `Scheduler.run`.
"""

from __future__ import annotations

import enum
import time
from typing import TYPE_CHECKING, NamedTuple

from rvsim.emu._gate import ATTENTION, BREAK, SLICE_END
from rvsim.guest_os.mm.fault import Access
from rvsim.guest_os.mm.layout import PAGE_SIZE, page_down
from rvsim.guest_os.task.flow import size_of, successors
from rvsim.guest_os.task.operand import is_long, memory_operand, reads_and_writes
from rvsim.guest_os.task.stepping import instruction_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rvsim.emu._gate import CallTable
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.signal import SigInfo
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup

NEVER = (1 << 64) - 1
"""No trap has this number."""

ILLEGAL = 2
_ACCESS = {12: Access.EXEC, 13: Access.READ, 15: Access.WRITE}


class Reason(enum.Enum):
    """Why a controller stopped."""

    BREAK = "break"         # before the instruction at a breakpoint
    STEP = "step"           # an instruction has run, or what it trapped for is done
    WATCH = "watch"         # an instruction has touched watched bytes
    ASKED = "asked"         # `wants_stop` said so
    TICKS = "ticks"         # `pause_at` has come


class Watched(NamedTuple):
    """Bytes [start, end) of a process, and the accesses to them that count."""

    start: int
    end: int
    accesses: frozenset[Access]


class Hit(NamedTuple):
    """An access to watched bytes: by the instruction at `pc`, first to the byte at `address`."""

    watched: Watched
    access: Access
    pc: int
    address: int


class Stop(NamedTuple):
    """Why a task stands where it stands: before the instruction at `pc`. `hit` with `Reason.WATCH` only."""

    reason: Reason
    pc: int
    hit: Hit | None = None


class _Passage(NamedTuple):
    """The instruction at `pc` has touched hidden pages, which are shown to it until it has run."""

    task: Task
    pc: int
    pages: tuple[int, ...]
    hit: Hit | None


class Controller:
    """Runs tasks, and stops them where it was told to. One at a time belongs to a kernel, as `kernel.controller`.

    Differs: accesses that the kernel makes for a system call do not count as accesses to watched bytes.

    Attributes:
        pause_at: the tick at which to stop, behind the first jump or branch that reaches it; None: at none.
        free_until_ns: until then, on the host's monotonic clock, nothing stops but breakpoints, says who set them: no
            trap, watch, step or tick does, `wants_stop` neither, and nobody stands aside. 0: that cannot be said.
    """

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._breakpoints: frozenset[int] = frozenset()
        self._watches: dict[ThreadGroup, tuple[Watched, ...]] = {}
        self._told: tuple[Task, int] | None = None      # it stopped there already, and may go on from there
        self._step: tuple[Task, int] | None = None      # the instruction that is to be the last has not run yet
        self._passage: _Passage | None = None
        self._calls: CallTable | None = None
        self.pause_at: int | None = None
        self.free_until_ns = 0

    # ---- what to stop at

    def set_breakpoints(self, addresses: Iterable[int]) -> None:
        """Stop before the instructions at these addresses, in every address space; `stopped` may tell them apart."""
        wanted = frozenset(addresses)
        if wanted != self._breakpoints:
            self._breakpoints = wanted
            self.kernel.hart.set_stops(wanted)

    def set_watches(self, group: ThreadGroup, watches: Sequence[Watched]) -> None:
        """Stop after instructions of this process that touch these bytes; none: watch nothing of it any more."""
        self._watches.pop(group, None)
        if watches:
            self._watches[group] = tuple(watches)

    def clear_watches(self) -> None:
        """Watch nothing any more."""
        self._watches.clear()

    def set_trap_stop(self, number: int) -> None:
        """Call `trapped` at every trap from this number on, counted as `hart.traps` does; `NEVER`: at none."""
        self.kernel.hart.trap_stop = number

    def wants_stop(self, task: Task) -> bool:
        """Whether to stop before the next instruction of the task, which is about to run. Asked once per stop, trap and
        turn; it must not say so again without an instruction between."""
        return False

    def wants_step(self, task: Task) -> bool:
        """Whether to stop after the next instruction of the task that runs. A call or fault is part of it."""
        return False

    def stopped(self, task: Task, stop: Stop) -> None:
        """The task, which is loaded and saved, stands at `stop.pc`. It goes on when this returns. For subclasses."""
        return

    def trapped(self, task: Task, cause: int) -> None:
        """The task, which is loaded and saved, has trapped; the kernel acts when this returns. For subclasses.

        `hart.traps` is the trap's number, `hart.epc` and `hart.tval` tell more. A read of the counters comes as an
        illegal instruction. If this changes pc, the trap is forgotten and the task goes on there.
        """
        return

    def signal(self, task: Task, info: SigInfo) -> SigInfo | None:
        """A signal is taken from the queue: what the task is to act on instead, None for nothing. Not for SIGKILL."""
        return info

    def stops_at_end(self, task: Task) -> bool:
        """Whether to stop behind the last instruction of the task's time slice, where a breakpoint is. For subclasses.
        """
        return False

    def holds(self, task: Task) -> bool:
        """Whether the task, whose turn it is or would be, stands aside: others run."""
        return False

    def stuck(self) -> bool:
        """Nothing can ever run again, but for tasks that stand aside. True: look once more."""
        return False

    def close(self) -> None:
        """Stop nowhere any more."""
        self.set_breakpoints(())
        self.set_trap_stop(NEVER)
        self._watches.clear()
        self.pause_at = None
        self.free_until_ns = 0

    # ---- running

    def passes(self, task: Task) -> bool:
        """Whether the loaded task may run as without a controller, until a BREAK, of which `run` must be told."""
        return time.monotonic_ns() < self.free_until_ns and self._told is None is self._step and not task.work and (
            self.kernel.hart.pc not in self._breakpoints)

    def run(self, task: Task, budget: int, calls: CallTable | None = None) -> int:
        """Run the loaded task for at most `budget` ticks, as `Gate.run` does; the cause is never BREAK.

        `calls`: what the gate is to answer on its own.
        """
        hart = self.kernel.hart
        self._calls = calls
        end = last = hart.ticks + budget
        while True:
            pc = hart.pc
            if task.work:                   # a debugger has sent it a signal
                return ATTENTION
            if self.holds(task):
                self.kernel.scheduler.yield_now()
                hart.attention = False
                return ATTENTION
            if self.pause_at is not None:
                if hart.ticks >= self.pause_at:
                    self.pause_at = None
                    self._tell(task, Stop(Reason.TICKS, pc))
                    continue
                last = min(end, self.pause_at)
            else:
                last = end
            if self.wants_stop(task):
                self._tell(task, Stop(Reason.ASKED, pc))
                continue
            if self._step is not None and self._step[0] is task and self._step[1] != pc:
                self._tell(task, Stop(Reason.STEP, pc))         # it trapped, and that is done
                continue
            if self._told is not None and self._told != (task, pc):
                self._told = None
            if self._step is not None and not self._step[0].alive:
                self._step = None
            if pc in self._breakpoints and self._told is None:
                self._tell(task, Stop(Reason.BREAK, pc))
                continue
            step = self.wants_step(task)
            if step:
                self._step = task, pc
            watches = self._watches.get(task.group)
            if watches is None:
                cause = self._one(task, last) if step or pc in self._breakpoints else self._free(task, last)
            else:
                passage = self._passage
                if passage is not None and (passage.task is not task or passage.pc != pc):
                    passage = self._passage = None
                single = step or passage is not None or pc in self._breakpoints
                cause = self._watching(task, last, watches, single)
                if cause in _ACCESS and self._explained(task, watches, cause):
                    hart.traps -= 1
                    continue
                if passage is not None and cause < 0 and self._ran(pc, cause):
                    self._passage = None
                    if passage.hit is not None:
                        self._tell(task, Stop(Reason.WATCH, hart.pc, passage.hit))
                        step = False
            if cause < 0 and step and self._ran(pc, cause):
                self._tell(task, Stop(Reason.STEP, hart.pc))
            if cause >= 0 and hart.traps >= hart.trap_stop:
                hart.save()
                self.trapped(task, cause)
                if hart.pc != hart.epc:
                    continue
                if cause == ILLEGAL and hart.answer_counter():
                    cause = SLICE_END if hart.ticks >= end else BREAK
            if cause == SLICE_END and hart.ticks < end:
                continue
            if cause == SLICE_END and hart.pc in self._breakpoints and self.stops_at_end(task):
                self._tell(task, Stop(Reason.ASKED, hart.pc))
            if cause != BREAK:
                return cause

    def _ran(self, pc: int, cause: int) -> bool:
        """Whether a single instruction at `pc` has run; a slice may end before it."""
        return cause == BREAK or self.kernel.hart.pc != pc

    def _tell(self, task: Task, stop: Stop) -> None:
        hart = self.kernel.hart
        self._step = None
        hart.save()
        self.stopped(task, stop)
        self._told = (task, stop.pc) if hart.pc == stop.pc else None     # moved elsewhere, it stops there too

    def _free(self, task: Task, end: int) -> int:
        hart, observer = self.kernel.hart, self.kernel.observer
        calls = self._calls if observer is None or not observer.sees_calls else None     # it may have come at a stop
        return int(hart.run(task, calls, end - hart.ticks))

    def _one(self, task: Task, end: int) -> int:
        """Run the instruction at pc, whatever stops there. BREAK: it has run."""
        hart = self.kernel.hart
        pc = hart.pc
        word = mapped_instruction(task.space, pc)
        targets = successors(pc, word, hart.x) if word is not None else (pc,)
        if pc in targets:                   # an address cannot be left and come to at once
            cause = int(hart.step(1))
            if cause >= 0:
                return cause
            return SLICE_END if hart.ticks >= end else BREAK
        around = pc, *targets
        hart.set_stops(self._breakpoints.difference((pc,)).union(targets), around)
        try:
            return int(hart.run(task, None, end - hart.ticks))
        finally:
            hart.set_stops(self._breakpoints, around)

    # ---- watching

    def _watching(self, task: Task, end: int, watches: tuple[Watched, ...], single: bool) -> int:
        """Run with the watched pages hidden from the user, but for those that the instruction at pc is to see."""
        table = task.space.table
        shown = self._passage.pages if self._passage is not None else ()
        pages = dict.fromkeys(page for watched in watches
                              for page in range(page_down(watched.start), watched.end, PAGE_SIZE))
        hidden = [page for page in pages if page not in shown]
        task.space.changed()
        for page in hidden:
            table.hide(page, True)
        try:
            if single:
                return self._one(task, end)
            hart = self.kernel.hart             # no call is answered on the way: what fork copies must not be hidden
            return int(hart.run(task, None, end - hart.ticks))
        finally:
            for page in hidden:
                table.hide(page, False)

    def _explained(self, task: Task, watches: tuple[Watched, ...], cause: int) -> bool:
        """Whether a page fault came only from hiding; then the instruction is to see the page."""
        hart = self.kernel.hart
        access, page, pc = _ACCESS[cause], page_down(hart.tval), hart.epc
        passage = self._passage
        if not any(page_down(watched.start) <= page < watched.end for watched in watches):
            return False
        pages = passage.pages if passage is not None else ()
        if page in pages or task.space.table.probe(page, 1, access is Access.WRITE) != -1:
            return False
        hit = passage.hit if passage is not None and passage.hit is not None else self._hit(task, watches, pc, access)
        self._passage = _Passage(task, pc, (*pages, page), hit)
        return True

    def _hit(self, task: Task, watches: tuple[Watched, ...], pc: int, access: Access) -> Hit | None:
        hart = self.kernel.hart
        word = instruction_at(task.space, pc)
        if access is Access.EXEC:
            start, size, accesses = pc, size_of(word), [Access.EXEC]
        else:
            start, size = memory_operand(word, hart.x) or (hart.tval, 1)
            accesses = [Access.WRITE, Access.READ] if reads_and_writes(word) else [access]
        for watched in watches:
            if watched.start < start + size and start < watched.end:
                for kind in accesses:
                    if kind in watched.accesses:
                        return Hit(watched, kind, pc, max(start, watched.start))
        return None


def mapped_instruction(space: AddressSpace, pc: int) -> int | None:
    """The 16 or 32 bits at `pc` if the hart can fetch them as things are; no page comes in for it."""
    low = space.table.copy_in(pc, 2)
    if not isinstance(low, bytes):
        return None
    word = int.from_bytes(low, "little")
    if not is_long(word):
        return word
    high = space.table.copy_in(pc + 2, 2)
    return word | int.from_bytes(high, "little") << 16 if isinstance(high, bytes) else None
