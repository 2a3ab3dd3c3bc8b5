"""gdb's side of a session: waits for it, tells it of stops, serves its packets, and lets the machine go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.signals import SI_KERNEL, SIGKILL
from rvsim.guest_os.task.signal import SigInfo
from rvsim.tools.debug.conditions import Stepped
from rvsim.tools.debug.stop import Condition, Go, Goto, Kind, Order, Position, Quit, Search, Stop
from rvsim.tools.gdb.backwards import Backwards
from rvsim.tools.gdb.commands import Commands
from rvsim.tools.gdb.edits import HoldEdit, InjectEdit, SignalEdit
from rvsim.tools.gdb.files import Files
from rvsim.tools.gdb.ids import ANY, BadPacket, ThreadId, pid_of, tid_of
from rvsim.tools.gdb.inferior import WATCH_NAMES, Inferiors
from rvsim.tools.gdb.link import Gone, Link
from rvsim.tools.gdb.objects import find_group, find_task
from rvsim.tools.gdb.packets import Sign
from rvsim.tools.gdb.pursuit import Pursuit, Wishes
from rvsim.tools.gdb.reply import SIGINT, SIGTRAP, Report
from rvsim.tools.gdb.resume import Action, action_for
from rvsim.tools.gdb.steering import Hold

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.vfs.fs_context import FsContext
    from rvsim.tools.gdb.session import GdbSession

ERROR = b"E01"


class Stub:
    """The frontend of a session.

    Attributes:
        report: the last stop, as gdb was told.
        owes: the machine goes on for gdb, which waits to be told of a stop.
        general, running: the threads that packets are about: for memory and registers, and to go on.
        multiprocess: gdb takes numbers of processes.
    """

    session: GdbSession
    _start: Position

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
        self._pursuit: Pursuit | None = None
        self._back: Backwards | None = None
        self._commands = Commands(self)
        self._began = False
        self._kept: dict[int, SigInfo] = {}     # signals that threads stopped for, and have not acted on
        self.files = Files(self._context_of)

    def _context_of(self, pid: int) -> FsContext | None:
        kernel = self.session.machine.kernel
        group = find_group(kernel, pid) if pid else None
        task = next((task for task in group.threads if task.alive), None) if group is not None else kernel.init
        return None if task is None or (pid and group is None) else task.fs

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
        machine.world.disturbed = stop_waits(self.session)

    def _stopped(self, stop: Stop) -> Order:
        if not self._began:
            return self._begin(stop)
        pursuit, self._pursuit = self._pursuit, None
        back, self._back = self._back, None
        try:
            if back is not None:
                order = self._came_back(stop, back)
                return order if order is not None else self.serve()
            report = self._report_of(stop, pursuit)
            if self.owes:
                if report is None:
                    return self._again(stop, pursuit)
                self.tell(report)
            elif stop.kind is Kind.ENDED:
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
        self._start = stop.position
        self.inferiors.add(pid_of(task.group))
        self.report = Report(task)
        try:
            return self.serve()
        except Gone:
            return self._leave(stop)

    def _new_client(self) -> None:
        self.wishes = Wishes()
        self.multiprocess = self.extended = self.owes = False
        self.general = self.running = ThreadId(ANY, ANY)
        self.files = Files(self._context_of)
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
        self._pursuit = None
        self.owes = False

    def _leave(self, stop: Stop) -> Order:
        self._lost()
        if stop.kind is Kind.ENDED:
            return Quit()
        return self.free()

    def free(self) -> Order:
        """Nothing stops the machine, but gdb may come back."""
        self.session.forget_ahead()
        self._set_hold(Hold())
        return Go(Condition())

    def _again(self, stop: Stop, pursuit: Pursuit | None) -> Order:
        """There is nothing to tell."""
        if stop.kind is Kind.ENDED:
            return Quit()
        self._pursuit = pursuit
        return Go(pursuit if pursuit is not None else Condition())

    def _report_of(self, stop: Stop, pursuit: Pursuit | None) -> Report | None:
        """What gdb is to be told of a stop; None: nothing."""
        if stop.kind is Kind.ENDED:
            return self._ended(stop)
        if pursuit is not None and pursuit.has_news():
            return pursuit.report
        if stop.kind is Kind.WATCH and stop.watch is not None:
            return self._commands.watch_report(stop)
        if pursuit is not None and stop.asked and pursuit.report is not None:
            return pursuit.report
        if stop.kind not in (Kind.WAITING, Kind.INTERRUPT) and stop.task is not None:
            self.link.console(self._commands.monitor.describe(stop))    # `monitor catch` and its like
            return Report(stop.task) if self.inferiors.of(stop.task) is not None else self._elsewhere()
        if stop.kind is Kind.WAITING and not self.asked_for():
            self.link.console("rvsim: nothing can run any more: every thread waits for what can never come\n")
        task = stop.task
        if task is not None and self.inferiors.of(task) is not None:
            return Report(task, SIGINT)
        return self._elsewhere(SIGINT)

    def _elsewhere(self, signo: int = SIGTRAP) -> Report | None:
        """It stopped in a process that is not in the session: some thread of the session stands for it."""
        task = self.find(ThreadId(ANY, ANY))
        return Report(task, signo) if task is not None else None

    def asked_for(self) -> bool:
        """Whether gdb has sent something; an interrupt is taken."""
        if self.link.peek() is Sign.INTERRUPT:
            self.link.poll()
            return True
        return self.link.peek() is not None

    def _ended(self, stop: Stop) -> Report | None:
        """The machine has ended: every process of the session, one after the other."""
        ends = [report for _, _, report in self.wishes.pending if report.gone is not None and not report.why]
        news = ends[0] if ends else None
        self.wishes.pending = [item for item in self.wishes.pending if item[2] in ends[1:]]
        if news is not None:
            return news
        inferior = next(iter(self.inferiors), None)
        return Report(gone=(inferior.pid, SIGKILL)) if inferior is not None else None

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
                answer = self._commands.answer(packet)
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

    # ---- going on

    def resume(self, actions: Sequence[Action]) -> Order | None:
        """Let the threads go on that match; None: there is something to be told instead, and gdb was told."""
        self.owes = True
        pursuit = Pursuit(self.inferiors, self.wishes, actions, self._commands.looks_for_fetches())
        if pursuit.has_news() and pursuit.report is not None:
            self.tell(pursuit.report)
            return None
        if self.session.stop.kind is Kind.ENDED:
            report = self._ended(self.session.stop)
            if report is None:
                return Quit()
            self.tell(report)
            return None
        self._pursuit = pursuit
        self.session.forget_ahead()
        self._signals(actions)
        self._hold(actions)
        return Go(pursuit)

    def _signals(self, actions: Sequence[Action]) -> None:
        """What becomes of the signal that was told, and of those that gdb sends along."""
        stop, session = self.session.stop, self.session
        position = stop.position
        told = self.report.info if stop.kind is Kind.SIGNAL else None
        stopped_tid = tid_of(stop.task) if told is not None and stop.task is not None else None
        for task in self.threads():
            tid = tid_of(task)
            action = action_for(actions, pid_of(task.group), tid)
            signo = action.signal if action is not None else 0
            if tid == stopped_tid and told is not None:
                if action is None:
                    self._kept[tid] = told
                    session.edit(SignalEdit(position, tid, None))
                elif signo != told.signo:
                    session.edit(SignalEdit(position, tid, SigInfo(signo, SI_KERNEL) if signo else None))
                elif self._commands.new_info is not None:
                    session.edit(SignalEdit(position, tid, self._commands.new_info))
            elif action is not None:
                kept = self._kept.pop(tid, None)
                if signo:
                    info = kept if kept is not None and kept.signo == signo else SigInfo(signo, SI_KERNEL)
                    self.wishes.injected.add((tid, signo))
                    session.edit(InjectEdit(position, tid, info))
        self._commands.new_info = None

    def _hold(self, actions: Sequence[Action]) -> None:
        pids = frozenset(inferior.pid for inferior in self.inferiors)
        held = [task for task in self.threads() if action_for(actions, pid_of(task.group), tid_of(task)) is None]
        self._set_hold(Hold(tuple(actions), pids) if held else Hold())

    def _set_hold(self, hold: Hold) -> None:
        if hold != self.session.held:
            self.session.edit(HoldEdit(self.session.stop.position, hold))

    def go_back(self, steps: bool) -> Order:
        """Go back one instruction, or to the last stop before this one."""
        self.owes = True
        task = self.find(self.running)
        if task is None:
            raise BadPacket("no such thread")
        self._back = Backwards(self.session, self.inferiors, () if steps else self._commands.areas())
        if not steps and self.session.stop.kind is Kind.WATCH and self.report.why in WATCH_NAMES.values():
            self._back.reason = self.report     # it stands behind the access that it comes by first
            return Search(Stepped(task))
        return Search(Stepped(task) if steps else self._back)

    def _came_back(self, stop: Stop, back: Backwards) -> Order | None:
        """Further back, or None: gdb was told where it is now."""
        self._remember()
        reason = back.reason_at(stop) if not stop.missed else None
        if reason is not None and reason.why in WATCH_NAMES.values() and stop.task is not None:
            back.found.clear()              # to where the bytes have not been touched yet
            back.reason = reason
            self._back = back
            return Search(Stepped(stop.task))
        if stop.missed and stop.position.moment != self._start.moment:
            self._back = back
            return Goto(self._start)
        task = stop.task if stop.task is not None else self.find(ThreadId(ANY, ANY))
        if stop.position.moment == self._start.moment:
            self.tell(Report(task, why="replaylog", value=b"begin"))
        else:
            reason = back.reason or reason
            self.tell(Report(task, why=reason.why, value=reason.value) if reason is not None else Report(task))
        return None

    def _remember(self) -> None:
        """The machine is an earlier one, and nothing is left to be told.

        Processes that had ended then live again. Those that have not begun yet stay in the session, since gdb knows no
        way to forget them; it is not told of their fork again.
        """
        wishes = self.wishes
        wishes.pending.clear()
        wishes.vforks_open.clear()
        wishes.calls.clear()
        self._kept.clear()
        kernel = self.session.machine.kernel
        for pid in self.inferiors.ever:
            group = find_group(kernel, pid)
            if group is not None and not group.zombie and self.inferiors.get(pid) is None:
                self.inferiors.add(pid)

    def kill(self, pid: int) -> None:
        """A process is to end, and leaves the session."""
        kernel = self.session.machine.kernel
        group = find_group(kernel, pid)
        self.inferiors.drop(pid)
        if group is not None and not group.zombie:
            task = next(task for task in group.threads if task.alive)
            self.session.edit(InjectEdit(self.session.stop.position, tid_of(task),
                                         SigInfo(SIGKILL, SI_KERNEL, from_above=True)))


def stop_waits(session: GdbSession) -> bool:
    """Whether the session stands where nothing runs."""
    return session.stop.kind is Kind.WAITING

