"""Who runs: the run queue, the timers, and the loop that runs the hart. kernel/sched/core.c

Round robin with slices of 10 ms of guest time. A task that waits is on no run queue; waking puts it at the end.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from rvsim.emu._gate import ATTENTION, SLICE_END
from rvsim.guest_os.task.task import State, Task
from rvsim.guest_os.task.timers import TimerQueue
from rvsim.guest_os.wait import Blocked

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel

SLICE_NS = 10_000_000
SPIN_TICKS = 16_384
"""A turn that ends in `yield` after fewer ticks than this, and tried something in vain, was a spin."""


MAX_VAIN_RESTS = 100_000
"""So often may all programs look for what nothing can bring before the machine counts as stuck."""


class TrapHandler(Protocol):
    """What the loop calls when the hart stops; `syscalls` has the one that exists."""

    def trap(self, task: Task, cause: int) -> None:
        """The hart stopped with `cause`: a call that the gate did not answer, a fault, `ebreak`."""

    def redo(self, task: Task) -> None:
        """Run a call that was `Blocked` again."""

    def attend(self, task: Task) -> None:
        """Look at signals, stops and exits before the task goes on."""


class World(Protocol):
    """The outside: where input comes from, and what may end the run."""

    def poll(self) -> None:
        """Take in what has arrived. Called at the end of slices."""

    def idle(self, deadline_ns: int | None, spinning: bool = False) -> bool:
        """Nothing can run, or nothing but spins: wait for input or until `deadline_ns`. False: neither can ever come."""

    @property
    def expired(self) -> bool:
        """The run is over: its time limit passed, or the user ended it."""


class Scheduler:
    """The run queue of one hart."""

    def __init__(self, kernel: Kernel, world: World) -> None:
        self.kernel = kernel
        self.world = world
        self.runnable: deque[Task] = deque()
        self.timers = TimerQueue()
        self.current: Task | None = None
        self.need_resched = False
        self.spin_round = 0         # grows with everything that could end a spin
        self.spinners = 0           # turns in a row that were spins in the same round
        self.spin_needs_ms = False  # one of them looked at the clock
        self.running_since = 0
        self.vain_rests = 0
        self.rested_round = 0

    # ---- the run queue

    def add(self, task: Task) -> None:
        """A new task takes its place at the end."""
        if not task.queued:
            task.queued = True
            self.runnable.append(task)
            self.spin_round += 1

    def park(self, task: Task, wait: Blocked) -> None:
        """Put a task to sleep on the queues of `wait`."""
        task.state = State.SLEEPING
        task.in_call = True
        task.restart = wait.restart
        task.queues = wait.queues
        for queue in wait.queues:
            queue.waiters[task] = None
        task.deadline_ns = wait.deadline_ns
        if wait.deadline_ns is not None:
            task.timer_seq = self.timers.add(wait.deadline_ns, _Deadline(task))
        task.voluntary_switches += 1

    def unpark(self, task: Task) -> None:
        """Wake a sleeping task."""
        self.leave_queues(task)
        task.state = State.RUNNING
        self.add(task)

    def leave_queues(self, task: Task) -> None:
        """Take a task off every wait queue and cancel its deadline."""
        for queue in task.queues:
            queue.waiters.pop(task, None)
        task.queues = ()
        if task.timer_seq:
            self.timers.cancel(task.timer_seq)
            task.timer_seq = 0

    def stop_task(self, task: Task) -> None:
        """Job control: the task runs no more until `continue_task`."""
        if task.state is State.SLEEPING:
            self.leave_queues(task)
        task.state = State.STOPPED

    def continue_task(self, task: Task) -> None:
        """Undo `stop_task`."""
        if task.state is State.STOPPED:
            task.state = State.RUNNING
            self.add(task)
        elif task.state is State.SLEEPING:
            task.attend()

    def yield_now(self) -> None:
        """The current task lets others run first."""
        self.need_resched = True
        self.kernel.hart.attention = True

    # ---- spinning

    def probed(self, task: Task, clock: bool = False) -> None:
        """The task asked for something that is not there yet (waitpid gave -2), or what time it is."""
        task.spin |= 3 if clock else 1

    def _turn_over(self, task: Task, ticks: int, yielded: bool) -> None:
        """Count turns that were nothing but waiting; anything else starts the count anew."""
        if yielded and task.spin and ticks < SPIN_TICKS:
            self.spinners += 1
            if task.spin & 2:
                self.spin_needs_ms = True
        else:
            self.spinners = 0
            self.spin_needs_ms = False
        task.spin = 0

    def _all_spin(self) -> bool:
        return self.spinners > 2 * len(self.runnable) and self.spinners > 2

    # ---- the loop

    def run(self) -> None:
        """Run until the machine halts, or nothing can ever run again, or the world says that time is up."""
        kernel, world = self.kernel, self.world
        runnable = self.runnable
        seen_round = self.spin_round
        while kernel.exit_status is None and not world.expired:
            deadline = self.timers.next_deadline()
            if deadline is not None:
                now = kernel.clock.monotonic_ns()
                if deadline <= now:
                    self.timers.run(now)
            if self.spin_round != seen_round:
                seen_round = self.spin_round
                self.spinners = 0
                self.spin_needs_ms = False
            if not runnable:
                if not world.idle(self.timers.next_deadline()):
                    return
                continue
            if self._all_spin():
                if not self._rest():
                    return
                seen_round = self.spin_round
                continue
            task = runnable.popleft()
            task.queued = False
            if task.state is State.RUNNING:
                self._turn(task)

    def _rest(self) -> bool:
        """Everything that could run only looks again and again: wait for an event, or for the clock to move.

        False: there is no event that could come, and they have looked in vain often enough.
        """
        self.spinners = 0
        deadline = self.timers.next_deadline()
        if self.spin_needs_ms:
            self.spin_needs_ms = False
            now = self.kernel.clock.monotonic_ns()
            tick = now - now % 1_000_000 + 1_000_000
            deadline = tick if deadline is None else min(deadline, tick)
        if self.world.idle(deadline, True):
            self.vain_rests = 0
            return True
        self.vain_rests = self.vain_rests + 1 if self.spin_round == self.rested_round else 0
        self.rested_round = self.spin_round
        return self.vain_rests < MAX_VAIN_RESTS

    def _turn(self, task: Task) -> None:
        """Let one task run until its slice ends, it waits, or it is gone."""
        kernel = self.kernel
        hart = kernel.hart
        traps = kernel.traps
        self.current = task
        self.need_resched = False
        start = hart.ticks
        self.running_since = start
        end = start + SLICE_NS
        if task.mm is not None:
            hart.load(task.context, task.mm.table)
        yielded = False
        while True:
            try:
                if task.work:
                    traps.attend(task)
                    if task.state is not State.RUNNING:
                        break
                if task.in_call:
                    task.in_call = False
                    traps.redo(task)
                    cause = ATTENTION
                else:
                    cause = hart.run(task, task.abi.calls if kernel.observer is None else None,
                                     max(end - hart.ticks, 1))
                    if cause >= 0:
                        traps.trap(task, cause)
            except Blocked as wait:
                if task.work and task.state is State.RUNNING:
                    # A signal came while the call was deciding to wait.
                    task.in_call = True
                    task.restart = wait.restart
                    continue
                self.park(task, wait)
                break
            if task.state is not State.RUNNING:
                break
            if self.need_resched:
                yielded = True
                break
            if cause == SLICE_END or hart.ticks >= end:
                hart.flush_tlb()
                task.involuntary_switches += 1
                break
        used = hart.ticks - start
        task.utime_ticks += used
        task.group.usage.utime_ns += used
        if task.alive:
            hart.save()
        self.current = None
        if task.state is State.RUNNING:
            self._turn_over(task, used, yielded)
            if not task.queued:
                task.queued = True
                self.runnable.append(task)
        self.world.poll()


class _Deadline:
    """Wakes a task whose wait has lasted long enough; the call finds out by looking at the clock."""

    __slots__ = ("task",)

    def __init__(self, task: Task) -> None:
        self.task = task

    def expire(self, now_ns: int) -> None:
        self.task.timer_seq = 0
        self.task.wake(None)


__all__ = ["SLICE_NS", "Scheduler", "TrapHandler", "World"]
