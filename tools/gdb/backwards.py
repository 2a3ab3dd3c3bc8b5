"""The way back: what a search looks for, breakpoints and watched bytes, and what gdb is told at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.tools.debug.conditions import Stepped
from rvsim.tools.debug.stop import Condition, Goto, Kind, Order, Search
from rvsim.tools.gdb.ids import ANY, BadPacket, ThreadId, pid_of
from rvsim.tools.gdb.inferior import WATCH_NAMES
from rvsim.tools.gdb.objects import find_group
from rvsim.tools.gdb.reply import SIGINT, Report

if TYPE_CHECKING:
    from rvsim.guest_os.task.control import Hit
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.session import Session
    from rvsim.tools.debug.stop import Position, Stop
    from rvsim.tools.debug.watches import Watch
    from rvsim.tools.gdb.inferior import Inferiors
    from rvsim.tools.gdb.stub import Stub


class Backwards(Condition):
    """The last breakpoint or access before here.

    Attributes:
        found: the reasons at the places that the search has come by.
        reason: what gdb is to be told at the end, if that is another place.
    """

    kind = Kind.STEP
    window = 1 << 12

    def __init__(self, session: Session, inferiors: Inferiors, areas: tuple[Watch, ...]) -> None:
        self.session = session
        self.inferiors = inferiors
        self.addresses = inferiors.addresses
        self.areas = areas
        self.found: dict[Position, Report] = {}
        self.reason: Report | None = None

    def _note(self, task: Task, why: str, value: bytes = b"") -> bool:
        self.found[self.session.position(Kind.STEP, task)] = Report(why=why, value=value)
        return True

    def reason_at(self, stop: Stop) -> Report | None:
        """Why the search has stopped there."""
        return self.found.get(stop.position._replace(kind=Kind.STEP))

    def comes_by(self, task: Task) -> bool:
        inferior = self.inferiors.of(task)
        why = inferior.stops(task) if inferior is not None else ""
        return bool(why) and self._note(task, why)

    def watched(self, task: Task, hit: Hit | None) -> bool:
        inferior = self.inferiors.of(task)
        if inferior is None or not inferior.watches:
            return False
        if hit is None:
            (kind, address, _), *_ = inferior.watches
            return self._note(task, WATCH_NAMES[kind], b"%x" % address)
        kinds = [key[0] for key, watched in inferior.watches.items() if watched == hit.watched]
        return bool(kinds) and self._note(task, WATCH_NAMES[kinds[0]], b"%x" % hit.address)


class WayBack:
    """Takes gdb back. `search`: what it is on its way to."""

    def __init__(self, stub: Stub) -> None:
        self.stub = stub
        self.search: Backwards | None = None

    def go(self, steps: bool) -> Order:
        """Go back one instruction, or to the last stop before this one."""
        stub = self.stub
        stub.owes = True
        task = stub.find(stub.running)
        if task is None:
            raise BadPacket("no such thread")
        self.search = Backwards(stub.session, stub.inferiors, () if steps else stub.commands.points.areas())
        if not steps and stub.session.stop.kind is Kind.WATCH and stub.report.why in WATCH_NAMES.values():
            self.search.reason = stub.report    # it stands behind the access that it comes by first
            return Search(Stepped(task))
        return Search(Stepped(task) if steps else self.search)

    def came(self, stop: Stop, back: Backwards) -> Order | None:
        """Further back, or None: gdb was told where it is now. Raises Gone."""
        stub = self.stub
        self._remember()
        if stop.given_up:
            stub.tell(Report(stop.task if stop.task is not None else stub.find(ThreadId(ANY, ANY)), SIGINT))
            return None
        reason = back.reason_at(stop) if not stop.missed else None
        if reason is not None and reason.why in WATCH_NAMES.values() and stop.task is not None:
            back.found.clear()              # to where the bytes have not been touched yet
            back.reason = reason
            self.search = back
            return Search(Stepped(stop.task))
        if stop.missed and stop.position.moment != stub.start.moment:
            self.search = back
            return Goto(stub.start)
        task = self._of_the_session(stop.task)
        if stop.position.moment == stub.start.moment:
            stub.tell(Report(task, why="replaylog", value=b"begin"))
        else:
            reason = back.reason or reason
            stub.tell(Report(task, why=reason.why, value=reason.value) if reason is not None else Report(task))
        return None

    def _of_the_session(self, task: Task | None) -> Task | None:
        """The thread that gdb is told of.

        Before any process of the session had begun, the one that runs comes back into it: gdb has followed a child and
        let the parent go, and wants to see something.
        """
        stub = self.stub
        known = stub.find(ThreadId(ANY, ANY))
        if known is None and task is not None:
            stub.inferiors.add(pid_of(task.group))
        return task if task is not None and stub.inferiors.of(task) is not None else known

    def _remember(self) -> None:
        """The machine is an earlier one, and nothing is left to be told.

        Processes that had ended then live again. Those that have not begun yet stay in the session, since gdb knows no
        way to forget them; it is not told of their fork again.
        """
        stub = self.stub
        stub.wishes.forget()
        stub.going.kept.clear()
        kernel = stub.session.machine.kernel
        for pid in stub.inferiors.ever:
            group = find_group(kernel, pid)
            if group is not None and not group.zombie and stub.inferiors.get(pid) is None:
                stub.inferiors.add(pid)
