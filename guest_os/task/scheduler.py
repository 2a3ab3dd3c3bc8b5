"""Who runs: the run queue, the timers, and the loop that runs the hart. kernel/sched/core.c

Round robin with slices of 10 ms of guest time, or, with a seed, of changing length (`slices`). A task that waits is on
no run queue; waking puts it at the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from rvsim.emu._gate import ATTENTION, BREAK, HALT, SLICE_END
from rvsim.guest_os.abi.solproc import Fault
from rvsim.guest_os.task import watch
from rvsim.guest_os.task.load import LoadAverage
from rvsim.guest_os.task.pid import PidType
from rvsim.guest_os.task.posix_timers import next_turn_ns
from rvsim.guest_os.task.slices import Slices
from rvsim.guest_os.task.stepping import step
from rvsim.guest_os.task.task import State, Task
from rvsim.guest_os.task.timers import TimerQueue
from rvsim.guest_os.wait import Abandoned, Blocked, Restart, Resume

if TYPE_CHECKING:
    from rvsim.emu._gate import CallTable
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.thread_group import ThreadGroup

SLICE_NS = 10_000_000
MILLISECOND_NS = 1_000_000
SPIN_TICKS = 16_384
"""A turn that ends in `yield` after fewer ticks than this, and tried something in vain, was a spin."""


MAX_VAIN_RESTS = 100_000
"""So often may all programs look for what nothing can bring before the machine counts as stuck."""


class TrapHandler(Protocol):
    """What the loop calls when the hart stops; `syscalls` has the one that exists."""

    def trap(self, task: Task, cause: int) -> None:
        """The hart stopped with `cause`: a call that the gate did not answer, a fault, `ebreak`."""

    def halted(self, task: Task) -> None:
        """The hart stopped for no cause: `wfi`, or something that the engine cannot execute."""

    def redo(self, task: Task) -> None:
        """Run a call that was `Blocked` again."""

    def stepped(self, task: Task) -> None:
        """One instruction has run for a task that was to run one."""

    def attend(self, task: Task) -> None:
        """Look at signals, stops and exits before the task goes on."""


class World(Protocol):
    """The outside: where input comes from, and what may end the run."""

    def poll(self) -> None:
        """Take in what has arrived. Called at the end of slices."""

    def idle(self, deadline_ns: int | None, spinning: bool = False) -> bool:
        """Nothing runs, or nothing but spins: wait for input or until `deadline_ns`. False: neither can ever come."""

    @property
    def expired(self) -> bool:
        """The run is over: its time limit passed, or the user ended it."""


class Scheduler:
    """The run queue of one hart."""

    __slots__ = (
        "alarms", "at_rest", "current", "kernel", "last", "load", "load_due", "need_resched", "nice_ns", "rested_round",
        "runnable", "running_since", "slices", "spin_needs_ms", "spin_round", "spin_seen", "spin_until", "spinning",
        "timers", "turn_end", "vain_rests", "world",
    )

    def __init__(self, kernel: Kernel, world: World, seed: int = 0) -> None:
        """`seed`: 0 is slices of one length."""
        self.kernel = kernel
        self.world = world
        self.slices: Slices | None = Slices(seed) if seed else None
        kernel.hart.exact_slices = bool(seed)
        self.runnable: deque[Task] = deque()
        self.timers = TimerQueue()
        self.current: Task | None = None
        self.last: Task | None = None           # whose turn it was before; kept only to compare
        self.need_resched = False
        self.spin_round = 0         # grows with every exit: what a spin on waitpid or waittid waits for
        self.spinning: list[Task] = []      # those whose last turn was a spin, set aside
        self.spin_until = 0         # the tick at which they get a turn even if nothing happened
        self.spin_needs_ms = False  # one of them looked at the clock
        self.running_since = 0
        self.turn_end = 0           # the tick at which the turn of the current task ends
        self.vain_rests = 0
        self.rested_round = 0
        self.spin_seen = 0
        self.load = LoadAverage()
        self.load_due = 0           # the tick before which no sample of the load is due
        self.alarms = 0             # how often timers were due
        self.nice_ns = 0            # CPU time of tasks with a nice value above 0
        self.at_rest: Callable[[], None] | None = None      # called between two turns: may take a snapshot, or raise

    # ---- the run queue

    def add(self, task: Task) -> None:
        """A new task takes its place at the end."""
        if not task.queued:
            task.queued = True
            self.runnable.append(task)

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

    def halt_task(self, task: Task) -> None:
        """A debugger's stop: the task runs no more until `release_task`, whatever signal comes."""
        if task.state is State.SLEEPING:
            self.leave_queues(task)
        task.state = State.TRACED

    def release_task(self, task: Task) -> None:
        """Undo `halt_task`."""
        if task.state is State.TRACED:
            task.state = State.RUNNING
            self.add(task)

    def end_stops(self, task: Task) -> None:
        """SIGKILL came: whatever the task stands at, it goes on to its end."""
        self.continue_task(task)
        if task.trace is not None and task.trace.stop is not None:
            task.trace.forget()
            self.release_task(task)

    def yield_now(self) -> None:
        """The current task lets others run first."""
        self.need_resched = True
        self.kernel.hart.attention = True

    def shorten_turn(self, group: ThreadGroup) -> None:
        """A timer on the CPU time of `group` was armed: its turn, if it runs now, ends when that is due."""
        if self.current is not None and self.current.group is group:
            self.turn_end = min(self.turn_end, self.kernel.hart.ticks + next_turn_ns(group))
            self.kernel.hart.attention = True

    # ---- the load

    def settle_load(self, idle: bool = False) -> None:
        """Bring the load averages up to now. `idle`: nothing has run since the last sample."""
        now = self.kernel.clock.monotonic_ns()
        self.load.settle(now, self._undisturbed if idle else self._active)
        self.load_due = self.kernel.hart.ticks + self.load.next_ns - now

    def _tasks(self) -> Iterator[Task]:
        return self.kernel.root_ns.tasks(PidType.PID)

    def _undisturbed(self) -> int:
        """How many tasks wait for what no signal disturbs."""
        return sum(task.state is State.SLEEPING and task.restart is Restart.NEVER for task in self._tasks())

    def _active(self) -> int:
        """How many tasks count as load. kernel/sched/loadavg.c:calc_load_fold_active"""
        return self._undisturbed() + sum(task.state is State.RUNNING for task in self._tasks())

    # ---- spinning

    def probed(self, task: Task, clock: bool = False) -> None:
        """The task asked for something that is not there yet (waitpid gave -2), or what time it is."""
        task.spin |= 3 if clock else 1

    def _set_aside(self, task: Task, ticks: int) -> bool:
        """Whether a turn that ended in `yield` was nothing but a look for what is not there yet: then it is put aside.

        It gets its next turn when something exited, when nothing else can run, or a slice later (a millisecond, if
        what it looked at was the clock), so a program that looks only so many times still gets on.
        """
        spin, task.spin = task.spin, 0
        if not spin or ticks >= SPIN_TICKS:
            return False
        if not self.spinning:
            self.spin_until = self.kernel.hart.ticks + SLICE_NS
            self.spin_seen = self.spin_round
        if spin & 2:
            self.spin_needs_ms = True
            self.spin_until = min(self.spin_until, self.kernel.hart.ticks + MILLISECOND_NS)
        self.spinning.append(task)
        return True

    def _take_back(self) -> bool:
        """Let the spinners run again if it is time, waiting for an event first if only they could run.

        False: no event can come, and they have looked in vain often enough.
        """
        if self.spin_round == self.spin_seen and self.kernel.hart.ticks < self.spin_until:
            if self.runnable:
                return True
            if not self._rest():
                return False
        self.runnable.extend(self.spinning)
        self.spinning.clear()
        self.spin_needs_ms = False
        return True

    # ---- the loop

    def run(self) -> None:
        """Run until the machine halts, or nothing can ever run again, or the world says that time is up."""
        kernel, world = self.kernel, self.world
        while kernel.exit_status is None and not world.expired:
            if self.at_rest is not None:
                self.at_rest()
            deadline = self.timers.next_deadline()
            if deadline is not None:
                now = kernel.clock.monotonic_ns()
                if deadline <= now:
                    self.alarms += 1
                    self.timers.run(now)
            if self.spinning and not self._take_back():
                return
            task = self._next()
            if task is None:
                if not world.idle(self.timers.next_deadline()) and not (
                        kernel.controller is not None and kernel.controller.stuck()):
                    return
                self.settle_load(idle=True)
                continue
            if task.state is State.RUNNING:
                self._turn(task)

    def _next(self) -> Task | None:
        """Take the first task that may run off the queue; those before it that a debugger holds go to its end."""
        runnable, controller = self.runnable, self.kernel.controller
        for _ in range(len(runnable)):
            task = runnable.popleft()
            if controller is None or not controller.holds(task):
                task.queued = False
                return task
            runnable.append(task)
        return None

    def _rest(self) -> bool:
        """Everything that could run only looks again and again: wait for an event, or for the clock to move.

        False: there is no event that could come, and they have looked in vain often enough.
        """
        deadline = self.timers.next_deadline()
        if self.spin_needs_ms:
            now = self.kernel.clock.monotonic_ns()
            tick = now - now % MILLISECOND_NS + MILLISECOND_NS
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
        if start >= self.load_due:
            self.settle_load()
        self.running_since = start
        group = task.group
        slice_ns = SLICE_NS if self.slices is None else self.slices.next_ns()
        self.turn_end = start + (min(slice_ns, next_turn_ns(group)) if group.cpu_timers else slice_ns)
        if task.mm is not None:
            hart.load(task.context, task.mm.table)
        if task.rseq is not None and self.last is not task:
            task.rseq.disturbed = task.work = True
        self.last = task
        yielded = False
        if kernel.observer is not None:
            kernel.observer.turn(task)
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
                    cause = self._run(task, max(self.turn_end - hart.ticks, 1))
                    observer = kernel.observer      # a controller may have attached or detached one
                    if cause >= 0:
                        if observer is None:
                            traps.trap(task, cause)
                        else:
                            observer.trap(task, cause, hart.epc, hart.tval)
                            traps.trap(task, cause)
                            observer.served(task, cause)
                    elif cause <= HALT:
                        if observer is not None:
                            observer.trap(task, -1, hart.pc, 0)
                        traps.halted(task)
                        if observer is not None:
                            observer.served(task, -1)
                    elif task.trace is not None and task.trace.step:
                        traps.stepped(task)
            except Blocked as wait:
                if task.work and task.state is State.RUNNING:
                    # A signal came while the call was deciding to wait.
                    task.in_call = True
                    task.restart = wait.restart
                    continue
                self.park(task, wait)
                if kernel.observer is not None:
                    kernel.observer.sleeps(task, wait)
                break
            except Abandoned:
                task.injected = None
                resume, task.resume = task.resume, None
                if isinstance(resume, Resume):
                    resume.dropped()
                continue
            if task.state is not State.RUNNING:
                break
            if self.need_resched:
                yielded = True
                break
            if cause == SLICE_END or hart.ticks >= self.turn_end:
                hart.flush_tlb()
                task.involuntary_switches += 1
                break
        used = hart.ticks - start
        task.utime_ticks += used
        group.usage.utime_ns += used
        if task.nice > 0:
            self.nice_ns += used
        self.running_since = hart.ticks
        if group.cpu_timers:
            for timer in tuple(group.cpu_timers):
                timer.check()
        if task.alive:
            hart.save()
        self.current = None
        if task.state is State.RUNNING and not task.queued:
            task.queued = True
            if not yielded or not self._set_aside(task, used):
                self.runnable.append(task)
        if kernel.observer is not None:
            kernel.observer.turn_over(task)
        self.world.poll()

    def _run(self, task: Task, budget: int) -> int:
        """Run the loaded task for `budget` ticks, or for one instruction; returns the cause. The gate answers calls
        unless somebody wants to see them."""
        kernel = self.kernel
        hart = kernel.hart
        tracing = task.group.tracing
        observer, controller = kernel.observer, kernel.controller
        calls = task.abi.calls if observer is None or not observer.sees_calls else None
        if observer is not None and observer.sees_pages:
            task.space.changed()
        if tracing is None:
            if kernel.sampler is not None:
                return self._go(task, calls, budget)
            if controller is None:
                return int(hart.run(task, calls, budget))
            if controller.passes(task):
                start = hart.ticks
                cause = int(hart.run(task, calls, budget))
                if cause != BREAK:
                    return cause
                budget += start - hart.ticks
            return controller.run(task, budget, calls)
        if tracing.watches:
            return watch.run(task, budget)
        if task.trace is not None and task.trace.step:
            return step(task)
        if tracing.faults >> (Fault.PAGE - 1) & 1:
            task.space.changed()        # the gate is to fill in no page on its own
        if not tracing.idle:
            calls = None
        return self._go(task, calls, budget)

    def _go(self, task: Task, calls: CallTable | None, budget: int) -> int:
        kernel = self.kernel
        if kernel.sampler is not None:
            return kernel.sampler.run(task, calls, budget)
        if kernel.controller is not None:
            return kernel.controller.run(task, budget, calls)
        return int(kernel.hart.run(task, calls, budget))


class _Deadline:
    """Wakes a task whose wait has lasted long enough; the call finds out by looking at the clock."""

    __slots__ = ("task",)

    def __init__(self, task: Task) -> None:
        self.task = task

    def expire(self, now_ns: int) -> None:
        self.task.timer_seq = 0
        self.task.wake(None)


__all__ = ["SLICE_NS", "Scheduler", "TrapHandler", "World"]
