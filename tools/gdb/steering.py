"""The controller of a machine under gdb: besides, it decides who runs, and what becomes of signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rvsim.tools.debug.session import Session
from rvsim.tools.debug.steering import Steering
from rvsim.tools.gdb.ids import pid_of, tid_of
from rvsim.tools.gdb.resume import Action, action_for

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.task.signal import SigInfo
    from rvsim.guest_os.task.task import Task


class Hold(NamedTuple):
    """Of the processes `pids`, the threads stand aside that no action matches."""

    actions: tuple[Action, ...] = ()
    pids: frozenset[int] = frozenset()


class GdbSteering(Steering):
    """Its changes, which edits make.

    Attributes:
        hold: who stands aside.
        replaced: what the signals become that threads, by number, are about to act on.
        abandons: the call in whose middle the machine stands, waiting for the host, does not go on.
    """

    def __init__(self, machine: Machine, session: Session, hold: Hold) -> None:
        super().__init__(machine, session)
        self.hold = hold
        self.replaced: dict[int, SigInfo | None] = {}
        self.abandons = False

    def signal(self, task: Task, info: SigInfo) -> SigInfo | None:
        return self.replaced.pop(tid_of(task), info) if self.replaced else info

    def set_hold(self, hold: Hold) -> None:
        """From here on these stand aside."""
        self.hold = hold
        if hold.pids:
            self.session.is_calm = False
            self.free_until_ns = 0

    def holds(self, task: Task) -> bool:
        hold = self.hold
        if not hold.pids:
            return False
        pid = pid_of(task.group)
        return pid in hold.pids and action_for(hold.actions, pid, tid_of(task)) is None

    def stuck(self) -> bool:
        return self.session.stuck()
