"""Stacks for a flame graph: who called whom, every so many ticks of a task.

A sample weighs the ticks that its task ran since the one before, so all samples of a task add up to what it ran.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.task.sampling import Sampler
from rvsim.tools.procs.symbols import SymbolCache
from rvsim.tools.procs.unwind import BEGINNINGS, Cursor, Unwinder

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.trace.modules import Modules

UNKNOWN = -1
"""The module of an address that lies in no file's code."""
CUT = -2
"""The module of the outermost frame if what called it could not be found."""
EXITED = -3
"""The module of the one frame of a task that is gone: what it ran since its last sample."""


class SureUnwinder(Unwinder):
    """Frames that are certain: where only a guess leads on, the stack ends. `complete`: it ended by itself."""

    complete = False

    def _by_code(self, cursor: Cursor, code: bytes) -> tuple[bool, Cursor | None]:
        known, caller = super()._by_code(cursor, code)
        self.complete = known and caller is None        # called with no return address, as a program is begun
        return known, caller

    def _by_looking(self, cursor: Cursor) -> Cursor | None:
        return None


class StackSampler(Sampler):
    """Samples stacks and numbers them: a stack is (module, address in the file) from the innermost frame outwards."""

    def __init__(self, kernel: Kernel, every_ticks: int, modules: Modules,
                 tell: Callable[[Task, int, int], object]) -> None:
        """`tell` gets (task, number of the stack, ticks)."""
        super().__init__(kernel, every_ticks)
        self._modules = modules
        self._tell = tell
        self._symbols = SymbolCache()
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
        outermost = ""
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
            outermost = frame.symbol.name if frame.symbol is not None else ""
        if outermost not in BEGINNINGS and not unwinder.complete:
            stack += [CUT, 0]
        return tuple(stack)
