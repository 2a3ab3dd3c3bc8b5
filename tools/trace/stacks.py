"""Stacks for a flame graph: who called whom, every so many ticks of a task.

A sample weighs the ticks that its task ran since the one before, so all samples of a task add up to what it ran.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.task.sampling import Sampler
from rvsim.tools.procs.symbols import Symbol, SymbolCache
from rvsim.tools.procs.unwind import Cursor, Unwinder

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvsim.guest_os.mm.vma import Vma
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.procs.cfi import Rules
    from rvsim.tools.trace.modules import Modules

UNKNOWN = -1
"""The module of an address that lies in no file's code."""
CUT = -2
"""The module of the outermost frame if what called it could not be found."""
EXITED = -3
"""The module of the one frame of a task that is gone: what it ran since its last sample."""
MOST_REMEMBERED = 1 << 17


class KnownSymbols(SymbolCache):
    """Remembers what it was asked for: a program is at the same few thousand places most of its time."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[tuple[int, int, int, int], Symbol | None] = {}
        self._rules: dict[tuple[int, int, int, int], Rules | None] = {}

    def find(self, area: Vma, address: int) -> Symbol | None:
        if area.file is None:
            return None
        key = id(area.cache), area.start, area.offset, address
        if key not in self._found:
            if len(self._found) >= MOST_REMEMBERED:
                self._found.clear()
            self._found[key] = super().find(area, address)
        return self._found[key]

    def rules(self, area: Vma, address: int) -> Rules | None:
        if area.file is None:
            return None
        key = id(area.cache), area.start, area.offset, address
        if key not in self._rules:
            if len(self._rules) >= MOST_REMEMBERED:
                self._rules.clear()
            self._rules[key] = super().rules(area, address)
        return self._rules[key]


class SureUnwinder(Unwinder):
    """Frames that are certain: where only a guess leads on, the stack ends, and is `cut`."""

    cut = False

    def _by_looking(self, cursor: Cursor) -> Cursor | None:
        if cursor.exact and cursor.ra and self._in_stub(cursor.pc) and self._behind_call(cursor.ra):
            return Cursor(cursor.ra, cursor.sp, cursor.fp)
        self.cut = cursor.sp < self.space.start_stack       # where a program's first instruction finds it
        return None

    def _in_stub(self, pc: int) -> bool:
        """Whether `pc` begins an entry of a procedure linkage table, which changes no register that matters.

        RISC-V ELF psABI, "Procedure Linkage Table": auipc t3, …; ld t3, …(t3); jalr t1, t3
        """
        code = self._read(pc, 8)
        if code is None:
            return False
        first, second = int.from_bytes(code[:4], "little"), int.from_bytes(code[4:], "little")
        return first & 0xFFF == 0xE17 and second & 0xFFFFF == 0xE3E03


class StackSampler(Sampler):
    """Samples stacks and numbers them: a stack is (module, address in the file) from the innermost frame outwards."""

    def __init__(self, kernel: Kernel, every_ticks: int, modules: Modules,
                 tell: Callable[[Task, int, int], object]) -> None:
        """`tell` gets (task, number of the stack, ticks)."""
        super().__init__(kernel, every_ticks)
        self._modules = modules
        self._tell = tell
        self._symbols = KnownSymbols()
        self._numbers: dict[tuple[int, ...], int] = {}
        self._fresh: list[list[int]] = []

    def take_fresh(self) -> list[list[int]]:
        """The stacks that are new since this was last called, in the order of their numbers."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def sampled(self, task: Task, ticks: int) -> None:
        self._tell(task, self._number(self._frames(task)), ticks)

    def ended(self, task: Task, ticks: int) -> None:
        self._tell(task, self._number((EXITED, 0)), ticks)

    def _number(self, stack: tuple[int, ...]) -> int:
        number = self._numbers.get(stack)
        if number is None:
            number = self._numbers[stack] = len(self._numbers)
            self._fresh.append(list(stack))
        return number

    def _frames(self, task: Task) -> tuple[int, ...]:
        space = task.space
        stack: list[int] = []
        exact = True
        unwinder = SureUnwinder(space, self._symbols)
        for frame in unwinder.frames(task):
            # A return address may be the first of the next function: the call stands before it.
            address = frame.pc if exact else frame.pc - 1
            area = space.areas.find(address)
            if area is None:
                stack += [UNKNOWN, address]
            else:
                module, bias = self._modules.place(space, area)
                stack += [module, address - bias]
            exact = frame.signal
        if unwinder.cut:
            stack += [CUT, 0]
        return tuple(stack)
