"""How gdb lets the machine go on: who runs, who stands aside, and what becomes of signals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.signals import SI_KERNEL, SIGKILL
from rvsim.guest_os.task.signal import SigInfo
from rvsim.tools.debug.stop import Go, Kind, Order, Quit
from rvsim.tools.gdb.edits import HoldEdit, InjectEdit, SignalEdit
from rvsim.tools.gdb.ids import pid_of, tid_of
from rvsim.tools.gdb.objects import find_group
from rvsim.tools.gdb.pursuit import Pursuit
from rvsim.tools.gdb.resume import Action, action_for
from rvsim.tools.gdb.steering import Hold
from rvsim.tools.gdb.stops import ended

if TYPE_CHECKING:
    from rvsim.tools.gdb.stub import Stub


class Going:
    """Carries out gdb's resumptions.

    Attributes:
        kept: signals that threads stopped for, and have not acted on.
        new_info: what gdb has made of the signal that was told.
    """

    def __init__(self, stub: Stub) -> None:
        self.stub = stub
        self.kept: dict[int, SigInfo] = {}
        self.new_info: SigInfo | None = None

    def resume(self, actions: Sequence[Action]) -> Order | None:
        """Let the threads go on that match; None: there is something to be told instead, and gdb was told."""
        stub = self.stub
        stub.owes = True
        pursuit = Pursuit(stub.inferiors, stub.wishes, actions, stub.commands.points.looks_for_fetches())
        if pursuit.has_news() and pursuit.report is not None:
            stub.tell(pursuit.report)
            return None
        if stub.session.stop.kind is Kind.ENDED:
            report = ended(stub)
            if report is None:
                return Quit()
            stub.tell(report)
            return None
        stub.pursuit = pursuit
        stub.session.forget_ahead()
        if not stub.replays:
            self._signals(actions)
            self._hold(actions)
        return Go(pursuit)

    def _signals(self, actions: Sequence[Action]) -> None:
        """What becomes of the signal that was told, and of those that gdb sends along."""
        stub = self.stub
        stop, session = stub.session.stop, stub.session
        position = stop.position
        told = stub.report.info if stop.kind is Kind.SIGNAL else None
        stopped_tid = tid_of(stop.task) if told is not None and stop.task is not None else None
        for task in stub.threads():
            tid = tid_of(task)
            action = action_for(actions, pid_of(task.group), tid)
            signo = action.signal if action is not None else 0
            if tid == stopped_tid and told is not None:
                if action is None:
                    self.kept[tid] = told
                    session.edit(SignalEdit(position, tid, None))
                elif signo != told.signo:
                    session.edit(SignalEdit(position, tid, SigInfo(signo, SI_KERNEL) if signo else None))
                elif self.new_info is not None:
                    session.edit(SignalEdit(position, tid, self.new_info))
            elif action is not None:
                kept = self.kept.pop(tid, None)
                if signo:
                    info = kept if kept is not None and kept.signo == signo else SigInfo(signo, SI_KERNEL)
                    stub.wishes.injected.add((tid, signo))
                    session.edit(InjectEdit(position, tid, info))
        self.new_info = None

    def _hold(self, actions: Sequence[Action]) -> None:
        stub = self.stub
        pids = frozenset(inferior.pid for inferior in stub.inferiors)
        held = [task for task in stub.threads() if action_for(actions, pid_of(task.group), tid_of(task)) is None]
        self.set_hold(Hold(tuple(actions), pids) if held else Hold())

    def set_hold(self, hold: Hold) -> None:
        """From here on these stand aside."""
        session = self.stub.session
        if not self.stub.replays and hold != session.held:
            session.edit(HoldEdit(session.stop.position, hold))

    def kill(self, pid: int) -> None:
        """A process is to end, and leaves the session."""
        stub = self.stub
        group = find_group(stub.session.machine.kernel, pid)
        stub.inferiors.drop(pid)
        if group is not None and not group.zombie and not stub.replays:
            task = next(task for task in group.threads if task.alive)
            stub.session.edit(InjectEdit(stub.session.stop.position, tid_of(task),
                                         SigInfo(SIGKILL, SI_KERNEL, from_above=True)))
