"""gdb's side of a session: waits for it, tells it of stops, serves its packets, and lets the machine go on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from rvsim.tools.debug.stop import Condition, Go, Kind, Order, Position, Quit, Stop
from rvsim.tools.gdb.backwards import WayBack
from rvsim.tools.gdb.commands import Commands
from rvsim.tools.gdb.files import Files
from rvsim.tools.gdb.going import Going
from rvsim.tools.gdb.ids import ANY, BadPacket, ThreadId, pid_of, tid_of
from rvsim.tools.gdb.inferior import Inferiors
from rvsim.tools.gdb.link import Gone, Link
from rvsim.tools.gdb.objects import exec_file, find_group, find_task
from rvsim.tools.gdb.packets import Sign
from rvsim.tools.gdb.pursuit import Pursuit, Wishes
from rvsim.tools.gdb.reply import Report
from rvsim.tools.gdb.steering import Hold
from rvsim.tools.gdb.stops import report_of

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.gdb.session import GdbSession

ERROR = b"E01"


class Stub:
    """The frontend of a session.

    Attributes:
        report: the last stop, as gdb was told.
        owes: the machine goes on for gdb, which waits to be told of a stop.
        start: where the run began; `pursuit`: what it is out for.
        general, running: the threads that packets are about: for memory and registers, and to go on.
        multiprocess: gdb takes numbers of processes.
    """

    session: GdbSession
    start: Position
    replays = False
    """The run is a recorded one: everything goes on as it did then."""

    def __init__(self, link: Link, notice: Callable[[str], None], where: str) -> None:
        """`where`: what a person types to connect."""
        self.link = link
        self.notice = notice
        self.where = where
        self.inferiors = Inferiors()
        self.wishes = Wishes()
        self.report = Report()
        self.owes = False
        self.multiprocess = False
        self.extended = False
        self.general = self.running = ThreadId(ANY, ANY)
        self.pursuit: Pursuit | None = None
        self.commands = Commands(self)
        self.program = b""                      # the first one's path in the guest
        self.arguments: list[bytes] = []        # instead of those on the command line
        self.runs_again = True
        self.takes_arguments = True             # no: the run begins in the middle of a program
        self._began = self._begins_anew = False
        self.going = Going(self)
        self.back = WayBack(self)
        self.files = Files(lambda: self.session)

    # ---- for the session

    def poll(self) -> None:
        """See whether gdb wants something while the machine runs."""
        link = self.link
        try:
            if not link.connected:
                if not link.accept(0):
                    return
                self._new_client()
                self.session.interrupt()
            elif link.peek() is not None:
                self.session.interrupt()
        except Gone:
            self._go_free()

    def is_called(self) -> bool:
        """Whether gdb wants something while the machine waits."""
        link = self.link
        try:
            if link.connected:
                return link.peek() is not None
            if not link.accept(0):
                return False
            self._new_client()
            return True
        except Gone:
            self._go_free()
            return False

    def is_called_back(self) -> bool:
        """Whether gdb wants something, or has gone, while the machine is on its way back."""
        try:
            return self.link.peek() is not None
        except Gone:
            return True                     # whoever asks next finds that out

    def _go_free(self) -> None:
        self._lost()
        self.session.until = Condition()
        self.session.aim()

    def stopped(self, stop: Stop) -> Order:
        """The session has stopped."""
        began = time.monotonic_ns()
        if self.session.loaded is not None:
            self.session.machine.hart.save()
        try:
            return self._stopped(stop)
        finally:
            self._forget_time(time.monotonic_ns() - began)

    def _forget_time(self, nanoseconds: int) -> None:
        """The machine stood still for so long: its clock did too, if it is the host's, and its limit does not count."""
        machine = self.session.machine
        if machine.world.end_ns is not None:
            machine.world.end_ns += nanoseconds
        if machine.hart.host_time:
            machine.hart.time_offset_ns = machine.hart.time_offset_ns - nanoseconds & (1 << 64) - 1
        machine.world.disturbed = stop_waits(self.session) and not self.session.remembers

    def _stopped(self, stop: Stop) -> Order:
        if not self._began:
            return self._begin(stop)
        if self._begins_anew:
            return self._begin_anew(stop)
        pursuit, self.pursuit = self.pursuit, None
        back, self.back.search = self.back.search, None
        try:
            if back is not None:
                order = self.back.came(stop, back)
                return order if order is not None else self.serve()
            report = report_of(self, stop, pursuit)
            if self.owes:
                if report is None:
                    return self._again(stop, pursuit)
                self.tell(report)
            elif stop.kind is Kind.ENDED and not (self.extended and self.link.connected):
                return Quit()
            return self.serve()
        except Gone:
            return self._leave(stop)

    def _begin(self, stop: Stop) -> Order:
        task = stop.task
        assert task is not None
        self.notice(f"rvsim: waiting for gdb: {self.where}")
        self.link.accept()
        self._new_client()
        self._began = True
        self.start = stop.position
        self.program = exec_file(task.group)
        self.inferiors.add(pid_of(task.group))
        self.report = Report(task)
        try:
            return self.serve()
        except Gone:
            return self._leave(stop)

    def run_anew(self, arguments: list[bytes], tells: bool) -> Order:
        """The same program once more, with these arguments, or, with none, those that it had. `tells`: gdb is told."""
        self.owes = tells
        if arguments:
            self.arguments = arguments
        self.session.anew = self._begins_anew = True
        return Quit()

    def _begin_anew(self, stop: Stop) -> Order:
        assert stop.task is not None
        self._begins_anew = False
        for inferior in self.inferiors:
            self.inferiors.drop(inferior.pid)
        self.inferiors.ever.clear()
        self.wishes.forget()
        self.going.kept.clear()
        self.start = stop.position
        self.inferiors.add(pid_of(stop.task.group))
        self.report = Report(stop.task)
        self.commands.points.place()
        try:
            if self.owes:
                self.tell(self.report)
            return self.serve()
        except Gone:
            return self._leave(stop)

    def _new_client(self) -> None:
        self.wishes = Wishes()
        self.multiprocess = self.extended = self.owes = False
        self.general = self.running = ThreadId(ANY, ANY)
        self.files = Files(lambda: self.session)
        kernel = self.session.machine.kernel
        if not len(self.inferiors) and kernel.init is not None and kernel.init.alive and self._began:
            self.inferiors.add(pid_of(kernel.init.group))
            self.report = Report(kernel.init)

    def _lost(self) -> None:
        """gdb is gone: every process goes on freely."""
        self.link.hang_up()
        if len(self.inferiors) and self.session.stop.kind is not Kind.ENDED:
            self.notice("rvsim: gdb is gone, the run goes on")
        for inferior in self.inferiors:
            self.inferiors.drop(inferior.pid)
        self.wishes = Wishes()
        self.pursuit = None
        self.owes = False

    def _leave(self, stop: Stop) -> Order:
        self._lost()
        if stop.kind is Kind.ENDED:
            return Quit()
        return self.free()

    def free(self) -> Order:
        """Nothing stops the machine, but gdb may come back."""
        self.session.forget_ahead()
        self.going.set_hold(Hold())
        return Go(Condition())

    def all_killed(self) -> Order | None:
        """gdb has killed every process. None: the machine does not go on."""
        return self.free()

    def _again(self, stop: Stop, pursuit: Pursuit | None) -> Order:
        """There is nothing to tell."""
        if stop.kind is Kind.ENDED:
            return Quit()
        self.pursuit = pursuit
        return Go(pursuit if pursuit is not None else Condition())

    def asked_for(self) -> bool:
        """Whether gdb has sent something; an interrupt is taken."""
        if self.link.peek() is Sign.INTERRUPT:
            self.link.poll()
            return True
        return self.link.peek() is not None

    # ---- talking

    def tell(self, report: Report) -> None:
        """Tell gdb of a stop. Raises Gone."""
        self.report = report
        self.owes = False
        if self.link.peek() is Sign.INTERRUPT:
            self.link.poll()                    # it crossed the stop
        if report.gone is not None and not report.why:
            self.inferiors.leave(report.gone[0])
        elif report.task is not None:
            self.general = self.running = ThreadId(pid_of(report.task.group), tid_of(report.task))
        self.link.send(report.text(self.multiprocess))

    def serve(self) -> Order:
        """Answer packets until one lets the machine go on. Raises Gone."""
        while True:
            packet = self.link.next()
            if isinstance(packet, Sign):
                continue
            try:
                answer = self.commands.answer(packet)
            except BadPacket:
                answer = ERROR
            if isinstance(answer, Order):
                return answer
            if answer is not None:
                self.link.send(answer)

    # ---- threads

    def find(self, wanted: ThreadId) -> Task | None:
        """A thread of the session that matches: the one that stopped last if it does, else the first."""
        last = self.report.task
        kernel = self.session.machine.kernel
        if last is not None and wanted.matches(pid_of(last.group), tid_of(last)):
            found = find_task(kernel, tid_of(last))
            if found is not None and found.alive and self.inferiors.of(found) is not None:
                return found
        return next((task for task in self.threads() if wanted.matches(pid_of(task.group), tid_of(task))), None)

    def threads(self) -> list[Task]:
        """Every thread of the session that is alive, by process."""
        kernel = self.session.machine.kernel
        groups = (find_group(kernel, inferior.pid) for inferior in self.inferiors)
        return [task for group in groups if group is not None for task in group.threads if task.alive]


def stop_waits(session: GdbSession) -> bool:
    """Whether the session stands where nothing runs."""
    return session.stop.kind is Kind.WAITING

