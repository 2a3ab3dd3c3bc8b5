"""The last traps that a run went by, however it went: the gate writes them into a log, the kernel's observer the rest.

Only registers are written down, so this costs little, and no more memory than `KEPT` traps take; going back finds them
again, because every snapshot of the session has its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rvsim.emu._gate import TraceLog, unpack_records
from rvsim.guest_os.task.observer import Observer
from rvsim.tools.debug.causes import ECALL
from rvsim.tools.trace.format import NO_RESULT, OPEN, RECORD, Kind, Outcome, Record
from rvsim.tools.trace.recorder import foresee, granted, numbers, who

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.wait import Blocked

KEPT = 500
BATCH = 1024
MOST_PROCESSES = 4096


class Passed(NamedTuple):
    """Trap number `number`, of a process of this ABI, as far as registers tell."""

    number: int
    abi: str
    record: Record


class Recent(Observer):
    """The observer that keeps the last traps of a session. Call `sync` wherever the machine stands."""

    sees_calls = False

    def __init__(self) -> None:
        self._passed: deque[Passed] = deque(maxlen=KEPT)
        self._batches: deque[tuple[bytes, int]] = deque(maxlen=3)
        self._abis: dict[int, str] = {}
        self._outcome = Outcome.NOTHING
        self._machine: Machine
        self._log: TraceLog

    def adopt(self, machine: Machine, passed: Sequence[Passed] = ()) -> None:
        """Go on with this machine, which has `passed` behind it."""
        self._machine = machine
        self._passed = deque(passed, KEPT)
        self._batches.clear()
        self._log = machine.hart.log = TraceLog(lambda packed, count: self._batches.append((packed, count)), BATCH)

    def sync(self, begun: bool = False) -> Sequence[Passed]:
        """The last traps before this moment, in their order. `begun`: the kernel has yet to hear of the last of all."""
        self._log.leave()
        self._log.flush()
        records = [Record._make(words) for packed, count in self._batches
                   for words in RECORD.iter_unpack(unpack_records(memoryview(packed), count))]
        self._batches.clear()
        number = self._machine.hart.traps - begun - sum(record.kind != Kind.RETURN for record in records)
        for record in records:
            if record.kind == Kind.RETURN:
                self._answered(record.tid, Kind.CALL, record.flags, 0, record.result)
                continue
            number += 1
            if not self._passed or number > self._passed[-1].number:
                self._passed.append(Passed(number, self._abis.get(record.pid, "linux"), record))
        return tuple(self._passed)

    def _answered(self, tid: int, kind: Kind, flags: int, outcome: int, result: int) -> None:
        """The last trap of a task is over, which was left open because its call waited or the session stopped in it."""
        for at in reversed(range(len(self._passed))):
            record = self._passed[at].record
            if record.tid == tid:
                if record.kind == kind and record.flags & OPEN:
                    record = record._replace(flags=record.flags & ~OPEN | flags, outcome=outcome, result=result)
                    self._passed[at] = self._passed[at]._replace(record=record)
                return

    # ---- what the gate does not write down by itself

    def turn(self, task: Task) -> None:
        self._log.leave()
        pid, tid = numbers(task)
        self._log.who(pid, tid)
        if pid not in self._abis:
            self._knows(task)

    def turn_over(self, task: Task) -> None:
        self._log.leave()

    def sleeps(self, task: Task, wait: Blocked) -> None:
        self._log.leave()

    def trap(self, task: Task, cause: int, epc: int, tval: int) -> None:
        if cause >= 0 and cause != ECALL:
            self._outcome = foresee(task.mm, cause, tval)
            self._machine.hart.log_begin(Kind.TRAP | (cause & 0xFF) << 8, tval)

    def served(self, task: Task, cause: int) -> None:
        if cause < 0 or cause == ECALL:
            return
        outcome = self._outcome
        if not task.alive:
            outcome = Outcome.KILL
        elif outcome is Outcome.NOTHING or not granted(task.mm, cause, self._machine.hart.tval):
            outcome = Outcome.SIGNAL if task.work else Outcome.NOTHING
        if self._log.open:
            self._machine.hart.log_end(0, outcome, 0)
        else:
            self._answered(numbers(task)[1], Kind.TRAP, 0, outcome, 0)

    def enter(self, task: Task, number: int, registers: Sequence[int]) -> None:
        self._machine.hart.log_begin(Kind.CALL | ECALL << 8 | (number & 0xFFFF_FFFF) << 32, number >> 32,
                                     tuple(registers))

    def leave(self, task: Task, number: int, registers: Sequence[int], result: int | None) -> None:
        flags = NO_RESULT if result is None else 0
        if self._log.open:
            self._machine.hart.log_end(flags, 0, result or 0)
        else:
            self._over(task, number, flags, result)

    def cut_short(self, task: Task, number: int, result: int | None) -> None:
        self._log.leave()
        self._over(task, number, NO_RESULT if result is None else 0, result)

    def _over(self, task: Task, number: int, flags: int, result: int | None) -> None:
        self._machine.hart.log_event(Kind.RETURN | flags << 24 | (number & 0xFFFF_FFFF) << 32, who(task), result or 0)

    def executed(self, task: Task) -> None:
        if self._abis.get(numbers(task)[0]) != task.abi.name:
            self._knows(task)

    def _knows(self, task: Task) -> None:
        if len(self._abis) >= MOST_PROCESSES:
            del self._abis[next(iter(self._abis))]
        self._abis[numbers(task)[0]] = task.abi.name
