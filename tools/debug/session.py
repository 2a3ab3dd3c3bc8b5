"""A machine under a debugger: runs it, stops it, and asks a frontend what to do next.

The debugger lives in the machine's callbacks: a stop is reported from inside `Scheduler.run`, the frontend's `stopped`
blocks as long as it likes, and what it returns says how to go on. To leave the run, to go back or for good, an
exception passes through the scheduler to `Session.run`.

Nothing here changes what the program does: ticks, turns and output are those of a run that nobody watches.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rvsim.guest_os.boot import Machine
from rvsim.guest_os.boot_error import BootError
from rvsim.guest_os.snapshot import GrantedResources, Snapshot, SnapshotError, restore
from rvsim.guest_os.task.control import Reason
from rvsim.guest_os.task.control import Stop as ControlStop
from rvsim.guest_os.task.pid import PidType, pid_task
from rvsim.guest_os.task.task import Task
from rvsim.tools.debug.aiming import aim
from rvsim.tools.debug.breakpoints import Breakpoints
from rvsim.tools.debug.causes import ECALL
from rvsim.tools.debug.conditions import Catches, Started
from rvsim.tools.debug.console import SessionConsole
from rvsim.tools.debug.edits import Inject
from rvsim.tools.debug.events import Events
from rvsim.tools.debug.history import Edit, History
from rvsim.tools.debug.journey import Arrived, Journey, Leave
from rvsim.tools.debug.recent import Passed, Recent
from rvsim.tools.debug.steering import Frontend, Steering
from rvsim.tools.debug.stop import (
    Condition,
    Event,
    Go,
    Goto,
    Kind,
    Load,
    Position,
    Quit,
    Search,
    Stop,
    number_of,
)
from rvsim.tools.debug.symbols import Symbols
from rvsim.tools.debug.trap import Trap
from rvsim.tools.debug.trap import make as make_trap
from rvsim.tools.debug.watches import Watch, Watches

POLL_EVERY_NS = 20_000_000


class Session:
    """One debugged run, from the first program's first instruction to its end and back.

    `boot` makes a machine on the given console, its first process ready to run (`Machine.start`).

    Attributes:
        machine: the machine as it is now; going back puts another in its place, so hold on to numbers, not to tasks.
        stop: where the session stands.
        breakpoints, watches, catches: what stops it, whatever else was asked for.
        history: where it has been.
        events: what the kernel did since the last stop, as far as it was watched.
        symbols: names of addresses.
        recent: keeps the last traps, if somebody wants them: to be set before the run.
    """

    machine: Machine
    control: Steering
    stop: Stop

    def __init__(self, boot: Callable[[SessionConsole], Machine], frontend: Frontend, console: SessionConsole) -> None:
        self.boot = boot
        self.frontend = frontend
        self.console = console
        self.breakpoints = Breakpoints()
        self.watches = Watches(self)
        self.catches = Catches()
        self.history = History(self)
        self.until: Condition = Started()
        self.events = Events(self)
        self.symbols = Symbols()
        self.recent: Recent | None = None
        self.journey = Journey(self)
        self.granted: Callable[[], GrantedResources] = GrantedResources     # of the host, to machines from files
        self.injections: dict[int, int] = {}    # results for tasks' next calls, which will not be made
        self.start: Position | None = None      # the first stop of all
        self._due: Stop | None = None           # to be reported before the next instruction of its task
        self._executed: Event | None = None     # the last exec
        self._told: dict[Position, int] = {}    # so often the kernel has told of this, at this tick
        self.is_watching = False                # `has_watches`, as it was at the last `aim`
        self.is_calm = False                    # only breakpoints, `until`, what is due or asked for stops it
        self._interrupted = False
        self._abandoned = False
        self._next_poll_ns = 0
        console.starved = self.starved
        console.comes_by = self.comes_by_input

    # ---- the run

    def run(self) -> int | None:
        """Run the machine until the frontend quits; the exit status if the machine had ended, else None.

        Raises:
            BootError: the program cannot be started.
        """
        self._begin(self.boot(self.console))
        while True:
            try:
                self.run_on()
            except Leave as leave:
                order = leave.order
            while isinstance(order, (Goto, Search)):
                try:
                    self.journey.travel(order)
                    break
                except Leave as leave:
                    order = leave.order
            if isinstance(order, Load):
                self._load(order)
            elif isinstance(order, Quit):
                return self.stop.status

    def _load(self, order: Load) -> None:
        self.history.begin()
        self.journey = Journey(self)
        self.start = None
        self.console.diverge()
        self.console.take_over(order.machine)
        self.until = Started()
        self._begin(order.machine)

    def restored(self, snapshot: Snapshot) -> Machine:
        """The machine of a snapshot from a file, for the console to take over. Raises SnapshotError."""
        machine = restore(snapshot, self.console, self.granted(), outside=self.console.another_outside(),
                          by_ticks=True)
        if not self.console.suits(machine):
            raise SnapshotError("the machine had a terminal, or a clock that waits; `rvsim step --restore` takes it")
        return machine

    def _begin(self, machine: Machine) -> None:
        if self.recent is not None:
            self.recent.adopt(machine)
        self.adopt(machine)

    def adopt(self, machine: Machine) -> None:
        """Go on with this machine."""
        self.machine = machine
        self.control = self.steering(machine)
        machine.kernel.controller = self.control
        machine.kernel.scheduler.at_rest = self.history.at_rest
        self._due = self._executed = None
        self._told.clear()
        self.watches.forget_values()
        self.symbols.another_machine()
        self.events.another_machine()
        self.aim()

    def steering(self, machine: Machine) -> Steering:
        """A controller for this machine."""
        return Steering(machine, self)

    def run_on(self) -> None:
        """Run until the frontend wants to leave."""
        while True:
            self.machine.kernel.scheduler.run()
            self.console.flush()
            status, error = self.ending()
            here = self.position(Kind.ENDED, None)
            if self.journey.target is not None and self.journey.target.is_at(here):
                self.journey.arrived(None, here)
            elif not self.journey.muted and self.journey.found is None:
                self.report(Stop(Kind.ENDED, here, None, status=status, error=error))
            else:
                raise Arrived

    def ending(self) -> tuple[int, str]:
        try:
            return self.machine.ending(), ""
        except BootError as error:
            return error.status, str(error)

    def interrupt(self) -> None:
        """Stop soon; on a way back: be again where it began. May be called from a handler of a signal."""
        self._interrupted = True
        if self.start is not None:
            self.control.free_until_ns = 0

    def abandon(self) -> None:
        """Leave soon, from a journey too, as if the frontend had said `Quit`. May be called from another thread."""
        self._abandoned = True
        self._interrupted = True

    @property
    def interrupted(self) -> bool:
        """Whether somebody has asked for a stop that has not come yet."""
        return self._interrupted

    # ---- where it stands

    @property
    def loaded(self) -> Task | None:
        """The task whose turn it is."""
        return self.machine.kernel.scheduler.current

    def position(self, kind: Kind, task: Task | None) -> Position:
        """Here."""
        hart, history = self.machine.hart, self.history
        nth = self.console.place.answers if kind is Kind.WAITING else 0
        return Position(hart.traps, hart.ticks, number_of(task), hart.pc if task is not None else 0, kind, history.turn,
                        nth, history.changes_before)

    def tasks(self) -> Iterator[Task]:
        """All tasks, in the order of their numbers."""
        return self.machine.kernel.root_ns.tasks(PidType.PID)

    def task(self, tid: int) -> Task | None:
        """The task with this number, as the whole machine counts."""
        return pid_task(self.machine.kernel.root_ns.find(tid), PidType.PID)

    def trap_here(self) -> Trap | None:
        """The trap that the session stands at, with all that can be said of it; its outcome will be filled in."""
        stop = self.stop
        if stop.kind is not Kind.TRAP or stop.task is None:
            return None
        pending = self.events.pending.get(stop.task)
        if pending is None or pending.number != stop.position.traps:
            self.events.pending.clear()
            pending = make_trap(self, stop.task, stop.cause)
            if not pending.over:
                self.events.pending[stop.task] = pending
        return pending

    def keep_recent(self, position: Position) -> Sequence[Passed]:
        """The last traps before this position, where the machine stands; none if they are not kept."""
        return self.recent.sync(position.kind is Kind.TRAP) if self.recent is not None else ()

    def edit(self, edit: Edit) -> None:
        """Change something of the stopped machine, and remember it: what was ahead will not happen any more."""
        self.keep_recent(edit.position)
        edit.apply(self)
        if isinstance(edit, Inject):
            self.events.not_made(edit.result)
        self.history.changed(edit)
        self.journey.forget_ahead()
        self.console.diverge()

    def forget_ahead(self) -> None:
        """The run goes on from here otherwise than it went before: changes are not made again, and input is new."""
        self.history.forget_ahead(self.position(Kind.STEP, self.loaded))
        self.journey.forget_ahead()
        self.console.diverge()

    def all_watches(self) -> Iterator[Watch]:
        """The watches that count now: a search has its own, where it looks already."""
        if self.journey.muted:
            return
        if self.journey.found is None:
            yield from self.watches.all.values()
        if self.until.area is not None:
            yield self.until.area
        yield from self.until.areas

    @property
    def has_watches(self) -> bool:
        """Whether anything is watched now."""
        journey = self.journey
        return not journey.muted and (self.until.area is not None or bool(self.until.areas) or (
            bool(self.watches) and journey.found is None))

    # ---- aiming

    def aim(self) -> None:
        """Let the controller and the observer look for what can stop the run, and for nothing else."""
        aim(self)

    # ---- what the machine tells

    def is_asked(self, task: Task) -> bool:
        """Whether to stop before the next instruction of the task, which is about to run."""
        journey = self.journey
        if self._interrupted:
            if self._abandoned:
                raise Leave(Quit())
            if journey.under_way:
                journey.give_up()
        if journey.target is not None and journey.is_target(task):
            return True
        if journey.muted:
            return False
        if self._due is not None and self._due.task is task:
            return True
        if journey.found is None:
            now = time.monotonic_ns()
            if now >= self._next_poll_ns:
                self._next_poll_ns = now + POLL_EVERY_NS
                self.frontend.poll()
            if self._due is not None and self._due.task is not None and not self._due.task.alive:
                self._due = None                # it will never stand there
            if self.is_calm and self._due is None and self.until.is_calm:
                self.control.free_until_ns = self._next_poll_ns
            if self._interrupted:               # asked last: what asks for a stop says that nothing is free
                self.control.free_until_ns = 0
                return True
        if self.is_watching:
            self.watches.place_for(task)
        return self.until.sees_starts and self.until.goes_on(task)

    def is_stepping(self, task: Task) -> bool:
        """Whether to stop after the next instruction of the task."""
        return self.until.sees_steps and not self.journey.muted and self.until.wants_step(task)

    def came_to(self, task: Task, stop: ControlStop) -> None:
        """The task stands before an instruction."""
        journey = self.journey
        if journey.is_target(task):
            here = self.position(self.until.kind, task)
            journey.arrived(task, here, self._executed)
            if journey.found is not None and not journey.muted and stop.pc in self.until.addresses and (
                    self.until.comes_by(task)):
                journey.found.append(here)              # a change was made where it stops
            return
        if stop.reason is Reason.TICKS:
            if self.journey.mute_until is not None and self.machine.hart.ticks >= self.journey.mute_until:
                self.journey.mute_until, self.journey.muted = None, False
            self.aim()
            return
        if self.journey.muted:
            return
        if self.journey.found is not None:
            if self._due is not None and self._due.task is task:
                due, self._due = self._due, None
                self.journey.found.append(self.position(due.kind, task))
                return
            self._note(task, stop)
            return
        if self._due is not None and self._due.task is task:
            due, self._due = self._due, None
            self.report(replace(due, position=self.position(due.kind, task)))
        elif stop.reason is Reason.ASKED:
            kind = Kind.INTERRUPT if self._interrupted else self.until.kind
            self.report(Stop(kind, self.position(kind, task), task, asked=not self._interrupted))
        else:
            self._came_to_something(task, stop)

    def _came_to_something(self, task: Task, stop: ControlStop) -> None:
        """A breakpoint, a watch, or the end of a step: perhaps several at once."""
        asked = self._is_wanted(task, stop)
        hits = self.breakpoints.hit(self, task, stop.pc)
        if stop.reason is Reason.WATCH and stop.hit is not None:
            found = self.watches.touched(task, stop.hit)
            if found is not None:
                watch, old, new = found
                self.report(Stop(Kind.WATCH, self.position(Kind.WATCH, task), task, watch=watch, hit=stop.hit, old=old,
                                 new=new, asked=asked))
                return
        if hits:
            self.report(Stop(Kind.BREAK, self.position(Kind.BREAK, task), task, breakpoints=hits, asked=asked))
        elif asked:
            kind = Kind.STEP if stop.reason is Reason.STEP else self.until.kind
            self.report(Stop(kind, self.position(kind, task), task, asked=True))

    def _is_wanted(self, task: Task, stop: ControlStop) -> bool:
        until = self.until
        return (stop.reason is Reason.STEP and until.stepped(task)) or (
            stop.pc in until.addresses and until.comes_by(task))

    def trapped(self, task: Task, cause: int) -> None:
        """The hart trapped; the kernel acts next."""
        hart = self.machine.hart
        target = self.journey.target
        if target is not None and target.traps <= hart.traps and target.kind not in (Kind.WAITING, Kind.ENDED):
            if target.traps < hart.traps:
                self.journey.overshoots()
            elif target.kind is Kind.TRAP:
                self.journey.arrived(task, self.position(Kind.TRAP, task))
                return
            else:
                self.aim()
        if self.journey.muted:
            return
        if self.injections and cause == ECALL and self.journey.found is None and number_of(task) in self.injections:
            result = self.injections.pop(number_of(task))
            self.events.call_not_made(task, hart.call_registers(), result)
            self.edit(Inject(self.position(Kind.TRAP, task), result))
            self.history.goes_on()
            self.aim()
            return
        asked = self.until.sees_traps and self.until.trap(task, cause)
        if self.journey.found is not None:
            if asked:
                self.journey.found.append(self.position(Kind.TRAP, task))
        elif asked or self.catches.trap(task, cause):
            self.report(Stop(Kind.TRAP, self.position(Kind.TRAP, task), task, cause, hart.epc, hart.tval, asked=asked))

    def happened(self, event: Event) -> None:
        """The kernel did something; `Events` tells."""
        target, task = self.journey.target, event.task
        kind = event.kind
        here = self._numbered(self.position(kind, task))
        if kind is Kind.EXEC:
            self._executed = event
        elif target is not None and target == here:
            self.machine.hart.save()
            self.journey.arrived(task, here, event)
            return
        if self.journey.muted:
            return
        asked = self.until.sees_events and self.until.event(event)
        self.control.free_until_ns = 0          # what has happened may have changed what it looks for
        if asked or (self.journey.found is None and self.catches.event(event)):
            stop = Stop(kind, here, task, event=event, asked=asked)
            if kind is Kind.EXEC:
                self._set_due(stop)
            elif self.journey.found is not None:
                self.journey.found.append(here)
            else:
                self.machine.hart.save()
                self.report(stop)

    def _set_due(self, stop: Stop) -> None:
        self._due = stop
        self.control.free_until_ns = 0

    def _numbered(self, here: Position) -> Position:
        """One of several events that are alike."""
        if self._told and next(iter(self._told)).moment != here.moment:
            self._told.clear()
        nth = self._told[here] = self._told.get(here, -1) + 1
        return here._replace(nth=nth)

    def wrote(self, task: Task, stop: Stop) -> None:
        """The kernel has changed watched bytes: stop when the task goes on."""
        if self.journey.found is not None:
            if self.until.watched(task, None):
                self._set_due(stop)
        elif not self.journey.muted:
            self._set_due(stop)

    def starved(self) -> None:
        """Nothing can run before the guest gets input; `SessionConsole` tells, and asks its source again afterwards."""
        here = self.position(Kind.WAITING, None)
        if self.journey.target is not None and self.journey.target.is_at(here):
            self.journey.arrived(None, here)
        elif self.journey.muted or self.journey.found is not None:
            raise Arrived
        else:
            self.report(Stop(Kind.WAITING, here, None))

    def comes_by_input(self) -> None:
        """The guest is about to get what it waited for when the run was here before."""
        while self.journey.target is not None and self.journey.target.is_at(self.position(Kind.WAITING, None)):
            self.starved()

    def stuck(self) -> bool:
        """Nothing can run, and no input can change that, but somebody who makes changes. Whether to look again."""
        journey = self.journey
        if (journey.muted or journey.found is not None) and journey.target is not None and (
                self.history.turn < journey.target.turn):
            return True                     # he was asked, and had none yet
        self.starved()
        return True

    def _note(self, task: Task, stop: ControlStop) -> None:
        """A search has come by something."""
        assert self.journey.found is not None
        if stop.hit is not None:
            self.watches.seen(task, stop.hit)
        if stop.reason is Reason.ASKED or self._is_wanted(task, stop) or (
                stop.reason is Reason.WATCH and self.until.watched(task, stop.hit)):
            kind = Kind.STEP if stop.reason is Reason.STEP else self.until.kind
            self.journey.found.append(self.position(kind, task))

    def report(self, stop: Stop) -> None:
        """Ask the frontend what to do at a stop, and do it. Raises Leave."""
        self._interrupted = False
        if self._abandoned:                     # asked behind that: another thread sets both
            self._interrupted = True
        self.console.flush()
        self.events.pending.clear()
        self.stop = stop
        self.history.furthest = max(self.history.furthest, stop.position.traps)
        if stop.kind is Kind.START or self.start is None:
            self.start = stop.position
        order = self.frontend.stopped(stop)
        self.events.clear()
        if not isinstance(order, Go):
            raise Leave(order)
        self.until = order.until if order.until is not None else Condition()
        self.history.goes_on()
        self.aim()
