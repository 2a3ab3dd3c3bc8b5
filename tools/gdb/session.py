"""A debugger's session as gdb needs it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.snapshot import SnapshotError
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.wait import Abandoned, Blocked
from rvsim.tools.debug.conditions import Started
from rvsim.tools.debug.journey import Journey, SessionError
from rvsim.tools.debug.session import POLL_EVERY_NS, Session
from rvsim.tools.debug.steering import Frontend, Steering
from rvsim.tools.errors import CliError
from rvsim.tools.gdb.edits import HoldEdit
from rvsim.tools.gdb.ids import BadPacket
from rvsim.tools.gdb.steering import GdbSteering, Hold
from rvsim.tools.strace.destination import Trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from rvsim.emu.host_console import HostConsole
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.console import SessionConsole
    from rvsim.tools.debug.history import Edit


class Caller(Frontend, Protocol):
    """A frontend that may want something while the session is on its way."""

    def is_called_back(self) -> bool:
        """Whether somebody wants it to give that up."""
        ...


class Unchangeable(BadPacket):
    """Nothing can be changed in this session: it is a recorded run."""


class GdbSession(Session):
    """A session with a choice: without `remembers` it cannot go back, and may use a terminal and the host's clock.

    `also`: more observers, such as strace. `sleep`: how the machine waits when nothing can run, if
    it waits for the host's clock.
    `anew`: when the frontend quits, another run begins.
    """

    remembers = True
    anew = False
    sleep: Callable[[float], None] | None = None

    def __init__(self, boot: Callable[[SessionConsole], Machine], stub: Caller, console: SessionConsole) -> None:
        super().__init__(boot, stub, console)
        self.stub = stub
        self.also: list[Observer] = []
        self._next_look_ns = 0

    def run(self) -> int | None:
        first = self.console.place
        while True:
            status = super().run()
            if not self.anew:
                return status
            self.anew = False
            machine = self.machine
            machine.kernel.controller = machine.kernel.observer = machine.kernel.scheduler.at_rest = None
            machine.close()
            self.console.go_back(first)
            self.console.diverge()              # its input comes again, and its output is new
            self.history.begin()
            self.journey = Journey(self)
            self.injections.clear()
            self.until = Started()

    def run_watched(self, strace: str | None, console: HostConsole, stack: ExitStack) -> Machine:
        """Run to the end, with strace beside it until `stack` is left, if that is asked for; the machine, by itself.

        Raises CliError.
        """
        tracer = stack.enter_context(Trace(strace, console)).tracer
        if tracer is not None:
            self.also.append(tracer)
        try:
            self.run()
        except (SessionError, SnapshotError) as error:
            raise CliError(f"--gdb: {error}") from None
        machine = self.machine
        machine.kernel.controller = machine.kernel.observer = None
        return machine

    def steering(self, machine: Machine) -> Steering:
        hold = Hold()
        for change in self.history.changes[:self.history.applied]:
            for edit in change.edits:
                if isinstance(edit, HoldEdit):
                    hold = edit.hold
        return GdbSteering(machine, self, hold)

    def adopt(self, machine: Machine) -> None:
        at_rest = machine.kernel.scheduler.at_rest
        super().adopt(machine)
        if not self.remembers:
            machine.kernel.scheduler.at_rest = at_rest
            if self.sleep is not None:
                machine.world.outside.sleep = self.sleep

    def is_asked(self, task: Task) -> bool:
        if self.journey.under_way and not self.interrupted:
            now = time.monotonic_ns()
            if now >= self._next_look_ns:
                self._next_look_ns = now + POLL_EVERY_NS
                if self.stub.is_called_back():
                    self.interrupt()
        return super().is_asked(task)

    def edit(self, edit: Edit) -> None:
        if self.remembers:
            super().edit(edit)
        else:
            edit.apply(self)

    def aim(self) -> None:
        super().aim()
        if self.held.pids:
            self.is_calm = False
        if self.also and not self.journey.under_way:
            for one in self.also:
                self.machine.kernel.observe(one)

    @property
    def held(self) -> Hold:
        """Who stands aside."""
        control = self.control
        assert isinstance(control, GdbSteering)
        return control.hold

    def forget_ahead(self) -> None:
        """The run goes on from here as gdb says now, and not as it went before."""
        if self.remembers and self.history.ahead():
            super().forget_ahead()

    def starved(self) -> None:
        """Nothing can run before the guest gets input, or a call waits for it in its middle.

        Raises:
            Abandoned: the call does not go on. Blocked: it begins anew, after a signal.
        """
        super().starved()
        control, task = self.control, self.loaded
        assert isinstance(control, GdbSteering)
        if task is None:
            return
        if control.abandons:
            control.abandons = False
            raise Abandoned
        if task.work:
            raise Blocked
