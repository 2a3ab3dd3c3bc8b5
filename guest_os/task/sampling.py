"""Looking at a program every so many ticks of its own time, from outside the guest.

What the guest sees does not change by it: a turn is run in pieces, and since a piece, like a slice, ends only at the
target of a jump or branch, the turn ends where it would have ended in one piece.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.emu._gate import SLICE_END

if TYPE_CHECKING:
    from rvsim.emu._gate import CallTable
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task


class Sampler:
    """Runs tasks and looks at them. One belongs to a kernel, as `kernel.sampler`."""

    def __init__(self, kernel: Kernel, every_ticks: int) -> None:
        self.kernel = kernel
        self.every_ticks = every_ticks
        self._seen: dict[Task, int] = {}        # a task's ticks at its last sample

    def sampled(self, task: Task, ticks: int) -> None:
        """The task, which is loaded and saved, ran so many ticks since its last sample. For subclasses."""
        return

    def ended(self, task: Task, ticks: int) -> None:
        """The task is gone; it ran so many ticks since its last sample. For subclasses."""
        return

    def begin(self, task: Task) -> None:
        """A task that has run before is to be sampled from now on."""
        self._seen[task] = task.utime_ticks

    def _since(self, task: Task) -> int:
        scheduler = self.kernel.scheduler
        ran = task.utime_ticks
        if scheduler.current is task:
            ran += self.kernel.hart.ticks - scheduler.running_since
        return ran - self._seen.get(task, 0)

    def run(self, task: Task, calls: CallTable | None, budget: int) -> int:
        """Run the loaded task as `Gate.run` does, with samples where they are due."""
        hart = self.kernel.hart
        end = hart.ticks + budget
        while True:
            since = self._since(task)
            if since >= self.every_ticks:
                self._sample(task, since)
                since = 0
            cause = self._piece(task, calls, min(end, hart.ticks + self.every_ticks - since) - hart.ticks)
            if cause != SLICE_END or hart.ticks >= end:
                return cause

    def _piece(self, task: Task, calls: CallTable | None, budget: int) -> int:
        controller = self.kernel.controller
        if controller is not None:
            return controller.run(task, budget, calls)
        return int(self.kernel.hart.run(task, calls, budget))

    def _sample(self, task: Task, since: int) -> None:
        self._seen[task] = self._seen.get(task, 0) + since
        self.kernel.hart.save()
        self.sampled(task, since)

    def gone(self, task: Task) -> None:
        """The task has ended."""
        since = self._since(task)
        self._seen.pop(task, None)
        if since:
            self.ended(task, since)
