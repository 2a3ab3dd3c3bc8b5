"""`rvsim replay --gdb [HOST:]PORT`: gdb at a recorded run, forth and back. The run stays the recorded one."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

from rvsim.guest_os.recording.again import NotRecorded
from rvsim.guest_os.recording.log import End, RecordingEnds
from rvsim.tools.debug.console import Place, SessionConsole
from rvsim.tools.debug.journey import Arrived, Leave
from rvsim.tools.debug.log_console import LogPlace
from rvsim.tools.debug.stop import Condition, Kind, Quit, Search, Stop
from rvsim.tools.gdb.ids import ANY, ThreadId
from rvsim.tools.gdb.link import Gone, Link
from rvsim.tools.gdb.reply import Report
from rvsim.tools.gdb.session import GdbSession, Unchangeable
from rvsim.tools.gdb.stub import ERROR, Stub
from rvsim.tools.plain import plain
from rvsim.tools.recording import begun, interrupted_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvsim.emu.host import FdKind
    from rvsim.emu.host_console import HostConsole
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.recording.again import RepeatedLog
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.history import Edit
    from rvsim.tools.debug.session import Session
    from rvsim.tools.debug.stop import Order
    from rvsim.tools.options.gdb_address import Address
    from rvsim.tools.recording import Header
    from rvsim.tools.replay import Playback

KILLED = 137
"""The exit status when gdb has killed the replay, as a shell has it for SIGKILL."""


class ReplayConsole(SessionConsole):
    """Shows what the guest prints, once; the log has all answers."""

    def __init__(self, playback: Playback, log: RepeatedLog) -> None:
        super().__init__(lambda fd, data: None)
        self.playback = playback
        self.log = log
        self.outside = log

    @property
    def place(self) -> Place:
        return Place(self.log.at, (0, 0, 0), LogPlace(self.log.mark(), self.log.host_at))

    def go_back(self, place: Place) -> None:
        assert place.log is not None
        self.log.rewind(place.log.answers)
        self.log.host_at = place.log.host

    def diverge(self) -> None:
        return

    def kind(self, fd: int) -> FdKind:
        return self.playback.kind(fd)

    def is_terminal(self, fd: int) -> bool:
        return self.playback.is_terminal(fd)

    def write(self, data: bytes) -> None:
        self.playback.write(data)

    def write_error(self, data: bytes) -> None:
        self.playback.write_error(data)

    def write_terminal(self, data: bytes) -> None:
        self.playback.write_terminal(data)

    def flush(self) -> None:
        self.playback.flush()

    def poll(self) -> None:
        self.playback.poll()


class Turns(Condition):
    """Where a turn begins."""

    window = 100_000_000

    def __init__(self, session: Session) -> None:
        self._session = session
        self._turn = 0

    def goes_on(self, task: Task) -> bool:
        before, self._turn = self._turn, self._session.history.turn
        return before != self._turn


class ReplaySession(GdbSession):
    """A session of which nothing can be changed.

    Attributes:
        out_of_records: the run has come to where the recording ends in its middle, and goes back to its last turn.
    """

    def __init__(self, boot: Callable[[SessionConsole], Machine], stub: ReplayStub, console: ReplayConsole) -> None:
        super().__init__(boot, stub, console)
        self.replay = stub
        self.log = console.log
        self.out_of_records = False
        self._noticed = False

    def edit(self, edit: Edit) -> None:
        if not self._noticed:
            self._noticed = True
            self.replay.notice("rvsim: gdb wants to change something; a replay goes on as it was recorded")
        raise Unchangeable("a replay cannot be changed")

    def forget_ahead(self) -> None:
        return

    def run_on(self) -> None:
        try:
            super().run_on()
        except (RecordingEnds, KeyboardInterrupt) as end:
            if isinstance(end, KeyboardInterrupt) and self.log.left_here() is None:
                raise
            if self.journey.under_way:
                raise Arrived from None
            if not self.replay.owes:
                raise
            self.out_of_records = True
            self.stop = Stop(Kind.ENDED, self.position(Kind.ENDED, None), None)
            raise Leave(Search(Turns(self))) from None

    def stuck(self) -> bool:
        """Nothing can run any more: gdb is told, and then the run ends."""
        super().stuck()
        return False


class ReplayStub(Stub):
    """The frontend of such a session."""

    session: ReplaySession
    replays = True
    killed = False
    """gdb wants no more of it."""

    def stopped(self, stop: Stop) -> Order:
        with self.session.log.host.aside():     # gdb looks at files: that is no part of the run
            if self.session.out_of_records:
                self.session.out_of_records = False
                return self._stopped_at_end(stop)
            return super().stopped(stop)

    def serve(self) -> Order:
        while True:
            try:
                return super().serve()
            except NotRecorded:
                self.link.send(ERROR)

    def _stopped_at_end(self, stop: Stop) -> Order:
        self.pursuit = None
        task = stop.task if stop.task is not None else self.find(ThreadId(ANY, ANY))
        try:
            self.tell(Report(task, why="replaylog", value=b"end"))
            return self.serve()
        except Gone:
            return self._leave(stop)

    def all_killed(self) -> Order | None:
        self.killed = True
        return None if self.extended else Quit()

    def free(self) -> Order:
        return Quit() if self.killed else super().free()

    def run_anew(self, arguments: list[bytes], tells: bool) -> Order:
        self.killed = False
        return super().run_anew(arguments, tells)


def replay_with_gdb(address: Address, header: Header, path: str, log: RepeatedLog, playback: Playback,
                    screen: HostConsole, strace: str | None) -> tuple[int, Machine]:
    """Replay the run under gdb: rvsim's exit status, that of the recorded run, and the machine.

    Raises:
        CliError: cannot listen there. BootError, Diverged, RecordingEnds, KeyboardInterrupt: as a replay without gdb.
    """
    from rvsim.guest_os.boot import BootError, Machine

    program, root = os.fsdecode(header.argv[0]), ""
    if not os.path.isfile(program) or header.snapshot is not None or header.config.root is not None:
        program = ""
    if header.config.root is not None and os.path.isdir(header.config.root):
        root = f"-ex 'set sysroot {os.fsdecode(header.config.root)}' "

    def boot(console: SessionConsole) -> Machine:
        if header.snapshot is not None:
            return begun(path, header, console, log)
        machine = Machine(header.config, console, log)
        machine.start(header.argv[0], header.argv)
        return machine

    with ExitStack() as stack:
        link = Link(address)
        stack.callback(link.close)
        stub = ReplayStub(link, screen.notice,
                          plain(f"gdb-multiarch {root}-ex 'target remote {link.shown}' {program}".rstrip()))
        stub.takes_arguments = False
        session = stub.session = ReplaySession(boot, stub, ReplayConsole(playback, log))
        try:
            machine = session.run_watched(strace, screen, stack)
        except KeyboardInterrupt:
            status = interrupted_here(log)
            if status is None:
                raise                       # it is this run that is interrupted
            return status, session.machine
        if stub.killed:
            return KILLED, machine
        try:
            status = machine.ending()
        except BootError as error:
            log.check_end(End(error.status, str(error)))
            raise
        log.check_end(End(status, ""))
        return status, machine
