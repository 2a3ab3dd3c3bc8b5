"""A debugger's session as gdb needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.task.observer import Observer, Observers
from rvsim.guest_os.wait import Abandoned, Blocked
from rvsim.tools.debug.session import Session, Steering
from rvsim.tools.gdb.edits import HoldEdit
from rvsim.tools.gdb.steering import GdbSteering, Hold

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvsim.guest_os.boot import Machine
    from rvsim.tools.debug.history import Edit


class GdbSession(Session):
    """A session with a choice: without `remembers` it cannot go back, and may use a terminal and the host's clock.

    `also`: one more observer, such as strace. `sleep`: how the machine waits when nothing can run, without `remembers`.
    """

    remembers = True
    sleep: Callable[[float], None] | None = None
    also: Observer | None = None

    def steering(self, machine: Machine) -> Steering:
        hold = Hold()
        for edit in self.history.edits[:self.history.applied]:
            if isinstance(edit, HoldEdit):
                hold = edit.hold
        return GdbSteering(machine, self, hold)

    def adopt(self, machine: Machine) -> None:
        super().adopt(machine)
        if not self.remembers:
            machine.kernel.scheduler.at_rest = None
            machine.world.sleep = self.sleep

    def edit(self, edit: Edit) -> None:
        if self.remembers:
            super().edit(edit)
        else:
            edit.apply(self)

    def aim(self) -> None:
        super().aim()
        if self.also is not None and not self.journey.under_way:
            kernel = self.machine.kernel
            kernel.observer = self.also if kernel.observer is None else Observers((kernel.observer, self.also))

    @property
    def held(self) -> Hold:
        """Who stands aside."""
        control = self.control
        assert isinstance(control, GdbSteering)
        return control.hold

    def forget_ahead(self) -> None:
        """The run goes on from here as gdb says now, and not as it went before."""
        if self.remembers and self.history.forget_ahead():
            self.journey.edits_ahead = []
            self.journey.target = None
            self.console.diverge()

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
